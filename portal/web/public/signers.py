"""Who signed a record, in words: the role that the table of kinds gives each key."""

from base64 import b64encode

from ledger.entry import Entry
from portal.procurement.act import Act
from portal.procurement.agency import fold_agency
from portal.procurement.events.keys import RelyingPartyStated
from portal.procurement.events.partnering import PartnerConfirmed
from portal.procurement.events.party import LogOpened
from portal.procurement.holders import LOG
from portal.procurement.kinds import KINDS
from portal.procurement.parties import fold_log, fold_relying_party
from portal.projections.queries.holders import holder_of
from portal.projections.queries.opportunities import opportunity
from portal.projections.queries.plans import plan
from portal.web.public.held_keys import holder_named, kind_of_key
from portal.web.public.names import Names
from portal.web.reading import Reading
from portal.web.views.frame import Said, said
from portal.web.views.ledger import SignerRow

_ONE_TIME = {"bid-key", "one-time-key"}


def signers_of(reading: Reading, names: Names, entry: Entry, act: Act) -> tuple[SignerRow, ...]:
    """One row for each signature, in the entry's order."""
    roles = KINDS[act.kind].signers
    log = reading.acts("log:self")
    opened, party = fold_log(log), fold_relying_party(log, before=act.index)
    return tuple(
        SignerRow(
            who=_who(reading, names, act, signature.key, roles, opened),
            key=signature.key,
            signature=b64encode(signature.signature).decode(),
            how=_how(signature.key, party),
        )
        for signature in entry.signatures
    )


def _how(key: str, party: RelyingPartyStated | None) -> Said | None:
    """With what a key signed; nothing for a key file, which is the plain case."""
    kind = kind_of_key(key)
    if kind == "passkey":
        return said("signers.with_passkey", site=party.rp_id if party else "")
    return said("signers.with_browser") if kind == "browser" else None


def _who(  # noqa: PLR0917, PLR0911 -- one return for each role
    reading: Reading, names: Names, act: Act, key: str, roles: tuple[str, ...], opened: LogOpened | None
) -> Said:
    operators = _of_operator(act, key, roles, opened)
    if operators is not None:
        return operators
    if isinstance(act.body, PartnerConfirmed):
        return said("signers.holder", holder=names.trainer(act.body.partner))
    if {"holder", "new-key", "partner"} & set(roles):
        return _holder(reading, names, act, key)
    if "keeper" in roles:
        subject = getattr(act.body, "keeper", act.subject)
        return said("signers.keeper", name=names.keeper(subject))
    if _ONE_TIME & set(roles):
        return said("signers.one-time")
    if "firm" in roles:
        return said("signers.firm", firm=names.firm(getattr(act.body, "firm", act.subject)))
    agency = _agency_of(reading, act)
    if "head" in roles:
        return said("signers.head", agency=names.agency(agency))
    if agency and {"officer", "second-officer", "evaluator"} & set(roles):
        folded = fold_agency(reading.acts(agency))
        person = folded.person_of(key) if folded else None
        if person is not None:
            role = "evaluator" if "evaluator" in roles else "officer"
            return said(f"signers.{role}", agency=names.agency(agency), person=person.removeprefix("person:"))
    return said("signers.unknown")


def _of_operator(act: Act, key: str, roles: tuple[str, ...], opened: LogOpened | None) -> Said | None:
    """The operator's own key, or a registrar's; None where somebody else signed."""
    mine = act.subject == LOG or "registrar" in roles
    if opened is not None and key == opened.registrar and (mine or "operator" in roles):
        return said("signers.operator" if "operator" in roles else "signers.registrar")
    is_new = act.subject != LOG and "new-key" in roles and key == getattr(act.body, "key", "")
    return said("signers.registrar_own") if mine and not is_new else None


def _holder(reading: Reading, names: Names, act: Act, key: str) -> Said:
    """Whose key signed about keys: it is the signer's own by now, or was asked for and came to nothing."""
    holder = holder_of(reading.shelf, act.subject, key)
    return (
        said("signers.holder", holder=holder_named(names, act.subject, holder)) if holder else said("signers.new-key")
    )


def _agency_of(reading: Reading, act: Act) -> str:
    kind = act.subject.partition(":")[0]
    if kind == "agency":
        return act.subject
    if kind == "opportunity":
        found = opportunity(reading.shelf, act.subject, reading.moment)
        return found.agency if found else ""
    promised = plan(reading.shelf, act.subject)
    return promised.agency if promised else ""
