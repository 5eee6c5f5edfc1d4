"""What follows from an act, in words, before anybody signs it."""

from datetime import datetime

from portal.procurement.case import Case
from portal.procurement.events.opportunity import OpportunityPublished
from portal.web.drafting.form import IF_NOBODY
from portal.web.views.frame import Moment, Said, said


def after_publishing(body: OpportunityPublished, zone: str) -> tuple[Said, ...]:
    """After the second signature on a notice."""
    closes = Moment(datetime.fromisoformat(body.closes), zone)
    return (
        said("told.follows.public"),
        said("told.follows.changes"),
        said("told.follows.closes", when=closes, n=len(body.evaluators)),
        *IF_NOBODY,
    )


def after_addendum(case: Case, after: OpportunityPublished, zone: str, *, material: bool) -> tuple[Said, ...]:
    """After a change to the terms: what becomes of the bids that are in, and when bidding closes now."""
    found = [said("told.follows.confirm") if material else said("told.follows.stand")]
    if after.closes != case.notice.closes:
        found.append(said("told.follows.later", when=Moment(datetime.fromisoformat(after.closes), zone)))
    else:
        found.append(said("told.follows.same", when=Moment(datetime.fromisoformat(after.closes), zone)))
    return (*found, said("told.follows.told"))


def after_ending(case: Case, *, early: bool) -> tuple[Said, ...]:
    """After a withdrawal or a cancellation: nothing is opened any more, everything stays to be read."""
    if early:
        bids = said("told.follows.unopened")
    else:
        bids = said("told.follows.read") if case.opened or case.proposals_opened else said("told.follows.unopened")
    return (bids, said("told.follows.stays"), said("told.follows.no_way_back"))
