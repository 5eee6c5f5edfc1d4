"""
Secrets as words on paper: SLIP-39, 33 words for 32 bytes, whole or split so that any k of n sheets give them back.

1. The words are a standard's, so that they can be read without this program. A mistyped word is noticed, and which sheets
   belong together.
2. They are written by `shamir-mnemonic`, the standard's reference implementation. It makes no secret of how long it
   computes; this machine holds the secret in clear at that moment anyway.
3. A ring has two secrets, hence two sets of words: one signs, one opens.
"""

from collections.abc import Sequence
from dataclasses import replace

from ledger.errors import MalformedError
from portal.keeper.ring import Ring, checked_length

MOST_SHEETS = 9
WORDS = 33


def write_words(secret: bytes, needed: int = 1, sheets: int = 1) -> list[str]:
    """
    The words of a secret, on each sheet 33, separated by spaces.

    Args:
        needed: How many sheets give it back; fewer tell nothing.

    Raises:
        MalformedError: `words-split` for numbers that make no sense.
    """
    from shamir_mnemonic import generate_mnemonics  # type: ignore[import-untyped]  # noqa: PLC0415 -- it ships no types; loaded for paper only

    if not (1 <= needed <= sheets <= MOST_SHEETS) or (needed == 1) != (sheets == 1):
        raise MalformedError("words-split", f"any {needed} of {sheets} sheets")
    return [str(words) for words in generate_mnemonics(1, [(needed, sheets)], checked_length(secret))[0]]


def read_words(sheets: Sequence[str]) -> bytes:
    """
    The secret behind the words of one or more sheets.

    Raises:
        MalformedError: `words-wrong`: a word is misspelt or missing, sheets are too few or of different secrets.
    """
    from shamir_mnemonic import MnemonicError, combine_mnemonics  # noqa: PLC0415 -- as above

    written = [" ".join(sheet.lower().split()) for sheet in sheets if sheet.strip()]
    if not written:
        raise MalformedError("words-wrong", "no words")
    try:
        return checked_length(combine_mnemonics(written))
    except MnemonicError as error:
        raise MalformedError("words-wrong", str(error).partition(":")[0][:120]) from error


def sheets_in(text: str) -> list[str]:
    """
    The sheets in a text, each of 33 words; numbers and line ends between the words do not matter.

    Raises:
        MalformedError: `words-wrong` when the words do not fill whole sheets.
    """
    words = [word for word in text.replace(".", " ").split() if not word.isdigit()]
    if not words or len(words) % WORDS:
        raise MalformedError("words-wrong", f"{len(words)} words, not {WORDS} on each sheet")
    return [" ".join(words[start : start + WORDS]) for start in range(0, len(words), WORDS)]


def ring_of(keeper: str, signing: Sequence[str], opening: Sequence[str]) -> Ring:
    """The ring behind both sets of words; which keys are registered is found in the record afterwards."""
    blank = Ring.make(keeper)
    return replace(blank, sign=read_words(signing), state=read_words(opening))
