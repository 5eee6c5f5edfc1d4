"""
The one family of errors that leaves this package.

Rules:
- `MalformedError`: hostile or broken input; nothing in it was checked, nothing may be believed.
- `VerificationError`: well-formed, and false.
- `RefusedError`: well-formed and true, but the log does not take it now; nothing was written.
- Every error carries a `reason` that never changes its spelling (SPEC.md lists them all). People
  read a sentence that the edge makes from it; programs and tests compare the code.
"""

from __future__ import annotations


class LedgerError(Exception):
    """Root of the family: catch this at the edge, and nothing wider."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """
        Keep the code apart from the words.

        Args:
            reason: A stable code of SPEC.md, section "Reason codes".
            detail: What was found, for a person who mends it; never parsed, never relied on.
        """
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class MalformedError(LedgerError):
    """The bytes are not the format they claim to be."""


class VerificationError(LedgerError):
    """The bytes are the format they claim to be, and what they say is not so."""


class RefusedError(LedgerError):
    """The log declines to append; the caller's transaction holds nothing of it."""
