"""The first page."""

from portal.projections.queries.awards import find_awards
from portal.projections.queries.opportunities import Wish, count_by_stage, find_opportunities
from portal.projections.queries.parties import counts
from portal.projections.queries.plans import find_plans, promises_kept
from portal.web.addresses import AWARDS_FEED, PILOTS_FEED, PLANS_FEED
from portal.web.public.query import Query
from portal.web.public.rows import award_row, opportunity_row, plan_row
from portal.web.reading import Reading
from portal.web.views.frame import Link
from portal.web.views.home import Counts, HomePage

_ROWS = 6


def home(reading: Reading, _query: Query) -> HomePage:
    """What is open, promised and awarded, a few rows of each."""
    shelf, moment = reading.shelf, reading.moment
    reading.shows("opportunities", "plans", "awards", "agencies", "firms")
    reading.expires_with_deadlines()
    found, _ = find_opportunities(shelf, Wish(state="open"), moment, limit=_ROWS)
    rows = tuple(opportunity_row(reading, each) for each in found)
    awards, _ = find_awards(shelf, limit=_ROWS)
    stages = reading.remember("opportunities", ("home",), lambda: count_by_stage(shelf, Wish(), moment))
    agencies, firms = counts(shelf)
    return HomePage(
        path="/",
        feeds=(PILOTS_FEED, PLANS_FEED, AWARDS_FEED),
        counts=Counts(
            open=stages.get("open", 0),
            planned=sum(kept.waiting for kept in promises_kept(shelf)),
            awarded=stages.get("awarded", 0),
            agencies=agencies,
            firms=firms,
        ),
        open=rows,
        promised=tuple(plan_row(each) for each in find_plans(shelf, state="planned", limit=_ROWS)),
        awards=tuple(award_row(reading, each) for each in awards),
        next_close=(Link(rows[0].title, rows[0].href), rows[0].when) if rows else None,
    )
