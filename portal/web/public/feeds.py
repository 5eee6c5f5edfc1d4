"""
Atom feeds of pilots, plans and awards.

A feed is paged by the record's numbers (`?before=N`), never by time: whoever follows it to the end misses nothing, whatever
came in meanwhile (peers.md T8). It says in each entry when the site is fictional.
"""

from datetime import datetime

from ledger.entry import parse_time
from portal.procurement.money import Money
from portal.projections.queries.awards import Awarded, find_awards
from portal.projections.queries.opportunities import Found, Wish, find_opportunities
from portal.projections.queries.paging import Cursor
from portal.projections.queries.plans import Promised, find_plans
from portal.web.addresses import subject_href
from portal.web.printing import quarter
from portal.web.public.query import Query
from portal.web.reading import Reading
from portal.web.views.feeds import FeedEntry, FeedPage
from portal.web.views.frame import said

ROWS = 50


def pilots_feed(reading: Reading, query: Query) -> FeedPage:
    """Pilots by their notice, newest first."""
    reading.shows("opportunities")
    before = query.number("before")
    cursor = None if before is None else Cursor(0, "", before)
    found, page = find_opportunities(reading.shelf, Wish(), reading.moment, sort="newest", limit=ROWS, after=cursor)
    entries = tuple(_pilot(reading, each) for each in found)
    return _feed("pilots", "/opportunities", entries, found[-1].entry if page.older else None)


def plans_feed(reading: Reading, query: Query) -> FeedPage:
    """Promises, newest first."""
    reading.shows("plans")
    found = find_plans(reading.shelf, after=query.number("before"), newest_first=True, limit=ROWS + 1)
    more = found[ROWS - 1].entry if len(found) > ROWS else None
    return _feed("plans", "/plans", tuple(_plan(each) for each in found[:ROWS]), more)


def awards_feed(reading: Reading, query: Query) -> FeedPage:
    """Choices and awards, newest first."""
    reading.shows("awards")
    before = query.number("before")
    cursor = None if before is None else Cursor(0, "", before)
    found, page = find_awards(reading.shelf, limit=ROWS, after=cursor)
    return _feed("awards", "/awards", tuple(_award(each) for each in found), found[-1].entry if page.older else None)


def _feed(name: str, html: str, entries: tuple[FeedEntry, ...], more: int | None) -> FeedPage:
    newest = max((entry.updated for entry in entries), default=_EPOCH)
    path = f"{html}.atom"
    return FeedPage(
        path=path,
        name=name,
        html=html,
        updated=newest,
        entries=entries,
        older="" if more is None else f"{path}?before={more}",
    )


_EPOCH: datetime = parse_time("1970-01-01T00:00:00.000Z")


def _pilot(reading: Reading, found: Found) -> FeedEntry:
    return FeedEntry(
        href=subject_href(found.id),
        title=found.title,
        updated=parse_time(found.changed_at),
        published=parse_time(found.at),
        summary=said(
            "feed.summary.pilot",
            agency=found.agency_name,
            place=found.place_name,
            price=Money(found.budget_minor, found.currency),
            closes=reading.when(found.closes, found.zone),
        ),
        author=found.agency_name,
    )


def _plan(found: Promised) -> FeedEntry:
    return FeedEntry(
        href=subject_href(found.id),
        title=found.title,
        updated=parse_time(found.changed_at),
        published=parse_time(found.at),
        summary=said(
            "feed.summary.plan", agency=found.agency_name, place=found.place_name, quarter=quarter(found.quarter)
        ),
        author=found.agency_name,
    )


def _award(found: Awarded) -> FeedEntry:
    published = parse_time(found.at)
    return FeedEntry(
        href=subject_href(found.opportunity),
        title=found.title,
        updated=parse_time(found.awarded_at) if found.awarded_at else published,
        published=published,
        summary=said(
            "feed.summary.award",
            agency=found.agency_name,
            firm=found.firm_name,
            amount=Money(found.amount_minor, found.currency),
        ),
        author=found.agency_name,
    )
