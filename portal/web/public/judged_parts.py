"""What became of bids: side by side, scores, ranking, proofs of eligibility, reasons, objections."""

import msgspec

from policies import median_hundredths
from portal.commands.library import Library
from portal.procurement.act import Act
from portal.procurement.apart import scores_apart
from portal.procurement.case import Case, Verdicts
from portal.procurement.decisions.lookups import rules_of
from portal.procurement.decisions.opening import scores_stand
from portal.procurement.events import award, bid, evaluation, opening
from portal.procurement.events.reading import ProposalsErased
from portal.procurement.money import Money
from portal.procurement.stage import Stage
from portal.web.addresses import subject_href
from portal.web.public.names import Names
from portal.web.public.partners import named_in
from portal.web.public.sayings import record_of, records_of
from portal.web.reading import Reading
from portal.web.views.frame import Moment, Said, said
from portal.web.views.opportunity import (
    BidColumn,
    Bids,
    Checked,
    CriterionScores,
    ObjectionRow,
    RankedRow,
    Ranking,
    Reasons,
    Score,
    ScoredBid,
    Scores,
    Unopened,
)

_SHORT = 8


def ranks_of(case: Case) -> dict[str, evaluation.RankRow]:
    """The ranking's rows by bid; empty before there is one."""
    if case.ranking is None or not isinstance(case.ranking.body, evaluation.RankingPublished):
        return {}
    return {row.bid: row for row in case.ranking.body.rows}


def chosen_bid(case: Case) -> str:
    """The bid that was chosen; '' before a choice."""
    return case.chosen.body.bid if case.chosen is not None and isinstance(case.chosen.body, award.AwardIntended) else ""


def opened_bids(case: Case) -> list[tuple[Act, opening.BidOpened]]:
    """The bids in clear, in the order of the record."""
    return [(act, act.body) for act in case.opened.values() if isinstance(act.body, opening.BidOpened)]


def bids_of(reading: Reading, case: Case, stage: Stage, names: Names, *, hidden: bool) -> Bids:
    """What may be said about bids now; `hidden` when the rules do not show their number before the close."""
    columns = [_column(reading, case, act, body, names) for act, body in opened_bids(case)]
    columns.sort(
        key=lambda column: (column.rank is None or column.rank == 0, column.rank or 0, column.records[0].index)
    )
    closed = case.closed
    return Bids(
        count=None if hidden and stage == "open" else len(case.listed_bids()),
        columns=tuple(columns),
        parts=tuple(each.name for each in case.notice.milestones) if any(each.parts for each in columns) else (),
        unopened=(
            *_void(reading, names, "proposal", case.proposals_opened),
            *_void(reading, names, "offer", case.offers_opened),
        ),
        list_fingerprint=closed.body.list_sha256 if closed and isinstance(closed.body, opening.BidsClosed) else "",
        withdrawn=0 if hidden and stage == "open" else sum(1 for each in case.bids.values() if each.withdrawn),
        lapsed=0 if stage == "open" else len(case.lapsed_bids()),
        erased=erasures_of(case, names.zone(case.notice.agency)),
        records=(record_of(closed),) if closed else (),
    )


def erasures_of(case: Case, zone: str) -> tuple[Said, ...]:
    """What became of proposals that nobody needs any more: how many, when, under which rule."""
    return tuple(
        said(
            "bids.erased",
            n=len(act.body.erased),
            when=Moment(act.at, zone),
            ground=said(f"acts.erased_because.{act.body.ground}"),
        )
        for act in case.acts
        if isinstance(act.body, ProposalsErased)
    )


def scores_of(reading: Reading, case: Case, names: Names) -> Scores:
    """The scores, once they stand; until then how many are locked in."""
    library = Library(reading.door.store, reading.connection)
    stand = scores_stand(library, case)
    if stand is not None and stand > reading.at:
        reading.expires(stand)
    shown = stand is not None and reading.at >= stand and bool(case.reveals)
    rules = rules_of(library, case)
    apart = {(row.person, row.bid, row.criterion) for row in scores_apart(case, rules)} if shown else set()
    firms = {body.bid: names.firm(body.firm).text for _, body in opened_bids(case)}
    acts = [
        *case.commits.values(),
        *case.reveals.values(),
        *(act for act in case.acts if act.kind == "scores-explained"),
    ]
    return Scores(
        evaluators=len(case.reveals) if shown else len(case.notice.evaluators),
        locked=len(case.commits),
        least=rules.tier(case.notice.tier).panel_size,
        spread=rules.evaluation.spread_levels,
        criteria=tuple(_criterion(case, number, firms, apart) for number in range(len(case.notice.criteria)))
        if shown
        else (),
        silent=tuple(_person(person) for person in case.commits if person not in case.reveals) if shown else (),
        aside=tuple(
            (_person(person), names.firm(act.body.firm))
            for person, act in case.stood_aside.items()
            if isinstance(act.body, evaluation.EvaluatorStoodAside)
        ),
        records=records_of(acts) if shown else (),
    )


def ranking_of(case: Case, names: Names) -> Ranking | None:
    """The ranking with prices; None before it is published."""
    if case.ranking is None or not isinstance(case.ranking.body, evaluation.RankingPublished):
        return None
    body, chosen = case.ranking.body, chosen_bid(case)
    prices = {each.bid: Money(each.price_minor, each.currency) for _, each in opened_bids(case)}
    rows = sorted(body.rows, key=lambda row: (row.rank == 0, row.rank))
    return Ranking(
        method=body.method,
        rows=tuple(
            RankedRow(
                rank=row.rank,
                firm=names.firm(row.firm),
                price=prices.get(row.bid, Money(0, case.notice.currency)),
                quality=row.quality,
                price_points=row.price,
                total=row.total,
                reason=names.word(row.reason, case.notice.policy.digest),
                tie=row.bid in body.ties,
                chosen=row.bid == chosen,
                judged=f"{subject_href(case.id)}/bids/{row.bid}",
            )
            for row in rows
        ),
        records=(record_of(case.ranking),),
    )


