"""Who is named as a training partner in a pilot, and who has confirmed it: read from the acts of the pilot."""

from portal.procurement.act import Act
from portal.procurement.case import Case
from portal.procurement.events.opening import BidOpened
from portal.procurement.events.partnering import PartnerConfirmed

Place = str | None
"""Where a partner is named: None for the notice, else the key of an opened bid."""


def partner_named(case: Case, place: Place) -> str | None:
    """What the notice or an opened bid writes as its training partner; None where it names none or is not opened."""
    if place is None:
        return case.notice.training_partner
    opened = case.opened.get(place)
    return opened.body.declarations.training_partner if opened and isinstance(opened.body, BidOpened) else None


def confirmations(case: Case) -> dict[tuple[str, Place], Act]:
    """The confirmations on record, by who confirmed and where it is named."""
    found: dict[tuple[str, Place], Act] = {}
    for act in case.acts:
        if isinstance(act.body, PartnerConfirmed):
            found.setdefault((act.body.partner, act.body.bid), act)
    return found


def confirmed_in(case: Case, place: Place) -> Act | None:
    """The first confirmation of whoever is named there; only who is named can confirm, so it is that one's."""
    return next((act for (_, named_in), act in confirmations(case).items() if named_in == place), None)
