"""Somebody read what the public cannot. Subject `opportunity:ID`; stated by the operator before the bytes are shown."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from portal.procurement.events import Hex32


class DocumentRead(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A person of the agency is shown an anonymous proposal, or the fields that an entry withholds.

    `document` is the proposal's envelope by its fingerprint, or the entry by the hash of its statement. The portal states
    it and not the reader, whose device signs nothing by looking; so it is said of whom the desk let in.
    """

    document: Hex32
    reader: Annotated[str, Meta(pattern=r"^person:[a-z0-9-]{1,60}\Z")]
    what: Literal["proposal", "withheld"]
