"""
Do what is due on the operator's side: state lists, open what released keys allow, match, rank.

Nothing here is a deadline: a list stated an hour late is the same list. What cannot be done yet is left; what is refused
for a reason that people must mend is told.
"""

from collections.abc import Callable
from typing import NamedTuple

from portal.commands.close_bids import close_bids
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from portal.commands.publish_ranking import publish_ranking
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import the_case
from portal.procurement.refusal import Refusal
from portal.projections.shelf import Shelf


class Step(NamedTuple):
    """One thing that was due; `refused` tells the reason when it could not be done."""

    opportunity: str
    name: str
    refused: str = ""


def advance(office: Office, only: str | None = None) -> list[Step]:
    """
    Do everything that is due now, for all running opportunities or one.

    Returns:
        What was done, and what was due but refused (an envelope that is missing, a panel too small).
    """
    steps = []
    for opportunity in [only] if only else _running(office):
        while True:
            step = _next(office, opportunity)
            if step is None:
                break
            name, work = step
            try:
                work(office, opportunity)
            except Refusal as refusal:
                steps.append(Step(opportunity, name, str(refusal)))
                break
            steps.append(Step(opportunity, name))
    return steps


def _running(office: Office) -> list[str]:
    with office.store.reading() as connection:
        rows = Shelf(connection).rows(
            "SELECT id FROM {opportunity} WHERE ended_entry IS NULL AND ranked_entry IS NULL ORDER BY entry"
        )
    return [row[0] for row in rows]


def _next(office: Office, opportunity: str) -> tuple[str, Callable[[Office, str], object]] | None:
    with office.store.reading() as connection:
        case = the_case(Library(office.store, connection), opportunity)
    if case.ended is not None or case.ranking is not None:
        return None
    now = office.clock.now()
    if case.closed is None:
        return ("bids-closed", close_bids) if now >= case.closes else None
    if case.proposals_opened is None:
        due = now >= case.objection_until and case.listed_bids() and _openable(case, "proposal")
        return ("proposals-opened", open_proposals) if due else None
    if case.offers_opened is None:
        return ("offers-opened", open_offers) if _openable(case, "offer") else None
    return ("ranking-published", publish_ranking)


def _openable(case: Case, label: str) -> bool:
    """Enough keys are out. Opening with bidders' own content keys is left to a person: it ends the waiting for keys."""
    return any(name == label and len(keys) >= case.notice.sealing.k for name, keys in case.released.items())
