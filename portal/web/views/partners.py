"""Training partners: who teaches learners, who names them, and whether they stand by it."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.frame import Link, Moment, Page, Record, Said, State
from portal.web.views.keys import Keys


class PartnerNamed(Struct, frozen=True, kw_only=True):
    """
    A training partner as a pilot or a bid names it: linked where it is on record.

    Whoever is not on record cannot confirm anything; `known` is False then.
    """

    who: Link | str
    known: bool
    confirmed: bool
    records: tuple[Record, ...] = ()


class PartnerRow(Struct, frozen=True, kw_only=True):
    """One training partner in the list. A firm that trains learners itself leads to its page as a firm."""

    href: str
    name: str
    place: str
    skills: tuple[str, ...]
    named: int
    confirmed: int


class PartnersPage(Page, frozen=True, kw_only=True):
    """All training partners, by name."""

    template: ClassVar[str] = "pages/partners.html"
    section: ClassVar[str] = "firms"
    rows: tuple[PartnerRow, ...]


class NamingRow(Struct, frozen=True, kw_only=True):
    """One place where a partner is named; `bidder` is None for the notice itself."""

    pilot: Link
    state: State
    bidder: Link | None
    learner_places: int
    confirmed: Moment | None
    records: tuple[Record, ...] = ()


class PartnerPage(Page, frozen=True, kw_only=True):
    """One training partner."""

    template: ClassVar[str] = "pages/partner.html"
    section: ClassVar[str] = "firms"
    name: str
    headline: Said
    place: str
    website: str
    contact: str
    words: str
    skills: tuple[str, ...]
    namings: tuple[NamingRow, ...]
    keys: Keys
    records: tuple[Record, ...]
