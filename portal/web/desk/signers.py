"""
With which keys an account signs, and who may sign a draft beside its author.

The record decides: a key is somebody's while it is in force there. The desk adds two things the record cannot know yet: the
key by which somebody registers, and the new key of somebody who adds one.
"""

from typing import NamedTuple

from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.identity.credentials import credentials_of
from portal.identity.drafts import Draft
from portal.procurement.act import read_body
from portal.procurement.events.keys import KeyAdded, RecoveryAsked
from portal.procurement.holders import LOG, KeyRing
from portal.procurement.kinds import KINDS
from portal.web.desk.desk import Desk
from portal.web.problems import Problem


class Holding(NamedTuple):
    """Who an account is in the record: the subject, the holder within it, and the subject's keys."""

    subject: str
    holder: str
    ring: KeyRing


def holding_of(desk: Desk, account: Account) -> Holding | None:
    """Where the account's keys stand in the record; None while it is not there."""
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        if account.role == "registrar":
            return Holding(LOG, LOG, library.operator_keys())
        subject = account.agency or account.firm or account.keeper or account.partner
        if subject is None:
            return None
        found = (
            library.agency(subject)
            if account.agency
            else library.firm(subject)
            if account.firm
            else library.keeper(subject)
            if account.keeper
            else library.partner(subject)
        )
    if found is None:
        return None
    holder = subject if account.role == "head" or not account.agency else account.person or ""
    return Holding(subject, holder, found.ring)


def keys_of(desk: Desk, account: Account) -> list[str]:
    """
    The key ids by which this account signs acts now; those whose device is known to the desk come last.

    An officer's and an evaluator's count while an appointment is in force.
    """
    holding = holding_of(desk, account)
    if holding is None or not holding.holder:
        return []
    if account.person is not None and account.role != "head" and not is_in_office(desk, account):
        return []
    with desk.tables.reading() as rows:
        here = {each.key_id for each in credentials_of(rows, account.id, "act")}
    found = list(dict.fromkeys(row.key for row in holding.ring.in_force(holding.holder)))
    return sorted(found, key=lambda key: key in here)


def is_in_office(desk: Desk, account: Account) -> bool:
    """Whether an appointment of this officer or evaluator is in force now."""
    now = desk.office.clock.now()
    with desk.office.store.reading() as connection:
        agency = Library(desk.office.store, connection).agency(account.agency or "")
    rows = [] if agency is None else agency.appointments
    return any(row.made.person == account.person and row.holds(now) for row in rows)


def key_of(desk: Desk, account: Account) -> str:
    """The key this account signs with now; `no-signing-key` when it has none in force."""
    keys = keys_of(desk, account)
    if not keys:
        raise Problem("no-signing-key", 403)
    return keys[-1]


def admitting_key(desk: Desk, account: Account) -> str:
    """By which key a registrar admits: her own as soon as the record has it, until then the operator's."""
    own = own_admitting_keys(desk, account)
    return own[-1] if own else desk.office.operator.key_id


def own_admitting_keys(desk: Desk, account: Account) -> list[str]:
    """The keys of a registrar's own devices that the record has."""
    if account.role != "registrar":
        return []
    with desk.tables.reading() as rows:
        here = {each.key_id for each in credentials_of(rows, account.id, "act")}
    return [key for key in keys_of(desk, account) if key in here]


def second_keys(desk: Desk, account: Account, kind: str, first: str) -> list[str]:
    """Keys of other officers of the agency who hold the duty now; any of them may sign second."""
    duty = KINDS[kind].duty
    if account.agency is None or duty is None:
        return []
    now = desk.office.clock.now()
    with desk.office.store.reading() as connection:
        agency = Library(desk.office.store, connection).agency(account.agency)
    if agency is None:
        return []
    mine = set(agency.ring.holders_of(first))
    able = [
        row.made.person
        for row in agency.appointments
        if row.holds(now) and duty in row.made.duties and row.made.person not in mine
    ]
    return [row.key for person in dict.fromkeys(able) for row in agency.ring.in_force(person)]


def beside_author(desk: Desk, account: Account, draft: Draft) -> list[str]:
    """The keys that may sign a draft beside its author's: of other officers, or those that its body names."""
    body = read_body(draft.kind, draft.statement.body)
    if isinstance(body, KeyAdded):
        return [key for key in (body.beside, body.key) if key != draft.statement.author]
    if isinstance(body, RecoveryAsked):
        with desk.office.store.reading() as connection:
            ring = Library(desk.office.store, connection).operator_keys()
        return [key for key in (*(row.key for row in ring.in_force(LOG)), body.key) if key != draft.statement.author]
    return second_keys(desk, account, draft.kind, draft.statement.author)


def signing_keys(desk: Desk, account: Account, draft: Draft) -> list[str]:
    """The account's keys that may sign this draft: the author's own, or those that may sign beside it."""
    author = draft.statement.author
    able = {author, *beside_author(desk, account, draft)} - {each.key for each in draft.signatures}
    with desk.tables.reading() as rows:
        here = [each.key_id for each in credentials_of(rows, account.id, "act")]
    own = keys_of(desk, account)
    if draft.made_by == account.id:
        # A key that is not on record yet signs only what its own owner drafted: a registration, a key added.
        own += here
    return [key for key in dict.fromkeys(own) if key in able]
