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
    parts: list[DiffPart] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(DiffPart("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            parts.append(DiffPart("gone", "".join(old[i1:i2])))
        if j2 > j1:
            parts.append(DiffPart("new", "".join(new[j1:j2])))
    return tuple(parts)
