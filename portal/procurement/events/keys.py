"""
Which keys act for whom: the address at which passkeys sign, further keys of a holder, revocation, recovery.

A *holder* is whoever has a first key in the record: an agency's head (`agency:ID`), a person of an agency (`person:…`,
subject `agency:ID`), a firm, a keeper, a training partner. `portal.procurement.holders` adds these events up.
"""

from typing import Annotated

from msgspec import Meta, Struct

from portal.procurement.events import Instant, KeyId, Line

Holder = Annotated[
    str,
    Meta(
        pattern=r"^(agency|person|firm|keeper|partner):[a-z0-9][a-z0-9-]{0,79}\Z",
        description="whose key it is: the subject itself, or person:… of an agency",
    ),
]


class RelyingPartyStated(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    At which address people sign with passkeys from now on. Subject `log:self`.

    A passkey answers only to the domain it was made for, so a verifier must know which one held at each entry: the one
    stated last before it. An earlier statement stays true for the entries before the next.
    """

    origins: Annotated[list[Annotated[str, Meta(max_length=300)]], Meta(min_length=1, max_length=8)]
    rp_id: Annotated[str, Meta(min_length=1, max_length=253)]


class KeyAdded(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A holder's new key, signed by it and by the old one `beside` which it now stands with the same rights."""

    beside: KeyId
    key: KeyId
    label: Line


class KeyRevoked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A key signs nothing from now on; what it signed before stands."""

    key: KeyId
    why: Line


class RecoveryAsked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A holder who has lost every key asks for a new one, in public; the registrar vouches for having seen who asks.

    Until `effective_at` and until it is completed, any key of the holder stops it (`RecoveryStopped`).
    """

    effective_at: Instant
    holder: Holder
    key: KeyId
    label: Line


class RecoveryStopped(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of the holder's own keys says: I did not ask for this. `asked` is the entry that is stopped."""

    asked: Annotated[int, Meta(ge=0)]
    why: Line


class KeyRecovered(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The waiting is over and nobody objected: the new key is the holder's, and every older one is revoked."""

    asked: Annotated[int, Meta(ge=0)]
