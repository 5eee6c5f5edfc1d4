"""What a decision may look up: other subjects of the same record, folded. A port; the store and a folder both fill it."""

from typing import Protocol

from policies import Jurisdiction
from portal.procurement.agency import Agency
from portal.procurement.case import Case
from portal.procurement.events.keys import RelyingPartyStated
from portal.procurement.events.party import LogOpened
from portal.procurement.holders import KeyRing
from portal.procurement.parties import Firm, Keeper, Partner
from portal.procurement.plan import Plan


class Record(Protocol):
    """
    Read-only access to the record as it stands before the act that is being decided.

    Each method returns None for a subject without entries; `policy` takes the digest that an opportunity pinned.
    """

    def log(self) -> LogOpened | None:
        """What entry 0 says."""
        ...

    def operator_keys(self) -> KeyRing:
        """The keys by which agencies and keepers are admitted; empty before entry 0."""
        ...

    def relying_party(self, before: int | None = None) -> RelyingPartyStated | None:
        """Where passkeys sign, as stated last, or last before an entry."""
        ...

    def agency(self, subject: str) -> Agency | None:
        """The agency `agency:ID`."""
        ...

    def firm(self, subject: str) -> Firm | None:
        """The firm `firm:ID`."""
        ...

    def keeper(self, subject: str) -> Keeper | None:
        """The keeper `keeper:ID`."""
        ...

    def partner(self, subject: str) -> Partner | None:
        """The training partner `partner:ID`."""
        ...

    def plan(self, subject: str) -> Plan | None:
        """The plan `plan:ID`."""
        ...

    def case(self, subject: str) -> Case | None:
        """The opportunity `opportunity:ID`."""
        ...

    def policy(self, digest: str) -> Jurisdiction | None:
        """The rules whose document has this SHA-256."""
        ...

    def document(self, sha256: str) -> bytes | None:
        """A document that an entry refers to, by its SHA-256 (hex)."""
        ...

    def keeper_key_seen(self, public: str) -> bool:
        """Whether an X25519 key (hex) occurs in any registered pack."""
        ...

    def packs_are_proven(self) -> bool:
        """Whether any registered pack carries proofs that its secrets were held."""
        ...

    def keeper_keys_used(self, keeper: str) -> frozenset[str]:
        """The pack keys of a keeper that published opportunities have taken."""
        ...

    def entry_kind(self, index: int) -> str | None:
        """The kind of entry `index`; None when there is no such entry."""
        ...

    def commitments_of(self, index: int) -> tuple[str, ...]:
        """The commitments that entry `index` carries."""
        ...
