"""The memo for counsel of rules that an agency has adopted, as PDF, as of today in their own zone."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from portal.web.fresh import Fresh
from portal.web.policy_memo import policy_memo, usual_sheet
from portal.web.press import Key, Press
from portal.web.printing import zone_of
from portal.web.public.notice_parts import policy_href
from portal.web.public.papers import SIZES
from portal.web.public.policies import adopted_policy
from portal.web.public.query import Query
from portal.web.public.routes import fresh_of
from portal.web.reading import Door
from portal.web.views.policy_memo import PolicyMemo


def memo_routes(door: Door, press: Press) -> list[HTTPRouteHandler]:
    """The handler of memos."""

    async def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        name: str = request.path_params["name"]
        wanted: str = Query(request.query_params).choice("paper", SIZES)
        key, view = read_memo(door, fresh_of(request), name, wanted)
        pdf = press.find(key) or await press.make(key, view)
        disposition = f'inline; filename="rules-{view.id}.pdf"'
        return Response(pdf, media_type="application/pdf", headers={"content-disposition": disposition})

    return [get("/policies/{name:str}/memo.pdf")(show)]


def read_memo(door: Door, fresh: Fresh, name: str, wanted: str) -> tuple[Key, PolicyMemo]:
    """What the memo prints, and the name under which it is kept; it changes at midnight, with the values in force."""
    with door.reading(fresh) as reading:
        policy, _ = adopted_policy(reading, name)
        local = reading.at.astimezone(zone_of(policy.zone))
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        reading.expires(midnight.astimezone(reading.at.tzinfo))
        view = policy_memo(policy, local.date(), policy_href(policy.digest))
    usual = usual_sheet(policy.country)
    sheet = usual if not wanted else "letter" if wanted == "letter" else "a4"
    return (f"{policy.digest} {view.day.isoformat()}", door.renderer.version, sheet), view
