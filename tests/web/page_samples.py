"""
Invented views for looking at every page type: a usual case, nothing yet, one row, and too much of everything.

"Much" has names of 80 characters, 200 rows, nine-digit amounts and words as long as German makes them.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from portal.procurement.money import Money
from portal.web.public import house
from portal.web.views import (
    awards,
    feeds,
    frame,
    home,
    ledger,
    lists,
    notice,
    opening,
    opportunities,
    opportunity,
    parties,
    plain,
    plans,
    policies,
)
from portal.web.views.frame import Bar, Chart, Dated, Feed, Figure, Link, Moment, Page, Record, said
from portal.web.views.keys import Keys
from tests.web.key_samples import keys_of, people
from tests.web.partner_samples import naming_rows, partner_named, partner_page, partners_page

NOW = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
ZONE = "America/New_York"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenverwaltungserneuerungsprojekt X"
FEEDS = (Feed("pilots", "/opportunities.atom"), Feed("awards", "/awards.atom"))
STATES: tuple[frame.State, ...] = (
    "open", "closed", "opened", "scoring", "ranked", "chosen",
    "awarded", "unsuccessful", "no-bids", "withdrawn", "cancelled", "opening-failed",
)  # fmt: skip
TITLES = (
    "Book a septic inspection",
    "Tell parents when the school bus is late",
    "Which culverts flood first",
    "Permits for street stalls without a queue",
    "Read old deeds aloud",
    "A map of free heating help",
    "Ask the library by text message",
    "Find a beach that is open",
    "Report a broken street light and hear back",
    "Count bicycles on the river path",
    "Shift swaps for home nurses",
    "One form for the summer fair",
)
FIRMS = ("Blue Ridge Data", "Two Rivers Software", "Pine & Ledge", "Marrow Creek Works", "Alder Street Studio")
SITE = frame.Site(
    operator="Daylight Cooperative", purpose="live", origin="log.example/harlan", address="https://daylight.example"
)
DEMO = frame.Site(
    operator="Daylight Cooperative",
    purpose="demo",
    origin="demo.daylight.example/log",
    address="http://localhost:8000",
    pinned=Moment(NOW, ZONE),
)


def digest(seed: object) -> str:
    return sha256(str(seed).encode()).hexdigest()


def at(days: float, *, left: bool = False) -> Moment:
    return Moment(NOW + timedelta(days=days), ZONE, int(days) if left else None)


def usd(whole: int) -> Money:
    return Money(whole * 100, "USD")


def record(index: int) -> tuple[Record, ...]:
    return (Record(index, digest(index), (f"ed25519:{digest(('key', index))}",)),)


def named(href: str, text: str, much: bool) -> Link:  # noqa: FBT001 -- a sample's one switch
    return Link(LONG if much else text, href)


def pilot_row(i: int, *, much: bool = False) -> opportunities.OpportunityRow:
    state = STATES[i % len(STATES)]
    return opportunities.OpportunityRow(
        href=f"/opportunities/pilot-{i}",
        title=LONG if much and i % 3 == 0 else TITLES[i % len(TITLES)],
        agency=LONG
        if much and i % 4 == 0
        else ("Harlan County", "City of Port Ellery", "Tamarack Water District")[i % 3],
        place="Harlan County" if i % 2 else "Port Ellery",
        state=state,
        price=usd(987_654_321 if much else 9_500 + 1_500 * i),
        price_mode="award" if state in {"chosen", "awarded"} else "fixed" if i % 2 else "priced",
        when=at(4 + i, left=True) if state == "open" else at(-i),
        reservation="local",
        skills=("Web forms", "Accessibility"),
    )


def plan_row(i: int, *, much: bool = False) -> plans.PlanRow:
    return plans.PlanRow(
        href=f"/plans/plan-{i}",
        title=LONG if much and i % 3 == 0 else TITLES[(i + 5) % len(TITLES)],
        agency=("Harlan County", "City of Port Ellery", "Tamarack Water District")[i % 3],
        place="Harlan County" if i % 3 else "Port Ellery",
        quarter=f"2026-q{1 + i % 4}",
        tier="T1" if i % 2 else "T0",
        money="secured" if i % 3 else "sought",
        state=("planned", "published", "awarded", "dropped")[i % 4],  # type: ignore[arg-type]
        skills=("Web forms", "Text messages", "Data cleaning")[: 1 + i % 3],
        learner_places=i % 3,
    )


def award_row(i: int, *, much: bool = False) -> awards.AwardRow:
    return awards.AwardRow(
        href=f"/opportunities/pilot-{i}",
        title=LONG if much else TITLES[i % len(TITLES)],
        agency=named("/agencies/harlan-county", "Harlan County", much),
        firm=named("/firms/blue-ridge-data", FIRMS[i % len(FIRMS)], much),
        amount=usd(987_654_321 if much else 41_000 - 700 * i),
        when=at(-7 * i),
        bids=1 + i % 6,
        state="chosen" if i == 0 else "awarded",
        notice="" if i == 0 else f"/opportunities/pilot-{i}/notice.pdf",
    )


def listing(action: str, total: int, *, much: bool = False, filtered: bool = False) -> lists.Listing:
    skills = ("Web forms", "Accessibility", "Text messages", "Maps", "Data cleaning", LONG if much else "Training")
    options = tuple(
        lists.Option(
            value=name.lower(),
            label=name,
            count=(total * 7 + i) % 23,
            href=f"{action}?skill={i}",
            active=filtered and i == 0,
        )
        for i, name in enumerate(skills)
    )
    states = tuple(
        lists.Option(value=code, count=i + 1, href=f"{action}?state={code}") for i, code in enumerate(STATES)
    )
    places = tuple(
        lists.Option(value=name.lower(), label=name, count=3 + i, href=f"{action}?place={i}")
        for i, name in enumerate(("Harlan County", "Port Ellery", "Tamarack"))
    )
    values = tuple(
        lists.Option(value=code, count=2 + i, href=f"{action}?value={code}")
        for i, code in enumerate(("under-10k", "10k-25k", "25k-50k", "over-50k"))
    )
    codes = (("state", states), ("agency", places), ("place", places), ("value", values), ("skill", options))
    return lists.Listing(
        action=action,
        total=total,
        query="water" if filtered else "",
        hidden=(("skill", "web-forms"),) if filtered else (),
        facets=tuple(lists.Facet(code=code, options=values) for code, values in codes) if total else (),
        filters=(
            lists.Filter(code="q", value="water", label="water", remove=f"{action}?skill=0"),
            lists.Filter(code="skill", value="web-forms", label=LONG if much else "Web forms", remove=action),
            lists.Filter(code="state", value="no-bids", remove=action),
        )
        if filtered
        else (),
        orders=(
            lists.Order(code="closing", href=action, active=True),
            lists.Order(code="newest", href=f"{action}?sort=newest"),
            lists.Order(code="value", href=f"{action}?sort=value"),
        ),
        older=f"{action}?after=x" if total > 30 else "",
        newer=f"{action}?before=x" if total > 60 else "",
        reset=action,
    )


def home_page(*, rows: int = 6, much: bool = False) -> home.HomePage:
    return home.HomePage(
        path="/",
        feeds=FEEDS,
        counts=home.Counts(open=rows, planned=rows * 2, awarded=rows, agencies=min(rows, 3), firms=rows * 2),
        open=tuple(pilot_row(12 * i, much=much) for i in range(rows)),
        promised=tuple(plan_row(4 * i, much=much) for i in range(rows)),
        awards=tuple(award_row(i, much=much) for i in range(rows)),
        next_close=(named("/opportunities/pilot-0", TITLES[0], much), at(4, left=True)) if rows else None,
    )


def opportunities_page(
    *, rows: int = 14, much: bool = False, filtered: bool = False
) -> opportunities.OpportunitiesPage:
    return opportunities.OpportunitiesPage(
        path="/opportunities",
        feeds=FEEDS[:1],
        listing=listing("/opportunities", rows, much=much, filtered=filtered),
        rows=tuple(pilot_row(i, much=much) for i in range(rows)),
    )


def plans_page(*, rows: int = 12, much: bool = False) -> plans.PlansPage:
    groups = tuple(
        plans.PlanGroup(
            name=LONG if much and not i else name,
            rows=tuple(plan_row(j, much=much) for j in range(i, rows, 3)),
            learner_places=2 * i,
        )
        for i, name in enumerate(("Harlan County", "Port Ellery", "Tamarack"))
    )
    kept = tuple(
        plans.KeptRow(
            agency=named(f"/agencies/{i}", name, much), promised=12, waiting=4, published=3, awarded=4 + i, dropped=1
        )
        for i, name in enumerate(("Harlan County", "City of Port Ellery", "Tamarack Water District"))
    )
    return plans.PlansPage(
        path="/plans",
        feeds=(Feed("plans", "/plans.atom"),),
        listing=listing("/plans", rows, much=much),
        by="place",
        groups=groups if rows else (),
        kept=kept if rows else (),
    )


def plan_page(*, much: bool = False) -> plans.PlanPage:
    agency = named("/agencies/harlan-county", "Harlan County", much)
    return plans.PlanPage(
        path="/plans/septic",
        title=LONG if much else TITLES[0],
        headline=said("plan.headline.planned", agency=agency, quarter="Q2\u00a02026"),
        agency=agency,
        place=Link("Harlan County", "/plans?place=harlan"),
        state="planned",
        need="Residents telephone three offices to book one inspection.\nMost give up once.\n\nWe want one place to book.",
        quarter="2026-q2",
        tier="T1",
        money="secured",
        skills=(Link("Web forms", "/plans?skill=web-forms"), Link("Text messages", "/plans?skill=text-messages")),
        learner_places=1,
        timeline=(
            Dated(
                when=at(-60),
                said=said("acts.plan-announced", agency=agency, quarter="Q1\u00a02026"),
                records=record(41),
            ),
            Dated(
                when=at(-20),
                said=said("acts.plan-changed", agency=agency),
                quote="The grant arrives in April.",
                records=record(77),
            ),
        ),
        records=record(41),
    )


def firm(i: int, much: bool) -> Link:  # noqa: FBT001 -- a sample's one switch
    return named(f"/firms/firm-{i}", FIRMS[i % len(FIRMS)], much and i == 0)


def facts(state: str, *, much: bool = False) -> opportunity.Facts:
    is_open = state == "open"
    return opportunity.Facts(
        price=usd(987_654_321 if much else 48_000),
        price_mode="priced",
        tax="excluded",
        payment_days=20,
        milestones=(
            opportunity.MilestoneRow(name="A booking page that one office can try", share=40, days=30, amount=usd(19_200)),
            opportunity.MilestoneRow(name=LONG if much else "All three offices take bookings", share=60, days=75),
        ),
        requirements=4,
        hours=6,
        reservation="local",
        conditions=(
            opportunity.Condition(words="In Harlan County or next to it for 12 months", rule=Link("presence", "/policies/harlan#presence-months")),
            opportunity.Condition(words="At most 50 people, affiliates counted", rule=Link("size", "/policies/harlan#staff-most")),
        ),
        questions_close=at(1, left=True) if is_open else at(-12),
        closes=at(4, left=True) if is_open else at(-10),
        opens_by=at(6) if is_open else at(-7),
        objection_until=at(5) if is_open else at(-9),
        arrangement="shared",
        needed=3,
        seats=tuple(
            opportunity.Seat(name=name, organisation=where)
            for name, where in (
                ("Keeper One", "Harlan County"), ("Keeper Two", "Harlan County"), ("Keeper Three", "Ellery Library Trust"),
                ("Keeper Four", "Tamarack College"), ("Keeper Five", "League of Small Towns"),
            )
        ),
        learner_places=2,
        training_partner=partner_named(1),
        skills=(Link("Web forms", "/opportunities?skill=web-forms"), Link("Accessibility", "/opportunities?skill=accessibility")),
        tier="T1",
        rules=Link("Harlan County pilot rules", "/policies/harlan"),
    )  # fmt: skip


def asked(*, much: bool = False) -> opportunity.Asked:
    anchors = (
        "Nothing that answers it",
        "A promise without a way",
        "A way with gaps",
        "A sound way",
        "A sound way, shown to work",
    )
    return opportunity.Asked(
        need="Households must have their septic tank inspected every five years. To book, they telephone three offices.\n\n"
        "Last year 1,140 of 3,600 calls were given up." + (f"\n\n{LONG}" if much else ""),
        outcome="A resident books an inspection in one go, on a phone, in under five minutes.",
        audience="About 3,600 households, many older, some without a computer.",
        existing="A shared spreadsheet and three telephone lines.",
        requirements=(
            "How will somebody without a computer book?",
            "What will one office be able to try after 30 days?",
            "How do the three offices keep one calendar?",
            "How will we run it ourselves after the pilot?",
        ),
        acceptance="Two residents and one clerk book and move an inspection without help.",
        criteria=tuple(
            opportunity.CriterionRow(name=name, weight=weight, anchors=anchors)
            for name, weight in (("Fit to the need", 30), (LONG if much else "Way of working", 20), ("Hand-over", 20))
        ),
        price_weight=30,
        floor=usd(30_000),
        licence="Open source, EUPL-1.2 or MIT",
        data_class="Names and addresses of residents; no health data",
        funding="county general fund",
        rationale="The work is small, new to us, and needs people who can come by.",
        incumbent=None,
        helpers=(
            opportunity.HelperRow(name="R. Osei", role="retired inspector, read a draft"),
            opportunity.HelperRow(name="T. Lindqvist", role="showed a similar system", firm=firm(3, much)),
        ),
    )


def bids(state: str, count: int, *, much: bool = False) -> opportunity.Bids:
    if state == "open":
        return opportunity.Bids(count=None)
    if state in {"closed", "opened", "scoring", "opening-failed"}:
        return opportunity.Bids(count=count, list_fingerprint=digest("list"), withdrawn=1, records=record(210))
    if state in {"no-bids", "withdrawn", "cancelled"}:
        return opportunity.Bids(count=0)
    columns = tuple(
        opportunity.BidColumn(
            firm=firm(i, much),
            price=usd(987_654_321 if much and not i else 41_000 + 1_250 * i),
            place="Harlan County",
            months_present=14 + 9 * i,
            staff=2 + i,
            founded="2019-05-01",
            no_conflict=True,
            learner_places=i % 3,
            training_partner=partner_named(i) if i % 2 else None,
            skills=("Web forms", "Accessibility"),
            status="disqualified" if i == 4 else "valid",
            reason="named in the notice as a helper" if i == 4 else "",
            rank=0 if i == 4 else i + 1,
            chosen=i == 0 and state in {"chosen", "awarded"},
            parts=() if i == 3 else (usd(20_000), usd(987_654_321 if much and not i else 21_000 + 1_250 * i)),
            records=record(300 + i),
        )
        for i in range(count)
    )
    return opportunity.Bids(
        count=count,
        columns=columns,
        parts=("Offices see the schedule", LONG[:80] if much else "Residents book"),
        unopened=(
            opportunity.Unopened(label="offer", bid=digest("v"), reason="its text is longer than the notice allows"),
        ),
        list_fingerprint=digest("list"),
        lapsed=1,
        records=record(210),
    )


def scores(count: int, *, much: bool = False) -> opportunity.Scores:
    criteria = tuple(
        opportunity.CriterionScores(
            name=name,
            weight=weight,
            bidders=tuple(
                opportunity.ScoredBid(
                    bidder=firm(i, much).text,
                    scores=tuple(
                        opportunity.Score(
                            evaluator=f"Evaluator {letter}",
                            level=(i + j) % 5,
                            words="Says how the offices would share one calendar, and shows it on paper.",
                            aside=j == 2 and i == 1,
                        )
                        for j, letter in enumerate("ABC")
                    ),
                    median=250 + 50 * (i % 3),
                )
                for i in range(count)
            ),
        )
        for name, weight in (("Fit to the need", 30), ("Way of working", 20), ("Hand-over", 20))
    )
    return opportunity.Scores(
        evaluators=3, locked=3, criteria=criteria, aside=(("Evaluator C", firm(1, much)),), records=record(260)
    )


def timeline(state: str, *, rows: int, much: bool) -> tuple[Dated, ...]:
    agency = named("/agencies/harlan-county", "Harlan County", much)
    past = [
        Dated(
            when=at(-60), said=said("acts.plan-announced", agency=agency, quarter="Q1\u00a02026"), records=record(41)
        ),
        Dated(when=at(-25), said=said("acts.opportunity-published", agency=agency), records=record(120)),
        Dated(when=at(-20), said=said("acts.question-asked"), records=record(131)),
        Dated(when=at(-19), said=said("acts.question-answered", agency=agency), records=record(133)),
        Dated(
            when=at(-16),
            said=said("acts.addendum-published", agency=agency),
            quote="One office closes on Fridays.",
            records=record(140),
        ),
    ]
    if state == "open":
        future = [
            Dated(when=at(1, left=True), said=said("due.questions-close"), tense="future"),
            Dated(when=at(4, left=True), said=said("due.closes"), tense="future"),
            Dated(when=at(6), said=said("due.opens-by"), tense="future"),
        ]
        return tuple(past + future)
    past += [
        Dated(when=at(-10), said=said("acts.bids-closed", n=rows), records=record(210)),
        Dated(when=at(-8), said=said("acts.bid-sealed", n=12), records=tuple(Record(i) for i in range(150, 162))),
        Dated(when=at(-8), said=said("acts.proposals-opened"), records=record(230)),
        Dated(when=at(-7), said=said("acts.scores-committed", n=3), records=tuple(Record(i) for i in range(240, 243))),
        Dated(when=at(-6), said=said("acts.ranking-published"), records=record(270)),
    ]
    past += [
        Dated(when=at(-5), said=said("acts.question-asked"), records=record(400 + i))
        for i in range(rows if much else 0)
    ]
    last = Dated(
        when=at(-1),
        said=said("acts.award-made", agency=agency, firm=firm(0, much), amount=usd(41_000)),
        records=record(290),
    )
    return (*past, last)


def headline_figures(*, much: bool) -> dict[str, frame.Shown]:
    return {
        "agency": named("/agencies/harlan-county", "Harlan County", much),
        "firm": firm(0, much),
        "amount": usd(987_654_321 if much else 41_000),
        "closes": at(4, left=True),
        "questions_close": at(1),
        "opens_by": at(6),
        "standstill_ends": at(5),
        "when": at(5),
        "why": "the need is gone",
        "n": 4,
    }


def opportunity_page(
    state: frame.State = "awarded", *, count: int = 5, much: bool = False, bare: bool = False
) -> opportunity.OpportunityPage:
    judged = state in {"ranked", "chosen", "awarded", "unsuccessful"}
    figures = headline_figures(much=much)
    addendum = opportunity.AddendumRow(
        number=1,
        when=at(-16),
        material=True,
        why="One office closes on Fridays.",
        changes=(
            opportunity.Change(
                field="acceptance",
                parts=(
                    opportunity.DiffPart("same", "Two residents and "),
                    opportunity.DiffPart("gone", "a clerk"),
                    opportunity.DiffPart("new", "one clerk of each office"),
                    opportunity.DiffPart("same", " book without help."),
                ),
            ),
            opportunity.Change(field="closes", before=at(-15), after=at(-10)),
        ),
        records=record(140),
    )
    question = opportunity.QuestionRow(
        number=1,
        when=at(-20),
        text="May the calendar stay where it is?",
        answer="Yes. " + (LONG if much else "It holds nothing personal."),
        answered=at(-19),
        records=record(131),
    )
    decision = opportunity.Decision(
        kind="awarded" if state == "awarded" else "chosen",
        when=at(-1),
        words="Blue Ridge Data shows how a resident without a computer books, and hands everything over on day 75.",
        firm=firm(0, much),
        amount=usd(41_000),
        standstill_ends=at(5) if state == "chosen" else None,
        records=record(290),
    )
    reasons = tuple(
        opportunity.Reasons(
            firm=firm(i, much),
            rank=i + 1,
            chosen=i == 0,
            reasons=tuple((name, "Clear, and shown on paper; the calendar is shared from day 30.") for name in ("Fit to the need", "Way of working", "Hand-over", "Price")),
        )
        for i in range(count)
    )  # fmt: skip
    ranked = tuple(
        opportunity.RankedRow(
            rank=0 if i == 4 else i + 1,
            firm=firm(i, much),
            price=usd(41_000 + 1250 * i),
            quality=5250 - 400 * i,
            price_points=2100 - 125 * i,
            total=7350 - 525 * i,
            reason="ruled out: named in the notice as a helper" if i == 4 else "",
            tie=i == 2,
            chosen=i == 0,
        )
        for i in range(count)
    )
    return opportunity.OpportunityPage(
        path="/opportunities/book-septic-inspection",
        feeds=FEEDS[:1],
        id="book-septic-inspection",
        title=LONG if much else TITLES[0],
        summary="One place to book the inspection that every household needs.",
        agency=named("/agencies/harlan-county", "Harlan County", much),
        place=Link("Harlan County", "/opportunities?place=harlan"),
        state=state,
        headline=frame.Said(f"pilot.headline.{state}", figures),
        next=frame.Said(f"pilot.next.{state}", figures)
        if state in {"open", "closed", "opened", "scoring", "ranked", "chosen", "opening-failed"}
        else None,
        facts=facts(state, much=much),
        asked=asked(much=much),
        timeline=timeline(state, rows=count, much=much),
        questions=() if bare else (question,) * (30 if much else 1),
        addenda=() if bare else (addendum,),
        bids=bids(state, 0 if bare else count, much=much),
        scores=scores(count, much=much) if judged else opportunity.Scores(evaluators=3, locked=2 if state == "scoring" else 0),
        ranking=opportunity.Ranking(method="points", rows=ranked, records=record(270)) if judged else None,
        checked=(
            opportunity.Checked(
                firm=firm(0, much), when=at(-3), place="Harlan County", months_present=14, staff=2, founded="2019-05-01",
                accepted=True, records=record(280),
            ),
        )
        if judged
        else (),
        objections=(opportunity.ObjectionRow(when=at(-9), words="My bid is missing.", accepted=False, why="It came two seconds late.", records=record(215)),)
        if judged
        else (),
        reasons=reasons if state in {"chosen", "awarded"} else (),
        decision=decision if state in {"chosen", "awarded"} else None,
        papers=(
            opportunity.Paper(name="offer", label=firm(0, much).text, href="/log/document/x", media_type="application/octet-stream", length=16_384, fingerprint=digest("p")),
            opportunity.Paper(name="verdicts-offer", href="/log/document/y", media_type="application/json", length=812, fingerprint=digest("q")),
        )
        if judged
        else (),
        plan=None if bare else Link(TITLES[0], "/plans/septic"),
        notice="/opportunities/book-septic-inspection/notice.pdf" if state == "awarded" else "",
        records=record(120),
    )  # fmt: skip


def figure_rows(codes: tuple[str, ...], *, none: bool) -> tuple[Figure, ...]:
    values: tuple[frame.Shown, ...] = (
        14,
        9,
        32,
        usd(987_654_321),
        7,
    )
    return tuple(
        Figure(code=code, value=None if none else value, n=0 if none else 11)
        for code, value in zip(codes, values, strict=True)
    )


def agency_page(*, rows: int = 6, much: bool = False, waiting: bool = False) -> parties.AgencyPage:
    chart = Chart(
        code="awards-by-firm",
        bars=tuple(Bar(label=firm(i, much).text, value=5 - i, shown=5 - i, href=f"/firms/{i}") for i in range(5)),
    )
    officer = parties.Officer(
        person="person:officer-7",
        duties=("publish", "choose", "award"),
        limit=usd(50_000),
        begins=at(-300),
        ends=at(400),
        resolution="2025/117",
        records=record(12),
    )
    return parties.AgencyPage(
        path="/agencies/harlan-county",
        name=LONG if much else "Harlan County",
        headline=said("agency.headline", agency="Harlan County", place="Harlan County", open=said("list.pilots", n=rows), awarded=said("list.awards", n=rows)),
        place=Link("Harlan County", "/opportunities?place=harlan"),
        zone=ZONE,
        contact="procurement@harlan.example, +1 555 0100",
        website="https://harlan.example",
        figures=figure_rows(("pilots-published", "awarded-share", "days-to-award", "bids-per-pilot", "promises-kept"), none=not rows),
        charts=(chart, Chart(code="states", bars=chart.bars)) if rows else (),
        pilots=tuple(pilot_row(i, much=much) for i in range(rows)),
        plans=tuple(plan_row(i, much=much) for i in range(min(rows, 3))),
        kept=plans.KeptRow(agency=Link("Harlan County", "/agencies/harlan-county"), promised=12, waiting=4, published=3, awarded=4, dropped=1),
        officers=(officer,) * min(rows, 3),
        rules=Link("Harlan County pilot rules", "/policies/harlan") if rows else None,
        keys=keys_of(people(min(rows, 9)), NOW, ZONE, waiting=waiting, much=much),
        records=record(3),
        more="/opportunities?agency=harlan-county" if rows else "",
    )  # fmt: skip


def firm_page(*, rows: int = 5, much: bool = False, waiting: bool = False) -> parties.FirmPage:
    results = ("awarded", "chosen", "not-chosen", "ruled-out", "replaced", "pending")
    return parties.FirmPage(
        path="/firms/blue-ridge-data",
        name=LONG if much else "Blue Ridge Data",
        headline=said(
            "firm.headline",
            firm="Blue Ridge Data",
            place="Harlan County",
            staff=said("common.staff_n", n=4),
            bids=said("common.bids", n=rows),
            chosen=said("firm.chosen", n=2) if rows else said("firm.chosen_never"),
        ),
        place=Link("Harlan County", "/firms?place=harlan"),
        founded=date(2019, 5, 1),
        staff=4,
        website="https://blueridge.example",
        words="Four people who build small public services and stay until they run.",
        training_partner=True,
        skills=(Link("Web forms", "/firms?skill=web-forms"),),
        figures=figure_rows(("bids-opened", "times-chosen", "median-rank", "amount-awarded", "learner-places"), none=not rows),
        charts=(Chart(code="results", bars=tuple(Bar(label=name, value=4 - i, shown=4 - i) for i, name in enumerate(("Awarded", "Not chosen", "Ruled out")))),)
        if rows
        else (),
        bids=tuple(
            parties.BidRow(
                pilot=named(f"/opportunities/p{i}", TITLES[i % 12], much and not i),
                agency="Harlan County",
                when=at(-9 * i),
                price=usd(987_654_321 if much else 40_000 + i),
                rank=None if i == 3 else 1 + i % 4,
                of=6,
                result=results[i % 6],  # type: ignore[arg-type]
            )
            for i in range(rows)
        ),
        awards=tuple(award_row(i, much=much) for i in range(min(rows, 2))),
        namings=naming_rows(min(rows, 6), NOW, much=much),
        keys=keys_of((None,), NOW, "UTC", waiting=waiting, much=much) if rows else Keys(signing=()),
        records=record(9),
    )  # fmt: skip


def agencies_page(*, rows: int = 3, much: bool = False) -> parties.AgenciesPage:
    names = ("Harlan County", "City of Port Ellery", "Tamarack Water District")
    return parties.AgenciesPage(
        path="/agencies",
        listing=listing("/agencies", rows),
        rows=tuple(
            parties.AgencyRow(
                href=f"/agencies/a{i}",
                name=LONG if much else names[i % 3],
                place="Harlan County",
                open=3,
                promised=5,
                awarded=4,
                spent=(usd(164_000),),
            )
            for i in range(rows)
        ),
    )


def firms_page(*, rows: int = 11, much: bool = False) -> parties.FirmsPage:
    return parties.FirmsPage(
        path="/firms",
        listing=listing("/firms", rows, much=much),
        rows=tuple(
            parties.FirmRow(
                href=f"/firms/f{i}",
                name=LONG if much else FIRMS[i % 5],
                place="Harlan County",
                staff=1 + i,
                bids=i,
                chosen=i // 3,
                skills=("Web forms", "Maps"),
            )
            for i in range(rows)
        ),
    )


def awards_page(*, rows: int = 8, much: bool = False, filtered: bool = False) -> awards.AwardsPage:
    return awards.AwardsPage(
        path="/awards",
        feeds=FEEDS[1:],
        listing=listing("/awards", rows, much=much, filtered=filtered),
        rows=tuple(award_row(i, much=much) for i in range(rows)),
        totals=(usd(312_400),) if rows else (),
    )


def ledger_page(*, rows: int = 30) -> ledger.LedgerPage:
    utc = Moment(NOW, "UTC")
    acts = (
        said("acts.opportunity-published", agency=Link("Harlan County", "/agencies/harlan-county")),
        said("acts.bid-sealed", n=1),
        said("acts.award-made", agency=Link("Harlan County", "/a"), firm=firm(0, False), amount=usd(41_000)),
    )
    return ledger.LedgerPage(
        path="/ledger",
        snapshot=ledger.Snapshot(
            origin="demo.daylight.example/log", size=1842, root=digest("root"), when=utc, note=f"demo.daylight.example/log\n1842\n{digest('root')[:44]}\n\n— demo.daylight.example/log {digest('s')}"
        )
        if rows
        else None,
        rows=tuple(
            ledger.RecordRow(index=1841 - i, when=Moment(NOW - timedelta(minutes=7 * i), "UTC"), said=acts[i % 3], subject=Link(TITLES[i % 12], f"/opportunities/p{i}"))
            for i in range(rows)
        ),
        vkeys=(f"demo.daylight.example/log+{digest('v')[:8]}+{digest('w')[:44]}", f"demo.daylight.example/log+{digest('x')[:8]}+" + digest("y") * 20),
        total=1842 if rows else 0,
        older="/ledger?before=1812" if rows else "",
    )  # fmt: skip


def record_page(*, waiting: bool = False) -> ledger.RecordPage:
    utc = Moment(NOW, "UTC")
    return ledger.RecordPage(
        path="/ledger/entries/1841",
        index=1841,
        kind="award-made",
        said=said("acts.award-made", agency=Link("Harlan County", "/agencies/harlan-county"), firm=Link("Blue Ridge Data", "/firms/b"), amount=usd(41_000)),
        when=utc,
        subject=Link(TITLES[0], "/opportunities/book-septic-inspection"),
        signers=tuple(
            ledger.SignerRow(who=said("signers.officer", agency=Link("Harlan County", "/agencies/harlan-county"), person=f"person:officer-{i}"), key=f"passkey-ed25519:{digest(i)}", signature=digest(i) + "=" * 2, how=said("signers.with_passkey", site="pilots.example.org") if i == 3 else said("signers.with_browser"))
            for i in (3, 7)
        ),
        links=(Link(TITLES[0], "/opportunities/book-septic-inspection"), Link("Blue Ridge Data", "/firms/b")),
        documents=(ledger.DocumentRow(href="/log/document/x", media_type="application/json", length=8123, fingerprint=digest("d")),),
        commitments=8,
        proof=None
        if waiting
        else ledger.ProofPanel(
            leaf_hash=digest("l"), statement_hash=digest("m"), previous=digest("n"), size=1842, root=digest("root"),
            path=tuple(digest(i) for i in range(11)), when=utc, receipt="/ledger/entries/1841.tlog-proof",
        ),
        note=said("record.pack_proven", n=60) if waiting else None,
        raw='{\n  "index": 1841,\n  "statement": {\n    "kind": "award-made",\n    "subject": "opportunity:book-septic-inspection"\n  }\n}',
        older="/ledger/entries/1840",
    )  # fmt: skip


def policies_page(*, rows: int = 3) -> policies.PoliciesPage:
    return policies.PoliciesPage(
        path="/policies",
        rows=tuple(
            policies.PolicyRow(
                href=f"/policies/p{i}",
                title=("Harlan County pilot rules", "Port Ellery pilot rules", "As recorded")[i % 3],
                about="Try-outs and pilots reserved for local firms.",
                rules=31,
                agencies=(Link("Harlan County", "/agencies/harlan-county"),) if i < 2 else (),
            )
            for i in range(rows)
        ),
    )


def policy_page(*, much: bool = False) -> policies.PolicyPage:
    rule = policies.RuleRow(
        id="bid-days-least",
        title=LONG if much else "Days to bid",
        text="Bids are taken for at least ten working days after publication.",
        figure="10 working days",
        standing="law",
        since=date(2024, 7, 1),
        until=None,
        because="A firm of two needs two weekends to answer with care.",
        source=Link("Harlan County Code, section 14-203", "https://harlan.example/code/14-203"),
    )
    other = policies.RuleRow(
        id="presence-months",
        title="Months present",
        text="A local firm has been in the county or next to it for twelve months.",
        figure=12,
        standing="house",
        since=date(2025, 1, 1),
        until=date(2027, 12, 31),
        because="Shorter lets in a letter box, longer shuts out newcomers.",
        source="Resolution 2025/117",
        shaded=True,
    )
    return policies.PolicyPage(
        path="/policies/harlan",
        title="Harlan County pilot rules",
        about="Try-outs up to 10,000 and pilots up to 50,000 USD.",
        digest=digest("policy"),
        document="/log/document/policy",
        groups=(policies.RuleGroup(code="time", rules=(rule, other)), policies.RuleGroup(code="eligibility", rules=(other,))),
        adoptions=(policies.Adoption(agency=Link("Harlan County", "/agencies/harlan-county"), when=at(-300), resolution="resolution 2025/117", records=record(5)),),
    )  # fmt: skip


def problem_page(status: int = 404) -> plain.ProblemPage:
    return plain.ProblemPage(
        path="/nowhere",
        status=status,
        reason="page-missing",
        what=said("problems.page-missing"),
        fix=said("fixes.page-missing"),
        rule=Link("Days to bid", "/policies/harlan#bid-days-least") if status == 422 else None,
    )


def feed_page(*, rows: int = 3) -> feeds.FeedPage:
    return feeds.FeedPage(
        path="/opportunities.atom",
        name="pilots",
        html="/opportunities",
        updated=NOW,
        entries=tuple(
            feeds.FeedEntry(
                href=f"/opportunities/p{i}",
                title=f"{TITLES[i]} <&>",
                updated=NOW,
                published=NOW,
                author="Harlan County",
                summary=said(
                    "feed.summary.pilot", agency="Harlan County", place="Harlan County", price=usd(48_000), closes=at(4)
                ),
            )
            for i in range(rows)
        ),
    )


def award_notice(*, much: bool = False) -> notice.AwardNotice:
    page = opportunity_page("awarded", much=much)
    assert page.ranking is not None
    return notice.AwardNotice(
        path="/ledger/entries/1841",
        title=page.title,
        summary=page.summary,
        agency="Harlan County",
        agency_contact="procurement@harlan.example, +1 555 0100",
        place="Harlan County",
        firm=firm(0, much).text,
        amount=usd(41_000),
        tax="excluded",
        awarded=at(-1),
        published=at(-25),
        closed=at(-10),
        words="Blue Ridge Data shows how a resident without a computer books, and hands everything over on day 75.",
        bids=5,
        ranking=page.ranking.rows,
        reasons=page.reasons,
        index=1841,
        fingerprint=digest("l"),
        entry=b'{"index":1841}',
        receipt=b"c2sp.org/tlog-proof@v1\n",
    )


def opening_view(*, seats: int = 3, much: bool = False) -> opening.OpeningPage:
    """An opening that waits for keys; with `much` of everything."""
    name = LONG if much else "Law school"
    rows = tuple(
        opening.Seat(
            name=name,
            organisation=LONG if much else "Ridge College",
            given=Moment(NOW, ZONE) if number % 2 else None,
            records=(Record(40 + number, "ab" * 32, ("ed25519:" + "cd" * 32,)),) if number % 2 else (),
        )
        for number in range(seats)
    )
    keys = said("opening.keys_proposal", given=seats // 2, needed=2, n=seats)
    steps = (
        opening.Step(said=said("opening.closing_past"), tense="past", when=Moment(NOW, ZONE)),
        opening.Step(
            said=said("opening.list_past", n=seats),
            tense="past",
            when=Moment(NOW, ZONE),
            records=(Record(39, "ab" * 32),),
        ),
        opening.Step(
            said=keys,
            tense="now",
            more=(said("opening.keys_by", when=Moment(NOW + timedelta(days=2), ZONE)),),
            seats=rows,
        ),
        opening.Step(said=said("opening.proposal_future"), tense="future"),
        opening.Step(said=said("opening.offer_future"), tense="future"),
    )
    return opening.OpeningPage(
        path="/opportunities/septic/opening",
        pilot=Link(LONG if much else TITLES[0], "/opportunities/septic"),
        agency=Link("Harlan County", "/agencies/harlan"),
        state="closed",
        headline=said("opening.headline.keys_proposal", given=seats // 2, needed=2),
        next=said("opening.next.closed"),
        steps=steps,
        last=Moment(NOW, ZONE),
        live=False,
        over=False,
    )


PAGES: dict[str, Callable[[], Page]] = {
    "home": home_page,
    "home-none": lambda: home_page(rows=0),
    "home-much": lambda: home_page(much=True),
    "pilots": opportunities_page,
    "pilots-none": lambda: opportunities_page(rows=0),
    "pilots-one-filtered": lambda: opportunities_page(rows=1, filtered=True),
    "pilots-none-filtered": lambda: opportunities_page(rows=0, filtered=True),
    "pilots-much": lambda: opportunities_page(rows=200, much=True, filtered=True),
    **{f"pilot-{state}": (lambda state=state: opportunity_page(state)) for state in STATES},  # type: ignore[misc]
    "pilot-bare": lambda: opportunity_page("open", bare=True),
    "pilot-one": lambda: opportunity_page("awarded", count=1),
    "pilot-much": lambda: opportunity_page("awarded", count=40, much=True),
    "opening": opening_view,
    "opening-none": lambda: opening_view(seats=0),
    "opening-much": lambda: opening_view(seats=16, much=True),
    "plans": plans_page,
    "plans-none": lambda: plans_page(rows=0),
    "plans-much": lambda: plans_page(rows=200, much=True),
    "plan": plan_page,
    "plan-much": lambda: plan_page(much=True),
    "awards": awards_page,
    "awards-none": lambda: awards_page(rows=0),
    "awards-much": lambda: awards_page(rows=200, much=True, filtered=True),
    "agencies": agencies_page,
    "agencies-much": lambda: agencies_page(rows=40, much=True),
    "agency": agency_page,
    "agency-none": lambda: agency_page(rows=0),
    "agency-recovery": lambda: agency_page(waiting=True),
    "agency-much": lambda: agency_page(rows=40, much=True),
    "firms": firms_page,
    "firms-none": lambda: firms_page(rows=0),
    "firms-much": lambda: firms_page(rows=200, much=True),
    "firm": firm_page,
    "partners": partners_page,
    "partners-none": lambda: partners_page(rows=0),
    "partners-much": lambda: partners_page(rows=200, much=True),
    "partner": partner_page,
    "partner-none": lambda: partner_page(rows=0),
    "partner-much": lambda: partner_page(rows=200, much=True),
    "firm-none": lambda: firm_page(rows=0),
    "firm-recovery": lambda: firm_page(waiting=True),
    "firm-much": lambda: firm_page(rows=200, much=True),
    "ledger": ledger_page,
    "ledger-none": lambda: ledger_page(rows=0),
    "record": record_page,
    "record-waiting": lambda: record_page(waiting=True),
    "policies": policies_page,
    "policies-none": lambda: policies_page(rows=0),
    "policy": policy_page,
    "policy-much": lambda: policy_page(much=True),
    "roles": house.roles_view,
    "lint": house.lint_view,
    "how": lambda: plain.HowPage(path="/how"),
    "problem": problem_page,
    "problem-rule": lambda: problem_page(422),
}
