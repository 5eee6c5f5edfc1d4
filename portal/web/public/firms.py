"""Firms and each one's record."""

from datetime import date
from typing import Literal

from portal.procurement.money import Money
from portal.procurement.parties import fold_firm
from portal.projections.folding import slug_of
from portal.projections.queries.awards import count_awards_by, find_awards, sum_awards
from portal.projections.queries.parties import (
    BidShown,
    bids_of_firm,
    count_firms,
    count_firms_by,
    find_firms,
)
from portal.projections.queries.parties import (
    firm as firm_known,
)
from portal.web.addresses import list_href, subject_href, subject_link, web_address, with_wish
from portal.web.problems import missing
from portal.web.public.figures import median_shown
from portal.web.public.held_keys import keys_shown
from portal.web.public.names import Names
from portal.web.public.partners import naming_rows
from portal.web.public.query import Query
from portal.web.public.rows import award_row
from portal.web.public.sayings import record_of
from portal.web.reading import Reading
from portal.web.views.frame import Bar, Chart, Figure, Link, Said, Shown, said
from portal.web.views.lists import Facet, Filter, Listing, Option
from portal.web.views.parties import BidRow, FirmPage, FirmRow, FirmsPage

PATH = "/firms"
ROWS = 60
Result = Literal["awarded", "chosen", "not-chosen", "ruled-out", "replaced", "pending"]
_RESULTS: tuple[Result, ...] = ("awarded", "chosen", "not-chosen", "ruled-out", "replaced", "pending")
_OVER = {"chosen", "awarded", "unsuccessful", "cancelled", "withdrawn"}


def firms(reading: Reading, query: Query) -> FirmsPage:
    """One page of firms by name."""
    reading.shows("firms")
    wishes = {"place": query.slug("place"), "skill": query.slug("skill")}
    found, page = find_firms(
        reading.shelf, **wishes, limit=ROWS, after=query.cursor("after"), before=query.cursor("before")
    )
    facets, filters = [], []
    for code in ("place", "skill"):
        options = tuple(
            Option(
                value=value,
                label=label,
                count=count,
                href=with_wish(PATH, wishes, code, "" if wishes[code] == value else value),
                active=wishes[code] == value,
            )
            for value, label, count in count_firms_by(reading.shelf, code)
        )
        if options:
            facets.append(Facet(code=code, options=options))
        if wishes[code]:
            label = next((each.label for each in options if each.active), wishes[code])
            filters.append(Filter(code=code, value=wishes[code], label=label, remove=with_wish(PATH, wishes, code, "")))
    return FirmsPage(
        path=PATH,
        listing=Listing(
            action=PATH,
            total=count_firms(reading.shelf, **wishes),
            hidden=tuple((name, value) for name, value in wishes.items() if value),
            facets=tuple(facets),
            filters=tuple(filters),
            older=list_href(PATH, {**wishes, "after": page.older}) if page.older else "",
            newer=list_href(PATH, {**wishes, "before": page.newer}) if page.newer else "",
            reset=PATH if filters else "",
        ),
        rows=tuple(
            FirmRow(
                href=subject_href(each.id),
                name=each.name,
                place=each.place_name,
                staff=each.staff,
                bids=each.bids,
                chosen=each.chosen,
                skills=each.skill_names,
            )
            for each in found
        ),
    )


