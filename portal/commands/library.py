"""The record as the store holds it: loads the entries of a subject, folds them, and remembers what was read."""

from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy import Connection

from ledger.passkeys import RelyingParty
from ledger.store import LedgerStore
from policies import Jurisdiction, PolicyError, from_document
from portal.procurement.act import Act, read_act, read_acts
from portal.procurement.agency import Agency, fold_agency
from portal.procurement.case import Case, fold_case
from portal.procurement.events.keys import RelyingPartyStated
from portal.procurement.events.party import LogOpened
from portal.procurement.holders import LOG, KeyRing
from portal.procurement.parties import (
    Firm,
    Keeper,
    Partner,
    fold_firm,
    fold_keeper,
    fold_log,
    fold_operator,
    fold_partner,
    fold_relying_party,
)
from portal.procurement.plan import Plan, fold_plan
from portal.procurement.refusal import Refusal
from portal.projections.shelf import Shelf


@lru_cache(maxsize=64)
def _policy(document: bytes) -> Jurisdiction:
    return from_document(document)


class Library:
    """
    A `portal.procurement.record.Record` over one transaction.

    `read` tells, for each subject looked up, the index of its last entry: what `LedgerStore.append` is to expect.
    """

    def __init__(self, store: LedgerStore, connection: Connection) -> None:
        self._store = store
        self._connection = connection
        self.read: dict[str, int] = {}

    def acts(self, subject: str) -> list[Act]:
        """All acts of a subject, in the order of the record."""
        rows = self._store.entries_of(self._connection, subject)
        self.read[subject] = rows[-1][0] if rows else -1
        return read_acts(rows)

    def log(self) -> LogOpened | None:
        """What entry 0 says. Not pinned: other acts about the log change nothing that a decision looks at."""
        return fold_log(self._log_acts())

    def operator_keys(self) -> KeyRing:
        """The keys by which agencies and keepers are admitted; pinned, since one of them may be revoked meanwhile."""
        return fold_operator(self.acts(LOG))

    def relying_party(self, before: int | None = None) -> RelyingPartyStated | None:
        """
        Where passkeys sign, as stated last, or last before an entry.

        Not pinned either: a decision compares it with a new statement, or asks for what was stated before.
        """
        return fold_relying_party(self._log_acts(), before)

    def passkeys_at(self, *, pinned: bool = False) -> RelyingParty | None:
        """
        The relying party by which the next entry's passkeys are judged; None while the record states none.

        Args:
            pinned: The entry is appended only if no other about the log comes before it.
        """
        stated = fold_relying_party(self.acts(LOG) if pinned else self._log_acts())
        return None if stated is None else RelyingParty(stated.rp_id, tuple(stated.origins))

    def _log_acts(self) -> list[Act]:
        acts = self.acts(LOG)
        del self.read[LOG]
        return acts

    def agency(self, subject: str) -> Agency | None:
        """The agency, folded."""
        return fold_agency(self.acts(subject))

    def firm(self, subject: str) -> Firm | None:
        """The firm, folded."""
        return fold_firm(self.acts(subject))

    def keeper(self, subject: str) -> Keeper | None:
        """The keeper, folded."""
        return fold_keeper(self.acts(subject))

    def partner(self, subject: str) -> Partner | None:
        """The training partner, folded."""
        return fold_partner(self.acts(subject))

    def plan(self, subject: str) -> Plan | None:
        """The plan, folded."""
        return fold_plan(self.acts(subject))

    def case(self, subject: str) -> Case | None:
        """The opportunity, folded."""
        return fold_case(self.acts(subject))

    def policy(self, digest: str) -> Jurisdiction | None:
        """The rules behind a digest, from the document in the record."""
        data = self.document(digest)
        if data is None:
            return None
        try:
            return _policy(data)
        except PolicyError as error:
            raise Refusal(error.reason, {"digest": digest, "detail": str(error)}) from error

    def document(self, sha256: str) -> bytes | None:
        """A document by its SHA-256."""
        return self._store.document(self._connection, sha256)

    def keeper_key_seen(self, public: str) -> bool:
        """Whether any keeper has registered this key."""
        return any(public in (pair.proposal, pair.offer) for keeper in self._keepers() for pair in keeper.keys)

    def packs_are_proven(self) -> bool:
        """Whether any registered pack carries proofs that its secrets were held."""
        return any(keeper.proven for keeper in self._keepers())

    def _keepers(self) -> Iterator[Keeper]:
        """Every keeper, folded; they are few."""
        for (subject,) in Shelf(self._connection).rows("SELECT id FROM {keeper} ORDER BY entry"):
            keeper = self.keeper(subject)
            if keeper is not None:
                yield keeper

    def keeper_keys_used(self, keeper: str) -> frozenset[str]:
        """The pack keys that this keeper's seats in published notices have taken."""
        rows = Shelf(self._connection).rows("SELECT proposal, offer FROM {seat} WHERE keeper = ?", (keeper,))
        return frozenset(key for row in rows for key in row)

    def entry_kind(self, index: int) -> str | None:
        """The kind of an entry; None beyond the end."""
        act = self._entry(index)
        return None if act is None else act.kind

    def commitments_of(self, index: int) -> tuple[str, ...]:
        """The commitments an entry carries; none beyond the end."""
        act = self._entry(index)
        return () if act is None else act.commitments

    def _entry(self, index: int) -> Act | None:
        if not 0 <= index < self._store.head(self._connection).size:
            return None
        return read_act(self._store.entry(self._connection, index))
