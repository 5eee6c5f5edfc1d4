"""
Nobody acts for another from the command line, though the shell is the server's own and every file lies open.

The very act that the record took is tried again with everybody else's key files, the operator's among them; and the commands
for folders are turned against sealed bids.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ledger.entry import parse_entry
from ledger.verify import verify_log
from portal.cli import main
from portal.procurement.kinds import KINDS
from portal.recompute import recompute
from portal.settings import DataFolder
from tests.portal.bidder_acts import LETTERS
from tests.portal.stations import FIRST, SECOND, Copies
from tests.portal.test_act_matrix import ACTS, WRONG_HANDS
from tests.portal.test_cli import _filled
from tests.portal.town import PILOT, Town, key_of, master_of, size_of

HANDS = ("ada", "ben", "head", "eve", "kim", "ridge", "hollow", "olga", "neighbour-head", "stranger")


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    made = Copies(tmp_path_factory.mktemp("shell"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in HANDS:
        key_of(name).save(folder / f"{name}.key")
    master_of(SECOND).signing_key.save(folder / "another bidder.key")
    return folder


def pinned(town: Town) -> Path:
    """The town's data folder, at the town's moment for the command line too."""
    data = town.office.folder.root
    DataFolder(data).moment.write_text(f"{town.clock.now():%Y-%m-%dT%H:%M:%S}.000Z", encoding="ascii")
    return data


@pytest.mark.parametrize("kind", [kind for kind in ACTS if kind not in {"question-asked", *LETTERS}])
def test_an_act_with_somebody_elses_key_file_is_refused(
    copies: Copies, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    station = ACTS[kind].works[0]
    done = ACTS[kind].do(copies.at(station))
    copies.used(station)
    town = copies.at(station)
    data, before = pinned(town), size_of(town)
    body = tmp_path / "body.json"
    body.write_text(json.dumps(msgspec.to_builtins(parse_entry(done.entry).statement.body)), encoding="utf-8")
    call = ["act", kind, "--data", str(data), "--subject", PILOT, "--body", str(body)]
    files = [*sorted(keys.glob("*.key")), data / "keys" / "operator.secret"]
    right = {path for path in files if any(key_id_in(path, key) for key in done.act.keys)}
    if KINDS[kind].signers == ("officer",):
        right |= {keys / "ada.key", keys / "ben.key"}
    for first in files:
        if {first} >= right or (len(KINDS[kind].signers) == 1 and first in right):
            continue
        assert main([*call, "--as", str(first)]) == 1, first.name
        reason = capsys.readouterr().err
        assert WRONG_HANDS.search(reason), reason
    two = [*call, "--as", str(keys / "ada.key"), "--with", str(keys / "olga.key")]
    assert main(two) == 1
    assert size_of(town) == before


def key_id_in(path: Path, key: str) -> bool:
    """Whether this file holds the key."""
    from ledger.keys import load_key  # noqa: PLC0415

    return load_key(path).key_id == key


@pytest.mark.parametrize("second", ["olga", "eve", "ridge", "operator", "stranger"])
def test_a_draft_is_not_finished_by_the_wrong_second(
    copies: Copies, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], second: str
) -> None:
    town = copies.at("open")
    body = tmp_path / "notice.json"
    body.write_text(json.dumps(msgspec.to_builtins(town.notice())), encoding="utf-8")
    data, before, draft = pinned(town), size_of(town), tmp_path / "draft"
    call = ["act", "opportunity-published", "--data", str(data), "--subject", "opportunity:other", "--body", str(body)]
    assert main([*call, "--as", str(keys / "ada.key"), "--draft", str(draft)]) == 0
    key = data / "keys" / "operator.secret" if second == "operator" else keys / f"{second}.key"
    assert main(["act", "sign", str(draft), "--data", str(data), "--as", str(key)]) == 1
    assert "appointment-" in capsys.readouterr().err
    told = json.loads(draft.read_text(encoding="utf-8"))
    told["statement"]["body"]["budget_minor"] = 100
    draft.write_text(json.dumps(told, separators=(",", ":"), sort_keys=True), encoding="utf-8")
    assert main(["act", "sign", str(draft), "--data", str(data), "--as", str(keys / "ben.key")]) == 1
    assert "signature" in capsys.readouterr().err
    assert size_of(town) == before


def test_a_bid_is_written_for_a_firm_with_that_firms_key_alone(
    copies: Copies, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = copies.at("open")
    where = ["--subject", PILOT, "--data", str(pinned(town))]
    before = size_of(town)
    assert main(["bid", "template", *where]) == 0
    file = tmp_path / "bid.json"
    file.write_text(_filled(capsys.readouterr().out), encoding="utf-8")
    receipt = tmp_path / "bid.receipt"
    for name in ("hollow", "ada", "kim", "stranger"):
        key = ["--bid", str(file), "--as", str(keys / f"{name}.key"), "--receipt", str(receipt)]
        assert main(["bid", "submit", *where, *key]) == 1
        assert "signer-not-firm" in capsys.readouterr().err
    operators = ["--bid", str(file), "--as", str(town.office.folder.operator_secret), "--receipt", str(receipt)]
    assert main(["bid", "submit", *where, *operators]) == 1
    assert (size_of(town), receipt.exists()) == (before, False)


@pytest.mark.parametrize("step", ["withdraw", "confirm"])
def test_a_receipt_of_another_bid_touches_no_bid(
    copies: Copies, tmp_path: Path, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    town = copies.at("amended")
    data, before = pinned(town), size_of(town)
    receipt = tmp_path / "made-up.receipt"
    master_of("nobody").save(receipt, log=town.office.origin, terms=bytes.fromhex(town.case().terms))
    main(["bid", step, "--subject", PILOT, "--data", str(data), "--receipt", str(receipt)])
    capsys.readouterr()
    master_of(FIRST).save(tmp_path / "other.receipt", log=town.office.origin, terms=b"\x00" * 32)
    other = ["--receipt", str(tmp_path / "other.receipt")]
    assert main(["bid", step, "--subject", PILOT, "--data", str(data), *other]) == 1
    assert "receipt-other-notice" in capsys.readouterr().err
    assert size_of(town) == before


@pytest.mark.parametrize("station", ["open", "closed", "opened", "ranked", "awarded"])
def test_erasing_reaches_no_bid_and_no_score(copies: Copies, capsys: pytest.CaptureFixture[str], station: str) -> None:
    town = copies.at(station)
    data, before = pinned(town), size_of(town)
    envelopes = sorted(path.name for path in (data / "vault" / "envelopes").iterdir())
    case = town.case()
    for index in (*(bid.current.index for bid in case.bids.values()), *(act.index for act in case.reveals.values())):
        call = ["erase", str(index), "--ground", "court-order", "--why", "Because.", "--data", str(data)]
        assert main(call) == 1
        assert "nothing-kept" in capsys.readouterr().err
    assert sorted(path.name for path in (data / "vault" / "envelopes").iterdir()) == envelopes
    assert size_of(town) == before


def test_what_is_exported_before_the_opening_is_the_public_folder_and_nothing_of_a_bid(
    copies: Copies, tmp_path: Path
) -> None:
    town = copies.at("closed")
    town.office.publish()
    data = pinned(town)
    assert main(["export", str(tmp_path / "public"), "--data", str(data)]) == 0
    exported = {path.relative_to(tmp_path / "public") for path in (tmp_path / "public").rglob("*") if path.is_file()}
    public = {path.relative_to(data) for path in (data / "log").rglob("*") if path.is_file()}
    assert exported == {*public, Path("vkeys")}
    secrets = [path.read_bytes() for path in (data / "vault").rglob("*") if path.is_file()]
    secrets += [path.read_bytes() for path in (data / "keys").glob("*.secret")]
    for path in exported:
        content = (tmp_path / "public" / path).read_bytes()
        assert not [1 for secret in secrets if secret in content], path


def test_rebuilding_and_advancing_early_change_no_bid(copies: Copies, capsys: pytest.CaptureFixture[str]) -> None:
    for station in ("open", "closed", "opened"):
        town = copies.at(station)
        town.office.publish()
        data, before, bids = pinned(town), size_of(town), list(town.case().bids)
        checkpoint = (data / "log" / "checkpoint").read_bytes()
        assert main(["rebuild", "--data", str(data)]) == 0
        assert main(["advance", "--data", str(data)]) == 0
        assert (size_of(town), list(town.case().bids)) == (before, bids)
        assert (data / "log" / "checkpoint").read_bytes() == checkpoint
        assert verify_log(data).findings == []
        assert recompute(str(data)).differences == []
    capsys.readouterr()


@pytest.mark.parametrize("role", ["officer", "head", "firm", "keeper", "evaluator", "partner"])
def test_the_shell_invites_nobody_who_acts_for_an_agency_a_firm_or_a_keeper(
    copies: Copies, capsys: pytest.CaptureFixture[str], role: str
) -> None:
    data = pinned(copies.at("open"))
    call = ["invite", "--name", "X", "--email", "x@evil.example", "--role", role, "--data", str(data)]
    with pytest.raises(SystemExit) as stopped:
        main(call)
    assert stopped.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_a_clock_that_was_set_back_takes_nothing_that_came_late(
    copies: Copies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Time is set back: the record's own entries are later than the clock, and nothing is appended."""
    town = copies.at("closed")
    town.office.publish()
    data = tmp_path / "data"
    shutil.copytree(town.office.folder.root, data)
    DataFolder(data).moment.write_text("2027-03-02T00:00:00.000Z", encoding="ascii")
    key_of("creek").save(tmp_path / "creek.key")
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"text": "Am I late?"}), encoding="utf-8")
    call = ["act", "question-asked", "--data", str(data), "--subject", PILOT, "--body", str(body)]
    assert main([*call, "--as", str(tmp_path / "creek.key")]) == 1
    assert "clock-behind" in capsys.readouterr().err
