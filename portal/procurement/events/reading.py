"""What the public cannot read, read by somebody or erased. Subject `opportunity:ID`; stated by the operator beforehand."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from portal.procurement.events import Hex32


class DocumentRead(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A person of the agency, or an auditor, is shown an anonymous proposal or the fields that an entry withholds.

    `document` is the proposal's envelope by its fingerprint, or the entry by the hash of its statement. The portal states
    it and not the reader, whose device signs nothing by looking; so it is said of whom the desk let in. Auditors are not
    appointed in the record: they stand here by the pseudonym of their desk.
    """

    document: Hex32
    reader: Annotated[str, Meta(pattern=r"^(person|auditor):[a-z0-9-]{1,60}\Z")]
    what: Literal["proposal", "withheld"]


class ProposalsErased(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Proposals that were not chosen are gone from the portal for good, each by its envelope's fingerprint.

    Fingerprints and verdicts stay in the record, which stays valid (sealing.md 22). `ground` is the rule: nobody can
    challenge the award any more, or the pilot ended without one.
    """

    erased: Annotated[list[Hex32], Meta(min_length=1, max_length=800)]
    ground: Literal["award-final", "pilot-ended"]
