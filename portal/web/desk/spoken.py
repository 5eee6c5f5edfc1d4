"""What an act says, line by line, in the words of the form it came from: read before it is signed."""

from msgspec import UNSET, Struct

from ledger.entry import parse_time
from portal.identity.drafts import Draft
from portal.procurement.events import party
from portal.procurement.events.award import EligibilityProved
from portal.procurement.events.keys import KeyAdded, KeyRevoked, RecoveryAsked
from portal.procurement.money import Money
from portal.web.views.desk import Fact
from portal.web.views.frame import Moment, Said, Shown, said

# Body, and for each line the field and the words of its label.
_LINES: dict[type[Struct], tuple[tuple[str, str], ...]] = {
    party.FirmRegistered: tuple(
        (name, f"register.{name}")
        for name in ("name", "place", "place_name", "founded", "staff", "skills", "words", "website")
    ),
    party.PartnerRegistered: tuple(
        (name, f"register.{name}") for name in ("name", "place", "place_name", "skills", "words", "website")
    ),
    party.AgencyRegistered: tuple(
        (name, f"admit.agency.{name}")
        for name in ("name", "place", "place_name", "zone", "currency", "contact", "website")
    ),
    party.KeeperRegistered: tuple(
        (name, f"admit.keeper.{name}") for name in ("name", "organisation", "organisation_name")
    ),
    party.PolicyAdopted: (("jurisdiction", "rules.jurisdiction"), ("resolution", "rules.resolution")),
    party.AppointmentMade: (
        ("duties", "people.duties"),
        ("begins", "people.begins"),
        ("ends", "people.ends"),
        ("resolution", "people.resolution"),
    ),
    EligibilityProved: tuple(
        (name, f"prove.{name}")
        for name in ("place", "months_present", "founded", "staff_with_affiliates", "register_number")
    ),
    KeyAdded: (("label", "key.label"), ("key", "key.key")),
    KeyRevoked: (("why", "key.why"), ("key", "key.key")),
    RecoveryAsked: (("label", "key.label"), ("key", "key.key"), ("effective_at", "key.effective_at")),
}


def spoken(body: Struct, currency: str, zone: str) -> tuple[Fact, ...]:
    """The lines of a body that this desk made; none for a body that has a page of its own."""
    lines = [
        Fact(code=code, value=value)
        for name, code in _LINES.get(type(body), ())
        if (value := _value(name, getattr(body, name), zone)) not in ("", None)
    ]
    limit = getattr(body, "limit_minor", UNSET)
    if isinstance(body, party.AppointmentMade) and isinstance(limit, int):
        lines.insert(1, Fact(code="people.limit", value=Money(limit, currency)))
    if isinstance(body, EligibilityProved) and body.turnover_minor is not None:
        lines.append(Fact(code="prove.turnover", value=Money(body.turnover_minor, currency)))
    return tuple(lines)


def papers_named(draft: Draft) -> tuple[Fact, ...]:
    """The papers that go with a draft, by the names of their files: the record will hold their seal alone."""
    return tuple(
        Fact(code=f"prove.{opening['path']}", value=name)
        for opening in draft.openings
        if (name := paper_name(opening["value"]))
    )


def paper_name(value: object) -> str:
    """The name of the file that somebody handed in; empty where a withheld value is no paper."""
    match value:
        case {"kept": str(), "name": str(name)}:
            return name
    return ""


def _value(name: str, value: object, zone: str) -> Shown:
    if name in {"begins", "ends", "effective_at"}:
        return Moment(parse_time(str(value)), zone=zone)
    if name == "duties" and isinstance(value, list):
        return _together([said(f"desk.duties.{duty}") for duty in value])
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return value if isinstance(value, int) else str(value)


def _together(words: list[Said]) -> Shown:
    """Several sentences as one, nested: the words have no lists with figures."""
    found: Shown = words[-1]
    for each in reversed(words[:-1]):
        found = said("desk.duties_list", first=each, rest=found)
    return found
