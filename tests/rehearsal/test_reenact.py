"""A recorded file is replayed by time, awarded from opened bids, once, into a log of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.folder import LogFolder
from portal.clock import SystemClock
from portal.commands.office import Office
from portal.procurement.act import Act, read_act
from portal.procurement.refusal import Refusal
from portal.recompute import recompute
from portal.rehearsal import reenact
from portal.rehearsal.reenact import ReenactReport
from tests.exchange.ocds_lines import RELEASE, bid, lines, release
from tests.ledger_whole import assert_ledger_is_whole

EARLIER = release(
    ocid="ocds-test-0",
    tender__tenderPeriod={"startDate": "2016-02-01T12:00:00Z", "endDate": "2016-03-03T00:00:00Z"},
    bids__details=[bid(1, "B", 500), bid(2, "C", 500, "2016-03-02T09:00:00+00:00")],
    awards=[{"status": "active", "suppliers": [{"id": "C"}], "value": {"amount": 500, "currency": "USD"}}],
)


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "compiled.jsonl"
    path.write_bytes(b"".join(row if isinstance(row, bytes) else lines(row) for row in rows))
    return path


def figures(report: ReenactReport) -> tuple[int, int, int, int, int]:
    return report.processes, report.bids, report.skipped, report.awards, report.matching


def acts_of(folder: Path) -> list[Act]:
    log = LogFolder.open(str(folder))
    return [read_act(entry) for entry in log.entries(0, assert_ledger_is_whole(folder))]


class CutOff(Exception):  # noqa: N818 -- it stands for the power going out
    pass


def test_processes_out_of_order_are_merged_by_time_and_awarded_from_opened_bids(tmp_path: Path) -> None:
    report = reenact.run(written(tmp_path, RELEASE, EARLIER), tmp_path / "data")
    assert figures(report) == (2, 5, 0, 2, 2)
    acts = acts_of(tmp_path / "data")
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    published = [act.subject for act in acts if act.kind == "opportunity-published"]
    assert published == ["opportunity:ocds-test-0", "opportunity:ocds-test-1"]
    assert [act.kind for act in acts].count("bid-replaced") == 1
    assert recompute(str(tmp_path / "data")).differences == []


def test_the_log_says_that_it_is_a_re_enactment(tmp_path: Path) -> None:
    reenact.run(written(tmp_path, RELEASE), tmp_path / "data")
    first = acts_of(tmp_path / "data")[0]
    assert "re-enactment" in (tmp_path / "data" / "log" / "checkpoint").read_text().splitlines()[0]
    assert getattr(first.body, "purpose", "") == "re-enactment"


def test_of_equal_bids_the_earliest_wins(tmp_path: Path) -> None:
    reenact.run(written(tmp_path, EARLIER), tmp_path / "data")
    (award,) = [act for act in acts_of(tmp_path / "data") if act.kind == "award-made"]
    assert getattr(award.body, "firm", "") == "firm:c"


def test_an_award_that_the_bids_do_not_give_is_counted_as_not_matching(tmp_path: Path) -> None:
    other = release(awards=[{"status": "active", "suppliers": [{"id": "B"}]}])
    assert figures(reenact.run(written(tmp_path, other), tmp_path / "data")) == (1, 3, 0, 1, 0)


def test_an_award_at_another_amount_does_not_match(tmp_path: Path) -> None:
    other = release(awards=[{**RELEASE["awards"][0], "value": {"amount": 701, "currency": "USD"}}])
    assert figures(reenact.run(written(tmp_path, other), tmp_path / "data")) == (1, 3, 0, 1, 0)


def test_the_recorded_award_has_no_part_in_the_computed_one(tmp_path: Path) -> None:
    cheaper = release(bids__details=[*RELEASE["bids"]["details"], bid(4, "B", 650, "2016-03-03T11:00:00Z")])
    report = reenact.run(written(tmp_path, cheaper), tmp_path / "data")
    assert figures(report) == (1, 4, 0, 1, 0)
    (award,) = [act for act in acts_of(tmp_path / "data") if act.kind == "award-made"]
    assert getattr(award.body, "firm", "") == "firm:b"


def test_dirty_lines_are_told_by_number_and_the_rest_is_replayed(tmp_path: Path) -> None:
    dirty = release(ocid="ocds-test-9", tender__tenderPeriod=None)
    report = reenact.run(written(tmp_path, b"{\n", RELEASE, dirty), tmp_path / "data")
    assert figures(report) == (1, 3, 2, 1, 1)
    assert [line.split(" (")[0] for line in report.problems] == ["line 1: json-malformed", "line 3: period-missing"]


def test_a_file_without_a_usable_line_makes_no_log(tmp_path: Path) -> None:
    assert figures(reenact.run(written(tmp_path, b"{\n"), tmp_path / "data")) == (0, 0, 1, 0, 0)
    assert not (tmp_path / "data").exists()


def test_a_second_run_appends_nothing_and_says_the_same(tmp_path: Path) -> None:
    file = written(tmp_path, RELEASE, EARLIER)
    first = reenact.run(file, tmp_path / "data")
    before = (tmp_path / "data" / "log" / "checkpoint").read_bytes()
    assert reenact.run(file, tmp_path / "data") == first
    assert (tmp_path / "data" / "log" / "checkpoint").read_bytes() == before


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    file = written(tmp_path, RELEASE, EARLIER)

    def stop(done: int, total: int) -> None:
        if done == total // 2:
            raise CutOff

    with pytest.raises(CutOff):
        reenact.run(file, tmp_path / "data", progress=stop)
    assert figures(reenact.run(file, tmp_path / "data")) == (2, 5, 0, 2, 2)
    statements = [act.statement_hash for act in acts_of(tmp_path / "data")]
    assert len(set(statements)) == len(statements)


def test_a_start_cut_off_before_entry_0_goes_on(tmp_path: Path) -> None:
    keys = tmp_path / "data" / "keys"
    keys.mkdir(parents=True)
    (keys / "operator.secret").write_text("left by a start that was cut off\n")
    assert figures(reenact.run(written(tmp_path, RELEASE), tmp_path / "data")) == (1, 3, 0, 1, 1)


def test_a_log_with_other_entries_is_refused(tmp_path: Path) -> None:
    office = Office.create(
        tmp_path / "data", purpose="live", operator_name="Somebody", origin="live.example/log", clock=SystemClock()
    )
    office.publish()
    office.close()
    with pytest.raises(Refusal) as refused:
        reenact.run(written(tmp_path, RELEASE), tmp_path / "data")
    assert refused.value.reason == "log-not-a-reenactment"
    assert assert_ledger_is_whole(tmp_path / "data") == 1


def test_another_file_is_refused_in_the_same_folder(tmp_path: Path) -> None:
    reenact.run(written(tmp_path, RELEASE), tmp_path / "data")
    with pytest.raises(Refusal) as refused:
        reenact.run(written(tmp_path, EARLIER), tmp_path / "data")
    assert refused.value.reason == "log-not-a-reenactment"


def test_names_that_look_alike_stay_apart(tmp_path: Path) -> None:
    rows = [bid(1, "A B", 900), bid(2, "a-b", 800), bid(3, "株式会社", 700)]
    winner = [{"status": "active", "suppliers": [{"id": "株式会社", "name": "株式会社"}]}]
    report = reenact.run(written(tmp_path, release(bids__details=rows, awards=winner)), tmp_path / "data")
    assert figures(report) == (1, 3, 0, 1, 1)
    firms = {act.subject for act in acts_of(tmp_path / "data") if act.kind == "firm-registered"}
    assert len(firms) == 3


def test_the_report_is_what_the_command_line_prints(tmp_path: Path) -> None:
    report = reenact.run(written(tmp_path, RELEASE), tmp_path / "data")
    names = ("processes", "bids", "skipped", "awards", "matching")
    printed = json.dumps({name: getattr(report, name) for name in names})
    assert printed == '{"processes": 1, "bids": 3, "skipped": 0, "awards": 1, "matching": 1}'
