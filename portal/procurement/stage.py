"""
Where a pilot stands: derived from its entries and the moment of asking, never stored.

A deadline holds to the second though nothing ran: at the instant of the close an open pilot is closed, whether or not
anybody has appended the list.
"""

from datetime import datetime
from typing import Literal

from ledger.entry import parse_time
from portal.procurement.case import Case
from portal.procurement.events.award import AwardIntended, EligibilityDecided
from portal.procurement.events.evaluation import RankingPublished, RankRow
from portal.procurement.events.opportunity import OpportunityWithdrawn

Stage = Literal[
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
STAGES: tuple[Stage, ...] = (
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
)


WITHOUT_AWARD: frozenset[Stage] = frozenset({"unsuccessful", "no-bids", "withdrawn", "cancelled", "opening-failed"})
"""Ends after which the same work may be published again."""


def ranked_rows(case: Case) -> list[RankRow]:
    """The rows that hold a rank, best first."""
    if case.ranking is None or not isinstance(case.ranking.body, RankingPublished):
        return []
    return sorted((row for row in case.ranking.body.rows if row.rank > 0), key=lambda row: row.rank)


def candidate(case: Case) -> RankRow | None:
    """Whose turn it is: the best-ranked firm that has not been passed over."""
    for row in ranked_rows(case):
        decided = case.eligibility.get(row.firm)
        if decided is None or (isinstance(decided.body, EligibilityDecided) and decided.body.accepted):
            return row
    return None


def stage(case: Case, at: datetime) -> Stage:  # noqa: PLR0911 -- one return for each station of a pilot's life
    """The station a pilot has reached at `at`."""
    if case.ended is not None:
        return "withdrawn" if isinstance(case.ended.body, OpportunityWithdrawn) else "cancelled"
    if case.awarded is not None:
        return "awarded"
    if case.chosen is not None:
        return "chosen"
    if case.ranking is not None:
        return "ranked" if candidate(case) else "unsuccessful"
    if case.proposals_opened is not None:
        return "scoring" if case.commits else "opened"
    if at < case.closes:
        return "open"
    if not case.listed_bids():
        return "no-bids"
    if at >= case.opens_by and not case.content_keys.get("proposal"):
        return "opening-failed"
    return "closed"


def standstill_ends(case: Case) -> datetime | None:
    """The first moment at which the award may be made; None before a choice."""
    if case.chosen is None or not isinstance(case.chosen.body, AwardIntended):
        return None
    return parse_time(case.chosen.body.standstill_ends)


def next_change(case: Case, at: datetime) -> datetime | None:
    """The next instant at which the page changes by the passing of time alone; None when it never will."""
    waiting = [case.questions_close, case.closes, case.objection_until, case.opens_by, standstill_ends(case)]
    if case.ended is not None or case.awarded is not None:
        return None
    later = [moment for moment in waiting if moment is not None and moment > at]
    return min(later, default=None)
