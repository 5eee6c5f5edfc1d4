"""Scores, ranking, eligibility, choice and award: favouritism has no door here."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from ledger.commitments import commit
from ledger.entry import format_time, parse_time
from portal.commands.library import Library
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals, read_proposals
from portal.commands.publish_ranking import publish_ranking
from portal.procurement.decisions.opening import latest, show_until
from portal.procurement.decisions.scoring import expected_ranking, scores_commitment
from portal.procurement.events import award, evaluation, opportunity, party
from portal.procurement.events.evaluation import BidScores, CriterionScore, RankingPublished
from portal.procurement.stage import candidate, ranked_rows, stage
from portal.recompute import recompute
from tests.portal.town import AGENCY, OFFICERS, PILOT, Town, key_of, refusal_of, size_of

SALT = sha256(b"salt").hexdigest()


def _scores(town: Town, level: int = 3) -> list[BidScores]:
    return [
        BidScores(
            bid=row.bid,
            scores=[CriterionScore(criterion=c.id, score=level, words="Clear.") for c in town.case().notice.criteria],
        )
        for row in read_proposals(town.office, PILOT)
    ]


def _commit(town: Town, name: str, scores: list[BidScores], signer: str | None = None) -> object:
    stated = scores_commitment(PILOT, f"person:{name}", SALT, scores)
    body = evaluation.ScoresCommitted(person=f"person:{name}", commitment=stated)
    return town.act("scores-committed", PILOT, body, signer or name)


def _reveal(town: Town, name: str, scores: list[BidScores], salt: str = SALT) -> object:
    body = evaluation.ScoresRevealed(person=f"person:{name}", salt=salt, scores=scores)
    return town.act("scores-revealed", PILOT, body, name)


def _all_committed(town: Town, scores: list[BidScores]) -> bool:
    for name in ("eve", "fay", "gus"):
        _commit(town, name, scores)
    return True


def _with_first(scores: list[BidScores], **changes: Any) -> list[BidScores]:
    first = scores[0]
    worse = msgspec.structs.replace(first.scores[0], **changes)
    return [msgspec.structs.replace(first, scores=[worse, *first.scores[1:]]), *scores[1:]]


def _revealing(change: Callable[[list[BidScores]], list[BidScores]]) -> Callable[[Town], object]:
    def work(town: Town) -> object:
        scores = change(_scores(town))
        _all_committed(town, scores)
        return _reveal(town, "eve", scores)

    return work


SCORES: dict[str, tuple[Callable[[Town], object], str]] = {
    "scores by an officer": (lambda t: _commit(t, "ada", _scores(t)), "appointment-duty"),
    "scores in a colleague's name": (lambda t: _commit(t, "fay", _scores(t), "eve"), "evaluator-not-named"),
    "scores locked in twice": (
        lambda t: (_commit(t, "eve", _scores(t)), _commit(t, "eve", _scores(t, 4))),
        "scores-already-committed",
    ),
    "scores shown that were never locked in": (lambda t: _reveal(t, "eve", _scores(t)), "scores-not-committed"),
    "scores shown before the panel has locked in": (
        lambda t: (_commit(t, "eve", _scores(t)), _reveal(t, "eve", _scores(t))),
        "scores-still-open",
    ),
    "scores improved after locking in": (
        lambda t: _all_committed(t, _scores(t)) and _reveal(t, "eve", _scores(t, 4)),
        "scores-differ-from-commitment",
    ),
    "another salt": (
        lambda t: _all_committed(t, _scores(t)) and _reveal(t, "eve", _scores(t), "0" * 64),
        "scores-differ-from-commitment",
    ),
    "a proposal left out": (_revealing(lambda scores: scores[1:]), "scores-proposals"),
    "proposals in another order": (_revealing(lambda scores: scores[::-1]), "scores-proposals"),
    "a level above the scale": (_revealing(lambda scores: _with_first(scores, score=5)), "score-range"),
    "a level below nothing": (_revealing(lambda scores: _with_first(scores, score=-1)), "score-range"),
    "a criterion of one's own": (_revealing(lambda scores: _with_first(scores, criterion="charm")), "scores-criteria"),
    "names before the scores are shown": (
        lambda t: t.release("offer"),
        "scores-not-shown",
    ),
    "names while one evaluator hides scores": (
        lambda t: (_all_committed(t, _scores(t)), _reveal(t, "eve", _scores(t)), t.release("offer")),
        "scores-not-shown",
    ),
    "interests declared after the close": (
        lambda t: t.act("interests-declared", PILOT, evaluation.InterestsDeclared(person="person:eve"), "eve"),
        "interests-late",
    ),
    "a ranking before names and prices": (lambda t: publish_ranking(t.office, PILOT), "not-opened"),
    "a choice before a ranking": (
        lambda t: t.act(
            "eligibility-decided", PILOT, award.EligibilityDecided(firm="firm:ridge", accepted=True, why="x"), "ada"
        ),
        "not-ranked",
    ),
}


@pytest.mark.parametrize("name", SCORES)
def test_while_scoring_this_is_refused(opened_town: Town, copy_of: Callable[[Town], Town], name: str) -> None:
    town = copy_of(opened_town)
    work, reason = SCORES[name]
    assert refusal_of(lambda: work(town)) == reason
    assert town.case().offers_opened is None


def _five(tmp_path: Any) -> Town:
    town = Town.found(tmp_path / "data")
    for name in ("hal", "ida"):
        town.appoint(name, ["evaluate"], None)
    town.publish(evaluators=[f"person:{name}" for name in ("eve", "fay", "gus", "hal", "ida")])
    town.bid("ridge")
    town.bid("creek")
    town.declare_interests()
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    return town


def test_an_evaluator_who_never_shows_scores_holds_nobody_up(tmp_path: Any) -> None:
    town = _five(tmp_path)
    town.score(shown=("eve", "fay", "gus", "hal"))
    locked = max(act.at for act in town.case().commits.values())
    assert refusal_of(lambda: town.release("offer")) == "scores-not-shown"
    town.clock.advance_to(show_until(town.case()) - timedelta(milliseconds=1))
    assert refusal_of(lambda: town.release("offer")) == "scores-not-shown"
    town.clock.advance_to(show_until(town.case()))
    assert show_until(town.case()) - locked == town.case().opens_by - town.case().objection_until
    town.release("offer", names=("kim",))
    late = town.judgement("ida", lambda *_: 3)
    assert refusal_of(lambda: town.act("scores-revealed", PILOT, late, "ida")) == "scores-show-late"
    town.release("offer", names=("mae",))
    open_offers(town.office, PILOT)
    publish_ranking(town.office, PILOT)
    assert town.case().panel() == [f"person:{name}" for name in ("eve", "fay", "gus", "hal")]
    town.office.publish()
    assert recompute(str(tmp_path / "data")).differences == []


def test_where_too_few_show_their_scores_nothing_is_opened(tmp_path: Any) -> None:
    town = _five(tmp_path)
    town.score(shown=("eve", "fay"))
    town.clock.advance_to(show_until(town.case()))
    assert refusal_of(lambda: town.release("offer")) == "scores-not-shown"
    town.act("scores-revealed", PILOT, town.judgement("ida", lambda *_: 3), "ida")
    town.release("offer", names=("kim",))


def test_a_late_panel_does_not_take_the_keepers_time_away(tmp_path: Any) -> None:
    town = _five(tmp_path)
    town.score(shown=("eve", "fay", "gus", "hal"))
    with town.office.store.reading() as connection:
        until = latest(Library(town.office.store, connection), town.case(), "offer")
    assert until is not None
    assert until >= show_until(town.case()) + (town.case().opens_by - town.case().objection_until)


def _apart(town: Town, *levels: int) -> str:
    """Scores of one criterion of the first bid as given, everything else alike; ranked. Gives the first bid."""
    first = read_proposals(town.office, PILOT)[0].bid
    given = dict(zip(("eve", "fay", "gus"), levels, strict=True))
    town.score(lambda who, bid, criterion: given[who] if (bid, criterion) == (first, "approach") else 3)
    town.release("offer")
    open_offers(town.office, PILOT)
    publish_ranking(town.office, PILOT)
    return first


def _explain(town: Town, who: str, *rows: tuple[str, str], signer: str = "") -> object:
    reasons = [evaluation.ScoreReason(bid=bid, criterion=criterion, words="No date.") for bid, criterion in rows]
    body = evaluation.ScoresExplained(person=f"person:{who}", reasons=reasons)
    return town.act("scores-explained", PILOT, body, signer or who)


@pytest.mark.parametrize(
    ("levels", "who"),
    {
        "alike": ((3, 3, 3), ""),
        "one level apart": ((3, 4, 3), ""),
        "two levels apart, one away from the middle": ((1, 3, 3), "eve"),
        "two levels apart, two away from the middle": ((2, 3, 4), "eve gus"),
        "the whole scale": ((0, 4, 2), "eve fay"),
    }.values(),
)
def test_scores_that_lie_apart_need_a_reason_before_the_choice(
    opened_town: Town, copy_of: Callable[[Town], Town], levels: tuple[int, ...], who: str
) -> None:
    town = copy_of(opened_town)
    first = _apart(town, *levels)
    winner = candidate(town.case())
    assert winner is not None
    name = winner.firm.removeprefix("firm:")
    town.prove(name)
    town.decide_eligibility(name)
    for person in who.split():
        assert refusal_of(lambda: town.choose(name)) == "scores-unexplained"
        _explain(town, person, (first, "approach"))
    town.choose(name)
    assert set(town.case().explained) == {f"person:{person}" for person in who.split()}
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []


WRONG_REASONS: dict[str, tuple[Callable[[Town, str], object], str]] = {
    "a score that does not lie apart": (lambda t, bid: _explain(t, "eve", (bid, "team")), "score-not-apart"),
    "a colleague's score": (lambda t, bid: _explain(t, "fay", (bid, "approach")), "score-not-apart"),
    "in a colleague's name": (
        lambda t, bid: _explain(t, "eve", (bid, "approach"), signer="fay"),
        "evaluator-not-named",
    ),
    "the same score twice": (lambda t, bid: _explain(t, "eve", *[(bid, "approach")] * 2), "score-not-apart"),
    "again": (
        lambda t, bid: [_explain(t, "eve", (bid, "approach")) for _ in range(2)],
        "score-not-apart",
    ),
    "no reason at all": (lambda t, _: _explain(t, "eve"), "body-malformed"),
}


@pytest.mark.parametrize("name", WRONG_REASONS)
def test_a_reason_is_given_for_a_score_of_one_s_own_that_lies_apart(
    opened_town: Town, copy_of: Callable[[Town], Town], name: str
) -> None:
    town = copy_of(opened_town)
    first = _apart(town, 1, 3, 3)
    work, reason = WRONG_REASONS[name]
    assert refusal_of(lambda: work(town, first)) == reason


def test_an_evaluator_who_is_gone_is_not_waited_for(opened_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(opened_town)
    _apart(town, 1, 3, 3)
    winner = candidate(town.case())
    assert winner is not None
    name = winner.firm.removeprefix("firm:")
    town.prove(name)
    town.decide_eligibility(name)
    assert refusal_of(lambda: town.choose(name)) == "scores-unexplained"
    ended = party.AppointmentEnded(person="person:eve", why="She left.")
    town.act("appointment-ended", AGENCY, ended, "head")
    town.choose(name)


def test_an_evaluator_who_declared_nothing_cannot_score(tmp_path: Any) -> None:
    town = Town.found(tmp_path / "data")
    town.publish()
    town.bid("ridge")
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    assert refusal_of(lambda: _commit(town, "eve", _scores(town))) == "interests-missing"


def test_an_evaluator_with_an_interest_steps_aside_and_too_small_a_panel_ranks_nobody(tmp_path: Any) -> None:
    town = Town.found(tmp_path / "data")
    town.appoint("hal", ["evaluate"], None)
    town.appoint("ida", ["evaluate"], None)
    people = [f"person:{name}" for name in ("eve", "fay", "gus", "hal", "ida")]
    town.publish(evaluators=people)
    town.bid("ridge")
    town.bid("creek")
    town.to_ranking(eve="firm:creek", hal="firm:creek")
    assert sorted(town.case().stood_aside) == ["person:eve", "person:hal"]
    assert town.case().panel() == ["person:fay", "person:gus", "person:ida"]

    small = Town.found(tmp_path / "small")
    small.publish()
    small.bid("ridge")
    small.bid("creek")
    assert refusal_of(lambda: small.to_ranking(eve="firm:creek")) == "panel-too-small"


def test_nobody_is_put_aside_without_a_declaration(ranked_town: Town) -> None:
    _, openings = commit("interests-declared", {"firm_1": "firm:ridge"})
    body = evaluation.EvaluatorStoodAside(
        person="person:fay", firm="firm:ridge", path="firm_1", salt=openings[0]["salt"]
    )
    refused = refusal_of(lambda: ranked_town.act("evaluator-stood-aside", PILOT, body, "operator"))
    assert refused == "interest-not-declared"


def test_only_the_ranking_that_everyone_computes_is_taken(opened_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(opened_town)
    town.score(lambda _who, bid, _criterion: int(bid[0], 16) % 5)
    town.release("offer")
    open_offers(town.office, PILOT)
    with town.office.store.reading() as connection:
        right = expected_ranking(Library(town.office.store, connection), town.case())
    swapped = [msgspec.structs.replace(row, rank=len(right.rows) + 1 - row.rank) for row in right.rows]
    wrong = RankingPublished(rows=swapped, ties=right.ties, method=right.method)
    assert refusal_of(lambda: town.act("ranking-published", PILOT, wrong, "operator")) == "ranking-differs"
    town.act("ranking-published", PILOT, right, "operator")
    assert refusal_of(lambda: town.act("ranking-published", PILOT, right, "operator")) == "already-ranked"


def _first(town: Town) -> str:
    row = candidate(town.case())
    assert row is not None
    return row.firm.removeprefix("firm:")


def _second(town: Town) -> str:
    return ranked_rows(town.case())[1].firm.removeprefix("firm:")


def _proved(town: Town) -> Town:
    town.prove(_first(town))
    town.decide_eligibility(_first(town))
    return town


AWARDS: dict[str, tuple[Callable[[Town], object], str]] = {
    "proof by the second in rank": (lambda t: t.prove(_second(t)), "not-your-turn"),
    "proof signed by another firm": (
        lambda t: t.act("eligibility-proved", PILOT, _proof(_first(t)), _second(t)),
        "signer-not-firm",
    ),
    "proof with a first day that no calendar has": (
        lambda t: t.prove(_first(t), founded="2020-02-31"),
        "day-unknown",
    ),
    "proof twice": (lambda t: (t.prove(_first(t)), t.prove(_first(t))), "already-proved"),
    "acceptance without proof": (lambda t: t.decide_eligibility(_first(t)), "proof-missing"),
    "passing over a firm that still has time": (
        lambda t: t.decide_eligibility(_first(t), accepted=False),
        "proof-missing",
    ),
    "passing over a firm that is eligible": (
        lambda t: (t.prove(_first(t)), t.decide_eligibility(_first(t), accepted=False)),
        "eligible-after-all",
    ),
    "accepting a firm from elsewhere": (
        lambda t: (t.prove(_first(t), place="far-away"), t.decide_eligibility(_first(t))),
        "not-eligible",
    ),
    "accepting a front with a large affiliate": (
        lambda t: (t.prove(_first(t), staff_with_affiliates=5_000), t.decide_eligibility(_first(t))),
        "not-eligible",
    ),
    "a choice without a decided proof": (lambda t: t.choose(_first(t)), "eligibility-undecided"),
    "a choice of the second in rank": (lambda t: _proved(t).choose(_second(t)), "choice-not-first"),
    "a choice at another amount": (lambda t: _proved(t).choose(_first(t), amount_minor=2_400_001), "choice-not-first"),
    "a choice in another currency": (lambda t: _proved(t).choose(_first(t), currency="CAD"), "choice-not-first"),
    "a choice that gives one bidder no reasons": (
        lambda t: _proved(t).choose(_first(t), reasons=t.choice(_first(t)).reasons[:1]),
        "reasons-missing",
    ),
    "a choice that skips a criterion": (
        lambda t: _proved(t).choose(
            _first(t),
            reasons=[msgspec.structs.replace(r, reasons=r.reasons[:1]) for r in t.choice(_first(t)).reasons],
        ),
        "reasons-criteria",
    ),
    "a standstill one millisecond short": (
        lambda t: _proved(t).choose(_first(t), standstill_ends=_earlier(t.choice(_first(t)).standstill_ends)),
        "standstill-short",
    ),
    "one officer chooses": (
        lambda t: _proved(t).act("award-intended", PILOT, t.choice(_first(t)), "ada"),
        "signature-second-missing",
    ),
    "an officer whose limit is lower": (
        lambda t: (
            t.appoint("cy", ["choose"], 2_399_999),
            _proved(t).act("award-intended", PILOT, t.choice(_first(t)), "ada", "cy"),
        ),
        "appointment-amount",
    ),
    "a second choice": (lambda t: (_proved(t).choose(_first(t)), t.choose(_first(t))), "already-chosen"),
    "an award without a choice": (
        lambda t: t.act(
            "award-made",
            PILOT,
            award.AwardMade(bid="0" * 64, firm="firm:ridge", amount_minor=1, currency="USD", words="x"),
            *OFFICERS,
        ),
        "not-chosen",
    ),
    "an award to somebody else": (
        lambda t: (_proved(t).choose(_first(t)), t.award(firm=f"firm:{_second(t)}")),
        "award-other",
    ),
    "an award at another amount": (
        lambda t: (_proved(t).choose(_first(t)), t.award(amount_minor=1)),
        "award-other",
    ),
    "an award during standstill": (lambda t: (_proved(t).choose(_first(t)), _early_award(t)), "standstill-running"),
}


def _proof(name: str) -> award.EligibilityProved:
    return award.EligibilityProved(
        firm=f"firm:{name}",
        place="harlan-county",
        months_present=40,
        staff_with_affiliates=4,
        founded="2020-05-01",
        turnover_minor=None,
        register_number="NC-1",
    )


def _earlier(moment: str) -> str:
    return format_time(parse_time(moment) - timedelta(milliseconds=1))


def _early_award(town: Town) -> object:
    chosen = town.case().chosen
    assert chosen is not None
    body = chosen.body
    assert isinstance(body, award.AwardIntended)
    made = award.AwardMade(
        bid=body.bid, firm=body.firm, amount_minor=body.amount_minor, currency=body.currency, words="Now."
    )
    return town.act("award-made", PILOT, made, *OFFICERS)


@pytest.mark.parametrize("name", AWARDS)
def test_on_the_way_to_an_award_this_is_refused(ranked_town: Town, copy_of: Callable[[Town], Town], name: str) -> None:
    town = copy_of(ranked_town)
    work, reason = AWARDS[name]
    assert refusal_of(lambda: work(town)) == reason
    assert town.case().awarded is None


def test_a_firm_that_fails_its_proof_makes_way_for_the_next(ranked_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(ranked_town)
    first, second = _first(town), _second(town)
    town.prove(first, months_present=1, founded="2015-01-01")
    town.decide_eligibility(first, accepted=False)
    assert _first(town) == second
    _proved(town).choose(second)
    town.award()
    assert stage(town.case(), town.clock.now()) == "awarded"
    before = size_of(town)
    cancelled = opportunity.OpportunityCancelled(reason="no-need", why="x")
    assert refusal_of(lambda: town.act("opportunity-cancelled", PILOT, cancelled, *OFFICERS)) == "procedure-ended"
    assert size_of(town) == before


def test_when_every_ranked_firm_is_passed_over_the_pilot_ends_unsuccessful(
    ranked_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(ranked_town)
    for _ in range(2):
        name = _first(town)
        town.prove(name, place="far-away")
        town.decide_eligibility(name, accepted=False)
    assert stage(town.case(), town.clock.now()) == "unsuccessful"
    assert refusal_of(lambda: town.prove("ridge")) == "nobody-left"


def test_a_proof_that_never_comes_is_passed_over_when_its_time_is_over(
    ranked_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(ranked_town)
    first = _first(town)
    town.clock.advance_to(town.clock.now() + timedelta(days=14))
    town.decide_eligibility(first, accepted=False)
    assert _first(town) != first


def test_a_key_of_the_operator_awards_nothing(ranked_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = _proved(copy_of(ranked_town))
    body = town.choice(_first(town))
    for names in (("operator", "ada"), ("ada", "operator"), ("eve", "fay"), ("ridge", "hollow"), ("head", "ada")):
        refused = refusal_of(lambda names=names: town.act("award-intended", PILOT, body, *names))
        assert refused in {"appointment-missing", "appointment-duty"}
    assert key_of("ada").key_id != key_of("ben").key_id
