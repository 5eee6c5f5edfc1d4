"""
What the keeper sees when she looks into the record herself: which pilots use her keys, and what may or must be done now.

Everything is decided by the rules of `portal.procurement` over her own copy, at the time of her own clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from ledger.entry import Seen, Signed, make_statement, sign, verify_signed
from portal.keeper.copying import Copy, copy_record
from portal.keeper.home import Notes, Terms
from portal.procurement.act import Act, body_of, read_body
from portal.procurement.case import Case, list_digest
from portal.procurement.decisions import decide
from portal.procurement.decisions.lookups import the_case, the_keeper
from portal.procurement.events.opening import BidsClosed, KeyReleased, Label, OpeningConfirmed
from portal.procurement.refusal import Refusal
from portal.procurement.stage import stage
from portal.recompute import FolderRecord, Recomputation, replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from portal.clock import Clock
    from portal.keeper.home import Home
    from portal.keeper.reaching import Portal
    from portal.keeper.ring import Ring
    from portal.procurement.events.opportunity import KeeperSeat

State = Literal["early", "may-release", "refused", "sent", "released", "confirm", "confirmed", "not-needed", "key-gone"]
LABELS: tuple[Label, ...] = ("proposal", "offer")
FINAL = ("awarded", "withdrawn", "cancelled", "no-bids", "unsuccessful")
"""Stages after which no bid will be opened any more."""


@dataclass
class Tool:
    """
    The tool at work: her folder, the portal, her clock, her ring, and somebody who is told what happens.

    `tell` gets a key of the words and its figures. `demo` marks a clock that somebody set: only a demonstration's record
    is looked at with it.
    """

    home: Home
    portal: Portal
    clock: Clock
    ring: Ring
    tell: Callable[..., None]
    demo: bool = False


@dataclass
class View:
    """A verified copy of the record, played again, and the moment of looking."""

    copy: Copy
    record: FolderRecord
    found: Recomputation
    at: datetime

    @property
    def seen(self) -> Seen:
        """What she states to have seen in what she signs."""
        return Seen(root=self.copy.checkpoint.root.hex(), size=self.copy.checkpoint.size)


class Duty(Struct, frozen=True, kw_only=True):
    """One key of the ring that a pilot has taken, and what is to be done with it."""

    opportunity: str
    title: str
    label: Label
    state: State
    not_before: str
    key: str
    why: str = ""
    """The reason code for which it may not be released now."""


def look(tool: Tool) -> View:
    """
    Bring the copy up to date, verify it, play it again.

    Raises:
        LedgerError, Refusal: As `copy_record`; `vkeys-missing` before anything is pinned, `demo-clock` where a clock was
            set for a record that is no demonstration.
    """
    pin = tool.home.pinned()
    if pin is None:
        raise Refusal("vkeys-missing", {})
    copy = copy_record(tool.portal.record, tool.home.log, tool.home.verifiers(), pin.origin)
    record, found = replay(copy.folder)
    log = record.log()
    if tool.demo and (log is None or log.purpose != "demo"):
        raise Refusal("demo-clock", {})
    tool.tell("keeper.told.copied", n=copy.checkpoint.size, signatures=copy.signatures)
    view = View(copy, record, found, tool.clock.now())
    note_terms(tool, view)
    return view


def seats(view: View, keeper: str) -> Iterator[tuple[Case, KeeperSeat, int]]:
    """Every pilot in which this keeper has a seat, in the order of publication; seats count from 1."""
    for case in view.record.cases():
        for number, seat in enumerate(case.notice.sealing.seats, 1):
            if seat.keeper == keeper:
                yield case, seat, number


def seat_in(view: View, opportunity: str, keeper: str) -> tuple[Case, KeeperSeat, int]:
    """The seat of one pilot; `opportunity-unknown` or `keeper-not-seated`."""
    the_case(view.record, opportunity)
    for case, seat, number in seats(view, keeper):
        if case.id == opportunity:
            return case, seat, number
    raise Refusal("keeper-not-seated", {"keeper": keeper})


def duties_of(tool: Tool, view: View) -> list[Duty]:
    """What every key of the ring is for, oldest pilot first."""
    notes = tool.home.notes()
    return [
        _duty(tool, view, notes, (case, seat, number), label)
        for case, seat, number in seats(view, tool.ring.keeper)
        for label in LABELS
    ]


def _duty(tool: Tool, view: View, notes: Notes, place: tuple[Case, KeeperSeat, int], label: Label) -> Duty:
    case, seat, _ = place
    state, why = _state(tool, view, notes, place, label)
    return Duty(
        opportunity=case.id,
        title=case.notice.title,
        label=label,
        state=state,
        why=why,
        not_before=case.notice.objection_until,
        key=public_key(seat, label),
    )


def _state(  # noqa: PLR0911 -- one return for each state of a key
    tool: Tool, view: View, notes: Notes, place: tuple[Case, KeeperSeat, int], label: Label
) -> tuple[State, str]:
    case, seat, number = place
    opened = case.proposals_opened if label == "proposal" else case.offers_opened
    final = stage(case, view.at) in FINAL
    if opened is not None and not final:
        return ("confirmed" if confirmed(case, tool.ring.keeper, label) else "confirm"), ""
    if number in case.released.get(label, {}):
        return "released", ""
    if final or opened is not None:
        return "not-needed", ""
    if sent_name("keeper-key-released", case.id, label) in notes.sent:
        return "sent", ""
    if not tool.ring.holds(seat.proposal):
        return "key-gone", ""
    try:
        may_release(tool, view, case, label)
    except Refusal as refusal:
        early = refusal.reason in {"key-early", "not-closed", "proposals-not-opened", "scores-not-shown"}
        return ("early" if early else "refused"), refusal.reason
    return "may-release", ""


def public_key(seat: KeeperSeat, label: Label) -> str:
    """The public half that a seat pins for a label."""
    return seat.proposal if label == "proposal" else seat.offer


def confirmed(case: Case, keeper: str, label: Label) -> bool:
    """Whether this keeper has confirmed an opening."""
    bodies = [act.body for act in case.confirmations]
    return any(isinstance(body, OpeningConfirmed) and (body.keeper, body.label) == (keeper, label) for body in bodies)


def sent_name(kind: str, opportunity: str, label: str) -> str:
    """Under what a signed statement is noted."""
    return f"{kind} {opportunity} {label}"


def may_release(tool: Tool, view: View, case: Case, label: Label) -> None:
    """
    Whether the record and her clock allow the release; no key is touched for asking.

    Raises:
        Refusal: `record-differs`, `terms-changed`, `not-closed`, `close-list`, or the decision's own reason.
    """
    refuse_differences(view, case)
    check_terms(tool.home.notes(), case)
    _check_list(case)
    body = KeyReleased(keeper=tool.ring.keeper, label=label, private="00" * 32)
    try:
        decide(view.record, act_of_statement(sign_statement(tool, view, "keeper-key-released", case.id, body), view.at))
    except Refusal as refusal:
        if refusal.reason != "key-not-registered":  # the zeros are no key of hers; everything else has passed by then
            raise


def sign_statement(tool: Tool, view: View, kind: str, subject: str, body: Struct) -> Signed:
    """Sign a statement with the ring's signing key; it says which checkpoint she has seen."""
    statement = make_statement(
        log=view.copy.checkpoint.origin,
        kind=kind,
        subject=subject,
        body=body_of(body),
        author=tool.ring.key.key_id,
        seen=view.seen,
    )
    return sign(statement, tool.ring.key)


