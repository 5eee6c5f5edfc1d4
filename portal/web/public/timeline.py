"""One timeline from plan to award: what is on record, then what is due."""

from collections.abc import Iterable

from portal.procurement.act import Act
from portal.procurement.case import Case
from portal.procurement.stage import Stage, standstill_ends
from portal.web.public.sayings import Sayings, quote_of, records_of
from portal.web.reading import Reading
from portal.web.views.frame import Dated, said

# Kinds that come in numbers: a run of them between two other acts is one line each.
_IN_NUMBERS = {
    "bid-sealed",
    "bid-replaced",
    "bid-withdrawn",
    "bid-confirmed",
    "interests-declared",
    "keeper-key-released",
    "content-key-published",
    "opening-confirmed",
    "bid-opened",
    "document-read",
    "scores-committed",
    "scores-revealed",
    "scores-explained",
}


def grouped(acts: Iterable[Act]) -> list[list[Act]]:
    """
    Acts in the order of the record, with those that come in numbers gathered between two others.

    A gathered line stands where its last act does, for that is the time it carries.
    """
    lines: list[list[Act]] = []
    run: dict[str, list[Act]] = {}
    for act in acts:
        if act.kind not in _IN_NUMBERS:
            run = {}
            lines.append([act])
        elif act.kind in run:
            run[act.kind].append(act)
        else:
            run[act.kind] = [act]
            lines.append(run[act.kind])
    return sorted(lines, key=lambda line: line[-1].index)


def past(reading: Reading, sayings: Sayings, acts: Iterable[Act], zone: str) -> list[Dated]:
    """What is on record. A line for several acts carries the time of the last."""
    return [
        Dated(
            when=reading.when(line[-1].at, zone),
            said=sayings.say(line),
            quote=quote_of(line[0]) if len(line) == 1 else "",
            records=records_of(line),
        )
        for line in grouped(acts)
    ]


def future(reading: Reading, case: Case, stage: Stage, zone: str) -> list[Dated]:
    """What is due: the deadlines that the notice and the choice have set, as long as they matter."""
    due = []
    if stage in {"open", "closed"}:
        due = [
            ("questions-close", case.questions_close),
            ("closes", case.closes),
            ("objection-until", case.objection_until),
            ("opens-by", case.opens_by),
        ]
    ends = standstill_ends(case)
    if stage == "chosen" and ends is not None:
        due = [("standstill-ends", ends)]
    return [
        Dated(when=reading.countdown(at, zone), said=said(f"due.{name}"), tense="future")
        for name, at in sorted(due, key=lambda pair: pair[1])
        if at > reading.at
    ]
