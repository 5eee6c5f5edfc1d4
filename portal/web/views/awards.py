"""The list of awards."""

from typing import ClassVar, Literal

from msgspec import Struct

from portal.procurement.money import Money
from portal.web.views.frame import Link, Moment, Page
from portal.web.views.lists import Listing


class AwardRow(Struct, frozen=True, kw_only=True):
    """One award, or one choice that is not yet final (`state` "chosen"). `bids` counts the valid bids."""

    href: str
    title: str
    agency: Link
    firm: Link
    amount: Money
    when: Moment
    bids: int
    state: Literal["chosen", "awarded"]
    notice: str = ""


class AwardsPage(Page, frozen=True, kw_only=True):
    """All awards, newest first; facets agency, firm, year. `total` is the sum per currency over all matching rows."""

    template: ClassVar[str] = "pages/awards.html"
    section: ClassVar[str] = "awards"
    listing: Listing
    rows: tuple[AwardRow, ...]
    totals: tuple[Money, ...] = ()
