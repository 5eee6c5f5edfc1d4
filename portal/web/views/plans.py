"""Promised work: what agencies mean to buy, by place and skill, and whether promises were kept."""

from typing import ClassVar, Literal

from msgspec import Struct

from portal.web.views.frame import Dated, Link, Page, PlanState, Record, Said
from portal.web.views.lists import Listing


class PlanRow(Struct, frozen=True, kw_only=True):
    """One promise in a list. `quarter` is spelt as in the record (`2026-q2`); the page prints it in words."""

    href: str
    title: str
    agency: str
    place: str
    quarter: str
    tier: Literal["T0", "T1"]
    money: Literal["secured", "sought"]
    state: PlanState
    skills: tuple[str, ...]
    learner_places: int = 0


class PlanGroup(Struct, frozen=True, kw_only=True):
    """All promises of one place, or that ask for one skill; a plan with three skills stands in three groups."""

    name: str
    rows: tuple[PlanRow, ...]
    learner_places: int = 0


class KeptRow(Struct, frozen=True, kw_only=True):
    """What one agency promised and what came of it. Every promise counts once, in the last column it reached."""

    agency: Link
    promised: int
    waiting: int
    published: int
    awarded: int
    dropped: int


class PlansPage(Page, frozen=True, kw_only=True):
    """Promised work grouped by place or by skill (`by`), and the table of promises kept per agency."""

    template: ClassVar[str] = "pages/plans.html"
    section: ClassVar[str] = "plans"
    listing: Listing
    by: Literal["place", "skill"]
    groups: tuple[PlanGroup, ...]
    kept: tuple[KeptRow, ...]


class PlanPage(Page, frozen=True, kw_only=True):
    """One promise with its history; `pilot` once it was published, `dropped` the coded reason once it was given up."""

    template: ClassVar[str] = "pages/plan.html"
    section: ClassVar[str] = "plans"
    title: str
    headline: Said
    agency: Link
    place: Link
    state: PlanState
    need: str
    quarter: str
    tier: Literal["T0", "T1"]
    money: Literal["secured", "sought"]
    skills: tuple[Link, ...]
    learner_places: int
    timeline: tuple[Dated, ...]
    records: tuple[Record, ...]
    pilot: Link | None = None
    dropped: str = ""
