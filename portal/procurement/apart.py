"""
Scores that lie apart: where the panel reads one proposal more differently than the rules let stand without a reason.

Everybody gave words with each score before seeing the others'. Here the evaluators who are away from the middle say, having
seen it, why they read the proposal as they did; bidders may know. No score changes by it.
"""

from collections.abc import Iterable

from msgspec import Struct

from policies import Rules, median_hundredths, spread
from portal.procurement.case import Case
from portal.procurement.events.evaluation import ScoresRevealed

_HUNDREDTHS = 100


class Apart(Struct, frozen=True, kw_only=True):
    """One shown score that needs a reason: whose, on which bid and criterion, and the middle in hundredths of a level."""

    person: str
    bid: str
    criterion: str
    level: int
    middle: int


def scores_apart(case: Case, rules: Rules) -> list[Apart]:
    """
    The counted scores that need a reason, by bid, criterion and evaluator.

    Where the highest and the lowest lie further apart than the rules' figure, everybody away from the middle says why.
    """
    found: list[Apart] = []
    shown = {person: case.reveals[person].body for person in case.panel()}
    bids = [row.bid for body in shown.values() if isinstance(body, ScoresRevealed) for row in body.scores]
    for bid in dict.fromkeys(bids):
        for criterion in case.notice.criteria:
            levels = {person: _level(body, bid, criterion.id) for person, body in shown.items()}
            given = {person: level for person, level in levels.items() if level is not None}
            if spread(list(given.values())) <= rules.evaluation.spread_levels:
                continue
            middle = median_hundredths(list(given.values()))
            found += [
                Apart(person=person, bid=bid, criterion=criterion.id, level=level, middle=middle)
                for person, level in given.items()
                if level * _HUNDREDTHS != middle
            ]
    return found


def unexplained(case: Case, apart: Iterable[Apart]) -> list[Apart]:
    """Those of the scores for which their evaluator has given no reason yet."""
    return [row for row in apart if (row.bid, row.criterion) not in case.explained.get(row.person, {})]


def _level(body: Struct, bid: str, criterion: str) -> int | None:
    scores = body.scores if isinstance(body, ScoresRevealed) else []
    found = [score.score for row in scores if row.bid == bid for score in row.scores if score.criterion == criterion]
    return found[0] if found else None
