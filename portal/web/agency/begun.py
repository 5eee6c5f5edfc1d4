"""What an officer has begun and not sent on: the list on the desk's first page."""

from datetime import datetime

from ledger.entry import parse_time
from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.identity.drafts import find_draft
from portal.identity.tables import Rows
from portal.identity.unfinished import Unfinished as Kept
from portal.identity.unfinished import change_state, forget_unfinished, sweep_unfinished, unfinished_of
from portal.web.agency.notice import whom
from portal.web.desk.desk import Desk
from portal.web.views.desk import Begun, Unfinished
from portal.web.views.frame import Moment

_PATH = "/desk/notices/drafts/"


def begun_by(desk: Desk, account: Account) -> Unfinished | None:
    """Every notice that this officer has begun; those whose draft is on record by now are forgotten."""
    if account.role != "officer" or account.agency is None:
        return None
    with desk.tables.writing() as rows:
        now = desk.office.clock.now()
        sweep_unfinished(rows, now)
        settled = [_settled(rows, account, one, now) for one in unfinished_of(rows, account.id)]
    kept = [one for one in settled if one is not None]
    zone = _zone(desk, account.agency)
    return Unfinished(
        rows=tuple(_begun(one, zone) for one in kept if one.state != "notice-dropped"),
        dropped=tuple(_begun(one, zone) for one in kept if one.state == "notice-dropped"),
        whom=whom(account),
        script=desk.door.renderer.assets["begun.js"].href,
    )


def _settled(rows: Rows, account: Account, one: Kept, now: datetime) -> Kept | None:
    """What became of the draft that it went on as: signed, it is sent on; on record, finished; dropped, open again."""
    if one.state != "notice-signing":
        return one
    draft = find_draft(rows, one.draft)
    if draft is not None and draft.state == "done":
        forget_unfinished(rows, account.id, one.name)
        return None
    if draft is None or draft.state == "dropped":
        return change_state(rows, account.id, one.name, "notice", now, draft="")
    if draft.signatures:  # it was sent on: it waits for others now, and is dropped or changed where it is signed
        return None
    return one


def _zone(desk: Desk, agency: str) -> str:
    with desk.office.store.reading() as connection:
        found = Library(desk.office.store, connection).agency(agency)
    return found.profile.zone if found else "UTC"


def _begun(one: Kept, zone: str) -> Begun:
    path = f"{_PATH}{one.name}"
    return Begun(
        title=one.title,
        href=path,
        saved=Moment(parse_time(one.saved_at), zone),
        drop=f"{path}/drop",
        restore=f"{path}/restore",
        signing=f"/desk/sign/{one.draft}" if one.state == "notice-signing" else "",
    )
