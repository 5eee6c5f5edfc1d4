"""Rows of lists, as several pages show them."""

from portal.procurement.money import Money
from portal.projections.queries.awards import Awarded
from portal.projections.queries.opportunities import Found
from portal.projections.queries.plans import Kept, Promised
from portal.web.addresses import subject_href, subject_link
from portal.web.reading import Reading
from portal.web.views.awards import AwardRow
from portal.web.views.opportunities import OpportunityRow
from portal.web.views.plans import KeptRow, PlanRow

_AWARD_STATES = {"chosen", "awarded"}


def opportunity_row(reading: Reading, found: Found) -> OpportunityRow:
    """One pilot; counts down while it is open."""
    awarded = found.stage in _AWARD_STATES and found.amount_minor is not None
    amount = found.amount_minor if awarded and found.amount_minor is not None else found.budget_minor
    moment = reading.countdown if found.stage == "open" else reading.when
    return OpportunityRow(
        href=subject_href(found.id),
        title=found.title,
        agency=found.agency_name,
        place=found.place_name,
        state=found.stage,  # type: ignore[arg-type]  # the expression in queries/stages.py names no other
        price=Money(amount, found.currency),
        price_mode="award" if awarded else found.price_mode,  # type: ignore[arg-type]  # as in the notice
        when=moment(found.since, found.zone),
        reservation=found.reservation,  # type: ignore[arg-type]  # as in the notice
        skills=found.skill_names,
    )


def plan_row(found: Promised) -> PlanRow:
    """One promise."""
    return PlanRow(
        href=subject_href(found.id),
        title=found.title,
        agency=found.agency_name,
        place=found.place_name,
        quarter=found.quarter,
        tier=found.tier,  # type: ignore[arg-type]  # as in the promise
        money=found.money,  # type: ignore[arg-type]  # as in the promise
        state=found.state,  # type: ignore[arg-type]  # the expression in queries/plans.py names no other
        skills=found.skill_names,
        learner_places=found.learner_places,
    )


def kept_row(kept: Kept) -> KeptRow:
    """What became of one agency's promises."""
    return KeptRow(
        agency=subject_link(kept.agency, kept.agency_name),
        promised=kept.promised,
        waiting=kept.waiting,
        published=kept.published,
        awarded=kept.awarded,
        dropped=kept.dropped,
    )


def award_row(reading: Reading, found: Awarded) -> AwardRow:
    """One choice or award."""
    final = found.awarded_at is not None
    href = subject_href(found.opportunity)
    return AwardRow(
        href=href,
        title=found.title,
        agency=subject_link(found.agency, found.agency_name),
        firm=subject_link(found.firm, found.firm_name),
        amount=Money(found.amount_minor, found.currency),
        when=reading.when(found.awarded_at or found.at, found.zone),
        bids=found.bids,
        state="awarded" if final else "chosen",
        notice=f"{href}/award.pdf" if final else "",
    )
