"""
Demos only: one click makes a visitor one of the invented people, and signs with that person's key file.

None of these routes exists for a live record: `compose_desk` adds them when the log's purpose is "demo" and the data
folder holds the invented people's keys, which no live folder does.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ledger.entry import format_time
from ledger.errors import LedgerError
from ledger.keys import SigningKey, load_key
from portal.commands.library import Library
from portal.commands.office import Office
from portal.identity.accounts import Account, Role, account_named, make_account
from portal.identity.tables import Tables
from portal.procurement.agency import Agency
from portal.projections.shelf import Shelf
from portal.web.desk.desk import Desk, account_of, change_session, form_of, one
from portal.web.desk.signing import demo_sign
from portal.web.problems import Problem


def demo_keys(people: Path) -> dict[str, SigningKey]:
    """The key files of invented people, by key id; empty where there is no such folder."""
    paths = sorted(people.glob("*.key")) if people.is_dir() else []
    return {key.key_id: key for path in paths if (key := _key_in(path)) is not None}


def _key_in(path: Path) -> SigningKey | None:
    """The key in a file; None for a file that somebody else left there."""
    try:
        return load_key(path)
    except LedgerError:
        return None


def seat_people(office: Office, tables: Tables, keys: dict[str, SigningKey]) -> None:
    """Make an account for everybody in the record whose key file is here; those that exist stay."""
    at = format_time(office.clock.now())
    with tables.writing() as rows:
        for account in invented_accounts(office, keys):
            if account_named(rows, account.id) is None:
                make_account(rows, account, at)


def invented_accounts(office: Office, keys: dict[str, SigningKey]) -> list[Account]:
    """Officers and evaluators of each agency, firms, keepers, training partners: whoever the record names and whose key is here."""
    found: list[Account] = []
    with office.store.reading() as connection:
        library, shelf = Library(office.store, connection), Shelf(connection)
        for (subject,) in shelf.rows("SELECT id FROM {agency} ORDER BY entry"):
            agency = library.agency(subject)
            if agency is not None:
                found += _people_of(office, library, agency, keys)
        for subject, name in shelf.rows("SELECT id, name FROM {firm} ORDER BY entry"):
            firm = library.firm(subject)
            if firm is not None and firm.key in keys:
                found.append(_account(subject, name, "firm", firm=subject))
        for subject, name in shelf.rows("SELECT id, name FROM {keeper} ORDER BY entry"):
            keeper = library.keeper(subject)
            if keeper is not None and keeper.profile.key in keys:
                found.append(_account(subject, name, "keeper", keeper=subject))
        for subject, name in shelf.rows("SELECT id, name FROM {partner} ORDER BY entry"):
            partner = library.partner(subject)
            if partner is not None and partner.registered.author in keys:
                found.append(_account(subject, name, "partner", partner=subject))
    return found


def _people_of(office: Office, library: Library, agency: Agency, keys: dict[str, SigningKey]) -> list[Account]:
    names = {}
    for act in library.acts(agency.id):
        kept = {opening["path"]: opening["value"] for opening in office.vault.openings(act.statement_hash)}
        names[act.index] = ", ".join(str(kept[path]) for path in ("name", "post") if path in kept)
    found: dict[str, Account] = {}
    now = office.clock.now()
    for row in agency.appointments:
        if row.made.key in keys and row.holds(now):
            role: Role = "evaluator" if row.made.duties == ["evaluate"] else "officer"
            before = found.get(row.made.person)
            if before is not None and before.role == "officer":
                continue
            name = names.get(row.entry) or row.made.person.partition(":")[2]
            found[row.made.person] = _account(
                f"{agency.id} {row.made.person}", name, role, agency=agency.id, person=row.made.person
            )
    return list(found.values())


def _account(seed: str, name: str, role: Role, **whose: str) -> Account:
    name_hash = sha256(seed.encode("utf-8")).hexdigest()[:32]
    return Account(id=name_hash, name=name, email=f"{name_hash[:12]}@demo.invalid", role=role, **whose)


def demo_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Sign in as somebody invented, and sign with that person's key."""

    @post("/demo/sign-in", status_code=303, opt={"deed": "public"})
    async def sign_in(request: Request[Any, Any, Any]) -> Redirect:
        fields = await form_of(request)
        with desk.tables.reading() as rows:
            account = account_named(rows, one(fields, "account"))
        if account is None or not account.email.endswith("@demo.invalid"):
            raise Problem("page-missing", 404)
        change_session(desk, request, account)
        return Redirect("/desk", status_code=303)

    @post("/demo/sign/{name:str}", status_code=303, opt={"deed": "desk:sign"})
    async def sign_draft(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        demo_sign(desk, account_of(request), name)
        return Redirect(f"/desk/sign/{name}", status_code=303)

    return [sign_in, sign_draft]
