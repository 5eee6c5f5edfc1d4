"""
The stations of a pilot as its agency lives them: what is done, what is now, what comes next, whose turn, and how long it
takes the agency in all.

Minutes are what a try-out takes the agency's own people, reading included; they add up to about three hours.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from policies import answer_due
from portal.procurement.apart import scores_apart, unexplained
from portal.procurement.decisions.awarding import proof_due
from portal.procurement.events.opening import BidOpened
from portal.procurement.events.typed import typed
from portal.procurement.record import Record
from portal.procurement.stage import candidate, stage, standstill_ends
from portal.web.desk.rooms import Room
from portal.web.views.frame import Moment, Said, said
from portal.web.views.stations import Station

MINUTES: Final = {
    "published": 45,
    "questions": 15,
    "closed": 0,
    "opened": 0,
    "scored": 60,
    "proved": 15,
    "chosen": 30,
    "awarded": 15,
}
"""The agency's own time at each station: to write (30) and to sign (15), to answer, to score, to check, to choose, to award."""

ALL_MINUTES: Final = sum(MINUTES.values())
Tense = Literal["done", "now", "next"]


class Turn(Struct, frozen=True, kw_only=True):
    """Whose turn it is at a station, and until when; `ours` when it is the agency's officers'."""

    code: str
    who: Said
    until: datetime | None = None
    ours: bool = False


def turn_of(record: Record, room: Room, now: datetime, names: Callable[[str], str]) -> Turn | None:
    """Whose turn it is; None for a pilot at its end."""
    finder = _TURNS.get(stage(room.case, now))
    return finder(record, room, now, names) if finder else None


def _open(_record: Record, room: Room, _now: datetime, _names: Callable[[str], str]) -> Turn:
    waiting = [row.asked.at for row in room.case.questions.values() if row.answered is None]
    if waiting:
        due = answer_due(room.rules, min(waiting), room.zone)
        return Turn(code="questions", who=said("turns.answer", n=len(waiting)), until=due, ours=True)
    return Turn(code="closed", who=said("turns.bidders"), until=room.case.closes)


def _closed(_record: Record, room: Room, now: datetime, names: Callable[[str], str]) -> Turn:
    case = room.case
    if now < case.objection_until:
        return Turn(code="opened", who=said("turns.objections"), until=case.objection_until)
    return Turn(code="opened", who=_keepers(room, "proposal", names), until=case.opens_by)


def _keepers(room: Room, label: Literal["proposal", "offer"], names: Callable[[str], str]) -> Said:
    """The keepers whose keys are not out yet."""
    out = room.case.released.get(label, {})
    rest = [seat.keeper for number, seat in enumerate(room.case.notice.sealing.seats, 1) if number not in out]
    return said("turns.keepers", names=" · ".join(names(keeper) for keeper in rest), n=room.case.notice.sealing.k)


def _scoring(_record: Record, room: Room, _now: datetime, names: Callable[[str], str]) -> Turn:
    case = room.case
    panel = [person for person in case.notice.evaluators if person not in case.stood_aside]
    rest = [person for person in panel if person not in case.commits]
    if rest:
        return Turn(code="scored", who=said("turns.score", names=" · ".join(names(person) for person in rest)))
    hidden = [person for person in panel if person in case.commits and person not in case.reveals]
    if hidden:
        return Turn(code="scored", who=said("turns.show", names=" · ".join(names(person) for person in hidden)))
    if case.offers_opened is None:
        return Turn(code="scored", who=_keepers(room, "offer", names))
    return Turn(code="scored", who=said("turns.ranking"))


def _ranked(record: Record, room: Room, now: datetime, names: Callable[[str], str]) -> Turn | None:
    case, first = room.case, candidate(room.case)
    if first is None:
        return None
    silent = sorted({row.person for row in unexplained(case, scores_apart(case, room.rules))})
    if silent:
        return Turn(code="scored", who=said("turns.explain", names=" · ".join(names(person) for person in silent)))
    firm = typed(case.opened[first.bid], BidOpened).name
    if case.notice.reservation == "open" or first.firm in case.eligibility:
        return Turn(code="chosen", who=said("turns.choose", firm=firm), ours=True)
    due = proof_due(record, case)
    if first.firm in case.proofs or now >= due:
        return Turn(code="proved", who=said("turns.proof", firm=firm), ours=True)
    return Turn(code="proved", who=said("turns.prove", firm=firm), until=due)


def _chosen(_record: Record, room: Room, now: datetime, _names: Callable[[str], str]) -> Turn:
    ends = standstill_ends(room.case)
    if ends is not None and now < ends:
        return Turn(code="awarded", who=said("turns.challenge"), until=ends)
    return Turn(code="awarded", who=said("turns.award"), ours=True)


_TURNS: Final[dict[str, Callable[[Record, Room, datetime, Callable[[str], str]], Turn | None]]] = {
    "open": _open,
    "closed": _closed,
    "opened": _scoring,
    "scoring": _scoring,
    "ranked": _ranked,
    "chosen": _chosen,
}


def stations_of(record: Record, room: Room, now: datetime, names: Callable[[str], str]) -> tuple[Station, ...]:
    """Every station, from the notice to the award; an open pilot needs no proof from whoever may bid."""
    turn = turn_of(record, room, now, names)
    codes = [code for code in MINUTES if code != "proved" or room.case.notice.reservation != "open"]
    at = codes.index(turn.code) if turn is not None and turn.code in codes else len(codes)
    made = []
    for place, code in enumerate(codes):
        tense: Tense = "done" if place < at else "now" if place == at else "next"
        when = _when(room, code)
        until = turn.until if turn is not None and tense == "now" and turn.until is not None else when
        made.append(
            Station(
                code=code,
                tense=tense,
                minutes=MINUTES[code],
                when=Moment(until, room.zone.key) if until is not None else None,
                who=turn.who if turn is not None and tense == "now" else None,
            )
        )
    return tuple(made)


def _when(room: Room, code: str) -> datetime | None:
    """When a station was reached, or by when it will be where that is known."""
    case = room.case
    reached = {
        "published": case.published.at,
        "questions": case.questions_close,
        "closed": case.closes,
        "opened": case.proposals_opened.act.at if case.proposals_opened else case.opens_by,
        "scored": case.ranking.at if case.ranking else None,
        "proved": max((act.at for act in case.eligibility.values()), default=None),
        "chosen": case.chosen.at if case.chosen else None,
        "awarded": case.awarded.at if case.awarded else standstill_ends(case),
    }
    return reached[code]