def act_of_statement(signed: Signed, at: datetime) -> Act:
    """The act that a signed statement would become now, for deciding about it."""
    verified = verify_signed(signed)
    statement = verified.statement
    return Act(
        index=-1,
        at=at,
        kind=statement.kind,
        subject=statement.subject,
        author=statement.author,
        keys=verified.keys,
        body=read_body(statement.kind, statement.body),
        leaf_hash="",
        statement_hash=verified.hash.hex(),
    )


def refuse_differences(view: View, case: Case) -> None:
    """
    Whatever the record states about this pilot, its agency, its keepers or the log itself must follow from it.

    Differences in other pilots are told to the keeper and stop nothing: otherwise one wrong entry would keep every bid shut.
    """
    subjects = {case.id, case.notice.agency, "log:self", *(seat.keeper for seat in case.notice.sealing.seats)}
    for row in view.found.differences:
        if row.opportunity in subjects:
            raise Refusal("record-differs", {"record": row.entry, "difference": row.name, "detail": row.detail})


def check_terms(notes: Notes, case: Case) -> None:
    """
    The terms are those that she saw first, and no date has moved forward since.

    Raises:
        Refusal: `terms-changed`.
    """
    before = notes.terms.get(case.id)
    if before is not None and not _follows(before, case):
        raise Refusal("terms-changed", {"closes": case.notice.closes, "before": before.closes})


def _follows(before: Terms, case: Case) -> bool:
    notice = case.notice
    later = notice.closes >= before.closes and notice.objection_until >= before.objection_until
    return later and before.terms == case.terms


def note_terms(tool: Tool, view: View) -> None:
    """Note what the record says about each pilot that uses a key of hers; what contradicts an older note does not replace it."""
    notes = tool.home.notes()
    for case, _, _ in seats(view, tool.ring.keeper):
        before = notes.terms.get(case.id)
        if before is None or _follows(before, case):
            notice = case.notice
            notes.terms[case.id] = Terms(terms=case.terms, closes=notice.closes, objection_until=notice.objection_until)
    tool.home.note(notes)


def _check_list(case: Case) -> None:
    """
    The list that the operator stated last is the one that follows from the record.

    Raises:
        Refusal: `not-closed` or `close-list`.
    """
    if case.closed is None or not isinstance(case.closed.body, BidsClosed):
        raise Refusal("not-closed", {"closes": case.notice.closes})
    decided = [act for act in case.objections_decided.values() if act.index > case.closed.index]
    stated = decided[-1].body if decided else case.closed.body
    if getattr(stated, "list_sha256", "") != list_digest(case.listed_bids()):
        raise Refusal("close-list", {"count": len(case.listed_bids())})


def check_keeper(tool: Tool, view: View) -> None:
    """
    The record admits this keeper, with the signing key on her ring.

    Raises:
        Refusal: `keeper-unknown` or `keeper-key-other`.
    """
    keeper = the_keeper(view.record, tool.ring.keeper)
    if not keeper.holds(tool.ring.key.key_id):
        raise Refusal("keeper-key-other", {"keeper": keeper.id, "record": keeper.profile.key})
