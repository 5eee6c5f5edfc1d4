"""
The opening of one pilot's bids, as anybody can follow it: the list, the keys, the proposals, the scores, names and prices.

The page says what the record says and nothing that only the portal knows. It is complete without script; with it, the same
page is fetched again whenever the record moved (`portal.web.public.opening_events`).
"""

import json
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from portal.commands.library import Library
from portal.procurement.act import Act
from portal.procurement.case import Case, Verdicts
from portal.procurement.decisions.opening import latest, scores_missing
from portal.procurement.events.opening import Label, OpeningConfirmed
from portal.procurement.stage import next_change, stage
from portal.procurement.verdicts import parse_verdicts
from portal.web.addresses import subject_href
from portal.web.headers import SECURITY
from portal.web.problems import HTML
from portal.web.public.names import Names
from portal.web.public.opportunity import read_case
from portal.web.public.routes import fresh_of
from portal.web.public.sayings import record_of, records_of
from portal.web.reading import Door, Reading
from portal.web.views.frame import Link, Moment, Said, Shown, said
from portal.web.views.opening import OpeningPage, Seat, Step, Tense

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def opening_routes(door: Door) -> list[HTTPRouteHandler]:
    """The handler of the page; its security policy lets it run and ask for what is ours alone."""

    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        name: str = request.path_params["name"]
        with door.reading(fresh_of(request)) as reading:
            view = opening_page(reading, name)
        return Response(
            door.renderer.page(view), media_type=HTML, headers={**SECURITY, "content-security-policy": POLICY}
        )

    return [get("/opportunities/{name:str}/opening", sync_to_thread=False)(show)]


def opening_page(reading: Reading, name: str) -> OpeningPage:
    """The page of one pilot's opening at this moment."""
    case = read_case(reading, name)
    reading.expires(next_change(case, reading.at))
    now = _Now(reading, case)
    stands = now.stands()
    over = stands in {"opened", "ended", "no-bids"}
    says = {key: reading.door.renderer.say(f"opening.says.{key}") for key in ("live", "lost", "over")}
    return OpeningPage(
        path=f"{subject_href(case.id)}/opening",
        pilot=Link(case.notice.title, subject_href(case.id)),
        agency=now.names.agency(case.notice.agency),
        state=stage(case, reading.at),
        headline=Said(f"opening.headline.{stands}", now.figures()),
        next=None if over else Said(f"opening.next.{stands}", now.figures()),
        steps=tuple(now.steps()),
        last=reading.when(case.acts[-1].at, now.zone),
        live=not over,
        over=over,
        says=json.dumps(says, ensure_ascii=False),
    )


