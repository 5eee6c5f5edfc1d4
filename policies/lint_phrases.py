"""
Phrases: what a lint rule looks for, written so that a clerk can read it.

    bachelor|bachelors degree        one word of several, then a word
    ?the agency|council              a word that may be missing
    <number> years ..4 experience    a number, "years", at most four words of any kind, "experience"
    certif*                          a word by its beginning
    =Go                              a word with exactly these capitals
    payment < on completion > of     "payment" stands before what is found, "of" after it

- A phrase lies within one sentence and has a bounded length, so that the work for a text grows with its length alone.
- `steps` counts the comparisons made; a test holds it to a multiple of the number of tokens.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from policies.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policies.lint_tokens import Sentence, Token

_WORD: Final = re.compile(r"=?[^\W_]+\*?|[,:()&/+%#-]")
_LONGEST: Final = 24
_CLASSES: Final = ("number", "money")
_PLAIN: Final = ("word", "mark")


class _Part(msgspec.Struct, frozen=True):
    """One part of a phrase; a gap has no words and no kind."""

    words: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    kind: Literal["number", "money", ""] = ""
    optional: bool = False
    gap: int = 0

    def fits(self, token: Token) -> bool:
        """Tell whether one token is what this part asks for."""
        if self.kind:
            return token.kind == self.kind
        return token.text in self.words or token.raw in self.exact or token.text.startswith(self.beginnings or "\0")


class Phrase(msgspec.Struct, frozen=True):
    """A phrase, ready to be looked for: what must stand before, what is found, what must stand after."""

    written: str
    before: tuple[_Part, ...]
    parts: tuple[_Part, ...]
    after: tuple[_Part, ...]

    @property
    def openings(self) -> Iterable[str]:
        """Give the folded words, or the class in angle brackets, with which a match can begin."""
        first = (self.before or self.parts)[0]
        return [f"<{first.kind}>"] if first.kind else [*first.words, *(word.casefold() for word in first.exact)]


class Counter(msgspec.Struct):
    """How many comparisons were made."""

    steps: int = 0


def read_phrase(written: str, key: str) -> Phrase:
    """
    Read a phrase as it stands in a file.

    Raises:
        PolicyError: `policy-phrase` if it begins with something vague, is too long, or has a part of no known form.
    """
    before, has_before, rest = written.rpartition(" < ")
    found, has_after, after = rest.partition(" > ")
    phrase = Phrase(written, _parts(before, key) if has_before else (), _parts(found, key), ())
    if has_after:
        phrase = msgspec.structs.replace(phrase, after=_parts(after, key))
    whole = (*phrase.before, *phrase.parts, *phrase.after)
    first = whole[0]
    if first.gap or first.optional or first.beginnings:
        raise PolicyError("policy-phrase", f"{written}: a phrase begins with whole words", key)
    if whole[-1].gap or len(whole) + sum(part.gap for part in whole) > _LONGEST:
        raise PolicyError("policy-phrase", f"{written}: a phrase ends in a word and spans at most {_LONGEST}", key)
    return phrase


def _parts(written: str, key: str) -> tuple[_Part, ...]:
    return tuple(_part(part, key) for part in written.split(" "))


def _part(part: str, key: str) -> _Part:
    if re.fullmatch(r"\.\.[1-9][0-9]?", part):
        return _Part(gap=int(part[2:]))
    for kind in _CLASSES:
        if part == f"<{kind}>":
            return _Part(kind=kind)
    optional, words = part.startswith("?"), part.removeprefix("?").split("|")
    if not all(_WORD.fullmatch(word) for word in words):
        raise PolicyError("policy-phrase", f"{part} is no part of a phrase", key)
    return _Part(
        words=frozenset(word.casefold() for word in words if not word.startswith("=") and not word.endswith("*")),
        exact=frozenset(word[1:] for word in words if word.startswith("=")),
        beginnings=tuple(word[:-1].casefold() for word in words if word.endswith("*")),
        optional=optional,
    )


def match(phrase: Phrase, sentence: Sentence, place: int, counter: Counter) -> tuple[int, int] | None:
    """
    Match a phrase at one place of a sentence; where what is found begins and ends, or None.

    Of several ways the one that ends first is taken, but words that may be missing are taken where they stand.
    """
    for start in sorted(_reached(phrase.before, sentence, place, counter)):
        ends = sorted(_reached(phrase.parts, sentence, start, counter), reverse=phrase.parts[-1].optional)
        for end in ends:
            if _reached(phrase.after, sentence, end, counter):
                return start, end
    return None


def _reached(parts: tuple[_Part, ...], sentence: Sentence, start: int, counter: Counter) -> set[int]:
    """Follow all ways at once, as a set of places, so that gaps and missing words cannot multiply the work."""
    places = {start}
    for part in parts:
        reached: set[int] = set()
        for place in places:
            counter.steps += 1 + part.gap
            if part.gap:
                reached.update(range(place, min(place + part.gap, len(sentence)) + 1))
                continue
            if part.optional:
                reached.add(place)
            if place < len(sentence) and part.fits(sentence[place]):
                reached.add(place + 1)
        places = reached
    return places


class PhraseSet:
    """Phrases with what they stand for, found by the words with which they begin: most tokens begin none."""

    def __init__(self, phrases: Iterable[tuple[Phrase, int]]) -> None:
        self._openings: dict[str, list[tuple[Phrase, int]]] = {}
        for phrase, meaning in phrases:
            for word in phrase.openings:
                self._openings.setdefault(word, []).append((phrase, meaning))

    @classmethod
    def of(cls, phrases: Iterable[Phrase]) -> PhraseSet:
        """Make a set whose phrases all mean the same."""
        return cls((phrase, 0) for phrase in phrases)

    def at(self, sentence: Sentence, place: int, counter: Counter) -> Iterator[tuple[int, int, int]]:
        """Give every match that opens at a place: what it stands for, and where the find begins and ends."""
        token = sentence[place]
        counter.steps += 1
        for phrase, meaning in self._openings.get(token.text if token.kind in _PLAIN else f"<{token.kind}>", ()):
            found = match(phrase, sentence, place, counter)
            if found is not None:
                yield meaning, *found

    def find(self, sentence: Sentence, first: int, last: int, counter: Counter) -> int | None:
        """Find the first place from `first` up to before `last` at which one of the phrases opens, or None."""
        for place in range(max(first, 0), min(last, len(sentence))):
            if any(True for _ in self.at(sentence, place, counter)):
                return place
        return None
