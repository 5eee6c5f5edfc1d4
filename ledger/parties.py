"""
Which relying party is in force, for a reader who walks along a log.

Rules of this module (SPEC.md, passkey-8):

1. A statement of a relying party counts from the entry after it, if the author of entry 0 alone signed it. Any other
   entry of its kind is a finding, and changes nothing.
2. A reader who does not know what came before (it begins in the middle, or could not read an entry) judges nothing by
   it: it keeps what would have to be judged, until it reads a statement or somebody else tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import passkeys
from ledger.errors import VerificationError

if TYPE_CHECKING:
    from ledger.entry import Entry
    from ledger.passkeys import RelyingParty, Whence


class Parties:
    """The relying parties of a log up to some entry of it."""

    def __init__(self, *, known: bool = True) -> None:
        """
        Stand before the first entry, or before a later one.

        Args:
            known: Whether it is known what came before: before the first entry it is nothing.
        """
        self.founder = ""
        """The author of entry 0; empty while that was not read."""
        self._known = known
        self._party: RelyingParty | None = None
        self._claimants: set[str] = set()
        self._unjudged: set[Whence] = set()

    def lose(self) -> None:
        """Step over an entry that cannot be read: it may have stated a party."""
        self._known, self._party = False, None

    def judge(self, whence: Whence) -> None:
        """
        Judge an assertion of the next entry.

        Raises:
            VerificationError: `relying-party-missing`, `passkey-origin` or `passkey-rp`.
        """
        if self._known:
            passkeys.check_whence(whence, self._party)
        else:
            self._unjudged.add(whence)

    def state(self, entry: Entry) -> None:
        """
        Go on with another relying party, if the next entry, which is of the kind, states one as it must.

        Raises:
            VerificationError: `relying-party-subject` or `relying-party-signer`.
            MalformedError: A reason of `passkeys.party_of`.
        """
        statement = entry.statement
        if statement.subject != passkeys.SUBJECT:
            raise VerificationError("relying-party-subject", f"about {statement.subject}, not {passkeys.SUBJECT}")
        if len(entry.signatures) != 1 or self.founder not in {"", statement.author}:
            raise VerificationError("relying-party-signer", "not signed by the author of entry 0 alone")
        party = passkeys.party_of(statement.body)
        if not self.founder:
            self._claimants.add(statement.author)
        self._known, self._party = True, party

    def go_on(self, later: Parties) -> bool:
        """
        Take over from another reader who began where this one stands.

        Returns:
            Whether what that one could not judge is right.
        """
        founder = self.founder or later.founder
        if not later._claimants <= {founder}:
            return False
        try:
            for whence in later._unjudged:
                self.judge(whence)
        except VerificationError:
            return False
        self.founder = founder
        if later._known:
            self._known, self._party = True, later._party
        return True
