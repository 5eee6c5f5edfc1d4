"""Training partners: who names them, and what they confirmed."""

from ledger.entry import format_time
from portal.procurement.act import Act
from portal.procurement.events.partnering import PartnerConfirmed
from portal.projections.shelf import Shelf


def named(shelf: Shelf, act: Act, written: str | None, bid: str = "") -> set[str]:
    """A notice or an opened bid names somebody, by id or by name; returns whom that concerns."""
    if not written:
        return set()
    shelf.run(
        "INSERT INTO {naming} (entry, opportunity, bid, named) VALUES (?, ?, ?, ?)",
        (act.index, act.subject, bid, written),
    )
    known = shelf.rows(
        "SELECT id FROM {partner} WHERE id = ? OR name = ? UNION SELECT id FROM {firm} WHERE id = ? OR name = ?",
        (written,) * 4,
    )
    concerned = {row[0] for row in known}
    return concerned | ({"partners"} if concerned else set())


def partner_confirmed(shelf: Shelf, act: Act, body: PartnerConfirmed) -> set[str]:
    """The partner stands by it."""
    shelf.run(
        "INSERT INTO {confirmed_naming} (entry, opportunity, bid, partner, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (opportunity, bid, partner) DO NOTHING",
        (act.index, act.subject, body.bid or "", body.partner, format_time(act.at)),
    )
    return {body.partner, "partners"}
