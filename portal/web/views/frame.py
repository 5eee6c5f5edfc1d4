"""What every page shares: the site it belongs to, links, moments, sentences with figures, and the record behind a line."""

import re
from contextlib import suppress
from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

from portal.procurement.money import Money

State = Literal[
    "open",
    "closed",
    "opened",
    "scoring",
    "ranked",
    "chosen",
    "awarded",
    "unsuccessful",
    "no-bids",
    "withdrawn",
    "cancelled",
    "opening-failed",
]
PlanState = Literal["planned", "published", "awarded", "dropped"]
Purpose = Literal["live", "demo", "re-enactment"]
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")


class Link(Struct, frozen=True):
    """Words that lead somewhere; `text` is a name out of the record, never one of our own sentences."""

    text: str
    href: str


class Moment(Struct, frozen=True):
    """
    An instant and the zone in which its agency counts days.

    Printed in that zone and in UTC. `days_left` is derived by whoever fills the view; a page that shows it must expire
    when it changes.
    """

    at: datetime
    zone: str = "UTC"
    days_left: int | None = None


class Said(Struct, frozen=True):
    """A sentence of `words.toml` by its key, with the figures that fill its placeholders (`n` chooses the plural)."""

    key: str
    figures: dict[str, "Shown"] = {}


Shown: TypeAlias = str | int | Money | Moment | date | Link | Said | None


def as_read(value: str | int) -> Shown:
    """A figure as people read it: an instant becomes a moment, everything else, a name like an instant too, stays as it is."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        with suppress(ValueError):
            return Moment(datetime.fromisoformat(value))
    return value


def said(key: str, **figures: Shown) -> Said:
    """Shorten `Said(key, {...})`, so that a controller reads like the sentence it asks for."""
    return Said(key, figures)


class Feed(Struct, frozen=True):
    """A feed the page offers. `name` is a key under `feeds` in `words.toml`: pilots, plans, awards."""

    name: str
    href: str


class Record(Struct, frozen=True):
    """
    The record behind a line of a page: what a "How this is proved" panel needs.

    `fingerprint` is the leaf hash; leave it empty where a panel lists many records, to keep the page light.
    """

    index: int
    fingerprint: str = ""
    signers: tuple[str, ...] = ()

    @property
    def href(self) -> str:
        """The record's own page."""
        return f"/ledger/entries/{self.index}"


class Dated(Struct, frozen=True, kw_only=True):
    """
    One dated line of a timeline. `tense` "future" draws it open: nothing is recorded yet.

    `quote` is text somebody else wrote (a reason, a question), shown as a quotation. `records` may hold several entries
    ("12 sealed bids came in").
    """

    when: Moment
    said: Said
    tense: Literal["past", "future"] = "past"
    quote: str = ""
    records: tuple[Record, ...] = ()


class Figure(Struct, frozen=True, kw_only=True):
    """
    One of the figures about an agency or a firm. `code` names its label and formula in `words.toml` (`figures.CODE`).

    `n` is the number of cases behind it; `value` None means that there is none yet, and the page says so.
    """

    code: str
    value: Shown
    n: int


class Bar(Struct, frozen=True, kw_only=True):
    """One bar: the label as it stands in the record, the length, and what to print beside it."""

    label: str
    value: int
    shown: Shown
    href: str = ""


class Chart(Struct, frozen=True, kw_only=True):
    """Horizontal bars with the same numbers as a table in `details`. `code` is a key under `charts` in `words.toml`."""

    code: str
    bars: tuple[Bar, ...]


class Site(Struct, frozen=True, kw_only=True):
    """
    The site around every page.

    Attributes:
        purpose: Demo and re-enactment carry a banner on every page, feed and paper.
        address: Scheme and host without a slash at the end, for permanent addresses, feeds and QR codes.
        pinned: A demo is served at its own moment, so that "open" stays open; the page says so.
    """

    operator: str
    purpose: Purpose
    origin: str
    address: str
    pinned: Moment | None = None


class Page(Struct, frozen=True, kw_only=True):
    """
    What every page has. `path` is its permanent address on this site, without the query.

    `template` and `section` (the item marked in the navigation) belong to the class.
    """

    template: ClassVar[str] = ""
    section: ClassVar[str] = ""
    path: str
    feeds: tuple[Feed, ...] = ()
