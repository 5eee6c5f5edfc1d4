"""The list of pilots (opportunities)."""

from typing import ClassVar, Literal

from msgspec import Struct

from portal.procurement.money import Money
from portal.web.views.frame import Moment, Page, State
from portal.web.views.lists import Listing


class OpportunityRow(Struct, frozen=True, kw_only=True):
    """
    One pilot in a list: two lines on a phone, one ruled row on a wide screen.

    `price` is the fixed price or the ceiling (`price_mode`); once chosen or awarded it is the amount of the award.
    `when` is the close until it is past, then the moment its present state began; `days_left` only while open.
    """

    href: str
    title: str
    agency: str
    place: str
    state: State
    price: Money
    price_mode: Literal["fixed", "priced", "award"]
    when: Moment
    reservation: Literal["local", "open"]
    skills: tuple[str, ...] = ()


class OpportunitiesPage(Page, frozen=True, kw_only=True):
    """The list with its search, facets (state, agency, place, value, skill), sort orders and pages."""

    template: ClassVar[str] = "pages/opportunities.html"
    section: ClassVar[str] = "opportunities"
    listing: Listing
    rows: tuple[OpportunityRow, ...]
