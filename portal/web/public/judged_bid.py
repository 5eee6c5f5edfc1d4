"""How one bid was judged: its scores and the words behind them, beside the chosen bid's, and what would have changed it."""

from policies import Rules
from policies.scoring import median_hundredths, price_points, total_points
from portal.procurement.case import Case
from portal.procurement.events.award import AwardIntended
from portal.procurement.events.evaluation import RankingPublished, RankRow, ScoresRevealed
from portal.procurement.events.opening import BidOpened
from portal.procurement.money import Money
from portal.procurement.ranking import medians
from portal.procurement.stage import standstill_ends
from portal.web.addresses import subject_href
from portal.web.problems import missing
from portal.web.public.eligible import pinned_rules
from portal.web.public.judged_parts import chosen_bid, opened_bids, ranks_of
from portal.web.public.names import Names
from portal.web.public.opportunity import read_case
from portal.web.public.sayings import records_of
from portal.web.reading import Reading
from portal.web.views.bidding import GivenScore, JudgedPage, OwnScore
from portal.web.views.frame import Link, Said, said

_HUNDREDTHS = 100


def judged_page(reading: Reading, name: str, bid: str) -> JudgedPage:
    """The page of one opened bid, from the ranking on; no page before, and none for a bid that was not opened."""
    case = read_case(reading, name)
    opened = {body.bid: (act, body) for act, body in opened_bids(case)}
    ranks = ranks_of(case)
    if bid not in opened or bid not in ranks:
        raise missing()
    act, body = opened[bid]
    names, notice = Names(reading), case.notice
    best = _best(case, ranks)
    own, other = ranks[bid], ranks.get(best)
    rules = pinned_rules(reading, case)
    reasons = _reasons(case, bid)
    ends = standstill_ends(case)
    acts = [act, *([case.ranking] if case.ranking else []), *([case.chosen] if case.chosen else [])]
    points = any(row.total for row in ranks.values())
    return JudgedPage(
        path=f"{subject_href(case.id)}/bids/{bid}",
        title=notice.title,
        pilot=Link(notice.title, subject_href(case.id)),
        agency=names.agency(notice.agency),
        firm=names.firm(body.firm),
        price=Money(body.price_minor, body.currency),
        parts=_parts(case, body),
        rank=own.rank,
        of=sum(1 for row in ranks.values() if row.rank),
        best=names.firm(other.firm) if other else None,
        is_best=bid == best,
        is_chosen=bid == chosen_bid(case),
        decided=case.chosen is not None,
        best_price=Money(opened[best][1].price_minor, body.currency) if best in opened else None,
        points=(own.quality, own.price, own.total) if points else None,
        best_points=(other.quality, other.price, other.total) if points and other else None,
        short=max(0, other.total - own.total) if other else 0,
        best_parts=_parts(case, opened[best][1]) if best in opened and bid != best else (),
        tied=_tied(case, own, names),
        tie=_tie(rules) if _tied(case, own, names) else None,
        price_weight=notice.price_weight,
        reason=names.word(own.reason or body.reason, notice.policy.digest),
        scores=_scores(case, bid, best, reasons) if points and _is_scored(case, bid) else (),
        price_reason=reasons.get("price", ""),
        would=_would(case, rules, body, own, other) if other and bid != best and own.rank else (),
        challenge=reading.when(ends, names.zone(notice.agency)) if ends else None,
        pdf=f"{subject_href(case.id)}/bids/{bid}/judged.pdf",
        records=records_of(acts),
    )


def _parts(case: Case, body: BidOpened) -> tuple[tuple[str, Money], ...]:
    """The parts of a bid's price by name, where it named them."""
    found = zip(case.notice.milestones, body.milestone_prices, strict=False)
    return tuple((part.name, Money(price, body.currency)) for part, price in found)


def _tied(case: Case, own: RankRow, names: Names) -> tuple[str, ...]:
    """The firms whose bids stood equal with this one, so that only a draw (or the earliest hour) could put them in order."""
    if (
        case.ranking is None
        or not isinstance(case.ranking.body, RankingPublished)
        or own.bid not in case.ranking.body.ties
    ):
        return ()
    body = case.ranking.body
    prices = {opened.bid: opened.price_minor for _, opened in opened_bids(case)}

    def worth(row: RankRow) -> int | None:
        return prices.get(row.bid) if body.method == "lowest-price" else row.total

    equal = [row for row in body.rows if row.bid in body.ties and row.bid != own.bid and worth(row) == worth(own)]
    return tuple(names.firm(row.firm).text for row in equal)


