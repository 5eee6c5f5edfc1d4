"""Look-ups that refuse: each names what is unknown, so that no decision works on a None."""

from collections.abc import Sequence
from datetime import datetime

from ledger.errors import LedgerError
from ledger.keykinds import check_key
from policies import Jurisdiction, Rules
from portal.procurement.act import Act
from portal.procurement.agency import Agency, Appointment
from portal.procurement.case import Case
from portal.procurement.events.party import Duty, LogOpened
from portal.procurement.holders import LOG
from portal.procurement.parties import Firm, Keeper, Partner
from portal.procurement.plan import Plan
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal


def the_log(record: Record) -> LogOpened:
    """Entry 0; `log-unopened` before it."""
    log = record.log()
    if log is None:
        raise Refusal("log-unopened", {}, fix="`daylight init` opens the record.")
    return log


def the_agency(record: Record, subject: str) -> Agency:
    """The agency; `agency-unknown` when nobody registered it."""
    agency = record.agency(subject)
    if agency is None:
        raise Refusal("agency-unknown", {"agency": subject})
    return agency


def the_firm(record: Record, subject: str) -> Firm:
    """The firm; `firm-unknown` when it has not registered."""
    firm = record.firm(subject)
    if firm is None:
        raise Refusal("firm-unknown", {"firm": subject}, fix="The firm enters its name first: `firm-registered`.")
    return firm


def the_keeper(record: Record, subject: str) -> Keeper:
    """The keeper; `keeper-unknown` when it was never admitted."""
    keeper = record.keeper(subject)
    if keeper is None:
        raise Refusal("keeper-unknown", {"keeper": subject})
    return keeper


def the_partner(record: Record, subject: str) -> Partner:
    """The training partner; `partner-unknown` when it has not registered."""
    partner = record.partner(subject)
    if partner is None:
        raise Refusal("partner-unknown", {"partner": subject}, fix="The partner enters its name first.")
    return partner


def the_plan(record: Record, subject: str) -> Plan:
    """The plan; `plan-unknown` when it was never announced."""
    plan = record.plan(subject)
    if plan is None:
        raise Refusal("plan-unknown", {"plan": subject})
    return plan


def the_case(record: Record, subject: str) -> Case:
    """The opportunity; `opportunity-unknown` when it was never published."""
    case = record.case(subject)
    if case is None:
        raise Refusal("opportunity-unknown", {"opportunity": subject})
    return case


def the_policy(record: Record, digest: str) -> Jurisdiction:
    """The rules behind a digest; `policy-unknown` when no agency adopted them in this log."""
    policy = record.policy(digest)
    if policy is None:
        raise Refusal("policy-unknown", {"digest": digest})
    return policy


def rules_of(record: Record, case: Case) -> Rules:
    """The rules that hold for a case: pinned by its notice, taken at its publication, whatever came later."""
    return the_policy(record, case.notice.policy.digest).rules(case.published.at)


def running(case: Case) -> Case:
    """The case, if nothing has ended it; `procedure-ended` otherwise."""
    if case.ended is not None:
        raise Refusal("procedure-ended", {"opportunity": case.id, "ended": case.ended.kind, "entry": case.ended.index})
    if case.awarded is not None:
        raise Refusal("procedure-ended", {"opportunity": case.id, "ended": "award-made", "entry": case.awarded.index})
    return case


def usable_key(key: str) -> None:
    """
    A key that is named and did not sign must at least be one that anybody's signature can be checked by.

    Raises:
        Refusal: `key-public`, with the ledger's own reason: it is no point of its curve, or of low order.
    """
    try:
        check_key(key)
    except LedgerError as error:
        raise Refusal(error.reason, {"key": key}) from error


def by_registrar(record: Record, act: Act) -> None:
    """The only signer is the operator's registrar key; `signer-not-registrar` otherwise."""
    if act.keys != (the_log(record).registrar,):
        raise Refusal("signer-not-registrar", {"author": act.author})


def by_admitting(record: Record, act: Act) -> None:
    """The only signer is a key of the operator's, its own or a registrar's; `signer-not-registrar` otherwise."""
    must_admit(record, act.keys, act.author)


def must_admit(record: Record, keys: Sequence[str], author: str) -> None:
    """
    Make sure that these are one key, and that it admits for the operator now.

    Raises:
        Refusal: `signer-not-registrar`, or `key-revoked`.
    """
    stranger = Refusal("signer-not-registrar", {"author": author})
    if len(keys) != 1:
        raise stranger
    record.operator_keys().require(LOG, keys[0], stranger)


def by_head(agency: Agency, act: Act) -> None:
    """The only signer is a key of the agency's governing body; `signer-not-head` otherwise."""
    agency.ring.require(agency.id, act.author, Refusal("signer-not-head", {"agency": agency.id, "author": act.author}))


def by_firm(firm: Firm, act: Act) -> None:
    """The only signer is a key of the firm that is in force; `signer-not-firm` otherwise."""
    firm.ring.require(firm.id, act.author, Refusal("signer-not-firm", {"firm": firm.id, "author": act.author}))


def by_keeper(keeper: Keeper, key: str) -> None:
    """This signer is a key of the keeper that is in force; `signer-not-keeper` otherwise."""
    keeper.ring.require(keeper.id, key, Refusal("signer-not-keeper", {"keeper": keeper.id, "author": key}))


def by_officer(act: Act, agency: Agency, duty: Duty, amount_minor: int | None = None) -> list[Appointment]:
    """
    Every signer is an officer of the agency with the duty; two signers are two different people.

    Raises:
        Refusal: As `Agency.appointment`, or `signature-same-person` when one person signs with two keys.
    """
    found = [agency.appointment(key, duty, act.at, amount_minor) for key in act.keys]
    people = {row.made.person for row in found}
    if len(people) < len(found):
        raise Refusal("signature-same-person", {"person": found[0].made.person})
    return found


def by_evaluator(record: Record, act: Act, case: Case, person: str, at: datetime) -> None:
    """The signer is this evaluator of this notice; `evaluator-not-named` otherwise."""
    agency = the_agency(record, case.notice.agency)
    appointment = agency.appointment(act.author, "evaluate", at)
    if appointment.made.person != person or person not in case.notice.evaluators:
        raise Refusal("evaluator-not-named", {"person": person, "signer": appointment.made.person})
