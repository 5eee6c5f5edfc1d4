"""A training partner says that it stands by being named. Subject `opportunity:ID`."""

from typing import Annotated

from msgspec import Meta, Struct

from portal.procurement.events import Hex32


class PartnerConfirmed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The partner confirms that it trains the learners of this pilot.

    `bid` says where it is named: None for the notice itself, else the opened bid with this key. `partner` is a registered
    training partner, or a firm that trains learners itself.
    """

    bid: Hex32 | None
    partner: Annotated[str, Meta(pattern=r"^(partner|firm):[a-z0-9][a-z0-9-]{0,79}\Z")]
