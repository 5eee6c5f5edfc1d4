"""
The words people read, out of `templates/words.toml` and of the files in `templates/words/`, one for each desk.

Keys are dotted paths into the files, whose tables are merged; no sentence stands in two of them. A value is a sentence with `{placeholders}`, or a table of `one` and `other` between
which the figure `n` chooses. A key that is missing is our own bug and raises `KeyError`: a page never shows a bare key.
"""

import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from string import Formatter

from markupsafe import Markup, escape

Sentence = tuple[tuple[str, str | None], ...]


class Words:
    """
    All sentences, parsed once. Placeholders are filled by `show`, which knows money, moments and links.

    Sentences are our own text and may hold no markup; every figure is escaped by whoever prints it.
    """

    def __init__(self, table: Mapping[str, object], show: Callable[[object], str]) -> None:
        self._show = show
        self._plain: dict[str, Markup] = {}
        self._sentences: dict[str, Sentence] = {}
        self._plurals: dict[str, tuple[Sentence, Sentence]] = {}
        self._lists: dict[str, tuple[Markup, ...]] = {}
        self._read("", table)

    @classmethod
    def load(cls, show: Callable[[object], str]) -> "Words":
        """Read the files that ship with the package."""
        return cls(read_table(), show)

    def __contains__(self, key: str) -> bool:
        return key in self._sentences or key in self._plurals or key in self._lists

    def keys(self) -> set[str]:
        """Every key, for the test that no word is unused."""
        return {*self._sentences, *self._plurals, *self._lists}

    def say(self, key: str, /, **figures: object) -> Markup:
        """
        Say the sentence `key` with its figures.

        Only the figures that the sentence names are looked at, so a template may offer more than one state needs.

        Raises:
            KeyError: If there is no such sentence, or a figure it names was not given.
        """
        plain = self._plain.get(key)
        if plain is not None:
            return plain
        sentence = self._sentences.get(key)
        if sentence is None:
            one, other = self._plurals[key]
            sentence = one if figures["n"] == 1 else other
        return Markup("").join(self._piece(literal, name, figures) for literal, name in sentence)

    def lines(self, key: str) -> tuple[Markup, ...]:
        """Give a list of sentences without figures: steps, paragraphs."""
        return self._lists[key]

    def _piece(self, literal: str, name: str | None, figures: Mapping[str, object]) -> Markup:
        if name is None:
            return escape(literal)
        return escape(literal) + Markup(self._show(figures[name]))  # noqa: S704 -- `show` escapes

    def _read(self, prefix: str, table: Mapping[str, object]) -> None:
        for name, value in table.items():
            key = f"{prefix}{name}"
            if isinstance(value, str):
                self._sentences[key] = sentence = _parse(value)
                if all(field is None for _, field in sentence):
                    self._plain[key] = escape("".join(literal for literal, _ in sentence))
            elif isinstance(value, list):
                self._lists[key] = tuple(escape(line) for line in value)
            elif isinstance(value, dict) and value.keys() == {"one", "other"}:
                self._plurals[key] = (_parse(value["one"]), _parse(value["other"]))
            elif isinstance(value, dict):
                self._read(f"{key}.", value)
            else:
                raise TypeError(f"words.toml: {key} is neither sentence, list nor table")


def read_words() -> tuple[str, ...]:
    """Give the text of each file, from the package data; `words.toml` comes first."""
    folder = resources.files("templates")
    more = [path for path in folder.joinpath("words").iterdir() if path.name.endswith(".toml")]
    files = [folder.joinpath("words.toml"), *sorted(more, key=lambda path: path.name)]
    return tuple(path.read_text(encoding="utf-8") for path in files)


def read_table() -> dict[str, object]:
    """
    Give the sentences of all files as one table.

    Raises:
        KeyError: If two files say the same key: our own bug.
    """
    merged: dict[str, object] = {}
    for text in read_words():
        _merge(merged, tomllib.loads(text))
    return merged


def _merge(into: dict[str, object], table: Mapping[str, object]) -> None:
    for name, value in table.items():
        there = into.get(name)
        if isinstance(there, dict) and isinstance(value, dict):
            _merge(there, value)
        elif name in into:
            raise KeyError(name)
        else:
            into[name] = value


def _parse(text: str) -> Sentence:
    return tuple((literal, name) for literal, name, _, _ in Formatter().parse(text))
