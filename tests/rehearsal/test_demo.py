"""The demo shows every station of a pilot's life, goes on where it was cut off, and keeps its secrets in people/."""

import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from ledger.entry import parse_time
from ledger.folder import LogFolder
from ledger.keys import load_key
from ledger.sealing import KeeperPack, Receipt
from portal.app import compose
from portal.clock import FixedClock
from portal.commands.library import Library
from portal.commands.office import Office
from portal.procurement.act import Act, read_act
from portal.procurement.case import Case
from portal.procurement.events.evaluation import RankingPublished
from portal.procurement.events.keys import KeyAdded, KeyRevoked
from portal.procurement.events.opportunity import AddendumPublished
from portal.procurement.partners import confirmed_in
from portal.procurement.refusal import Refusal
from portal.procurement.stage import STAGES, candidate
from portal.recompute import recompute
from portal.rehearsal import demo
from portal.rehearsal.content import load_content
from portal.rehearsal.demo import DemoReport
from tests.ledger_whole import assert_ledger_is_whole
from tests.web.test_desk import ADDRESS, Browser

Played = tuple[Path, DemoReport]


class CutOff(Exception):  # noqa: N818 -- it stands for the power going out
    pass


def acts_of(folder: Path) -> list[Act]:
    log = LogFolder.open(str(folder))
    return [read_act(entry) for entry in log.entries(0, assert_ledger_is_whole(folder))]


def case_of(folder: Path, name: str) -> Case:
    office = Office.open(folder, FixedClock(moment_of(folder)))
    try:
        with office.store.reading() as connection:
            case = Library(office.store, connection).case(f"opportunity:{name}")
    finally:
        office.close()
    assert case is not None
    return case


def moment_of(folder: Path) -> datetime:
    return parse_time((folder / "moment").read_text().strip())


def test_there_is_a_pilot_in_every_station_and_promises_beside_them(played: Played) -> None:
    _, report = played
    assert set(report.stages) == set(STAGES)
    assert sum(report.stages.values()) >= 14
    assert (report.agencies, report.firms) == (3, 11)
    assert report.plans > sum(report.stages.values())


def test_its_log_is_whole_and_recomputes(played: Played) -> None:
    folder, report = played
    assert assert_ledger_is_whole(folder) == report.entries
    found = recompute(str(folder))
    assert found.differences == []
    assert found.awards == report.stages["awarded"]


def test_it_says_that_it_is_fictional_in_its_name_and_first_entry(played: Played) -> None:
    folder, report = played
    first = acts_of(folder)[0]
    assert "fictional" in report.origin
    assert "fictional" in report.words
    assert getattr(first.body, "purpose", "") == "demo"


def test_it_shows_each_kind_of_event_that_makes_procurement_hard(played: Played) -> None:
    kinds = {act.kind for act in acts_of(played[0])}
    assert kinds >= {
        "plan-changed",
        "plan-dropped",
        "addendum-published",
        "bid-replaced",
        "bid-withdrawn",
        "bid-confirmed",
        "objection-filed",
        "objection-decided",
        "evaluator-stood-aside",
        "opening-confirmed",
        "eligibility-decided",
        "opportunity-withdrawn",
        "opportunity-cancelled",
        "award-made",
        "partner-registered",
        "partner-confirmed",
        "key-added",
        "key-revoked",
    }
    addenda = [act.body for act in acts_of(played[0]) if isinstance(act.body, AddendumPublished)]
    assert {body.material for body in addenda} == {True, False}


def test_the_first_in_rank_who_is_no_local_firm_is_passed_over(played: Played) -> None:
    case = case_of(played[0], "permit-status")
    assert isinstance(case.ranking and case.ranking.body, RankingPublished)
    best = candidate(case)
    assert best is not None
    assert (best.rank, best.firm) == (2, "firm:hollow-creek-software")


def test_a_tie_is_decided_by_the_public_draw(played: Played) -> None:
    case = case_of(played[0], "snow-plow-map")
    assert case.ranking is not None
    assert isinstance(case.ranking.body, RankingPublished)
    assert len(case.ranking.body.ties) == 2


def test_an_unconfirmed_bid_lapses_and_a_decoy_is_not_ranked(played: Played) -> None:
    case = case_of(played[0], "hold-lockers")
    assert len(case.lapsed_bids()) == 1
    assert len(case.listed_bids()) == len(case.opened) + 1


def test_a_second_start_appends_nothing(played: Played) -> None:
    folder, report = played
    again = demo.run(folder)
    assert again.found == "complete"
    assert again.entries == report.entries


def test_a_demo_that_was_cut_off_twice_ends_like_one_that_was_not(played: Played, tmp_path: Path) -> None:
    for cut in (90, 400):

        def stop(done: int, _all: int, cut: int = cut) -> None:
            if done == cut:
                raise CutOff

        with pytest.raises(CutOff):
            demo.run(tmp_path, progress=stop)
    report = demo.run(tmp_path)
    assert report.found == "part"
    assert report.entries == played[1].entries
    assert [(act.kind, act.subject) for act in acts_of(tmp_path)] == [
        (act.kind, act.subject) for act in acts_of(played[0])
    ]


