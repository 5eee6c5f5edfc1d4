"""
Opening: keepers release keys, verdicts are derived by everyone alike, bids are shown in clear.

What can be recomputed is recomputed here before it enters the record: a verdict, a lot value or a price that does not
follow from the sealed bytes never becomes an entry. The bytes themselves are the caller's to supply; see
`portal.commands.open_proposals`.
"""

from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from ledger.errors import LedgerError
from ledger.sealing import released_key_matches
from policies import opens_latest
from portal.procurement.act import Act
from portal.procurement.case import Case, bid_key, seat_number
from portal.procurement.decisions.lookups import (
    by_keeper,
    by_registrar,
    rules_of,
    running,
    the_agency,
    the_case,
    the_keeper,
)
from portal.procurement.events.opening import (
    BidOpened,
    ContentKeyPublished,
    KeyReleased,
    Label,
    OffersOpened,
    OpeningConfirmed,
    ProposalsOpened,
)
from portal.procurement.events.typed import typed
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal


def _closed(record: Record, act: Act) -> Case:
    case = running(the_case(record, act.subject))
    if case.closed is None:
        raise Refusal("not-closed", {"closes": case.notice.closes})
    return case


def scores_stand(record: Record, case: Case) -> datetime | None:
    """
    When the scores stand, so that names and prices may be opened; None while too few are shown.

    Everybody who locked scores in has as long to show them as keepers had for the proposals. Whoever shows none by then
    holds nobody up: those scores drop out, where enough others are shown to fill the rules' panel.
    """
    if case.proposals_opened is None:
        return None
    if len(case.reveals) < rules_of(record, case).tier(case.notice.tier).panel_size:
        return None
    last = max((act.at for act in case.reveals.values()), default=case.proposals_opened.act.at)
    hidden = case.commits.keys() - case.reveals.keys()
    return max(last, show_until(case)) if hidden else last


def show_until(case: Case) -> datetime:
    """Until when scores that are locked in are waited for; from the last that was locked in."""
    locked = max(act.at for act in case.commits.values())
    return locked + (case.opens_by - case.objection_until)


def scores_missing(record: Record, case: Case) -> list[str]:
    """The evaluators whose scores are waited for: those who locked in and have not shown, else the rest of the panel."""
    hidden = [person for person in case.commits if person not in case.reveals]
    needed = rules_of(record, case).tier(case.notice.tier).panel_size
    rest = [person for person in case.notice.evaluators if person not in case.reveals]
    return hidden or (rest if len(case.reveals) < needed else [])


def latest(record: Record, case: Case, label: Label) -> datetime | None:
    """
    When the opening of a label has failed and bidders may open their own; None while that is not yet fixed.

    For offers it is the rules' latest day, or as long after the last shown score as keepers had for the proposals,
    whichever comes later: a slow panel must not take the keepers' time away.
    """
    if label == "proposal":
        return case.opens_by
    last = scores_stand(record, case)
    if last is None:
        return None
    zone = ZoneInfo(the_agency(record, case.notice.agency).profile.zone)
    ruled = opens_latest(rules_of(record, case), case.closes, zone, "offer")
    return max(ruled, last + (case.opens_by - case.objection_until))


def may_open(record: Record, case: Case, label: Label, at: datetime) -> None:
    """
    Whether keys for a label may come out now.

    Raises:
        Refusal: `key-early`, or `scores-not-shown` with the people still missing.
    """
    if at < case.objection_until:
        raise Refusal("key-early", {"from": case.notice.objection_until, "at": at.isoformat()})
    if label == "offer":
        if case.proposals_opened is None:
            raise Refusal("proposals-not-opened", {})
        stand = scores_stand(record, case)
        if stand is None or at < stand:
            raise Refusal("scores-not-shown", {"missing": ", ".join(scores_missing(record, case))})


def release_key(record: Record, act: Act) -> None:
    """By a seated keeper, for a label whose time has come; the private key's public half is the pinned one."""
    body = typed(act, KeyReleased)
    case = _closed(record, act)
    keeper = the_keeper(record, body.keeper)
    by_keeper(keeper, act.author)
    number = seat_number(case.notice, body.keeper)
    may_open(record, case, body.label, act.at)
    if number in case.released.get(body.label, {}):
        raise Refusal("key-already-released", {"keeper": keeper.id, "label": body.label})
    seat = case.notice.sealing.seats[number - 1]
    pinned = seat.proposal if body.label == "proposal" else seat.offer
    try:
        released_key_matches(bytes.fromhex(body.private), bytes.fromhex(pinned))
    except LedgerError as error:
        raise Refusal(error.reason, {"keeper": keeper.id, "label": body.label}) from error


