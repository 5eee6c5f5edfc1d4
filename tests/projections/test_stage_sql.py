"""The state in SQL is the state of the fold: the same word for every case at every moment."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ledger.entry import format_time, parse_time
from portal.procurement.case import fold_case
from portal.procurement.events import award, bid, evaluation, opening, opportunity
from portal.procurement.stage import STAGES, stage
from portal.projections.queries.opportunities import Wish, count_by_stage, find_opportunities
from portal.projections.queries.opportunities import opportunity as found_opportunity
from portal.projections.shelf import Shelf
from tests.projections.made_log import (
    HEX,
    REFERENCE,
    START,
    MadeLog,
    agency,
    firm,
    hex_of,
    instant,
    intended,
    made,
    notice,
    opened,
    ranking,
    sealed,
)

MOMENTS = [0, 4.9, 5, 9.999, 10, 10.001, 11, 14.99, 15, 15.01, 29, 30, 40]


def at(days: float) -> datetime:
    return parse_time(instant(days))


def check_all(log: MadeLog, subjects: list[str]) -> set[str]:
    """Compare every pilot at every moment, one by one and by filter; tell the states that occurred."""
    seen: set[str] = set()
    with log.store.reading() as connection:
        shelf = Shelf(connection)
        for days in MOMENTS:
            moment = format_time(at(days))
            expected: dict[str, set[str]] = {}
            for subject in subjects:
                case = fold_case(log.acts(subject))
                assert case is not None
                word = stage(case, at(days))
                expected.setdefault(word, set()).add(subject)
                row = found_opportunity(shelf, subject, moment)
                assert row is not None
                assert (row.stage, subject, days) == (word, subject, days)
            for word in STAGES:
                rows, _ = find_opportunities(shelf, Wish(state=word), moment, limit=500)
                assert {row.id for row in rows} == expected.get(word, set()), (word, days)
            counted = count_by_stage(shelf, Wish(), moment)
            assert counted == {word: len(ids) for word, ids in expected.items()}
            seen |= set(expected)
    return seen


def base(tmp_path: Path) -> MadeLog:
    log = MadeLog(tmp_path / "log.db")
    log.act("agency:harlan", agency(), by="registrar")
    log.act("firm:one", firm("One"), by="firm-one")
    log.act("firm:two", firm("Two"), by="firm-two")
    return log


def key(log: MadeLog, name: str) -> str:
    return log.key(name).key_id.removeprefix("ed25519:")


def walk(log: MadeLog, name: str, stations: int, bids: tuple[str, ...] = ("a", "b")) -> str:
    """A pilot taken `stations` acts far along the usual way."""
    subject = f"opportunity:{name}"
    names = [f"{name}-{letter}" for letter in bids]
    ranked = [
        (key(log, each), firm_id, rank)
        for each, firm_id, rank in zip(names, ("firm:one", "firm:two"), (1, 2), strict=False)
    ]
    first = ranked[0][0] if ranked else HEX
    way = [
        (notice(name), "agency"),
        *[(sealed(each), each) for each in names],
        (opening.BidsClosed(terms=HEX, count=2, list_sha256=HEX), "operator"),
        (opening.ProposalsOpened(seats=[1], verdicts=REFERENCE), "operator"),
        (evaluation.ScoresCommitted(person="person:e1", commitment=HEX), "e1"),
        *[(opened(row[0], row[1]), "operator") for row in ranked],
        (ranking(*ranked), "operator"),
        (intended(first, "firm:one"), "agency"),
        (made(first, "firm:one"), "agency"),
    ]
    for body, by in way[:stations]:
        log.act(subject, body, by=by)
    return subject


def test_every_station_of_the_usual_way_has_the_same_word_in_sql(tmp_path: Path) -> None:
    log = base(tmp_path)
    subjects = [walk(log, f"way-{count}", count) for count in range(1, 12)]
    seen = check_all(log, subjects)
    assert {"open", "no-bids", "opening-failed", "closed", "opened", "scoring", "ranked", "chosen", "awarded"} <= seen


def test_ends_without_award_have_the_same_word_in_sql(tmp_path: Path) -> None:
    log = base(tmp_path)
    withdrawn, cancelled, nobody = walk(log, "withdrawn", 3), walk(log, "cancelled", 6), walk(log, "nobody", 9)
    log.act(withdrawn, opportunity.OpportunityWithdrawn(reason="need-gone", why="No longer."))
    log.act(cancelled, opportunity.OpportunityCancelled(reason="no-funds", why="No money."))
    log.act(nobody, award.EligibilityDecided(firm="firm:one", accepted=False, why="Too far away."))
    assert check_all(log, [withdrawn, cancelled, nobody]) >= {"withdrawn", "cancelled", "ranked"}
    log.act(nobody, award.EligibilityDecided(firm="firm:two", accepted=False, why="Too large."))
    assert "unsuccessful" in check_all(log, [withdrawn, cancelled, nobody])
    log.act(nobody, award.EligibilityDecided(firm="firm:two", accepted=True, why="Measured again."))
    assert "unsuccessful" not in check_all(log, [withdrawn, cancelled, nobody])


def test_unconfirmed_withdrawn_and_objected_bids_count_alike(tmp_path: Path) -> None:
    log = base(tmp_path)
    subject = walk(log, "changed", 3)
    material = opportunity.AddendumPublished(
        material=True, changes=opportunity.NoticeChanges(closes=instant(12), opens_by=instant(16)), why="More time."
    )
    leaf = log.act(subject, material).leaf_hash
    assert "no-bids" in check_all(log, [subject])
    log.act(subject, bid.BidConfirmed(terms=HEX, addendum=leaf, bid=HEX), by="changed-a")
    log.act(subject, bid.BidConfirmed(terms=HEX, addendum=leaf, bid=HEX), by="changed-a")
    assert "no-bids" not in check_all(log, [subject])
    log.act(subject, bid.BidWithdrawn(terms=HEX, bid=HEX), by="changed-a")
    assert "no-bids" in check_all(log, [subject])
    replaced = log.act(
        subject, bid.BidReplaced(terms=HEX, proposal=HEX, offer=HEX, lot=HEX, replaces=HEX), by="changed-b"
    )
    assert "closed" in check_all(log, [subject])
    log.act(subject, bid.BidWithdrawn(terms=HEX, bid=HEX), by="changed-b")
    filed = log.act(subject, bid.ObjectionFiled(statement=replaced.statement_hash, words="Mine is missing."), by="x")
    assert "no-bids" in check_all(log, [subject])
    log.act(
        subject, bid.ObjectionDecided(objection=filed.index, accepted=True, why="It was.", count=1, list_sha256=HEX)
    )
    assert "closed" in check_all(log, [subject])


def test_a_bidder_who_opens_her_own_bid_keeps_the_opening_from_failing(tmp_path: Path) -> None:
    log = base(tmp_path)
    subject = walk(log, "own", 4)
    assert "opening-failed" in check_all(log, [subject])
    log.act(subject, opening.ContentKeyPublished(label="offer", key=HEX), by="own-a")
    assert "opening-failed" in check_all(log, [subject])
    log.act(subject, opening.ContentKeyPublished(label="proposal", key=HEX), by="own-a")
    assert "opening-failed" not in check_all(log, [subject])


@pytest.mark.parametrize("seed", range(6))
def test_acts_in_any_order_have_the_same_word_in_sql(tmp_path: Path, seed: int) -> None:  # noqa: C901 -- one branch for each act
    log, dice = base(tmp_path), random.Random(seed)
    subjects = [f"opportunity:r{number}" for number in range(3)]
    leaves: dict[str, list[str]] = {subject: [] for subject in subjects}
    for subject in subjects:
        log.act(subject, notice(subject))
    for step in range(60):
        subject = dice.choice(subjects)
        name = f"{subject}-{dice.choice('abc')}"
        bids = fold_case(log.acts(subject)).bids  # type: ignore[union-attr]  # published above
        choice = dice.choice(
            ["seal", "seal", "confirm", "withdraw", "replace", "change", "rank", "judge", "open", "lock"]
        )
        if choice == "seal" and key(log, name) not in bids:
            log.act(subject, sealed(name + str(step)), by=name, at=START + timedelta(hours=dice.randrange(240)))
        elif choice == "change":
            changes = opportunity.NoticeChanges(closes=instant(10 + step / 20))
            act = log.act(subject, opportunity.AddendumPublished(material=bool(step % 2), changes=changes, why="So."))
            leaves[subject].append(act.leaf_hash)
        elif choice == "rank" and bids:
            log.act(subject, ranking(*[(each, "firm:one", rank) for rank, each in enumerate(sorted(bids), step % 2)]))
        elif choice == "judge":
            log.act(subject, award.EligibilityDecided(firm="firm:one", accepted=bool(step % 2), why="So."))
        elif choice == "open":
            log.act(subject, opening.ProposalsOpened(seats=[1], verdicts=REFERENCE))
        elif choice == "lock":
            log.act(subject, evaluation.ScoresCommitted(person=f"person:{step}", commitment=hex_of(str(step))))
        elif key(log, name) in bids and choice == "confirm" and leaves[subject]:
            log.act(subject, bid.BidConfirmed(terms=HEX, addendum=dice.choice(leaves[subject]), bid=HEX), by=name)
        elif key(log, name) in bids and choice == "withdraw":
            log.act(subject, bid.BidWithdrawn(terms=HEX, bid=HEX), by=name)
        elif key(log, name) in bids and choice == "replace":
            log.act(subject, bid.BidReplaced(terms=HEX, proposal=HEX, offer=HEX, lot=HEX, replaces=HEX), by=name)
        if step % 10 == 0:
            check_all(log, subjects)
    check_all(log, subjects)
