"""
How long an answer holds: which subjects it shows, and when time alone changes it.

The router's handlers fill a `Fresh` while they read; the front cache in front of them keeps the answer as long as it holds.
"""

from datetime import datetime
from hashlib import sha256

from ledger.entry import format_time

SCOPE_KEY = "daylight.fresh"


class Fresh:
    """
    What an answer depends on.

    An answer that names no subject and no instant holds until the templates change. `kept` False is never stored:
    refusals, and whatever depends on more than the record.
    """

    __slots__ = ("checkpoint", "kept", "subjects", "until")

    def __init__(self) -> None:
        self.subjects: dict[str, int] = {}
        self.until: datetime | None = None
        self.checkpoint: bytes | None = None
        self.kept = False

    def shows(self, name: str, version: int) -> None:
        """The answer shows a subject or a collection as entry `version` left it."""
        self.subjects[name] = version

    def follows(self, checkpoint: bytes) -> None:
        """The answer shows the published checkpoint, which changes without an entry of its own."""
        self.checkpoint = checkpoint

    def expires(self, at: datetime | None) -> None:
        """The answer changes at this instant though nobody acts; the earliest one counts."""
        if at is not None and (self.until is None or at < self.until):
            self.until = at

    def tag(self, build: str, address: bytes) -> str:
        """
        The answer's entity tag: weak, for it is the same for every encoding.

        The instant at which the answer ends names the stretch of time it is true for, hence the derived states.
        """
        parts = [build, address.decode("latin-1"), format_time(self.until) if self.until else ""]
        if self.checkpoint is not None:
            parts.append(sha256(self.checkpoint).hexdigest())
        parts += [f"{name} {version}" for name, version in sorted(self.subjects.items())]
        return f'W/"{sha256(chr(10).join(parts).encode()).hexdigest()[:24]}"'
