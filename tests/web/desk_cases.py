"""
The table of the desk's routes for the matrix of roles: how each is reached, and when there is something behind it.

A route of the composed desk without a line here fails `test_desk_matrix.py`. What it takes:

    "GET /desk/pilots/{name}/papers": Case(pilot, roles={"officer"}),
    "POST /desk/pilots/{name}/papers": Case(pilot, roles={"officer"}),
    "GET /desk/pilots/{name}/papers/{paper}": Case(paper, roles={"officer"}),
    "GET /desk/firm": Case(),
    "GET /desk/prove/{name}": Case(pilot, at={"ranked": "ranking"}),
    "POST /desk/prove/{name}": Case(pilot, at={"ranked": "ranking"}),
    "GET /desk/pilots/{name}/choose": Case(there={"ranked"}, at={"ranked": "proved"})

- `fill` gives the values of the holes in the address for somebody in the right: the pilot's name, a question, a draft.
- `fields` are sent with a POST; none is enough where a form comes back with what is missing.
- `there`: of the states in which the table allows it, those in which the thing exists; elsewhere `page-missing`. None: all.
- `roles`: of the roles that the table allows, those that find something there; others find `page-missing`. None: all.
- `echoes`: a form without a valid token comes back with what was typed, and nothing is kept.
- `at`: by state, the moment within it (`stations.BETWEEN`) at which this route has something to do.
- `looks`: further stations at which its page says something else, for the browser to look at.
"""

from collections.abc import Callable, Collection, Mapping
from secrets import token_hex
from typing import NamedTuple

from ledger.entry import make_statement
from policies.roles_table import ROLES, STATES, roles_table
from portal.identity.accounts import Account, account_named, make_account
from portal.identity.drafts import make_draft
from portal.identity.invitations import Invitation, make_invitation
from portal.identity.unfinished import keep_unfinished
from portal.procurement.act import body_of
from portal.procurement.events.opportunity import OpportunityWithdrawn
from portal.web.visitors import VISITOR
from tests.portal.town import AGENCY, PILOT, key_of
from tests.web.desk_seats import Hall, Route

Fill = Callable[[Hall, Account | None], Mapping[str, str]]


class Case(NamedTuple):
    """One route's line; the module says what each field means."""

    fill: Fill = lambda _hall, _account: {}
    fields: Mapping[str, str] = {}
    there: Collection[str] | None = None
    roles: Collection[str] | None = None
    at: Mapping[str, str] = {}
    looks: Collection[str] = ()
    echoes: bool = False


def pilot(_hall: Hall, _account: Account | None) -> Mapping[str, str]:
    """The pilot's name in addresses."""
    return {"name": PILOT.partition(":")[2]}


def question(hall: Hall, account: Account | None) -> Mapping[str, str]:
    """The pilot's one question."""
    return {**pilot(hall, account), "index": str(next(iter(hall.town.case().questions), 0))}


def paper(hall: Hall, account: Account | None) -> Mapping[str, str]:
    """A paper behind the proof of the firm that came first."""
    return {**pilot(hall, account), "paper": "paper_1"}


def own_draft(hall: Hall, account: Account | None) -> Mapping[str, str]:
    """A draft that this person has just made; two officers sign it, so that one signature changes nothing."""
    if account is None:
        return {"name": token_hex(16)}
    statement = make_statement(
        log=hall.town.office.origin,
        kind="opportunity-withdrawn",
        subject=PILOT,
        body=body_of(OpportunityWithdrawn(reason="notice-error", why="The budget was wrong by a digit.")),
        author=key_of(account.name.lower()).key_id,
        seen=None,
    )
    at = hall.town.clock.now()
    with hall.tables.writing() as rows:
        if account_named(rows, account.id) is None:
            make_account(rows, account, at.isoformat())
        return {"name": make_draft(rows, statement, made_by=account.id, at=at, agency=account.agency)}


def begun(hall: Hall, account: Account | None) -> Mapping[str, str]:
    """A notice that this person has begun."""
    name = token_hex(8)
    if account is not None:
        with hall.tables.writing() as rows:
            keep_unfinished(rows, account.id, name, "Begun", {"need": "A need."}, hall.town.clock.now())
    return {"name": name}


def nobody(_hall: Hall, _account: Account | None) -> Mapping[str, str]:
    """A name that nobody has."""
    return {"name": token_hex(16)}