class _Now:
    """One case at the moment of asking, taken apart into the steps of its opening."""

    def __init__(self, reading: Reading, case: Case) -> None:
        self.reading, self.case = reading, case
        self.names = Names(reading)
        self.zone = self.names.zone(case.notice.agency)
        self.record = Library(reading.door.store, reading.connection)
        self.missing = scores_missing(self.record, case) if case.proposals_opened is not None else []
        rules = reading.policy(case.notice.policy.digest)
        self.panel = rules.rules(case.published.at).tier(case.notice.tier).panel_size if rules else 0
        reading.expires(latest(self.record, case, "offer"))

    def stands(self) -> str:  # noqa: PLR0911 -- one return for each place where an opening can stand
        """Where the opening stands: the key of its headline."""
        case, at = self.case, self.reading.at
        if case.offers_opened is not None:
            return "opened"
        if case.ended is not None:
            return "ended"
        if at < case.closes:
            return "open"
        if not case.listed_bids():
            return "no-bids"
        if case.proposals_opened is not None:
            if self.missing:
                return "scoring"
            return "late_offer" if self._failed("offer") else "keys_offer"
        if case.closed is None:
            return "closed"
        if at < case.objection_until:
            return "listed"
        return "late_proposal" if self._failed("proposal") else "keys_proposal"

    def _failed(self, label: Label) -> bool:
        """Too few keys came in time; bidders may open their own bids."""
        until = latest(self.record, self.case, label)
        return until is not None and self.reading.at >= until and len(self._given(label)) < self.needed

    @property
    def needed(self) -> int:
        """How many keys open the bids."""
        return self.case.notice.sealing.k

    def figures(self) -> dict[str, Shown]:
        """All that a headline may want."""
        case = self.case
        label: Label = "proposal" if case.proposals_opened is None else "offer"
        until = latest(self.record, case, label)
        return {
            "closes": self._when(case.closes),
            "until": self._when(case.objection_until),
            "latest": self._when(until) if until else None,
            "n": len(case.listed_bids()),
            "given": len(self._given(label)),
            "needed": self.needed,
            "keepers": len(case.notice.sealing.seats),
            "locked": len(case.commits),
            "panel": max(self.panel, len(case.commits)),
        }

    def steps(self) -> list[Step]:
        """Every step, past ones first; what has not happened is told as what will."""
        case, at = self.case, self.reading.at
        closed: Tense = "past" if at >= case.closes else "future"
        found = [Step(said=said(f"opening.closing_{closed}"), tense=closed, when=self._when(case.closes)), self._list()]
        if closed == "past" and not case.listed_bids() and case.closed is not None:
            return found
        found += [self._objections(), self._keys("proposal"), self._opened("proposal")]
        if self.panel:
            found.append(self._scores())
        found += [self._keys("offer"), self._opened("offer")]
        if case.ended is not None:
            kept = [step for step in found if step.tense == "past"]
            ended = Step(
                said=said("opening.ended"),
                tense="past",
                when=self._when(case.ended.at),
                records=(record_of(case.ended),),
            )
            return [*kept, ended]
        return found

    def _list(self) -> Step:
        closed = self.case.closed
        if closed is None:
            tense: Tense = "now" if self.reading.at >= self.case.closes else "future"
            return Step(said=said("opening.list_future"), tense=tense)
        listed = said("opening.list_past", n=len(self.case.listed_bids()))
        return Step(said=listed, tense="past", when=self._when(closed.at), records=(record_of(closed),))

    def _objections(self) -> Step:
        case = self.case
        over = self.reading.at >= case.objection_until
        waits: Tense = "now" if case.closed is not None else "future"
        filed = list(case.objections.values())
        key = "objections_future" if not over else "objections_past" if filed else "objections_none"
        return Step(
            said=said(f"opening.{key}", n=len(filed)),
            tense="past" if over else waits,
            when=self._when(case.objection_until),
            records=records_of([*filed, *case.objections_decided.values()]),
        )

    def _given(self, label: Label) -> dict[int, Act]:
        return self.case.released.get(label, {})

    def _keys(self, label: Label) -> Step:
        case, given = self.case, self._given(label)
        opened = case.proposals_opened if label == "proposal" else case.offers_opened
        begun = bool(given) or opened is not None
        waits = self.stands() in {f"keys_{label}", f"late_{label}"}
        tense: Tense = "past" if opened is not None or len(given) >= self.needed else "now" if waits else "future"
        until = latest(self.record, case, label)
        own = len(case.content_keys.get(label, {}))
        more = [said("opening.own_keys", n=own)] if own else []
        if tense != "past" and until is not None:
            more.append(said("opening.keys_by", when=self._when(until)))
        key = f"opening.keys_{label}" if begun or waits else f"opening.keys_{label}_future"
        return Step(
            said=said(key, given=len(given), needed=self.needed, n=len(case.notice.sealing.seats)),
            tense=tense,
            when=self._when(max(act.at for act in given.values())) if given and tense == "past" else None,
            more=tuple(more),
            seats=tuple(self._seats(given)) if begun or waits else (),
            records=records_of(list(given.values())),
        )

    def _seats(self, given: dict[int, Act]) -> list[Seat]:
        rows = []
        for number, seat in enumerate(self.case.notice.sealing.seats, 1):
            act = given.get(number)
            rows.append(
                Seat(
                    name=self.names.keeper(seat.keeper),
                    organisation=self.names.organisation(seat.organisation),
                    given=self._when(act.at) if act else None,
                    records=(record_of(act),) if act else (),
                )
            )
        return rows

    def _opened(self, label: Label) -> Step:
        opened = self.case.proposals_opened if label == "proposal" else self.case.offers_opened
        if opened is None:
            return Step(said=said(f"opening.{label}_future"), tense="future")
        readable, shut = self._verdicts(opened)
        more = [said("opening.shut", n=shut)] if shut else []
        confirmed = [act for act in self.case.confirmations if getattr(act.body, "label", "") == label]
        names = {body.keeper for act in confirmed if isinstance(body := act.body, OpeningConfirmed)}
        if names:
            who = ", ".join(sorted(self.names.keeper(name) for name in names))
            more.append(said("opening.confirmed", n=len(names), who=who))
        return Step(
            said=said(f"opening.{label}_past", n=readable),
            tense="past",
            when=self._when(opened.act.at),
            more=tuple(more),
            records=records_of([opened.act, *confirmed]),
        )

    def _verdicts(self, opened: Verdicts) -> tuple[int, int]:
        """How many of the listed bids can be read, and how many could not be opened."""
        data = self.reading.door.store.document(self.reading.connection, opened.document)
        rows = parse_verdicts(data or b"[]")
        readable = sum(1 for row in rows if row.verdict == "valid")
        return readable, len(rows) - readable

    def _scores(self) -> Step:
        case = self.case
        locked, shown = len(case.commits), len(case.reveals)
        panel = max(self.panel, locked)
        done = case.proposals_opened is not None and not self.missing
        waits: Tense = "now" if case.proposals_opened is not None else "future"
        last = max((act.at for act in case.reveals.values()), default=None)
        key = "opening.scores_past" if done else "opening.scores_now" if locked else "opening.scores_future"
        return Step(
            said=said(key, n=shown if done else locked, panel=panel),
            tense="past" if done else waits,
            when=self._when_or_none(last) if done else None,
            records=records_of([*case.commits.values(), *case.reveals.values()]),
        )

    def _when(self, at: Any) -> Moment:
        return self.reading.when(at, self.zone)

    def _when_or_none(self, at: Any) -> Moment | None:
        return None if at is None else self._when(at)
