"""
The ranking, as anyone can compute it: medians, points, order, lots.

1. Quality: the median of the panel's levels per criterion, times its weight; price: the absolute formula against the
   published ceiling. All points are integer hundredths.
2. Ties: by the lot, or, where the rules say so (re-enactments), to the earliest bid.
3. The lot's seed is fixed by the bids themselves: the close entry and every value that lay in a sealed proposal
   (sealing.md 17). Nobody could choose it, and it needs no network.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from msgspec import Struct

from policies import Rules
from policies.scoring import median_hundredths, price_points, quality_points, reaches_quality, total_points
from portal.procurement.case import Case
from portal.procurement.events.evaluation import RankingPublished, RankRow, ScoresRevealed
from portal.procurement.events.opening import BidOpened
from portal.procurement.refusal import Refusal


def lot_seed(close_leaf: str, lots: Iterable[str]) -> bytes:
    """SHA-256("order" ‖ leaf of `bids-closed` ‖ lot values in ascending order): the seed of order and ties."""
    return sha256(b"order" + bytes.fromhex(close_leaf) + b"".join(sorted(bytes.fromhex(lot) for lot in lots))).digest()


def drawn_order(seed: bytes, bids: Iterable[str], purpose: bytes = b"order") -> list[str]:
    """The bids (hex keys) in the order of SHA-256(purpose ‖ seed ‖ bid key)."""
    return sorted(bids, key=lambda bid: sha256(purpose + seed + bytes.fromhex(bid)).digest())


def seed_of(case: Case, lots: Mapping[str, str]) -> bytes:
    """The seed of one case; `lots` maps each valid proposal's bid to its lot value."""
    if case.closed is None:
        raise Refusal("not-closed", {"closes": case.notice.closes})
    return lot_seed(case.closed.leaf_hash, lots.values())


def medians(case: Case, bid: str) -> dict[str, int]:
    """The panel's median per criterion for one bid, in hundredths of a level."""
    levels: dict[str, list[int]] = {criterion.id: [] for criterion in case.notice.criteria}
    for person in case.panel():
        body = case.reveals[person].body
        if not isinstance(body, ScoresRevealed):
            raise TypeError(case.reveals[person].kind)
        for row in body.scores:
            if row.bid == bid:
                for score in row.scores:
                    levels[score.criterion].append(score.score)
    return {criterion: median_hundredths(found) for criterion, found in levels.items()}


class _Scored(Struct, frozen=True, kw_only=True):
    opened: BidOpened
    quality: int
    price: int
    reason: str
    entry: int


def compute_ranking(case: Case, rules: Rules, lots: Mapping[str, str]) -> RankingPublished:
    """
    The ranking that follows from the opened bids and the shown scores.

    Args:
        lots: The revealed lot value of each valid proposal, by bid key.
    """
    scored = [_score(case, rules, body) for body in _opened(case)]
    ranked = [row for row in scored if not row.reason]
    seed = seed_of(case, lots)
    by_lot = {bid: place for place, bid in enumerate(drawn_order(seed, (r.opened.bid for r in scored), b"tie"))}
    earliest = rules.evaluation.tie == "earliest"

    def place(row: _Scored) -> tuple[int, int, int]:
        if rules.evaluation.price_formula == "lowest-price":
            return (row.opened.price_minor, row.entry if earliest else by_lot[row.opened.bid], 0)
        return (-total_points(row.quality, row.price), row.entry if earliest else by_lot[row.opened.bid], 0)

    ordered = sorted(ranked, key=place)
    firsts = [place(row)[0] for row in ordered]
    ties = sorted(row.opened.bid for row, first in zip(ordered, firsts, strict=True) if firsts.count(first) > 1)
    rest = sorted((row for row in scored if row.reason), key=lambda row: row.entry)
    return RankingPublished(
        rows=[_row(row, number) for number, row in enumerate(ordered, 1)] + [_row(row, 0) for row in rest],
        ties=ties,
        method="lowest-price" if rules.evaluation.price_formula == "lowest-price" else "points",
    )


def _opened(case: Case) -> list[BidOpened]:
    return [act.body for act in case.opened.values() if isinstance(act.body, BidOpened)]


def _score(case: Case, rules: Rules, opened: BidOpened) -> _Scored:
    notice = case.notice
    by_price = rules.evaluation.price_formula == "lowest-price"
    unscored = by_price or opened.reason == "proposal-void"
    found = {} if unscored else medians(case, opened.bid)
    weights = [] if unscored else [criterion.weight for criterion in notice.criteria]
    quality = quality_points(list(found.values()), weights, rules.evaluation.scale_top)
    price = 0
    if notice.price_weight and not by_price:
        price = price_points(opened.price_minor, notice.budget_minor, notice.floor_minor or 0, notice.price_weight)
    reason = opened.reason if opened.status == "disqualified" else ""
    if opened.status == "superseded":
        reason = "superseded"
    if not reason and not by_price and not reaches_quality(quality, weights, rules.evaluation.min_quality_pct):
        reason = "quality-below-minimum"
    return _Scored(
        opened=opened, quality=quality, price=price, reason=reason, entry=case.bids[opened.bid].current.index
    )


def _row(row: _Scored, rank: int) -> RankRow:
    return RankRow(
        bid=row.opened.bid,
        firm=row.opened.firm,
        quality=row.quality,
        price=row.price,
        total=total_points(row.quality, row.price),
        rank=rank,
        reason=row.reason,
    )
