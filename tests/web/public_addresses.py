"""Every address that the public door answers over a town, out of the composed application: the holes filled with what is there."""

from collections.abc import Iterator

from portal.procurement.events.opening import BidOpened
from portal.web.doors import BEHIND
from tests.portal.town import AGENCY, FIRMS, PILOT, POLICY, size_of
from tests.web.desk_seats import Hall, routers_of, routes_of

_PILOT = PILOT.partition(":")[2]


def public_addresses(hall: Hall, *, papers: bool = False) -> list[str]:
    """The addresses of pages, feeds, lists, files of the record and static files; `papers`: also what has to be printed."""
    public, _ = routers_of(hall.app)
    found = [
        address
        for route in routes_of(public)
        if route.method == "GET" and not route.path.startswith(BEHIND)
        for address in _filled(hall, route.path)
        if papers or not address.endswith(".pdf")
    ]
    return [*found, *_files(hall), "/nothing-stands-here"]


def _filled(hall: Hall, path: str) -> Iterator[str]:
    if "{" not in path:
        yield path
        return
    room = path.split("/")[1]
    names = {
        "opportunities": [_PILOT],
        "agencies": [AGENCY.partition(":")[2]],
        "firms": list(FIRMS),
        "partners": ["nobody"],
        "plans": ["nothing"],
        "follow": ["no-letter-carries-this"],
        "policies": [POLICY.digest, POLICY.id],
        "ledger": [str(index) for index in range(size_of(hall.town))],
    }
    case = hall.town.case()
    bids = [act.body.bid for act in case.opened.values() if isinstance(act.body, BidOpened)] or list(case.bids)
    for name in names[room]:
        for bid in bids if "{bid}" in path else [""]:
            yield path.format(name=name, bid=bid)


def _files(hall: Hall) -> Iterator[str]:
    """Files of the record, and the static files that its pages name."""
    log = hall.town.office.folder.log
    for path in sorted(log.rglob("*")):
        if path.is_file():
            yield f"/log/{path.relative_to(log)}"
