"""A running pilot at the agency's desk: its stations, whose turn it is, and how much of one's time each takes."""

from typing import ClassVar, Literal

from msgspec import Struct

from portal.web.views.desk import DeskPage, Item
from portal.web.views.frame import Link, Moment, Said, State


class Station(Struct, frozen=True, kw_only=True):
    """
    One station of a pilot's life. `code` names it (`stations.CODE`), `minutes` is the agency's own time for it.

    `when` is the moment it was reached (done) or must be left (now, next); `who` says whose turn it is.
    """

    code: str
    tense: Literal["done", "now", "next"]
    minutes: int
    when: Moment | None = None
    who: Said | None = None


class PilotDeskPage(DeskPage, frozen=True, kw_only=True):
    """One pilot: whose turn it is (`lead`) and `until` when, what an officer can do now, its stations with their times."""

    template: ClassVar[str] = "desk/pilot.html"
    title: str
    pilot: Link
    state: State
    lead: Said
    until: Moment | None
    stations: tuple[Station, ...]
    acts: tuple[Item, ...]
    ended: bool
