"""Agencies and each one's record."""

from datetime import UTC, datetime

from ledger.entry import parse_time
from portal.procurement.agency import Agency, fold_agency
from portal.procurement.money import Money
from portal.procurement.stage import STAGES
from portal.projections.queries.awards import count_awards_by
from portal.projections.queries.opportunities import Wish, find_opportunities
from portal.projections.queries.parties import (
    agencies as all_agencies,
)
from portal.projections.queries.parties import (
    award_times,
    opened_bid_counts,
    spent_by_agency,
    stages_by_agency,
    stages_of_agency,
)
from portal.projections.queries.plans import Kept, find_plans, promises_kept
from portal.web.addresses import list_href, subject_href, web_address
from portal.web.printing import zone_of
from portal.web.problems import missing
from portal.web.public.figures import median_shown
from portal.web.public.held_keys import keys_shown
from portal.web.public.notice_parts import policy_href
from portal.web.public.query import Query
from portal.web.public.rows import kept_row, opportunity_row, plan_row
from portal.web.public.sayings import record_of
from portal.web.reading import Reading
from portal.web.views.frame import Bar, Chart, Figure, Link, Record, said
from portal.web.views.lists import Listing
from portal.web.views.parties import AgenciesPage, AgencyPage, AgencyRow, Officer

PATH = "/agencies"
_ROWS = 12
_ENDS = ("awarded", "unsuccessful", "no-bids", "withdrawn", "cancelled", "opening-failed")


def agencies(reading: Reading, _query: Query) -> AgenciesPage:
    """All agencies, by name."""
    reading.shows("agencies", "opportunities", "plans", "awards")
    reading.expires_with_deadlines()
    shelf = reading.shelf
    stages, spent = stages_by_agency(shelf, reading.moment), spent_by_agency(shelf)
    kept = {each.agency: each for each in promises_kept(shelf)}
    rows = tuple(
        AgencyRow(
            href=subject_href(each.id),
            name=each.name,
            place=each.place_name,
            open=stages.get(each.id, {}).get("open", 0),
            promised=kept[each.id].waiting if each.id in kept else 0,
            awarded=stages.get(each.id, {}).get("awarded", 0),
            spent=tuple(Money(total, currency) for currency, total in spent.get(each.id, [])),
        )
        for each in all_agencies(shelf)
    )
    return AgenciesPage(path=PATH, listing=Listing(action=PATH, total=len(rows)), rows=rows)


def agency_page(reading: Reading, name: str) -> AgencyPage:
    """The page of `agency:NAME`."""
    subject = f"agency:{name}"
    agency = fold_agency(reading.acts(subject))
    if agency is None:
        raise missing()
    reading.expires_with_deadlines(subject)
    profile, shelf = agency.profile, reading.shelf
    stages = stages_of_agency(shelf, subject, reading.moment)
    kept = next(iter(promises_kept(shelf, subject)), Kept(subject, profile.name, 0, 0, 0, 0, 0))
    pilots, page = find_opportunities(shelf, Wish(agency=subject), reading.moment, limit=_ROWS)
    adopted = agency.policies[-1] if agency.policies else None
    policy = reading.policy(adopted[1].document.sha256) if adopted else None
    return AgencyPage(
        path=subject_href(subject),
        name=profile.name,
        headline=said(
            "agency.headline",
            agency=profile.name,
            place=profile.place_name,
            open=said("list.pilots", n=stages.get("open", 0)),
            awarded=said("list.awards", n=stages.get("awarded", 0)),
        ),
        place=Link(profile.place_name, list_href("/opportunities", {"place": profile.place})),
        zone=profile.zone,
        contact=profile.contact,
        website=web_address(profile.website),
        figures=_figures(reading, subject, stages, kept, profile.zone),
        charts=_charts(reading, subject, stages),
        pilots=tuple(opportunity_row(reading, each) for each in pilots),
        plans=tuple(plan_row(each) for each in find_plans(shelf, agency=subject, newest_first=True, limit=_ROWS)),
        kept=kept_row(kept),
        officers=_officers(reading, agency),
        rules=Link(policy.name, policy_href(policy.digest)) if policy else None,
        keys=keys_shown(reading, agency.ring, subject, profile.zone),
        records=(record_of(agency.registered), *(record_of(act) for act, _ in agency.policies)),
        more=list_href("/opportunities", {"agency": name}) if page.older else "",
    )


def _figures(reading: Reading, subject: str, stages: dict[str, int], kept: Kept, zone: str) -> tuple[Figure, ...]:
    published, ended = sum(stages.values()), sum(stages.get(stage, 0) for stage in _ENDS)
    days = [
        (parse_time(awarded) - parse_time(closed)).days for closed, awarded, _ in award_times(reading.shelf, subject)
    ]
    bids = [*opened_bid_counts(reading.shelf, subject), *[0] * stages.get("no-bids", 0)]
    came = kept.published + kept.awarded
    due = came + kept.dropped + _overdue(reading, subject, zone)
    return (
        Figure(code="pilots-published", value=published, n=published),
        Figure(code="awarded-share", value=stages.get("awarded", 0) if ended else None, n=ended),
        Figure(code="days-to-award", value=median_shown(days), n=len(days)),
        Figure(code="bids-per-pilot", value=median_shown(bids), n=len(bids)),
        Figure(code="promises-kept", value=came if due else None, n=due),
    )


def _overdue(reading: Reading, subject: str, zone: str) -> int:
    """Promises still waiting though their quarter is over; the answer changes when the next quarter begins."""
    local = reading.at.astimezone(zone_of(zone))
    number = (local.month - 1) // 3
    year, month = (local.year, 3 * number + 4) if number < 3 else (local.year + 1, 1)  # noqa: PLR2004 -- quarters 0 to 3
    reading.expires(datetime(year, month, 1, tzinfo=zone_of(zone)).astimezone(UTC))
    current = f"{local.year:04d}-q{number + 1}"
    return sum(1 for each in find_plans(reading.shelf, agency=subject, state="planned") if each.quarter < current)


def _charts(reading: Reading, subject: str, stages: dict[str, int]) -> tuple[Chart, ...]:
    words = reading.door.renderer
    bars = [
        Bar(label=words.say(f"states.{stage}"), value=stages[stage], shown=stages[stage])
        for stage in STAGES
        if stages.get(stage)
    ]
    firms = [
        Bar(label=name, value=count, shown=count, href=subject_href(firm))
        for firm, name, count in count_awards_by(reading.shelf, "firm", agency=subject, final=True)
    ]
    charts = [Chart(code="states", bars=tuple(bars))] if bars else []
    return (*charts, Chart(code="awards-by-firm", bars=tuple(firms))) if firms else tuple(charts)


def _officers(reading: Reading, agency: Agency) -> tuple[Officer, ...]:
    """Appointments as they stand; the answer changes when one begins or ends."""
    rows = []
    for each in agency.appointments:
        for instant in (each.begins, each.ends):
            if instant > reading.at:
                reading.expires(instant)
        made, zone = each.made, agency.profile.zone
        rows.append(
            Officer(
                person=made.person.removeprefix("person:"),
                duties=tuple(made.duties),
                limit=Money(made.limit_minor, agency.profile.currency) if made.limit_minor is not None else None,
                begins=reading.when(each.begins, zone),
                ends=reading.when(each.ends, zone),
                resolution=made.resolution,
                ended=each.ends <= reading.at,
                records=(Record(each.entry),),
            )
        )
    return tuple(rows)
