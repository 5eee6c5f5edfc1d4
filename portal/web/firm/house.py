"""
A firm's own page at its desk: details, keys, opened bids, and what waits for it.

Of sealed bids there is nothing to show: they carry no name, and this portal does not know whose they are before offers open.
The page says so, and where each can be looked after with its receipt file.
"""

from datetime import date
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from portal.identity.accounts import Account
from portal.identity.credentials import Credential, credentials_of
from portal.procurement.holders import HeldKey
from portal.procurement.parties import Firm, fold_firm
from portal.projections.queries.parties import BidShown, bids_of_firm
from portal.web.addresses import subject_href, subject_link
from portal.web.desk.desk import Desk, account_of, frame
from portal.web.firm.turn import firm_awaits, firm_waits
from portal.web.fresh import Fresh
from portal.web.problems import HTML, missing
from portal.web.public.firms import bid_row
from portal.web.public.held_keys import keys_shown, kind_of_key
from portal.web.public.sayings import record_of
from portal.web.reading import Reading
from portal.web.views.firm_desk import FirmBidRow, FirmDeskPage, FirmKeyRow
from portal.web.views.frame import Record

PATH: Final = "/desk/firm"


def house_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The page."""

    @get(PATH, sync_to_thread=False, opt={"deed": "desk:firm"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(desk.door.renderer.page(_page(desk, request)), media_type=HTML)

    return [show]


def _page(desk: Desk, request: Request[Any, Any, Any]) -> FirmDeskPage:
    account = account_of(request)
    subject = account.firm
    if subject is None:
        raise missing()
    framed = frame(desk, request, PATH)
    with desk.door.reading(Fresh()) as reading:
        firm = fold_firm(reading.acts(subject))
        if firm is None:
            return FirmDeskPage(**framed, name=account.name, firm=subject)
        profile = firm.profile
        return FirmDeskPage(
            **framed,
            name=profile.name,
            firm=subject,
            entered=True,
            public=subject_link(subject, profile.name),
            place=profile.place_name,
            founded=date.fromisoformat(profile.founded),
            staff=profile.staff,
            skills=tuple(profile.skills),
            website=profile.website,
            words=profile.words,
            records=(record_of(firm.registered),),
            keys=_keys(desk, reading, account, firm),
            recovering=keys_shown(reading, firm.ring, subject, "UTC").waiting,
            mine=tuple(firm_waits(desk, account)),
            others=tuple(firm_awaits(desk, account)),
            bids=tuple(_bid(reading, each) for each in bids_of_firm(reading.shelf, subject, reading.moment)),
        )


def _keys(desk: Desk, reading: Reading, account: Account, firm: Firm) -> tuple[FirmKeyRow, ...]:
    with desk.tables.reading() as rows:
        known = {each.key_id: each for each in credentials_of(rows, account.id, "act")}
    return tuple(_key(reading, row, known.get(row.key)) for row in firm.ring.in_force(firm.id))


def _key(reading: Reading, row: HeldKey, known: Credential | None) -> FirmKeyRow:
    return FirmKeyRow(
        kind=kind_of_key(row.key),
        label=known.label if known else row.label,
        since=reading.when(row.since, "UTC"),
        key=row.key,
        credential=known.id if known and known.is_passkey else "",
        here=known is not None,
        records=(Record(row.entry),),
    )


def _bid(reading: Reading, each: BidShown) -> FirmBidRow:
    judged = f"{subject_href(each.opportunity)}/bids/{each.bid}" if each.ranked_entry is not None else ""
    return FirmBidRow(row=bid_row(reading, each), judged=judged)
