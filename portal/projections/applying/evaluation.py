"""Scores and the ranking."""

from portal.procurement.act import Act
from portal.procurement.events import award, evaluation
from portal.projections.applying.standing import agency_of, settle
from portal.projections.shelf import Shelf


def scores_committed(shelf: Shelf, act: Act, _body: evaluation.ScoresCommitted) -> set[str]:
    """The first locked scores turn an opened pilot into one that is being scored."""
    shelf.run("UPDATE {opportunity} SET locked = locked + 1 WHERE id = ?", (act.subject,))
    settle(shelf, act)
    return {"opportunities", *agency_of(shelf, act.subject)}


def ranking_published(shelf: Shelf, act: Act, body: evaluation.RankingPublished) -> set[str]:
    """Points and places; a later ranking takes the place of an earlier one."""
    shelf.run(
        "UPDATE {bid} SET rank = 0, quality = NULL, price = NULL, total = NULL WHERE opportunity = ?", (act.subject,)
    )
    shelf.run_many(
        "UPDATE {bid} SET firm = ?, rank = ?, quality = ?, price = ?, total = ? WHERE opportunity = ? AND bid = ?",
        [(row.firm, row.rank, row.quality, row.price, row.total, act.subject, row.bid) for row in body.rows],
    )
    shelf.run("UPDATE {opportunity} SET ranked_entry = ? WHERE id = ?", (act.index, act.subject))
    _count_candidates(shelf, act)
    return {"opportunities", *agency_of(shelf, act.subject), *(row.firm for row in body.rows)}


def eligibility_decided(shelf: Shelf, act: Act, body: award.EligibilityDecided) -> set[str]:
    """A firm that is passed over is a candidate no longer."""
    shelf.run(
        "INSERT INTO {eligibility} (entry, refused, opportunity, firm) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (opportunity, firm) DO UPDATE SET entry = excluded.entry, refused = excluded.refused",
        (act.index, int(not body.accepted), act.subject, body.firm),
    )
    _count_candidates(shelf, act)
    return {"opportunities", body.firm, *agency_of(shelf, act.subject)}


def _count_candidates(shelf: Shelf, act: Act) -> None:
    shelf.run(
        "UPDATE {opportunity} SET candidates = (SELECT COUNT(*) FROM {bid} b WHERE b.opportunity = {opportunity}.id"
        " AND b.rank > 0 AND NOT EXISTS (SELECT 1 FROM {eligibility} e WHERE e.opportunity = b.opportunity"
        " AND e.firm = b.firm AND e.refused = 1)) WHERE id = ?",
        (act.subject,),
    )
    settle(shelf, act)
