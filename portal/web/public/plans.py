"""Promised work: by place or by skill, with what became of each agency's promises; and one promise."""

from collections.abc import Iterable

from portal.procurement.plan import fold_plan
from portal.projections.folding import search_terms, slug_of
from portal.projections.queries.plans import (
    Promised,
    count_plans_by,
    find_plans,
    plan,
    promises_kept,
    published_as,
)
from portal.web.addresses import PLANS_FEED, list_href, subject_href, subject_link, with_wish
from portal.web.printing import quarter
from portal.web.problems import missing
from portal.web.public.names import Names, digest_of_agency, reason_words
from portal.web.public.query import Query
from portal.web.public.rows import kept_row, plan_row
from portal.web.public.sayings import Sayings, record_of
from portal.web.public.timeline import past
from portal.web.reading import Reading
from portal.web.views.frame import Link, Said, Shown
from portal.web.views.lists import Facet, Filter, Listing, Option
from portal.web.views.plans import PlanGroup, PlanPage, PlansPage

PATH = "/plans"
_MOST = 500


def plans(reading: Reading, query: Query) -> PlansPage:
    """All promises, grouped; at most five hundred, by quarter."""
    reading.shows("plans", "opportunities")
    by = query.choice("by", ("place", "skill"), "place")
    words = query.text("q")
    wishes = {
        "q": words,
        "by": "" if by == "place" else by,
        "place": query.slug("place"),
        "skill": query.slug("skill"),
        "agency": query.slug("agency"),
    }
    agency = f"agency:{wishes['agency']}" if wishes["agency"] else ""
    found = find_plans(
        reading.shelf,
        terms=search_terms(words),
        place=wishes["place"],
        skill=wishes["skill"],
        agency=agency,
        limit=_MOST,
    )
    return PlansPage(
        path=PATH,
        feeds=(PLANS_FEED,),
        listing=_listing(reading, wishes, by, len(found)),
        by="skill" if by == "skill" else "place",
        groups=_groups(found, by, wishes["skill"]),
        kept=tuple(kept_row(each) for each in promises_kept(reading.shelf)),
    )


def plan_page(reading: Reading, name: str) -> PlanPage:
    """The page of `plan:NAME`."""
    subject = f"plan:{name}"
    folded = fold_plan(reading.acts(subject))
    row = plan(reading.shelf, subject)
    if folded is None or row is None:
        raise missing()
    reading.shows("opportunities")
    names = Names(reading)
    promise = folded.promise
    zone = names.zone(promise.agency)
    pilot = published_as(reading.shelf, subject)
    why = folded.dropped.body.reason if folded.dropped and hasattr(folded.dropped.body, "reason") else ""
    dropped = reason_words(reading, digest_of_agency(reading, promise.agency), why) if why else ""
    link = subject_link(*pilot) if pilot else None
    figures: dict[str, Shown] = {
        "agency": names.agency(promise.agency),
        "quarter": quarter(promise.quarter),
        "place": promise.place_name,
        "pilot": link,
        "why": dropped,
    }
    return PlanPage(
        path=subject_href(subject),
        title=promise.title,
        headline=Said(f"plan.headline.{row.state}", figures),
        agency=names.agency(promise.agency),
        place=Link(promise.place_name, list_href(PATH, {"place": promise.place})),
        state=row.state,  # type: ignore[arg-type]  # the expression in queries/plans.py names no other
        need=promise.need,
        quarter=promise.quarter,
        tier=promise.tier,
        money=promise.money,
        skills=tuple(
            Link(skill, list_href(PATH, {"by": "skill", "skill": slug_of(skill)})) for skill in promise.skills
        ),
        learner_places=promise.learner_places,
        timeline=tuple(past(reading, Sayings(reading, names), folded.acts, zone)),
        records=(record_of(folded.announced),),
        pilot=link,
        dropped=dropped,
    )


def _groups(found: list[Promised], by: str, only: str) -> tuple[PlanGroup, ...]:
    """The promises of each place or skill, the groups by name; a plan with three skills stands in three groups."""
    rows: dict[str, list[Promised]] = {}
    named: dict[str, str] = {}
    for each in found:
        for name in _group_names(each, by):
            key = slug_of(name)
            if not only or by == "place" or key == only:
                named.setdefault(key, name)
                rows.setdefault(key, []).append(each)
    return tuple(
        PlanGroup(
            name=named[key],
            rows=tuple(plan_row(each) for each in rows[key]),
            learner_places=sum(each.learner_places for each in rows[key]),
        )
        for key in sorted(rows)
    )


def _group_names(found: Promised, by: str) -> Iterable[str]:
    return dict.fromkeys(found.skill_names) if by == "skill" else (found.place_name,)


def _listing(reading: Reading, wishes: dict[str, str], by: str, total: int) -> Listing:
    facets = [
        Facet(
            code="by",
            options=tuple(
                Option(
                    value=code,
                    count=total,
                    href=with_wish(PATH, wishes, "by", "" if code == "place" else code),
                    active=code == by,
                )
                for code in ("place", "skill")
            ),
        )
    ]
    filters = []
    if wishes["q"]:
        filters.append(Filter(code="q", value=wishes["q"], label=wishes["q"], remove=with_wish(PATH, wishes, "q", "")))
    for code in ("place", "skill"):
        rows = count_plans_by(reading.shelf, code)
        options = tuple(
            Option(
                value=value,
                label=label,
                count=count,
                href=with_wish(PATH, wishes, code, "" if wishes[code] == value else value),
                active=wishes[code] == value,
            )
            for value, label, count in rows
        )
        if options:
            facets.append(Facet(code=code, options=options))
        if wishes[code]:
            label = next((each.label for each in options if each.active), wishes[code])
            filters.append(Filter(code=code, value=wishes[code], label=label, remove=with_wish(PATH, wishes, code, "")))
    if wishes["agency"]:
        agency = Names(reading).agency(f"agency:{wishes['agency']}").text
        filters.append(
            Filter(code="agency", value=wishes["agency"], label=agency, remove=with_wish(PATH, wishes, "agency", ""))
        )
    return Listing(
        action=PATH,
        total=total,
        query=wishes["q"],
        hidden=tuple((name, value) for name, value in wishes.items() if value and name != "q"),
        facets=tuple(facets),
        filters=tuple(filters),
        reset=PATH if filters else "",
    )
