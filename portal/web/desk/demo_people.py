"""The invented people of a demo, as a visitor chooses whom to be: by organisation, with what waits for each."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from portal.commands.library import Library
from portal.identity.accounts import Account, accounts
from portal.web.desk.desk import Desk
from portal.web.desk.home import Waits, drafts_to_sign
from portal.web.fresh import Fresh
from portal.web.public.names import Names
from portal.web.views.desk import DemoPerson, People

_FEW: Final = 20
"""As many people as are shown at once; of more, each organisation opens by itself."""


def demo_people(desk: Desk, waits: Waits) -> tuple[tuple[DemoPerson, ...], tuple[People, ...]]:
    """
    Whom a demo's visitor can be.

    Returns:
        For each role the person for whom most waits, where there are too many people to show at once (roles for which
        nothing waits are left out); and everybody by organisation. Both are empty outside a demo.
    """
    if not desk.is_demo:
        return (), ()
    with desk.tables.reading() as rows:
        found = [row for row in accounts(rows) if row.email.endswith("@demo.invalid")]
    people = [(row, _person(desk, waits, row)) for row in sorted(found, key=lambda row: (row.name, row.id))]
    busy: dict[str, DemoPerson] = {}
    for _, person in people if len(people) > _FEW else ():
        if person.waits and (person.role not in busy or person.waits > busy[person.role].waits):
            busy[person.role] = person
    return tuple(busy[role] for role in sorted(busy)), _by_organisation(desk, people)


def _person(desk: Desk, waits: Waits, account: Account) -> DemoPerson:
    items = drafts_to_sign(desk, account) + waits.mine(desk, account)
    name, post = account.name, ""
    if account.person:
        name, _, post = name.partition(", ")
    elif account.keeper:
        with desk.office.store.reading() as connection:
            keeper = Library(desk.office.store, connection).keeper(account.keeper)
        post = keeper.profile.organisation_name if keeper else ""
    return DemoPerson(
        account=account.id,
        name=name,
        post=post,
        role=account.role,
        waits=len(items),
        first=items[0].said if items else None,
    )


def _by_organisation(desk: Desk, people: Sequence[tuple[Account, DemoPerson]]) -> tuple[People, ...]:
    """Agencies by name first, then the others by role."""
    at_agencies: dict[str, list[DemoPerson]] = defaultdict(list)
    by_role: dict[str, list[DemoPerson]] = defaultdict(list)
    with desk.door.reading(Fresh()) as reading:
        names = Names(reading)
        for account, person in people:
            if account.agency:
                at_agencies[names.agency(account.agency).text].append(person)
            else:
                by_role[account.role].append(person)
    few = len(people) <= _FEW
    return (
        *(People(name=name, people=tuple(at_agencies[name]), unfolded=few) for name in sorted(at_agencies)),
        *(People(role=role, people=tuple(by_role[role]), unfolded=few) for role in sorted(by_role)),
    )