def firm_page(reading: Reading, name: str) -> FirmPage:
    """The page of `firm:NAME`."""
    subject = f"firm:{name}"
    firm = fold_firm(reading.acts(subject))
    known = firm_known(reading.shelf, subject)
    if firm is None or known is None:
        raise missing()
    profile = firm.profile
    bids = bids_of_firm(reading.shelf, subject, reading.moment)
    reading.shows(*dict.fromkeys(each.opportunity for each in bids))
    awards, _ = find_awards(reading.shelf, firm=subject)
    return FirmPage(
        path=subject_href(subject),
        name=profile.name,
        headline=said(
            "firm.headline",
            firm=profile.name,
            place=profile.place_name,
            staff=said("common.staff_n", n=profile.staff),
            bids=said("common.bids", n=known.bids),
            chosen=said("firm.chosen", n=known.chosen) if known.chosen else Said("firm.chosen_never"),
        ),
        place=Link(profile.place_name, list_href(PATH, {"place": profile.place})),
        founded=date.fromisoformat(profile.founded),
        staff=profile.staff,
        website=web_address(profile.website),
        words=profile.words,
        training_partner=profile.training_partner,
        skills=tuple(Link(skill, list_href(PATH, {"skill": slug_of(skill)})) for skill in profile.skills),
        figures=_figures(reading, subject, bids),
        charts=_charts(reading, subject, bids),
        bids=tuple(bid_row(reading, each) for each in bids),
        awards=tuple(award_row(reading, each) for each in awards),
        namings=naming_rows(reading, Names(reading), subject, profile.name) if profile.training_partner else (),
        keys=keys_shown(reading, firm.ring, subject, "UTC"),
        records=(record_of(firm.registered),),
    )


def bid_row(reading: Reading, each: BidShown) -> BidRow:
    """A firm's opened bid in a list: where, for how much, in which place, and what became of it."""
    return BidRow(
        pilot=subject_link(each.opportunity, each.title),
        agency=each.agency_name,
        when=reading.when(each.closes, each.zone),
        price=Money(each.price_minor, each.currency),
        rank=each.rank or None,
        of=each.of,
        result=result_of(each),
    )


def result_of(each: BidShown) -> Result:
    """What came of an opened bid."""
    if each.status == "superseded":
        return "replaced"
    if each.status == "disqualified" or (each.ranked_entry is not None and each.rank == 0):
        return "ruled-out"
    if each.chosen_bid == each.bid and each.stage in {"chosen", "awarded"}:
        return "awarded" if each.stage == "awarded" else "chosen"
    return "not-chosen" if each.stage in _OVER else "pending"


def _figures(reading: Reading, subject: str, bids: list[BidShown]) -> tuple[Figure, ...]:
    counted = [each for each in bids if each.status != "superseded"]
    ranked = [each for each in counted if each.ranked_entry is not None]
    ranks = [each.rank for each in ranked if each.rank]
    won = [each for each in counted if result_of(each) in {"awarded", "chosen"}]
    final = [each for each in counted if result_of(each) == "awarded"]
    sums = sum_awards(reading.shelf, firm=subject)
    amount: Shown = Money(sums[0][1], sums[0][0]) if len(sums) == 1 else None
    return (
        Figure(code="bids-opened", value=len(counted), n=len({each.opportunity for each in counted})),
        Figure(code="times-chosen", value=len(won) if ranked else None, n=len(ranked)),
        Figure(code="amount-awarded", value=amount, n=sum(count for _, _, count in sums)),
        Figure(code="median-rank", value=median_shown(ranks), n=len(ranks)),
        Figure(
            code="learner-places", value=sum(each.learner_places for each in final) if final else None, n=len(final)
        ),
    )


def _charts(reading: Reading, subject: str, bids: list[BidShown]) -> tuple[Chart, ...]:
    words = reading.door.renderer
    counts = {code: sum(1 for each in bids if result_of(each) == code) for code in _RESULTS}
    results = [Bar(label=words.say(f"firm.result.{code}"), value=n, shown=n) for code, n in counts.items() if n]
    agencies = [
        Bar(label=name, value=count, shown=count, href=subject_href(agency))
        for agency, name, count in count_awards_by(reading.shelf, "agency", firm=subject, final=True)
    ]
    charts = [Chart(code="results", bars=tuple(results))] if results else []
    return (*charts, Chart(code="awards-by-agency", bars=tuple(agencies))) if agencies else tuple(charts)