def checked_of(reading: Reading, case: Case, names: Names, zone: str) -> tuple[Checked, ...]:
    """Proofs of eligibility and what the agency decided on each."""
    rows = []
    for firm, act in case.proofs.items():
        if not isinstance(act.body, award.EligibilityProved):
            continue
        decided = case.eligibility.get(firm)
        judged = decided.body if decided and isinstance(decided.body, award.EligibilityDecided) else None
        rows.append(
            Checked(
                firm=names.firm(firm),
                when=reading.when(act.at, zone),
                place=names.word(act.body.place, case.notice.policy.digest),
                months_present=act.body.months_present,
                staff=act.body.staff_with_affiliates,
                founded=act.body.founded,
                accepted=judged.accepted if judged else None,
                why=judged.why if judged else "",
                records=records_of([act, decided] if decided else [act]),
            )
        )
    return tuple(rows)


def reasons_of(case: Case, names: Names) -> tuple[Reasons, ...]:
    """The reasons for every bidder, best rank first."""
    if case.chosen is None or not isinstance(case.chosen.body, award.AwardIntended):
        return ()
    firms = {body.bid: body.firm for _, body in opened_bids(case)}
    ranks = ranks_of(case)
    criteria = {each.id: each.name for each in case.notice.criteria} | {"price": names.word("price", "")}
    rows = [
        Reasons(
            firm=names.firm(firms.get(each.bid, "")),
            rank=ranks[each.bid].rank if each.bid in ranks else 0,
            reasons=tuple((criteria.get(reason.criterion, reason.criterion), reason.words) for reason in each.reasons),
            chosen=each.bid == case.chosen.body.bid,
        )
        for each in case.chosen.body.reasons
    ]
    return tuple(sorted(rows, key=lambda row: (row.rank == 0, row.rank)))


def objections_of(reading: Reading, case: Case, zone: str) -> tuple[ObjectionRow, ...]:
    """Objections to the list at close, each with its decision."""
    rows = []
    for index, act in case.objections.items():
        decided = case.objections_decided.get(index)
        judged = decided.body if decided and isinstance(decided.body, bid.ObjectionDecided) else None
        rows.append(
            ObjectionRow(
                when=reading.when(act.at, zone),
                words=act.body.words if isinstance(act.body, bid.ObjectionFiled) else "",
                accepted=judged.accepted if judged else None,
                why=judged.why if judged else "",
                records=records_of([act, decided] if decided else [act]),
            )
        )
    return tuple(rows)


def _column(reading: Reading, case: Case, act: Act, body: opening.BidOpened, names: Names) -> BidColumn:
    ranks, chosen, digest = ranks_of(case), chosen_bid(case), case.notice.policy.digest
    declared = body.declarations
    return BidColumn(
        firm=names.firm(body.firm),
        price=Money(body.price_minor, body.currency),
        place=names.word(declared.place, digest),
        months_present=declared.months_present,
        staff=declared.staff,
        founded=declared.founded,
        no_conflict=declared.no_conflict,
        learner_places=declared.learner_places,
        training_partner=named_in(reading, names, case, body.bid),
        skills=tuple(declared.skills),
        status=body.status,
        reason=names.word(body.reason, digest),
        rank=ranks[body.bid].rank if body.bid in ranks else None,
        chosen=body.bid == chosen,
        parts=tuple(Money(each, body.currency) for each in body.milestone_prices),
        records=(record_of(act),),
    )


def _void(reading: Reading, names: Names, label: opening.Label, verdicts: Verdicts | None) -> list[Unopened]:
    """The envelopes that did not open, out of the verdict document."""
    data = reading.door.store.document(reading.connection, verdicts.document) if verdicts else None
    if data is None:
        return []
    rows = msgspec.json.decode(data, type=list[opening.VerdictRow])
    return [
        Unopened(label=label, bid=row.bid, reason=names.word(row.reason, "")) for row in rows if row.verdict == "void"
    ]


def _criterion(case: Case, number: int, firms: dict[str, str], apart: set[tuple[str, str, str]]) -> CriterionScores:
    criterion = case.notice.criteria[number]
    given: dict[str, list[Score]] = {}
    for person in (each for each in case.notice.evaluators if each in case.reveals):
        body = case.reveals[person].body
        if not isinstance(body, evaluation.ScoresRevealed):
            continue
        for scored in body.scores:
            for each in scored.scores:
                if each.criterion == criterion.id:
                    row = Score(
                        evaluator=_person(person),
                        level=each.score,
                        words=each.words,
                        aside=person in case.stood_aside,
                        apart=(person, scored.bid, criterion.id) in apart,
                        reason=case.explained.get(person, {}).get((scored.bid, criterion.id), ""),
                    )
                    given.setdefault(scored.bid, []).append(row)
    return CriterionScores(
        name=criterion.name,
        weight=criterion.weight,
        bidders=tuple(
            ScoredBid(bidder=firms.get(key, key[:_SHORT]), scores=tuple(scores), median=_median(scores))
            for key, scores in given.items()
        ),
    )


def _median(scores: list[Score]) -> int:
    levels = [score.level for score in scores if not score.aside]
    return median_hundredths(levels) if levels else 0


def _person(subject: str) -> str:
    return subject.removeprefix("person:")