def publish_content_key(record: Record, act: Act) -> None:
    """By the bid key of a listed bid, when the keepers' time is over and too few keys are out."""
    body = typed(act, ContentKeyPublished)
    case = _closed(record, act)
    if bid_key(act.author) not in {entry.key for entry in case.listed_bids()}:
        raise Refusal("bid-unlisted", {"bid": bid_key(act.author)})
    until = latest(record, case, body.label)
    if until is None or act.at < until:
        raise Refusal("content-key-early", {"from": until.isoformat() if until else "after the proposals"})
    if len(case.released.get(body.label, {})) >= case.notice.sealing.k:
        raise Refusal("keys-suffice", {"label": body.label})
    if bid_key(act.author) in case.content_keys.get(body.label, {}):
        raise Refusal("content-key-published", {"label": body.label})


def _ready(record: Record, case: Case, label: Label, seats: list[int], at: datetime) -> None:
    k = case.notice.sealing.k
    released = sorted(case.released.get(label, {}))
    if len(released) >= k:
        if seats != released[:k]:
            raise Refusal("opening-seats", {"expected": released[:k], "given": seats})
        return
    until = latest(record, case, label)
    if until is None or at < until or not case.content_keys.get(label):
        raise Refusal("keys-too-few", {"released": len(released), "needed": k})
    if seats:
        raise Refusal("opening-seats", {"expected": [], "given": seats})


def open_proposals(record: Record, act: Act) -> None:
    """By the operator, once, with the k lowest released seats; the list must not be empty."""
    body = typed(act, ProposalsOpened)
    by_registrar(record, act)
    case = _closed(record, act)
    may_open(record, case, "proposal", act.at)
    if case.proposals_opened is not None:
        raise Refusal("already-opened", {"entry": case.proposals_opened.act.index})
    if not case.listed_bids():
        raise Refusal("no-bids", {})
    _ready(record, case, "proposal", body.seats, act.at)


def open_offers(record: Record, act: Act) -> None:
    """As for proposals, after the scores are shown."""
    body = typed(act, OffersOpened)
    by_registrar(record, act)
    case = _closed(record, act)
    may_open(record, case, "offer", act.at)
    if case.offers_opened is not None:
        raise Refusal("already-opened", {"entry": case.offers_opened.act.index})
    _ready(record, case, "offer", body.seats, act.at)


def confirm_opening(record: Record, act: Act) -> None:
    """By a seated keeper who derived the same verdicts."""
    body = typed(act, OpeningConfirmed)
    case = _closed(record, act)
    keeper = the_keeper(record, body.keeper)
    by_keeper(keeper, act.author)
    seat_number(case.notice, body.keeper)
    opened = case.proposals_opened if body.label == "proposal" else case.offers_opened
    if opened is None:
        raise Refusal("not-opened", {"label": body.label})
    if opened.document != body.verdicts:
        raise Refusal("verdicts-differ", {"opened": opened.document, "confirmed": body.verdicts})


def open_bid(record: Record, act: Act) -> None:
    """By the operator, once for each listed bid, after the offers are opened; its envelope is the one that was sealed."""
    body = typed(act, BidOpened)
    by_registrar(record, act)
    case = _closed(record, act)
    if case.offers_opened is None:
        raise Refusal("not-opened", {"label": "offer"})
    entry = case.bids.get(body.bid)
    if entry is None or entry not in case.listed_bids():
        raise Refusal("bid-unlisted", {"bid": body.bid})
    if body.bid in case.opened:
        raise Refusal("already-opened", {"entry": case.opened[body.bid].index})
    if body.envelope.sha256 != entry.seal.offer:
        raise Refusal("envelope-other", {"sealed": entry.seal.offer, "given": body.envelope.sha256})


def lot_matches(lot: str, committed: str) -> bool:
    """Whether a revealed lot value is the one whose SHA-256 the bid entry carries."""
    return sha256(bytes.fromhex(lot)).hexdigest() == committed