def _tie(rules: Rules | None) -> Said:
    """What put equals in order."""
    return said(
        "judged.tie_earliest" if rules is not None and rules.evaluation.tie == "earliest" else "judged.tie_draw"
    )


def _best(case: Case, ranks: dict[str, RankRow]) -> str:
    """The chosen bid; before the choice the first-ranked one."""
    first = [bid for bid, row in ranks.items() if row.rank == 1]
    return chosen_bid(case) or (first[0] if first else "")


def _reasons(case: Case, bid: str) -> dict[str, str]:
    """The agency's sentence for each criterion, from the choice on."""
    if case.chosen is None or not isinstance(case.chosen.body, AwardIntended):
        return {}
    found = [each for each in case.chosen.body.reasons if each.bid == bid]
    return {reason.criterion: reason.words for each in found for reason in each.reasons}


def _scores(case: Case, bid: str, best: str, reasons: dict[str, str]) -> tuple[OwnScore, ...]:
    own = medians(case, bid)
    other = medians(case, best) if best else own  # nobody is ranked: there is nobody to compare with
    valid = [body.bid for _, body in opened_bids(case) if body.status == "valid"]
    everybody = [medians(case, each) for each in valid if _is_scored(case, each)]
    return tuple(
        OwnScore(
            name=criterion.name,
            weight=criterion.weight,
            own=own[criterion.id],
            best=other[criterion.id],
            middle=median_hundredths([row[criterion.id] for row in everybody]) // _HUNDREDTHS if everybody else 0,
            words=_words(case, bid, criterion.id),
            reason=reasons.get(criterion.id, ""),
        )
        for criterion in case.notice.criteria
    )


def _is_scored(case: Case, bid: str) -> bool:
    """Whether the panel scored this bid; a proposal that could not be opened was not."""
    return any(_words(case, bid, criterion.id) for criterion in case.notice.criteria)


def _words(case: Case, bid: str, criterion: str) -> tuple[GivenScore, ...]:
    """Each counted evaluator's level and words, as they were shown; and why it lies apart, where she was asked that."""
    found = []
    for person in case.panel():
        body = case.reveals[person].body
        if isinstance(body, ScoresRevealed):
            found += [
                GivenScore(
                    evaluator=person.removeprefix("person:"),
                    level=score.score,
                    words=score.words,
                    apart=case.explained.get(person, {}).get((bid, criterion), ""),
                )
                for row in body.scores
                if row.bid == bid
                for score in row.scores
                if score.criterion == criterion
            ]
    return tuple(found)


def _would(case: Case, rules: Rules | None, body: BidOpened, own: RankRow, other: RankRow) -> tuple[Said, ...]:
    """What would have been enough by itself to stand equal or better, criterion by criterion, and by price."""
    if rules is None or own.total == other.total:  # equal already: the draw decided
        return ()
    short, top = other.total - own.total, rules.evaluation.scale_top
    said_so: list[Said] = []
    levels = medians(case, own.bid) if _is_scored(case, own.bid) else {}
    for criterion in case.notice.criteria:
        step = criterion.weight * _HUNDREDTHS // top
        needed = -(-short // step) if step and short > 0 else 0
        room = top - levels.get(criterion.id, 0) // _HUNDREDTHS
        if 0 < needed <= room:
            said_so.append(said("judged.would_level", name=criterion.name, n=needed))
    price = _enough(case, body, own, other)
    if price is not None:
        said_so.append(said("judged.would_price", price=Money(price, body.currency)))
    if not said_so:
        said_so.append(said("judged.would_nothing"))
    return tuple(said_so)


def _enough(case: Case, body: BidOpened, own: RankRow, other: RankRow) -> int | None:
    """The highest price that would have given as many points as the best bid; None where price decides nothing."""
    notice = case.notice
    if not notice.price_weight or notice.floor_minor is None:
        return None
    low, high = 0, body.price_minor

    def total(price: int) -> int:
        points = price_points(price, notice.budget_minor, notice.floor_minor or 0, notice.price_weight)
        return total_points(own.quality, points)

    if total(low) < other.total:
        return None
    while low < high:
        middle = (low + high + 1) // 2
        if total(middle) >= other.total:
            low = middle
        else:
            high = middle - 1
    return low
