"""What desk pages are made from: the office, the desk's tables, the renderer; and one request's session."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from litestar import Request

from ledger import canonical
from ledger.keys import SigningKey
from portal.commands.office import Office
from portal.identity.accounts import Account
from portal.identity.drafts import Draft
from portal.identity.public_address import PublicAddress
from portal.identity.safe import Safe
from portal.identity.sessions import Session, rotate, token_matches
from portal.identity.tables import Tables
from portal.web.desk.door import SESSION
from portal.web.problems import Problem
from portal.web.reading import Door
from portal.web.views.told import Told

FORM_LIMIT = 400_000


Teller = Callable[["Desk", Account, Draft], Told | None]
"""Says a draft in words, where it knows its kind; None for what another room knows."""


@dataclass
class Desk:
    """
    One desk application.

    `demo_keys` holds invented people's keys by key id, in demos only; `tellers` are the rooms that say drafts in words.
    """

    office: Office
    door: Door
    tables: Tables
    address: PublicAddress
    safe: Safe
    demo_keys: Mapping[str, SigningKey] = field(default_factory=dict)
    tellers: list[Teller] = field(default_factory=list)

    @property
    def is_demo(self) -> bool:
        """Whether one click makes a visitor somebody invented."""
        return bool(self.demo_keys)


def session_of(request: Request[Any, Any, Any]) -> Session:
    """The session that the desk's door opened for this request."""
    session: Session = request.scope[SESSION]  # type: ignore[literal-required]  # our own key
    return session


def account_of(request: Request[Any, Any, Any]) -> Account:
    """Who is signed in; `sign-in-first` when nobody is."""
    account = session_of(request).account
    if account is None:
        raise Problem("sign-in-first", 401)
    return account


def change_session(desk: Desk, request: Request[Any, Any, Any], account: Account | None) -> Session:
    """Throw the session away and open another, for somebody or for nobody: a change of privilege."""
    with desk.tables.writing() as rows:
        session = rotate(rows, session_of(request), account, desk.office.clock.now())
    request.scope[SESSION] = session  # type: ignore[literal-required]  # our own key
    return session


async def form_of(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    """
    A form's fields, each with all its values; its token must be this session's own.

    Raises:
        Problem: `form-token` when it is not: the page was open too long, or the form is not ours.
    """
    form = await request.form()
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        fields.setdefault(name, []).append(str(value))
    if not token_matches(session_of(request), "".join(fields.pop("token", []))):
        raise Problem("form-token", 403)
    return fields


def one(fields: Mapping[str, list[str]], name: str) -> str:
    """
    The one value of a field as the record can take it; empty when it is not there.

    It is trimmed, has the line ends of this project and Unicode's normal form C (macOS types another), and none of the signs
    that show other than they say: a letter pasted with one of those would be refused after its writer has made a key.
    """
    given = "".join(fields.get(name, [])[:1]).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return normalize("NFC", canonical.FORBIDDEN.sub("", given)).strip()


def told_of(desk: Desk, account: Account, draft: Draft) -> Told | None:
    """The draft in the words of whichever room knows its kind."""
    return next((told for tell in desk.tellers if (told := tell(desk, account, draft)) is not None), None)


def frame(desk: Desk, request: Request[Any, Any, Any], path: str) -> dict[str, Any]:
    """What every desk page shows around itself."""
    session = session_of(request)
    account = session.account
    return {
        "path": path,
        "token": session.token,
        "who": account.name if account else "",
        "role": account.role if account else "",
        "whose": (account.agency or account.firm or account.keeper or "") if account else "",
        "demo": desk.is_demo,
    }
