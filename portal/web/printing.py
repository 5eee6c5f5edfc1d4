"""
How values are printed: money, moments, days, quarters, numbers, links.

Every function returns text that is safe to place into HTML or XML. Moments are always printed in the zone of their
agency and in UTC, because a deadline that a reader has to convert is a deadline that a reader can miss.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from portal.procurement.money import Money
from portal.web.views.frame import Link, Moment, Said

NBSP = "\u00a0"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """Load a zone once; a name that no zone has is the bug of whoever registered the agency."""
    return ZoneInfo(name)


def number(value: int) -> str:
    """Group digits by three: 1842 becomes 1,842."""
    return f"{value:,}"


@lru_cache(maxsize=1024)
def money(value: Money) -> str:
    """`41,000 USD`, held together so that the currency never stands alone on a line."""
    return str(value).replace(" ", NBSP)


def points(hundredths: int) -> str:
    """Integer hundredths as a decimal with both digits, so that columns align: 7250 becomes 72.50."""
    sign = "-" if hundredths < 0 else ""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{rest:02d}"


def day(value: date) -> str:
    """`3 March 2026`."""
    return f"{value.day}{NBSP}{_MONTHS[value.month - 1]}{NBSP}{value.year}"


def short_day(moment: Moment) -> str:
    """`3 Mar 2026` in the agency's zone, for columns."""
    local = moment.at.astimezone(zone_of(moment.zone))
    return f"{local.day}{NBSP}{_MONTHS[local.month - 1][:3]}{NBSP}{local.year}"


def _clock(at: datetime) -> str:
    return f"{at.hour:02d}:{at.minute:02d}"


def _zone_name(local: datetime) -> str:
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name


def local_time(moment: Moment) -> str:
    """`Tue 3 March 2026, 12:00 EST` in the agency's zone."""
    local = moment.at.astimezone(zone_of(moment.zone))
    return f"{_DAYS[local.weekday()]}{NBSP}{day(local)}, {_clock(local)}{NBSP}{_zone_name(local)}"


def utc_time(moment: Moment) -> str:
    """`17:00 UTC`, with the day where it differs from the agency's."""
    local, utc = moment.at.astimezone(zone_of(moment.zone)), moment.at.astimezone(UTC)
    clock = f"{_clock(utc)}{NBSP}UTC"
    return clock if utc.date() == local.date() else f"{utc.day}{NBSP}{_MONTHS[utc.month - 1]}, {clock}"


def iso(at: datetime) -> str:
    """The machine's spelling, for `datetime` attributes and feeds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=4096)
def moment_html(moment: Moment) -> Markup:
    """The whole moment: the agency's zone, then UTC in brackets."""
    if moment.zone == "UTC":
        return Markup('<time datetime="{}">{}</time>').format(iso(moment.at), local_time(moment))
    return Markup('<time datetime="{}">{} ({})</time>').format(iso(moment.at), local_time(moment), utc_time(moment))


@lru_cache(maxsize=4096)
def day_html(moment: Moment) -> Markup:
    """Only the day, in a column; the whole moment is in the `datetime` attribute."""
    return Markup('<time datetime="{}">{}</time>').format(iso(moment.at), short_day(moment))


def link_html(link: Link) -> Markup:
    """A link to a name out of the record."""
    return Markup('<a href="{}">{}</a>').format(link.href, link.text)


def quarter(spelt: str) -> str:
    """`2026-q2` as `2nd quarter 2026`, without leaving the words file a grammar to solve."""
    year, _, which = spelt.partition("-q")
    return f"Q{which}{NBSP}{year}"


def size(octets: int) -> str:
    """A length in bytes as a reader expects it: `812 bytes`, `14 kB`."""
    kilo = 1000
    if octets < kilo:
        return f"{octets}{NBSP}bytes"
    return f"{round(octets / kilo):,}{NBSP}kB"


def shower(say: Callable[[Said], Markup]) -> Callable[[object], Markup]:
    """
    Make the one function that prints any `Shown` value; `say` prints a sentence inside a sentence.

    The type decides, exactly: a yes or no (a `bool` is an `int` to Python) is said by a word and raises here.
    """
    printers: dict[type, Callable[[Any], Markup]] = {
        Money: lambda value: Markup('<span class="money">{}</span>').format(money(value)),
        Moment: moment_html,
        Link: link_html,
        Said: say,
        int: lambda value: escape(number(value)),
        date: lambda value: escape(day(value)),
        str: escape,
        Markup: escape,
    }

    def show(value: object) -> Markup:
        printer = printers.get(type(value))
        if printer is None:
            raise TypeError(f"no way to print {type(value).__name__}")
        return printer(value)

    return show
