"""Letters about acts: to whoever signed one, and to the officers who may sign second."""

from portal.identity.accounts import Account, account_named, accounts
from portal.identity.credentials import account_of_key
from portal.identity.drafts import Draft
from portal.identity.mail import post_mail
from portal.identity.tables import Rows
from portal.procurement.act import Act
from portal.web.desk.desk import Desk
from portal.web.desk.signers import keys_of, second_keys
from portal.web.fresh import Fresh
from portal.web.public.names import Names
from portal.web.public.sayings import Sayings


def tell_signers(desk: Desk, draft: Draft, act: Act) -> None:
    """Write to everybody who signed: who did not will know at once that a key is in other hands."""
    figures: dict[str, str | int] = {"record": act.index, "act": words_of(desk, act)}
    about_keys = act.kind.startswith(("key-", "recovery-"))
    with desk.tables.writing() as rows:
        told = _signers(rows, draft, act)
        for account in told:
            post_mail(rows, account.email, "signed", figures, at=desk.office.clock.now())
        for account in _holders(rows, act, told) if about_keys else ():
            post_mail(rows, account.email, "key_changed", figures, at=desk.office.clock.now())


def _holders(rows: Rows, act: Act, told: list[Account]) -> list[Account]:
    """Everybody else with a desk in the name of whose keys these are; in an agency its head and the person meant."""
    named = getattr(act.body, "holder", "")
    keys = (getattr(act.body, "key", ""), getattr(act.body, "beside", ""))
    owners = {account_of_key(rows, key) for key in keys}
    return [
        account
        for account in accounts(rows)
        if act.subject in {account.agency, account.firm, account.keeper, account.partner}
        and (account.person is None or account.person == named or account.id in owners)
        and account.id not in {each.id for each in told}
    ]


def _signers(rows: Rows, draft: Draft, act: Act) -> list[Account]:
    names = [draft.made_by, *[found for key in act.keys if (found := account_of_key(rows, key)) is not None]]
    known = [account_named(rows, name) for name in dict.fromkeys(names)]
    return [account for account in known if account is not None]


def tell_owner(desk: Desk, rows: Rows, account: Account, what: str) -> None:
    """
    Write to an account's owner that what opens her desk has changed: who sat at it for a minute is found out.

    Args:
        what: The key of the sentence, `desk.changed.…`.
    """
    figures = {"what": desk.door.renderer.say(what)}
    post_mail(rows, account.email, "desk_changed", figures, at=desk.office.clock.now())


def tell_second(desk: Desk, account: Account, draft: Draft) -> None:
    """Write to the officers who may sign second, with the draft's address."""
    if draft.kind == "recovery-asked":
        with desk.tables.writing() as rows:
            for row in accounts(rows):
                if row.role == "registrar":
                    figures = {"name": account.name, "href": f"/desk/sign/{draft.id}"}
                    post_mail(rows, row.email, "second", figures, at=desk.office.clock.now())
        return
    others = set(second_keys(desk, account, draft.kind, draft.statement.author))
    if not others:
        return
    with desk.tables.reading() as rows:
        found = [row for row in accounts(rows) if row.agency == account.agency and row.id != account.id]
    able = [row for row in found if others & set(keys_of(desk, row))]
    with desk.tables.writing() as rows:
        for row in able:
            figures = {
                "name": account.name,
                "href": f"/desk/sign/{draft.id}",
            }
            post_mail(rows, row.email, "second", figures, at=desk.office.clock.now())


def words_of(desk: Desk, act: Act) -> str:
    """The act in one sentence, for a letter."""
    with desk.door.reading(Fresh()) as reading:
        sentence = Sayings(reading, Names(reading)).say([act])
    return desk.door.renderer.say(sentence.key, **sentence.figures)