def test_a_folder_with_another_log_is_refused_and_left_alone(tmp_path: Path) -> None:
    office = Office.create(
        tmp_path,
        purpose="live",
        operator_name="Somebody",
        origin="live.example/log",
        clock=FixedClock(load_content().log.opened),
    )
    office.close()
    with pytest.raises(Refusal) as refused:
        demo.run(tmp_path)
    assert refused.value.reason == "data-not-a-demo"
    assert not (tmp_path / "moment").exists()


def test_a_school_confirms_the_notice_that_names_it_and_a_lost_key_signs_nothing(played: Played) -> None:
    case = case_of(played[0], "hold-lockers")
    confirmed = confirmed_in(case, None)
    assert confirmed is not None
    assert confirmed.author == load_key(played[0] / "people" / "partner-laurel-trades-school.key").key_id
    (added,) = [act.body for act in acts_of(played[0]) if isinstance(act.body, KeyAdded)]
    (revoked,) = [act.body for act in acts_of(played[0]) if isinstance(act.body, KeyRevoked)]
    assert added.key == revoked.key
    assert added.beside == load_key(played[0] / "people" / "harlan-buyer.key").key_id


def test_the_keepers_packs_are_all_proven(played: Played) -> None:
    found = recompute(str(played[0]))
    assert found.packs == found.packs_proven == len(load_content().keepers)


def test_a_visitor_can_be_the_school(played: Played, tmp_path: Path) -> None:
    shutil.copytree(played[0], tmp_path / "shown")
    office = Office.open(tmp_path / "shown", FixedClock(moment_of(played[0])))
    browser = Browser(compose(office, ADDRESS))
    browser.be("Laurel County Trades School")
    page = browser.get("/desk")
    assert page.status_code == 200
    assert "Training partner" in page.text
    office.close()


def test_people_hold_key_files_packs_and_receipts(played: Played) -> None:
    people = played[0] / "people"
    content = load_content()
    for name in [*content.people, *content.firms]:
        assert load_key(people / f"{name}.key").name == name
    assert KeeperPack.load(people / "keeper-harlan-clerk.pack").privates
    receipt = Receipt.parse((people / "bids" / "school-bus-delay--ridge-line-mapping.receipt").read_bytes())
    assert receipt.log == content.log.origin
    assert (people / "secret").stat().st_mode & 0o077 == 0


def test_without_people_no_file_holds_the_text_of_an_unopened_bid(played: Played, tmp_path: Path) -> None:
    shutil.copytree(played[0], tmp_path / "stolen", ignore=shutil.ignore_patterns("people"))
    stolen = b"".join(path.read_bytes() for path in (tmp_path / "stolen").rglob("*") if path.is_file())
    content = load_content()
    unopened = {"school-bus-delay", "accessible-pdf-forms", "poll-worker-scheduling", "small-farm-water-meter"}
    texts = [bid.approach for pilot in content.pilots if pilot.id in unopened for bid in pilot.bids]
    assert len(texts) == 8
    for text in texts:
        assert text.encode() not in stolen


def test_a_visitor_is_offered_somebody_for_whom_something_waits_in_each_role(played: Played, tmp_path: Path) -> None:
    shutil.copytree(played[0], tmp_path / "shown")
    office = Office.open(tmp_path / "shown", FixedClock(moment_of(played[0])))
    page = Browser(compose(office, ADDRESS)).get("/desk/sign-in").text
    office.close()
    busy, everybody = page.split("Where something waits")[1].split("Everybody")
    assert re.findall(r"<p>(Evaluator|Keeper of keys|Officer|Firm) ", busy) == [
        "Evaluator",
        "Keeper of keys",
        "Officer",
    ]
    assert "Read and score the proposals for" in busy
    offered = re.findall(r'name="account" value="([0-9a-f]+)"', everybody)
    assert len(offered) == len(set(offered))
    assert set(re.findall(r'name="account" value="([0-9a-f]+)"', busy)) < set(offered)
    groups = re.findall(r"<summary><h3>([^<]+)</h3> <span class=\"n\">(\d+)<", everybody)
    assert "Training partners" in [name for name, _ in groups]
    assert [name for name, _ in groups][:3] == sorted(agency.name for agency in load_content().agencies.values())
    assert sum(int(number) for _, number in groups) == len(offered)


def test_no_agency_s_next_notice_begins_with_something_refused(played: Played, tmp_path: Path) -> None:
    """The demo's agencies have published priced pilots and fixed ones, with learner places and without."""
    shutil.copytree(played[0], tmp_path / "shown")
    office = Office.open(tmp_path / "shown", FixedClock(moment_of(played[0])))
    app = compose(office, ADDRESS)
    content = load_content()
    for agency in content.agencies.values():
        browser = Browser(app)
        browser.be(content.people[agency.publish_by[0]].name)
        form = browser.get("/desk/notices/new")
        assert form.status_code == 200
        assert 'role="alert"' not in form.text, agency.name
    office.close()
