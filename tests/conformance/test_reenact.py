"""Twenty-one real technology purchases of 2016, replayed under seal: every award comes out as it was recorded."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ledger.folder import LogFolder
from portal.procurement.act import Act, read_act
from portal.recompute import recompute
from portal.rehearsal import reenact
from tests.ledger_whole import assert_ledger_is_whole

LINE = {"processes": 21, "bids": 208, "skipped": 0, "awards": 21, "matching": 21}
SECONDS = 60


@pytest.fixture(scope="module")
def file() -> Path:
    return Path(os.environ["SHARED"]) / "data" / "18f-micropurchase" / "compiled.jsonl"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reenactment") / "data"


def command(file: Path, data: Path) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "portal.cli", "reenact", str(file), "--data", str(data), "--json"]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def acts_of(folder: Path) -> list[Act]:
    log = LogFolder.open(str(folder))
    return [read_act(entry) for entry in log.entries(0, assert_ledger_is_whole(folder))]


def test_the_command_replays_the_file_in_time_and_prints_one_line(file: Path, data: Path) -> None:
    began = time.monotonic()
    done = command(file, data)
    assert (done.returncode, json.loads(done.stdout)) == (0, LINE)
    assert time.monotonic() - began < SECONDS


def test_a_second_run_appends_nothing_and_prints_the_same_line(file: Path, data: Path) -> None:
    before = (data / "log" / "checkpoint").read_bytes()
    done = command(file, data)
    assert (done.returncode, json.loads(done.stdout)) == (0, LINE)
    assert (data / "log" / "checkpoint").read_bytes() == before


def test_its_log_is_whole_and_recomputes(data: Path) -> None:
    acts = acts_of(data)
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    kinds = [act.kind for act in acts]
    assert kinds.count("bid-sealed") == 101
    assert kinds.count("bid-sealed") + kinds.count("bid-replaced") == 208
    found = recompute(str(data))
    assert (found.differences, found.pilots, found.rankings_equal, found.awards) == ([], 21, 21, 21)


def lowered(file: Path, folder: Path) -> tuple[Path, dict[str, Any], str]:
    """A copy in which the last loser of the first process bids one unit less than the winner did."""
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    first = rows[0]
    winner = first["awards"][0]["suppliers"][0]["id"]
    loser = [bid for bid in first["bids"]["details"] if bid["tenderers"][0]["id"] != winner][-1]
    loser["value"]["amount"] = first["awards"][0]["value"]["amount"] - 1
    copy = folder / "copy.jsonl"
    copy.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return copy, first, loser["tenderers"][0]["id"]


def test_a_loser_who_had_bid_less_would_have_won(file: Path, tmp_path: Path) -> None:
    copy, first, loser = lowered(file, tmp_path)
    report = reenact.run(copy, tmp_path / "data")
    assert (report.awards, report.matching) == (21, 20)
    (award,) = [
        act for act in acts_of(tmp_path / "data") if act.kind == "award-made" and act.subject.endswith(first["ocid"])
    ]
    assert getattr(award.body, "firm", "") == f"firm:{loser.lower()}"


def test_an_award_that_does_not_match_ends_with_status_1(file: Path, tmp_path: Path) -> None:
    copy, _, _ = lowered(file, tmp_path)
    done = command(copy, tmp_path / "data")
    assert (done.returncode, json.loads(done.stdout)["matching"]) == (1, 20)
