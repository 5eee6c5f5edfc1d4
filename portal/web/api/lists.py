"""
Public lists that a bidder's device asks for: registered firms with their keys, and the bids of one pilot as the record has them.

Everybody gets the same list from the same address, so that asking tells nobody which firm or which bid it was for.
"""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from ledger.entry import format_time
from portal.procurement.act import read_acts
from portal.procurement.case import Case
from portal.procurement.parties import fold_firm
from portal.web.public.judged_parts import ranks_of
from portal.web.public.opportunity import read_case
from portal.web.public.routes import fresh_of
from portal.web.reading import Door, Reading

JSON = "application/json"


class FirmRow(msgspec.Struct, frozen=True, kw_only=True):
    """
    A registered firm: what a bidder's device needs to name it and to declare the same facts again.

    `key` is the one it registered with, `keys` those in force.
    """

    firm: str
    key: str
    keys: list[str]
    name: str
    place: str
    founded: str
    staff: int
    training_partner: bool


class BidRow(msgspec.Struct, frozen=True, kw_only=True):
    """
    One bid by its key: its current version, and the changes it has still to confirm.

    `status` is standing, withdrawn or lapsed; `addenda` are leaf hashes in the order of the record. `judged`
    from the ranking on, when there is a page on how this bid was judged.
    """

    bid: str
    index: int
    at: str
    statement: str
    status: str
    addenda: list[str]
    judged: bool


def list_routes(door: Door) -> list[HTTPRouteHandler]:
    """The handlers of the lists."""

    def firms(request: Request[Any, Any, Any]) -> Response[bytes]:
        with door.reading(fresh_of(request)) as reading:
            rows = reading.remember("firms", ("keys",), lambda: firms_of(reading))
        return Response(msgspec.json.encode(rows), media_type=JSON)

    def bids(request: Request[Any, Any, Any]) -> Response[bytes]:
        with door.reading(fresh_of(request)) as reading:
            case = read_case(reading, request.path_params["name"])
            reading.expires(case.closes if reading.at < case.closes else None)
            rows = bids_of(case, past=reading.at >= case.closes)
        return Response(msgspec.json.encode(rows), media_type=JSON)

    return [
        get("/api/firms", sync_to_thread=False)(firms),
        get("/opportunities/{name:str}/bids.json", sync_to_thread=False)(bids),
    ]


def firms_of(reading: Reading) -> list[FirmRow]:
    """Every registered firm, in the order of the record."""
    rows = []
    for (subject,) in reading.shelf.rows("SELECT id FROM {firm} ORDER BY entry"):
        firm = fold_firm(read_acts(reading.door.store.entries_of(reading.connection, subject)))
        if firm is not None:
            profile = firm.profile
            rows.append(
                FirmRow(
                    firm=firm.id,
                    key=firm.key,
                    keys=[held.key for held in firm.ring.in_force(firm.id)],
                    name=profile.name,
                    place=profile.place,
                    founded=profile.founded,
                    staff=profile.staff,
                    training_partner=profile.training_partner,
                )
            )
    return rows


def bids_of(case: Case, *, past: bool) -> list[BidRow]:
    """Every bid of a pilot, in the order of its first entry; `past` when it has closed."""
    rows, ranked = [], ranks_of(case)
    for each in case.bids.values():
        waiting = case.unconfirmed(each)
        status = "withdrawn" if each.withdrawn else "lapsed" if past and waiting else "standing"
        rows.append(
            BidRow(
                bid=each.key,
                index=each.current.index,
                at=format_time(each.current.at),
                statement=each.current.statement_hash,
                status=status,
                addenda=[act.leaf_hash for act in waiting],
                judged=each.key in ranked,
            )
        )
    return rows
