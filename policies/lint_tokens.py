"""
Text of a notice as sentences of tokens, which is what lint rules look at.

- Every token knows its place in the text as it was written, so that a finding can be shown and mended there.
- Words are compared without case, accents, hyphens, invisible characters and the spelling of quotes; letters of another
  alphabet that only look alike stay what they are.
- Numbers are read in figures and in words: "five", "five (5)", "5+", "5 to 7" (the least counts), "twenty-five", "a
  decade". Amounts of money are one token.
- Each character is looked at a bounded number of times: no text can make this slow.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

import msgspec

Kind = Literal["word", "number", "money", "mark"]

_PIECE: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W_](?:\w|'(?=\w))*|\n|[^\w\s]|_")
_QUOTES: Final = frozenset("\u2018\u2019\u201b\u02bc`\u00b4'")
_BULLETS: Final = frozenset("•·▪●◦‣*;")
_CURRENCIES: Final = frozenset("$€£")
_CURRENCY_WORDS: Final = frozenset(
    {"usd", "gbp", "eur", "cad", "dollar", "dollars", "pound", "pounds", "euro", "euros"}
)
_SCALES: Final = {"k": 1000, "thousand": 1000, "m": 10**6, "mn": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9}
_UNITS: Final = {
    word: value
    for value, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ],
        start=1,
    )
} | {"dozen": 12}
_TENS: Final = {
    word: value * 10
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_LONGEST_NUMBER: Final = 15
_TEN: Final = 10


class Token(msgspec.Struct, frozen=True):
    """A word, number, amount or mark; `text` is folded, `raw` keeps its case; `value` is the least of a range."""

    kind: Kind
    text: str
    raw: str
    start: int
    end: int
    value: int = 0


Sentence = tuple[Token, ...]


def sentences(text: str) -> list[Sentence]:
    """Take a text apart; a sentence ends at a full stop before a capital, at a semicolon, a bullet or a new item."""
    clean, places = _cleaned(text)
    pieces = [(found.group(), found.start(), found.end()) for found in _PIECE.finditer(clean)]
    following = _following(pieces)
    found: list[Sentence] = []
    current: list[Token] = []
    for number, (piece, start, end) in enumerate(pieces):
        if _ends_sentence(piece, clean[end : end + 1], following[number]):
            found.append(tuple(current))
            current = []
        elif piece != "\n" and not _is_silent(piece, clean, start, end):
            current.append(_token(piece, places[start], places[end - 1] + 1))
    found.append(tuple(current))
    return [_with_numbers(sentence) for sentence in found if sentence]


def _cleaned(text: str) -> tuple[str, list[int]]:
    """Write each character in its plainest form and keep where it stood."""
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char.isascii():
            plain = char
        elif char in _QUOTES:
            plain = "'"
        elif unicodedata.category(char) == "Pd" or char == "\u2212":
            plain = "-"
        else:
            plain = "".join(
                c for c in unicodedata.normalize("NFKD", char) if unicodedata.category(c) not in {"Mn", "Cf"}
            )
        kept.append(plain)
        places.extend([place] * len(plain))
    return "".join(kept), places


def _following(pieces: list[tuple[str, int, int]]) -> list[str]:
    """Give, for each piece, the first character of the next one that is no new line; empty at the end."""
    first = ""
    found = [""] * len(pieces)
    for number in range(len(pieces) - 1, -1, -1):
        found[number] = first
        if pieces[number][0] != "\n":
            first = pieces[number][0][0]
    return found


def _ends_sentence(piece: str, after: str, following: str) -> bool:
    if piece in _BULLETS:
        return True
    if piece in {"!", "?"}:
        return not after or after.isspace()
    starts = not following or following.isupper() or following.isdigit() or following in _BULLETS or following == "-"
    return (piece == "\n" and starts) or (piece == "." and (not after or after.isspace()) and starts)


def _is_silent(piece: str, clean: str, start: int, end: int) -> bool:
    """Tell whether a mark only joins ("on-site", "Node.js", "years'"): then it is no token."""
    if piece in {"'", '"', "_"}:
        return True
    before, after = clean[start - 1 : start], clean[end : end + 1]
    joined = before.isalnum() and after.isalnum()
    return (piece == "-" and joined and not (before.isdigit() and after.isdigit())) or (piece == "." and before != "")


def _token(piece: str, start: int, end: int) -> Token:
    if piece[0].isdigit() and piece.replace(",", "").replace(".", "").isdecimal():
        return Token("number", piece, piece, start, end, _figure(piece))
    if piece[0].isalnum():
        return Token("word", piece.replace("'", "").casefold(), piece, start, end)
    return Token("mark", piece, piece, start, end)


def _figure(piece: str) -> int:
    """Read "5", "1,000", "1.000.000" and the whole part of "7.5"; what is absurdly long is only large."""
    first, *groups = re.split("[.,]", piece)
    if groups and all(len(group) == 3 for group in groups):  # noqa: PLR2004 -- thousands are grouped by three
        first += "".join(groups)
    return int(first) if len(first) <= _LONGEST_NUMBER else 10**_LONGEST_NUMBER


def _with_numbers(sentence: Sentence) -> Sentence:
    """Join the tokens that say one number, and those that say one amount."""
    found: list[Token] = []
    place = 0
    while place < len(sentence):
        number, after = _number(sentence, place)
        if number is None:
            found.append(sentence[place])
            place += 1
            continue
        number, after = _range(sentence, number, after)
        if _text(sentence, after) in {"decade", "decades"}:
            years = sentence[after]
            found += [_spanned(number, years, number.value * _TEN), msgspec.structs.replace(years, text="years")]
            place = after + 1
            continue
        number, after = _amount(sentence, found, number, after)
        found.append(number)
        place = after
    return tuple(found)


def _text(sentence: Sentence, place: int) -> str:
    return sentence[place].text if place < len(sentence) else ""


def _spanned(first: Token, last: Token, value: int, kind: Kind = "number") -> Token:
    return Token(kind, first.text, first.raw, first.start, last.end, value)


def _number(sentence: Sentence, place: int) -> tuple[Token | None, int]:
    """Read one number at a place: figures, or words with or without figures in brackets."""
    token = sentence[place]
    after = place + 1
    if token.kind == "number":
        return token, after
    if token.text in _TENS:
        unit = _UNITS.get(_text(sentence, after), _TEN)
        if unit < _TEN:
            token, after = _spanned(token, sentence[after], _TENS[token.text] + unit), after + 1
        else:
            token = _spanned(token, token, _TENS[token.text])
    elif token.text in _UNITS:
        token = _spanned(token, token, _UNITS[token.text])
    elif token.text == "a" and _text(sentence, after) in {"decade", "dozen"}:
        token = _spanned(token, token, 1)
        return (
            (token, after) if _text(sentence, after) == "decade" else (_spanned(token, sentence[after], 12), after + 1)
        )
    else:
        return None, after
    if _text(sentence, after) == "(" and _text(sentence, after + 2) == ")" and sentence[after + 1].kind == "number":
        token, after = _spanned(token, sentence[after + 2], sentence[after + 1].value), after + 3
    return token, after


def _range(sentence: Sentence, number: Token, after: int) -> tuple[Token, int]:
    """Take "5+", "5 or more" and "5 to 7" as one number, the least of them."""
    if _text(sentence, after) in {"+", "plus"}:
        return _spanned(number, sentence[after], number.value), after + 1
    if _text(sentence, after) == "or" and _text(sentence, after + 1) == "more":
        return _spanned(number, sentence[after + 1], number.value), after + 2
    if _text(sentence, after) in {"-", "to", "or"} and after + 1 < len(sentence):
        other, end = _number(sentence, after + 1)
        if other is not None:
            return _spanned(number, other, number.value), end
    return number, after


def _amount(sentence: Sentence, found: list[Token], number: Token, after: int) -> tuple[Token, int]:
    """Make money of a number beside a currency; the sign before it becomes part of it."""
    scale = _SCALES.get(_text(sentence, after))
    end = after + 1 if scale else after
    value = number.value * (scale or 1)
    last = sentence[end - 1]
    if found and (found[-1].text in _CURRENCIES or found[-1].text in _CURRENCY_WORDS):
        return _spanned(found.pop(), last, value, "money"), end
    if _text(sentence, end) in _CURRENCY_WORDS or _text(sentence, end) in _CURRENCIES:
        return _spanned(number, sentence[end], value, "money"), end + 1
    return number, after
