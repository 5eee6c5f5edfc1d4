"""Training partners as pages show them."""

from datetime import UTC, datetime, timedelta
from typing import get_args

from portal.web.views.frame import Link, Moment, Record, State, said
from portal.web.views.keys import Keys
from portal.web.views.partners import NamingRow, PartnerNamed, PartnerPage, PartnerRow, PartnersPage
from tests.web.key_samples import keys_of

_NOW = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
_LONG = "Tamarack Regional College of Applied Surveying, Software and Forestry, Evening School of Harlan"
_SKILLS = ("Web forms", "Maps and surveying", "Barrierefreiheitsprüfung")


def partner_named(number: int) -> PartnerNamed:
    """Confirmed, not yet confirmed, and unknown to the record, in turn."""
    who = Link("Tamarack College", "/partners/tamarack")
    if number % 6 == 5:
        return PartnerNamed(who="An evening school", known=False, confirmed=False)
    confirmed = number % 4 == 1
    return PartnerNamed(who=who, known=True, confirmed=confirmed, records=(Record(160),) if confirmed else ())


def naming_rows(rows: int, now: datetime, *, much: bool = False) -> tuple[NamingRow, ...]:
    """Named in notices and bids, confirmed in some."""
    states: tuple[State, ...] = get_args(State)
    return tuple(
        NamingRow(
            pilot=Link(_LONG if much else f"Count the trees of district {number}", f"/opportunities/p{number}"),
            state=states[number % len(states)],
            bidder=Link("Blue Ridge Data", "/firms/blue-ridge") if number % 2 else None,
            learner_places=number % 5,
            confirmed=None if number % 3 else Moment(now - timedelta(days=number), "America/New_York"),
            records=(Record(300 + number),),
        )
        for number in range(rows)
    )


def partners_page(*, rows: int = 4, much: bool = False) -> PartnersPage:
    """The list."""
    return PartnersPage(
        path="/partners",
        rows=tuple(
            PartnerRow(
                href=f"/partners/p{number}",
                name=_LONG if much else f"Tamarack College {number}",
                place="Harlan County",
                skills=_SKILLS[: number % 4],
                named=number,
                confirmed=number // 2,
            )
            for number in range(rows)
        ),
    )


def partner_page(*, rows: int = 5, much: bool = False) -> PartnerPage:
    """One training partner."""
    return PartnerPage(
        path="/partners/tamarack",
        name=_LONG if much else "Tamarack College",
        headline=said(
            "partner.headline" if rows else "partner.headline_none",
            partner="Tamarack College",
            place="Harlan County",
            named=said("partner.named", n=rows),
            confirmed=said("partner.confirmed", n=rows // 2),
        ),
        place="Harlan County",
        website="https://tamarack.example",
        contact="pilots@tamarack.example",
        words="We teach two evenings a week, and learners work on what the county needs.",
        skills=_SKILLS,
        namings=naming_rows(rows, _NOW, much=much),
        keys=keys_of((None,), _NOW, "UTC", much=much) if rows else Keys(signing=()),
        records=(Record(44, "ab" * 32),),
    )
