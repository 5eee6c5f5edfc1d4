"""Letters about acts: to whoever signed one, and to the officers who may sign second."""

from collections.abc import Mapping, Sequence

from portal.identity.accounts import Account, account_named, accounts
from portal.identity.credentials import account_of_key
from portal.identity.drafts import Draft, drafted_by
from portal.identity.followers import begin_telling, claim_telling, told_until
from portal.identity.mail import post_mail
from portal.identity.tables import Rows
from portal.procurement.act import Act, read_acts
from portal.procurement.holders import LOG
from portal.projections.shelf import Shelf
from portal.web.desk.desk import Desk
from portal.web.desk.signers import keys_of, second_keys
from portal.web.fresh import Fresh
from portal.web.public.names import Names
from portal.web.public.sayings import Sayings

_AUTHORS = "authors"
_CHUNK = 500
Holders = Mapping[str, Sequence[Sequence[str]]]
"""By key, every subject and holder within it whose key it is or was."""


def begin_with_authors(desk: Desk) -> None:
    """From the record's present end on, whoever signs is written to; after a restart it goes on where it stopped."""
    with desk.office.store.reading() as connection:
        size = desk.office.store.head(connection).size
    with desk.tables.writing() as rows:
        begin_telling(rows, size, _AUTHORS)


def tell_authors(desk: Desk) -> int:
    """
    Write to everybody who has a desk and whose key signed an entry since the last time; how many letters.

    It goes by the record, so it holds for every kind of act and for every door: whoever's key file was used elsewhere hears
    of it as well. What was told and how far is one transaction: a crash neither loses a letter nor sends it twice.
    """
    with desk.tables.reading() as rows:
        told = told_until(rows, _AUTHORS)
    with desk.office.store.reading() as connection:
        size = min(desk.office.store.head(connection).size, (told or 0) + _CHUNK)
        if told is None or told >= size:
            return 0
        acts = read_acts(list(desk.office.store.entries(connection, told, size)))
        shelf = Shelf(connection)
        holders = {
            key: shelf.rows("SELECT subject, holder FROM {held_key} WHERE key = ?", (key,)) for key in _keys(acts)
        }
    letters = 0
    with desk.tables.writing() as rows:
        if not claim_telling(rows, told, size, _AUTHORS):
            return 0
        for act in acts:
            letters += _tell(desk, rows, act, holders)
    return letters


def _tell(desk: Desk, rows: Rows, act: Act, holders: Holders) -> int:
    authors = _authors(rows, act, holders)
    others = _holders(rows, act, authors) if act.kind.startswith(("key-", "recovery-")) else []
    if not authors and not others:
        return 0
    figures: dict[str, str | int] = {"record": act.index, "act": words_of(desk, act)}
    for account in authors:
        post_mail(rows, account.email, "signed", figures, at=desk.office.clock.now())
    for account in others:
        post_mail(rows, account.email, "key_changed", figures, at=desk.office.clock.now())
    return len(authors) + len(others)


def _keys(acts: list[Act]) -> set[str]:
    return {key for act in acts for key in act.keys}


def _authors(rows: Rows, act: Act, holders: Holders) -> list[Account]:
    """Whose device signed, whose key it is on record, and who had the operator's key sign."""
    names = drafted_by(rows, act.kind, act.subject, act.statement_hash)
    names += [found for key in act.keys if (found := account_of_key(rows, key)) is not None]
    held = {(subject, holder) for key in act.keys for subject, holder in holders.get(key, [])}
    if held:
        names += [each.id for each in accounts(rows) if held & set(_stands_as(each))]
    known = [account_named(rows, name) for name in dict.fromkeys(names)]
    return [account for account in known if account is not None]


def _stands_as(account: Account) -> list[tuple[str, str]]:
    """Subject and holder as which an account stands in the record."""
    if account.agency is not None:
        return [(account.agency, account.agency if account.role == "head" else account.person or "")]
    if account.role == "registrar":
        return [(LOG, LOG)]
    return [(account.whose, account.whose)] if account.whose else []


def _holders(rows: Rows, act: Act, told: list[Account]) -> list[Account]:
    """Everybody else with a desk in the name of whose keys these are; in an agency its head and the person meant."""
    named = getattr(act.body, "holder", "")
    keys = (getattr(act.body, "key", ""), getattr(act.body, "beside", ""))
    owners = {account_of_key(rows, key) for key in keys}
    return [
        account
        for account in accounts(rows)
        if act.subject == (account.whose or (LOG if account.role == "registrar" else ""))
        and (account.person is None or account.person == named or account.id in owners)
        and account.id not in {each.id for each in told}
    ]


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
