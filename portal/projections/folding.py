"""
Text made comparable, in Python, so that both databases find and sort the same.

SQLite's and PostgreSQL's own folding differ (upper('é'), ICU order), and neither folds "ł" to "l".
"""

import re
import unicodedata

# Letters that Unicode does not take apart, as readers type them.
_LETTERS = str.maketrans(
    {
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ø": "o",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ħ": "h",
        "\u0131": "i",
        "ŧ": "t",
    }
)
_WORD = re.compile(r"[^\W_]+")
LONGEST_WORD = 40
MOST_TERMS = 8
LARGEST_CHARACTER = "\U0010ffff"
"""Sorts after every letter: a word's beginning and this bound all words that begin so."""


def fold(text: str) -> str:
    """
    The text without case, accents and doubled spaces: `Żółw  Émile` and `zolw emile` are the same.

    A few letters need more than one pass, since what comes apart may have case of its own.
    """
    folded = _fold_once(text)
    while folded != text:
        text, folded = folded, _fold_once(folded)
    return folded


def _fold_once(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return " ".join("".join(letter for letter in apart if not unicodedata.combining(letter)).split())


def words_of(text: str) -> set[str]:
    """The distinct folded words of a text, each cut at forty letters."""
    return {word[:LONGEST_WORD] for word in _WORD.findall(fold(text))}


def search_terms(query: str) -> list[str]:
    """What a reader's words ask for: at most eight folded beginnings of words, in order, each once."""
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(fold(query))))[:MOST_TERMS]


def slug_of(text: str) -> str:
    """A name as it stands in an address: `GIS & mapping` is `gis-mapping`."""
    return "-".join(_WORD.findall(fold(text)))
