"""Who takes part: opening the log, agencies, rules, appointments, firms, keepers, erasure."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledger.entry import parse_time
from ledger.errors import LedgerError
from ledger.sealing import check_keeper_key
from portal.procurement.act import Act
from portal.procurement.decisions.holding import check_appointed_key
from portal.procurement.decisions.lookups import (
    by_admitting,
    by_head,
    by_keeper,
    by_registrar,
    the_agency,
    the_keeper,
    the_log,
    the_policy,
    usable_key,
)
from portal.procurement.drills import check_proofs
from portal.procurement.events.party import (
    AgencyRegistered,
    AppointmentEnded,
    AppointmentMade,
    FieldsErased,
    FirmRegistered,
    KeeperPackRegistered,
    KeeperRegistered,
    LogOpened,
    PolicyAdopted,
    SealingModuleStated,
)
from portal.procurement.events.typed import typed
from portal.procurement.period import day_of
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal


def open_log(record: Record, act: Act) -> None:
    """Only as entry 0, and only by the key it names."""
    body = typed(act, LogOpened)
    if record.log() is not None:
        raise Refusal("log-already-open", {})
    if act.author != body.registrar:
        raise Refusal("signer-not-registrar", {"author": act.author})


def state_module(record: Record, act: Act) -> None:
    """By the registrar, when it is another module than the one stated last."""
    body = typed(act, SealingModuleStated)
    by_registrar(record, act)
    if body.module == the_log(record).sealing_module:
        raise Refusal("sealing-module-same", {"module": body.module})


def register_agency(record: Record, act: Act) -> None:
    """By the registrar, once for each agency, with a time zone that exists."""
    body = typed(act, AgencyRegistered)
    by_admitting(record, act)
    if record.agency(act.subject) is not None:
        raise Refusal("agency-already-registered", {"agency": act.subject})
    try:
        ZoneInfo(body.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Refusal("zone-unknown", {"zone": body.zone}) from error
    usable_key(body.head)


def adopt_policy(record: Record, act: Act) -> None:
    """By the agency's head; rules made for re-enactments are refused in a live or demo log, and the other way round."""
    body = typed(act, PolicyAdopted)
    by_head(the_agency(record, act.subject), act)
    policy = the_policy(record, body.document.sha256)
    if policy.id != body.jurisdiction:
        raise Refusal("policy-name", {"named": body.jurisdiction, "document": policy.id})
    if (policy.purpose == "re-enactment") != (the_log(record).purpose == "re-enactment"):
        raise Refusal("policy-re-enactment-only", {"policy": policy.id, "log": the_log(record).purpose})


def appoint(record: Record, act: Act) -> None:
    """By the agency's head; a term that ends after it begins, a limit that is no less than nothing."""
    body = typed(act, AppointmentMade)
    agency = the_agency(record, act.subject)
    by_head(agency, act)
    if parse_time(body.ends) <= parse_time(body.begins):
        raise Refusal("appointment-term", {"begins": body.begins, "ends": body.ends})
    if body.limit_minor is not None and body.limit_minor < 0:
        raise Refusal("amount-negative", {"limit_minor": body.limit_minor})
    usable_key(body.key)
    check_appointed_key(agency.ring, body.person, body.key)


def end_appointment(record: Record, act: Act) -> None:
    """By the agency's head, for somebody who is appointed."""
    body = typed(act, AppointmentEnded)
    agency = the_agency(record, act.subject)
    by_head(agency, act)
    if not any(row.made.person == body.person and row.ends > act.at for row in agency.appointments):
        raise Refusal("appointment-missing", {"agency": act.subject, "person": body.person})


def register_firm(record: Record, act: Act) -> None:
    """By the firm's own key, once; its first day is one of the calendar's."""
    body = typed(act, FirmRegistered)
    if record.firm(act.subject) is not None:
        raise Refusal("firm-already-registered", {"firm": act.subject})
    if day_of(body.founded) is None:
        raise Refusal("day-unknown", {"day": body.founded})
    the_log(record)


def register_partner(record: Record, act: Act) -> None:
    """By the partner's own key, once."""
    if record.partner(act.subject) is not None:
        raise Refusal("partner-already-registered", {"partner": act.subject})
    the_log(record)


def register_keeper(record: Record, act: Act) -> None:
    """
    By the registrar, once; the organisation in its one spelling, for the rule k > keepers of one organisation counts by it.

    It is the subject of a registered agency, the word `operator`, or the bare slug of an outside body.
    """
    body = typed(act, KeeperRegistered)
    by_admitting(record, act)
    if record.keeper(act.subject) is not None:
        raise Refusal("keeper-already-registered", {"keeper": act.subject})
    if ":" in body.organisation and record.agency(body.organisation) is None:
        raise Refusal("keeper-organisation-unknown", {"organisation": body.organisation})
    if body.organisation.startswith("operator-"):
        raise Refusal("keeper-organisation-unknown", {"organisation": body.organisation}, fix="Write `operator`.")
    usable_key(body.key)


def register_pack(record: Record, act: Act) -> None:
    """
    By the keeper and the operator, who saw the drill; every key canonical, not low-order, never seen before, and proven.

    Packs without proofs stand in old records. Once one is proven, no pack without proofs comes after it: nobody goes back
    to taking the operator's word.

    Raises:
        Refusal: `keeper-key-…` with the ledger's reason, `keeper-key-repeated`, `drill-proof-missing`, or as `check_proofs`.
    """
    body = typed(act, KeeperPackRegistered)
    keeper = the_keeper(record, act.subject)
    registrar = the_log(record).registrar
    signers = [key for key in act.keys if key != registrar]
    if registrar not in act.keys or len(signers) != 1:
        raise Refusal("signer-not-keeper", {"keeper": keeper.id, "author": act.author})
    by_keeper(keeper, signers[0])
    seen: set[str] = set()
    for public in (key for pair in body.keys for key in (pair.proposal, pair.offer)):
        try:
            check_keeper_key(bytes.fromhex(public))
        except LedgerError as error:
            raise Refusal(error.reason, {"key": public}) from error
        if public in seen or record.keeper_key_seen(public):
            raise Refusal("keeper-key-repeated", {"key": public})
        seen.add(public)
    if body.proofs:
        check_proofs(body, signers[0])
    elif record.packs_are_proven():
        raise Refusal("drill-proof-missing", {"keys": len(body.keys)})


def erase_fields(record: Record, act: Act) -> None:
    """By the operator, about an entry that carries commitments."""
    body = typed(act, FieldsErased)
    by_registrar(record, act)
    if record.entry_kind(body.entry) is None:
        raise Refusal("entry-unknown", {"entry": body.entry})
    if not record.commitments_of(body.entry):
        raise Refusal("nothing-committed", {"entry": body.entry})
