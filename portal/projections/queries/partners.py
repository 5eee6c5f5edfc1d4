"""Training partners, and the pilots and bids that name them."""

# ruff: noqa: S608 -- only names and conditions of our own are put together; values travel as parameters

import msgspec
from msgspec import Struct

from portal.projections.queries.stages import STAGE
from portal.projections.shelf import Shelf


class PartnerKnown(Struct, frozen=True):
    """A training partner, or a firm that trains learners; `named` counts places, `confirmed` those it stands by."""

    entry: int
    id: str
    name: str
    place_name: str
    skills: str
    named: int
    confirmed: int

    @property
    def skill_names(self) -> tuple[str, ...]:
        """What it trains people in."""
        return msgspec.json.decode(self.skills, type=tuple[str, ...])


class NamingShown(Struct, frozen=True):
    """One place where a partner is named: a notice (`bid` is '') or an opened bid, with who bid and what was confirmed."""

    entry: int
    opportunity: str
    title: str
    zone: str
    stage: str
    bid: str
    firm: str | None
    learner_places: int
    at: str
    confirmed_entry: int | None
    confirmed_at: str | None


_TRAINERS = (
    "SELECT p.entry, p.id, p.name, p.folded, p.place_name, p.skills FROM {partner} p"
    " UNION ALL SELECT f.entry, f.id, f.name, f.folded, f.place_name, f.skills FROM {firm} f WHERE f.training_partner = 1"
)
_KNOWN = (
    "SELECT t.entry, t.id, t.name, t.place_name, t.skills,"
    " (SELECT COUNT(*) FROM {naming} n WHERE n.named = t.id OR n.named = t.name),"
    " (SELECT COUNT(*) FROM {confirmed_naming} c WHERE c.partner = t.id)"
    f" FROM ({_TRAINERS}) t"
)
_NAMINGS = (
    f"SELECT n.entry, n.opportunity, o.title, a.zone, {STAGE}, n.bid, b.firm,"
    " CASE WHEN n.bid = '' THEN o.learner_places ELSE COALESCE(b.learner_places, 0) END, o.at, c.entry, c.at"
    " FROM {naming} n JOIN {opportunity} o ON o.id = n.opportunity JOIN {agency} a ON a.id = o.agency"
    " LEFT JOIN {bid} b ON b.opportunity = n.opportunity AND b.bid = n.bid"
    " LEFT JOIN {confirmed_naming} c ON c.opportunity = n.opportunity AND c.bid = n.bid AND c.partner = ?"
    " WHERE n.named = ? OR n.named = ? ORDER BY n.entry DESC, n.bid LIMIT ?"
)


def trainers(shelf: Shelf) -> list[PartnerKnown]:
    """Everybody who trains learners, by name."""
    return [PartnerKnown(*row) for row in shelf.rows(f"{_KNOWN} ORDER BY t.folded, t.entry")]


def namings_of(shelf: Shelf, subject: str, name: str, at: str, limit: int = 200) -> list[NamingShown]:
    """The notices and opened bids that name a partner, by its id or its registered name, newest first."""
    return [NamingShown(*row) for row in shelf.rows(_NAMINGS, (at, at, subject, subject, name, limit))]


def trainer_called(shelf: Shelf, name: str) -> str:
    """Who is registered under exactly this name, the first if several; '' for nobody."""
    row = shelf.row(f"SELECT t.id FROM ({_TRAINERS}) t WHERE t.name = ? ORDER BY t.entry LIMIT 1", (name,))
    return "" if row is None else str(row[0])


def firm_of_bid(shelf: Shelf, opportunity: str, bid: str) -> str:
    """The firm behind an opened bid; '' while it is sealed."""
    row = shelf.row("SELECT firm FROM {bid} WHERE opportunity = ? AND bid = ?", (opportunity, bid))
    return "" if row is None or row[0] is None else str(row[0])