def no_recovery(_hall: Hall, _account: Account | None) -> Mapping[str, str]:
    """The number of a record that asks for no key."""
    return {"entry": "0"}


def invitation(hall: Hall, _account: Account | None) -> Mapping[str, str]:
    """The secret of an invitation: whoever has the link is in the right."""
    mail = f"{token_hex(8)}@new.example"
    invited = Invitation(id=mail, email=mail, name="Newcomer", role="officer", agency=AGENCY, person="person:new")
    with hall.tables.writing() as rows:
        return {"secret": make_invitation(rows, invited, hall.town.clock.now())}


CASES: dict[str, Case] = {
    "GET /desk": Case(looks={"proved", "no-bids"}),
    "GET /desk/sign-in": Case(),
    "POST /desk/sign-in/start": Case(),
    "POST /desk/sign-in": Case(),
    "POST /desk/sign-out": Case(),
    "GET /desk/invitation/{secret}": Case(invitation),
    "POST /desk/invitation/{secret}/start": Case(invitation),
    "POST /desk/invitation/{secret}": Case(invitation),
    "POST /desk/sign-in/lost": Case(),
    "GET /desk/renewals/waits": Case(),
    "GET /desk/renewals": Case(),
    "POST /desk/renewals/{name}/stop": Case(nobody, roles=()),
    "GET /desk/register": Case(),
    "POST /desk/register": Case(),
    "GET /desk/admit": Case(),
    "POST /desk/admit": Case(),
    "GET /desk/admit/keepers": Case(),
    "POST /desk/admit/keepers": Case(),
    "POST /desk/admit/invited/{name}": Case(nobody, roles=()),
    "POST /desk/admit/invited/{name}/withdraw": Case(nobody, roles=()),
    "GET /desk/rules": Case(),
    "GET /desk/rules/{name}/memo": Case(nobody, roles=()),
    "POST /desk/rules": Case(),
    "GET /desk/people": Case(),
    "POST /desk/people": Case(),
    "POST /desk/people/{name}/appoint": Case(nobody, roles=()),
    "POST /desk/people/{name}/withdraw": Case(nobody, roles=()),
    "POST /desk/people/{name}/end": Case(nobody, roles=()),
    "GET /desk/invitation/{secret}/password": Case(invitation),
    "POST /desk/invitation/{secret}/password": Case(invitation),
    "POST /desk/sign-in/password": Case(),
    "POST /desk/sign-in/code": Case(),
    "POST /desk/keys/codes": Case(),
    "POST /desk/keys/new/browser/start": Case(),
    "POST /desk/keys/new/browser": Case(),
    "GET /desk/keys": Case(),
    "POST /desk/keys/sign-in/start": Case(),
    "POST /desk/keys/sign-in": Case(),
    "POST /desk/keys/rename": Case(),
    "POST /desk/keys/remove": Case(),
    "POST /desk/keys/revoke": Case(),
    "POST /desk/keys/recover": Case(),
    "POST /desk/keys/recoveries/{entry}/stop": Case(no_recovery, roles=()),
    "POST /desk/keys/recoveries/{entry}/take": Case(no_recovery, roles=()),
    "GET /desk/keys/new": Case(),
    "POST /desk/keys/new/start": Case(),
    "POST /desk/keys/new": Case(),
    "POST /demo/sign-in": Case(fields={"account": "nobody"}, roles=()),
    "GET /desk/sign/{name}": Case(own_draft),
    "GET /desk/sign/{name}/statement": Case(own_draft),
    "POST /desk/sign/{name}/device": Case(own_draft),
    "GET /desk/sign/{name}/file": Case(own_draft),
    "POST /desk/sign/{name}/file": Case(own_draft),
    "POST /desk/sign/{name}/operator": Case(own_draft),
    "POST /desk/sign/{name}/drop": Case(own_draft),
    "POST /demo/sign/{name}": Case(own_draft),
    "GET /desk/notices/new": Case(),
    "POST /desk/notices/new": Case(),
    "POST /desk/notices/form": Case(echoes=True),
    "GET /desk/notices/earlier": Case(looks={"awarded"}),
    "GET /desk/notices/open": Case(),
    "POST /desk/notices/open": Case(),
    "GET /desk/notices/session": Case(),
    "GET /desk/notices/drafts/{name}": Case(begun),
    "POST /desk/notices/drafts/{name}/drop": Case(begun),
    "POST /desk/notices/drafts/{name}/restore": Case(begun),
    "GET /desk/plans": Case(),
    "GET /desk/plans/new": Case(),
    "POST /desk/plans/new": Case(),
    # No plan is on record here: `test_agency_acts` tries those of others.
    "GET /desk/plans/{name}/change": Case(pilot, roles=()),
    "POST /desk/plans/{name}/change": Case(pilot, roles=()),
    "GET /desk/plans/{name}/drop": Case(pilot, roles=()),
    "POST /desk/plans/{name}/drop": Case(pilot, roles=()),
    "GET /desk/pilots/{name}": Case(pilot, looks={"locked", "chosen", "no-bids"}),
    "GET /desk/pilots/{name}/change": Case(pilot),
    "POST /desk/pilots/{name}/change": Case(pilot),
    "GET /desk/pilots/{name}/end": Case(pilot),
    "POST /desk/pilots/{name}/end": Case(pilot),
    "GET /desk/pilots/{name}/questions/{index}": Case(question),
    "POST /desk/pilots/{name}/questions/{index}": Case(question),
    "GET /desk/pilots/{name}/proof": Case(pilot),
    "POST /desk/pilots/{name}/proof": Case(pilot),
    "GET /desk/firm": Case(),
    "GET /desk/reading": Case(),
    "GET /desk/pilots/{name}/proposals": Case(pilot, roles={"officer", "auditor"}),
    "POST /desk/pilots/{name}/proposals": Case(pilot, roles={"officer", "auditor"}),
    "GET /desk/pilots/{name}/papers": Case(pilot),
    "POST /desk/pilots/{name}/papers": Case(pilot),
    "GET /desk/pilots/{name}/papers/{paper}": Case(paper),
    "GET /desk/prove/{name}": Case(pilot, at={"ranked": "ranking"}),
    "POST /desk/prove/{name}": Case(pilot, at={"ranked": "ranking"}),
    "GET /desk/pilots/{name}/choose": Case(pilot, there={"ranked"}, at={"ranked": "proved"}),
    "POST /desk/pilots/{name}/choose": Case(pilot, there={"ranked"}, at={"ranked": "proved"}),
    "GET /desk/pilots/{name}/award": Case(pilot, there={"chosen"}),
    "POST /desk/pilots/{name}/award": Case(pilot, there={"chosen"}),
    "GET /desk/keeper": Case(),
    "GET /desk/keeper/{name}": Case(pilot),
    "POST /desk/keeper/{name}": Case(pilot),
    "GET /desk/partner/{name}": Case(pilot, there=set(STATES) - {"withdrawn", "cancelled"}),
    "POST /desk/partner/{name}": Case(pilot, there=set(STATES) - {"withdrawn", "cancelled"}),
    "GET /desk/judge/{name}/interests": Case(pilot),
    "POST /desk/judge/{name}/interests": Case(pilot),
    "GET /desk/judge/{name}/scores": Case(pilot),
    "POST /desk/judge/{name}/scores": Case(pilot),
    "GET /desk/judge/{name}/explain": Case(pilot, there={"scoring"}, at={"scoring": "apart"}),
    "POST /desk/judge/{name}/explain": Case(pilot, there={"scoring"}, at={"scoring": "apart"}),
    "GET /desk/judge/{name}/show": Case(pilot, there={"scoring"}, at={"scoring": "locked"}),
    "POST /desk/judge/{name}/show": Case(pilot, there={"scoring"}, at={"scoring": "locked"}),
}


def expected(route: Route, case: Case, role: str, state: str) -> str:
    """What the table says about a route: `in`, or the reason with which a role is kept out of it in a state."""
    deed = str(route.opt["deed"])
    refusal = roles_table().refusal(role, deed, state if roles_table().deeds[deed].states else None)
    if refusal is not None:
        return "sign-in-first" if role == VISITOR and refusal == "role-deed" else refusal
    there = (case.there is None or state in case.there) and (case.roles is None or role in case.roles)
    return "in" if there else "page-missing"


def entered_by(route: Route) -> tuple[str, str] | None:
    """A role that the table lets in, and a station at which it finds something; None for a route that is never entered."""
    case = CASES[route.name]
    for role in reversed(ROLES):
        for state in STATES:
            if expected(route, case, role, state) == "in":
                return role, case.at.get(state, state)
    return None
