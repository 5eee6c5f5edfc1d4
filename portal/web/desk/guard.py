"""
Who may enter a route of the desk: the published table of roles decides, and whatever it does not know is refused.

1. A route names its deed (`opt={"deed": ...}`); one without a deed lets nobody in.
2. A deed that the table binds to states of a pilot is about one: its route names the part of its address that says which
   (`opt={"deed": ..., "pilot": "name"}`), and the state is derived at the moment of asking. Without it nobody gets in.
3. What is granted for one's own agency is refused to the officer of another, before any room looks at the form.

Whose drafts, scores and proofs they are is each room's own question: the table cannot know it.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from policies.roles_table import roles_table
from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.procurement.case import Case
from portal.procurement.stage import stage
from portal.web.desk.desk import Desk
from portal.web.desk.door import SESSION
from portal.web.problems import Problem, missing
from portal.web.visitors import VISITOR

_REFUSED = 403


class Guard:
    """The guard of one desk, before each of its routes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """
        Let through or refuse.

        Raises:
            Problem: `sign-in-first` where nobody is signed in and signing in could help, `role-deed` for a deed that the
                role has not, `page-missing` for a pilot that is not there, `role-whose` for another agency's,
                `role-state` at the wrong time.
        """
        account = _signed_in(connection)
        role = VISITOR if account is None else account.role
        deed = str(handler.opt.get("deed", ""))
        table = roles_table()
        grant = table.grant(role, deed)
        if grant is None:
            raise Problem("sign-in-first", 401) if account is None and deed in table.deeds else _refusal("role-deed")
        if not table.deeds[deed].states:
            return
        case = self._case(connection, handler)
        if grant.whose == "agency" and (account is None or account.agency != case.notice.agency):
            raise _refusal("role-whose")
        refused = table.refusal(role, deed, stage(case, self._desk.office.clock.now()))
        if refused is not None:
            raise _refusal(refused)

    def _case(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> Case:
        """The pilot that the address names."""
        part = handler.opt.get("pilot")
        if part is None:
            raise _refusal("role-state")
        with self._desk.office.store.reading() as reading:
            case = Library(self._desk.office.store, reading).case(f"opportunity:{connection.path_params[part]}")
        if case is None:
            raise missing()
        return case


def _signed_in(connection: ASGIConnection[Any, Any, Any, Any]) -> Account | None:
    account: Account | None = connection.scope[SESSION].account  # type: ignore[literal-required]  # our own key
    return account


def _refusal(reason: str) -> Problem:
    return Problem(reason, _REFUSED)
