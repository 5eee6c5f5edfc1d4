"""The desk's first page: who am I, what waits for me, what waits for others, what can I begin."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from policies.roles_table import roles_table
from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.identity.drafts import Draft, waiting_drafts
from portal.procurement.act import read_body
from portal.procurement.kinds import KINDS
from portal.web.desk.desk import Desk, account_of, frame
from portal.web.desk.signing import signing_keys
from portal.web.problems import HTML
from portal.web.views.desk import DeskHomePage, Item, Running, Unfinished
from portal.web.views.frame import said

Find = Callable[[Desk, Account], list[Item]]


def home_routes(desk: Desk, waits: "Waits") -> list[HTTPRouteHandler]:
    """The desk itself."""

    @get("/desk", sync_to_thread=False, opt={"deed": "desk:home"})
    def home(request: Request[Any, Any, Any]) -> Response[bytes]:
        account = account_of(request)
        page = DeskHomePage(
            **frame(desk, request, "/desk"),
            mine=tuple(soonest(drafts_to_sign(desk, account) + waits.mine(desk, account))),
            others=tuple(soonest(waits.others(desk, account))),
            begin=tuple(waits.begin(account)),
            unfinished=waits.unfinished(desk, account),
            running=waits.running(desk, account),
        )
        return Response(desk.door.renderer.page(page), media_type=HTML)

    return [home]


def soonest(items: list[Item]) -> list[Item]:
    """What is due first comes first; what has no last moment keeps its order behind it."""
    return sorted(items, key=lambda item: (item.due is None, item.due.at.timestamp() if item.due else 0.0))


class Waits:
    """What each room adds to the first page; rooms register here, so that this page knows none of them."""

    def __init__(self) -> None:
        self._mine: list[Find] = []
        self._others: list[Find] = []
        self._begin: dict[str, list[Item]] = {}
        self._unfinished: Callable[[Desk, Account], Unfinished | None] | None = None
        self._running: Callable[[Desk, Account], tuple[Running, ...]] | None = None

    def add(
        self,
        *,
        mine: Find | None = None,
        others: Find | None = None,
        begin: dict[str, list[Item]] | None = None,
        unfinished: Callable[[Desk, Account], Unfinished | None] | None = None,
        running: Callable[[Desk, Account], tuple[Running, ...]] | None = None,
    ) -> None:
        """
        Register a room.

        Args:
            mine: `(desk, account) -> list[Item]`, what waits for this account.
            others: The same for what waits for somebody else.
            begin: By role, what one can begin.
            unfinished: What this account has begun and not sent on.
            running: The pilots of its agency that have not come to an end.
        """
        self._running = running or self._running
        self._unfinished = unfinished or self._unfinished
        self._mine += [mine] if mine else []
        self._others += [others] if others else []
        for role, items in (begin or {}).items():
            self._begin.setdefault(role, []).extend(items)

    def mine(self, desk: Desk, account: Account) -> list[Item]:
        """Everything that waits for this account."""
        return [item for find in self._mine for item in find(desk, account)]

    def others(self, desk: Desk, account: Account) -> list[Item]:
        """Everything this account waits for."""
        return [item for find in self._others for item in find(desk, account)]

    def unfinished(self, desk: Desk, account: Account) -> Unfinished | None:
        """What this account has begun, on this desk and on its device; None for roles that begin nothing."""
        return None if self._unfinished is None else self._unfinished(desk, account)

    def running(self, desk: Desk, account: Account) -> tuple[Running, ...]:
        """The running pilots of this account's agency."""
        return () if self._running is None else self._running(desk, account)

    def begin(self, account: Account) -> list[Item]:
        """What this account's role can begin."""
        return self._begin.get(account.role, [])


def drafts_to_sign(desk: Desk, account: Account) -> list[Item]:
    """Drafts that wait for this account's signature: its own, and its agency's where it may sign second."""
    with desk.tables.reading() as rows:
        own = waiting_drafts(rows, made_by=account.id)
        agency = waiting_drafts(rows, agency=account.agency) if account.agency else []
    drafts = {draft.id: draft for draft in (*own, *agency)}
    return [
        _item(desk, draft)
        for draft in drafts.values()
        if signing_keys(desk, account, draft) and (draft.made_by == account.id or draft.signatures)
    ]


def _item(desk: Desk, draft: Draft) -> Item:
    """What is to be signed, by the name of its deed and what it is about; a draft has not happened yet."""
    deed = roles_table().deeds.get(draft.kind)
    what = KINDS[draft.kind].summary if deed is None else deed.title
    return Item(said=said("desk.to_sign", deed=what, about=_about(desk, draft)), href=f"/desk/sign/{draft.id}")


def _about(desk: Desk, draft: Draft) -> str:
    """The title of what a draft is about: its own, else that of the pilot or the promise on record."""
    title = getattr(read_body(draft.kind, draft.statement.body), "title", "")
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        if not title and draft.subject.startswith("opportunity:") and (case := library.case(draft.subject)):
            title = case.notice.title
        if not title and draft.subject.startswith("plan:") and (plan := library.plan(draft.subject)):
            title = plan.promise.title
    return str(title) or draft.subject.partition(":")[2].replace("-", " ")
