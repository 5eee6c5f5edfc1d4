"""Agencies and firms with their record: one sentence, five figures with n and formula, then the rows behind them."""

from datetime import date
from typing import ClassVar, Literal

from msgspec import Struct

from portal.procurement.money import Money
from portal.web.views.awards import AwardRow
from portal.web.views.frame import Chart, Figure, Link, Moment, Page, Record, Said
from portal.web.views.keys import Keys
from portal.web.views.lists import Listing
from portal.web.views.opportunities import OpportunityRow
from portal.web.views.partners import NamingRow
from portal.web.views.plans import KeptRow, PlanRow


class AgencyRow(Struct, frozen=True, kw_only=True):
    """One agency in the list."""

    href: str
    name: str
    place: str
    open: int
    promised: int
    awarded: int
    spent: tuple[Money, ...] = ()


class AgenciesPage(Page, frozen=True, kw_only=True):
    """All agencies."""

    template: ClassVar[str] = "pages/agencies.html"
    section: ClassVar[str] = "agencies"
    listing: Listing
    rows: tuple[AgencyRow, ...]


class Officer(Struct, frozen=True, kw_only=True):
    """An appointment: duties by code, the limit if they know one, and from when until when. Names are not published."""

    person: str
    duties: tuple[str, ...]
    limit: Money | None
    begins: Moment
    ends: Moment
    resolution: str
    ended: bool = False
    records: tuple[Record, ...] = ()


class AgencyPage(Page, frozen=True, kw_only=True):
    """
    One agency.

    `figures` are five: pilots-published, awarded-share, days-to-award, bids-per-pilot, promises-kept.
    """

    template: ClassVar[str] = "pages/agency.html"
    section: ClassVar[str] = "agencies"
    name: str
    headline: Said
    place: Link
    zone: str
    contact: str
    website: str
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    pilots: tuple[OpportunityRow, ...]
    plans: tuple[PlanRow, ...]
    kept: KeptRow
    officers: tuple[Officer, ...]
    rules: Link | None
    keys: Keys
    records: tuple[Record, ...]
    more: str = ""


class FirmRow(Struct, frozen=True, kw_only=True):
    """One firm in the list. `bids` counts bids that were opened, `chosen` awards and choices."""

    href: str
    name: str
    place: str
    staff: int
    bids: int
    chosen: int
    skills: tuple[str, ...] = ()


class FirmsPage(Page, frozen=True, kw_only=True):
    """All firms; facets place and skill."""

    template: ClassVar[str] = "pages/firms.html"
    section: ClassVar[str] = "firms"
    listing: Listing
    rows: tuple[FirmRow, ...]


class BidRow(Struct, frozen=True, kw_only=True):
    """One opened bid of a firm: what it offered and what came of it."""

    pilot: Link
    agency: str
    when: Moment
    price: Money
    rank: int | None
    of: int
    result: Literal["awarded", "chosen", "not-chosen", "ruled-out", "replaced", "pending"]


class FirmPage(Page, frozen=True, kw_only=True):
    """
    One firm.

    `figures` are five: bids-opened, times-chosen, amount-awarded, median-rank, learner-places.
    """

    template: ClassVar[str] = "pages/firm.html"
    section: ClassVar[str] = "firms"
    name: str
    headline: Said
    place: Link
    founded: date
    staff: int
    website: str
    words: str
    training_partner: bool
    skills: tuple[Link, ...]
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    bids: tuple[BidRow, ...]
    awards: tuple[AwardRow, ...]
    namings: tuple[NamingRow, ...]
    keys: Keys
    records: tuple[Record, ...]
