"""What an addendum changed in a text, word by word."""

import re
from difflib import SequenceMatcher

from portal.web.views.opportunity import DiffPart

_WORDS = re.compile(r"\s+|[^\s]+")
LONGEST = 20_000


def diff_words(before: str, after: str) -> tuple[DiffPart, ...]:
    """
    Mark the words that went and the words that came.

    Reading the parts that are not `new` gives `before`, reading those that are not `gone` gives `after`: a reader can
    check that nothing was left out. Texts over 20,000 characters are shown whole, old and new, because comparing them
    word by word would let one entry slow down everybody's page.
    """
    if len(before) + len(after) > LONGEST:
        return (DiffPart("gone", before), DiffPart("new", after))
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    runs: list[tuple[bool, str, str]] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        stayed, gone, came = kind == "equal", "".join(old[i1:i2]), "".join(new[j1:j2])
        if stayed and gone.isspace() and runs and i2 < len(old) and j2 < len(new):
            stayed = False  # a space between two changed words belongs to the change
        if runs and not stayed and not runs[-1][0]:
            runs[-1] = (False, runs[-1][1] + gone, runs[-1][2] + came)
        else:
            runs.append((stayed, gone, came))
    return tuple(part for run in runs for part in _parts(*run) if part.text)


def _parts(stayed: bool, gone: str, came: str) -> tuple[DiffPart, ...]:  # noqa: FBT001 -- one run of the comparison
    return (DiffPart("same", gone),) if stayed else (DiffPart("gone", gone), DiffPart("new", came))
