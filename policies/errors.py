"""
What goes wrong in this room, each with a stable reason code.

- `PolicyError` is the base; callers branch on `.reason`, never on the sentence.
- `PolicyFileError` is for whoever edits a rule file: it names the file and the line.
"""

from __future__ import annotations


class PolicyError(Exception):
    """
    A rule, a rule set or a question about one is not usable.

    `.reason` is the stable code the portal maps to a problem page; `.detail` is the sentence; `.key` names the
    faulty key of a statement, from which a file reader finds the line.
    """

    def __init__(self, reason: str, detail: str, key: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.key = key


class PolicyFileError(PolicyError):
    """A rule file is refused. Nothing of its folder is used: half a rule set is worse than none."""

    def __init__(self, reason: str, detail: str, file: str, line: int | None) -> None:
        super().__init__(reason, detail)
        self.file = file
        self.line = line

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.reason}: {self.detail}"
