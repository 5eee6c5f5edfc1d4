"""The words and skills by which a plan or a pilot is found."""

from collections.abc import Iterable

from portal.projections.folding import slug_of, words_of
from portal.projections.shelf import Shelf


def keep_skills(shelf: Shelf, kind: str, item: int, skills: Iterable[str]) -> None:
    """Put these skills in the place of the item's earlier ones."""
    shelf.run("DELETE FROM {skill} WHERE item = ?", (item,))
    named: dict[str, str] = {}
    for name in skills:
        named.setdefault(slug_of(name), name)
    shelf.run_many(
        "INSERT INTO {skill} (item, slug, name, kind) VALUES (?, ?, ?, ?)",
        [(item, slug, name, kind) for slug, name in named.items()],
    )


def keep_words(shelf: Shelf, kind: str, item: int, texts: Iterable[str]) -> None:
    """Put the words of these texts in the place of the item's earlier ones."""
    shelf.run("DELETE FROM {word} WHERE item = ?", (item,))
    found = sorted(set().union(*(words_of(text) for text in texts)))
    shelf.run_many("INSERT INTO {word} (item, word, kind) VALUES (?, ?, ?)", [(item, word, kind) for word in found])
