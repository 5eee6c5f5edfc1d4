"""Agencies, their rules and people, firms, training partners and keepers."""

import msgspec

from ledger.entry import format_time
from portal.procurement.act import Act
from portal.procurement.events import party
from portal.projections.applying import holders
from portal.projections.applying.wording import keep_skills
from portal.projections.folding import fold
from portal.projections.shelf import Shelf


def agency_registered(shelf: Shelf, act: Act, body: party.AgencyRegistered) -> set[str]:
    """A row for the agency."""
    shelf.run(
        "INSERT INTO {agency} (entry, id, name, folded, place, place_name, zone, currency, contact, website, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            act.index,
            act.subject,
            body.name,
            fold(body.name),
            body.place,
            body.place_name,
            body.zone,
            body.currency,
            body.contact,
            body.website,
            format_time(act.at),
        ),
    )
    holders.begin(shelf, act, act.subject, body.head, "first")
    return {"agencies"}


def appointment_made(shelf: Shelf, act: Act, body: party.AppointmentMade) -> set[str]:
    """The key is the person's from now on; the appointment itself is read from the record."""
    holders.begin(shelf, act, body.person, body.key, "appointed")
    return set()


def appointment_ended(shelf: Shelf, act: Act, body: party.AppointmentEnded) -> set[str]:
    """The person's keys rest."""
    holders.rest(shelf, act, body.person)
    return set()


def policy_adopted(shelf: Shelf, act: Act, body: party.PolicyAdopted) -> set[str]:
    """One more set of rules of an agency; earlier ones stay, for the notices that pinned them."""
    shelf.run(
        "INSERT INTO {policy} (entry, agency, jurisdiction, digest, resolution, at) VALUES (?, ?, ?, ?, ?, ?)",
        (act.index, act.subject, body.jurisdiction, body.document.sha256, body.resolution, format_time(act.at)),
    )
    return {"agencies", "policies", f"policy:{body.document.sha256}"}


def firm_registered(shelf: Shelf, act: Act, body: party.FirmRegistered) -> set[str]:
    """A row for the firm."""
    shelf.run(
        "INSERT INTO {firm} (entry, staff, training_partner, id, name, folded, place, place_name, founded, skills,"
        " words, website, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            act.index,
            body.staff,
            int(body.training_partner),
            act.subject,
            body.name,
            fold(body.name),
            body.place,
            body.place_name,
            body.founded,
            msgspec.json.encode(body.skills).decode(),
            body.words,
            body.website,
            format_time(act.at),
        ),
    )
    keep_skills(shelf, "firm", act.index, body.skills)
    holders.begin(shelf, act, act.subject, act.author, "first")
    return {"firms"}


def partner_registered(shelf: Shelf, act: Act, body: party.PartnerRegistered) -> set[str]:
    """A row for the training partner."""
    shelf.run(
        "INSERT INTO {partner} (entry, id, name, folded, place, place_name, skills, words, website, contact, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            act.index,
            act.subject,
            body.name,
            fold(body.name),
            body.place,
            body.place_name,
            msgspec.json.encode(body.skills).decode(),
            body.words,
            body.website,
            body.contact,
            format_time(act.at),
        ),
    )
    holders.begin(shelf, act, act.subject, act.author, "first")
    return {"partners"}


def keeper_registered(shelf: Shelf, act: Act, body: party.KeeperRegistered) -> set[str]:
    """A row for the keeper, without keys yet."""
    shelf.run(
        "INSERT INTO {keeper} (entry, keys, id, name, organisation, organisation_name, at) VALUES (?, 0, ?, ?, ?, ?, ?)",
        (act.index, act.subject, body.name, body.organisation, body.organisation_name, format_time(act.at)),
    )
    holders.begin(shelf, act, act.subject, body.key, "first")
    return {"keepers"}


def keeper_pack_registered(shelf: Shelf, act: Act, body: party.KeeperPackRegistered) -> set[str]:
    """More keys for the keeper's next notices."""
    shelf.run("UPDATE {keeper} SET keys = keys + ? WHERE id = ?", (len(body.keys), act.subject))
    return {"keepers"}
