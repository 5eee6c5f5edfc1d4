"""Training partners and where they are named; a firm that trains learners has the same rows on its own page."""

from typing import cast

from portal.procurement.case import Case
from portal.procurement.events.partnering import PartnerConfirmed
from portal.procurement.parties import fold_partner
from portal.procurement.partners import Place, confirmed_in, partner_named
from portal.projections.queries.partners import namings_of, trainer_called, trainers
from portal.web.addresses import subject_href, subject_link, web_address
from portal.web.problems import missing
from portal.web.public.held_keys import keys_shown
from portal.web.public.names import Names
from portal.web.public.query import Query
from portal.web.public.sayings import record_of
from portal.web.reading import Reading
from portal.web.views.frame import Record, State, said
from portal.web.views.partners import NamingRow, PartnerNamed, PartnerPage, PartnerRow, PartnersPage

PATH = "/partners"


def partners(reading: Reading, _query: Query) -> PartnersPage:
    """Everybody who trains learners, by name."""
    reading.shows("partners", "firms")
    return PartnersPage(
        path=PATH,
        rows=tuple(
            PartnerRow(
                href=subject_href(each.id),
                name=each.name,
                place=each.place_name,
                skills=each.skill_names,
                named=each.named,
                confirmed=each.confirmed,
            )
            for each in trainers(reading.shelf)
        ),
    )


def partner_page(reading: Reading, name: str) -> PartnerPage:
    """The page of `partner:NAME`."""
    subject = f"partner:{name}"
    partner = fold_partner(reading.acts(subject))
    if partner is None:
        raise missing()
    profile = partner.profile
    rows = naming_rows(reading, Names(reading), subject, profile.name)
    return PartnerPage(
        path=subject_href(subject),
        name=profile.name,
        headline=said(
            "partner.headline" if rows else "partner.headline_none",
            partner=profile.name,
            place=profile.place_name,
            named=said("partner.named", n=len(rows)),
            confirmed=said("partner.confirmed", n=sum(1 for row in rows if row.confirmed)),
        ),
        place=profile.place_name,
        website=web_address(profile.website),
        contact=profile.contact,
        words=profile.words,
        skills=tuple(profile.skills),
        namings=rows,
        keys=keys_shown(reading, partner.ring, subject, "UTC"),
        records=(record_of(partner.registered),),
    )


def naming_rows(reading: Reading, names: Names, subject: str, name: str) -> tuple[NamingRow, ...]:
    """The notices and opened bids that name somebody, newest first; states change with their pilots."""
    found = namings_of(reading.shelf, subject, name, reading.moment)
    reading.shows(*dict.fromkeys(each.opportunity for each in found))
    if found:
        reading.expires_with_deadlines()
    return tuple(
        NamingRow(
            pilot=subject_link(each.opportunity, each.title),
            state=cast("State", each.stage),
            bidder=names.firm(each.firm) if each.firm else None,
            learner_places=each.learner_places,
            confirmed=reading.when(each.confirmed_at, each.zone) if each.confirmed_at else None,
            records=(Record(each.entry if each.confirmed_entry is None else each.confirmed_entry),),
        )
        for each in found
    )


def named_in(reading: Reading, names: Names, case: Case, place: Place) -> PartnerNamed | None:
    """Whom a notice or an opened bid names, and whether it stands by it; None where nobody is named."""
    written = partner_named(case, place)
    if not written:
        return None
    confirmed = confirmed_in(case, place)
    subject = written if written.startswith(("partner:", "firm:")) else trainer_called(reading.shelf, written)
    if confirmed is not None and isinstance(confirmed.body, PartnerConfirmed):
        subject = confirmed.body.partner
    return PartnerNamed(
        who=names.trainer(subject) if subject else written,
        known=bool(subject),
        confirmed=confirmed is not None,
        records=() if confirmed is None else (record_of(confirmed, light=True),),
    )
