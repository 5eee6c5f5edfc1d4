"""The command line as a newcomer and a script meet it."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from portal.cli import build_parser, main
from portal.procurement.act import read_body
from portal.procurement.decisions import DECISIONS
from portal.procurement.events.plan import PlanAnnounced
from portal.procurement.examples import example_of, fields_of, read_example
from portal.procurement.kinds import KINDS
from portal.settings import DataFolder
from tests.portal.town import AGENCY, PILOT, START, Town, key_of

COMMANDS = (
    "init",
    "serve",
    "demo",
    "act",
    "bid",
    "keeper",
    "reenact",
    "rebuild",
    "export",
    "erase",
    "advance",
    "recompute",
    "policy",
)


@pytest.mark.parametrize(
    "command",
    [
        *COMMANDS,
        "policy list",
        "policy check",
        "policy memo",
        "bid template",
        "bid submit",
        "bid confirm",
        "bid withdraw",
    ],
)
def test_every_command_helps_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        build_parser().parse_args([*command.split(), "--help"])
    told = capsys.readouterr().out
    assert stop.value.code == 0
    assert f"Example: daylight {command.split(maxsplit=1)[0]}" in told
    assert ("--data DIR" in told) == (command != "keeper")


def test_no_command_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "daylight demo" in capsys.readouterr().err


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_decision_fields_and_an_example_that_reads_back(kind: str) -> None:
    assert kind in DECISIONS
    assert fields_of(kind)
    assert msgspec.to_builtins(read_example(kind)) == msgspec.to_builtins(read_body(kind, example_of(kind)))


def test_the_list_of_kinds_is_for_people_and_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["act", "--list"]) == 0
    told = capsys.readouterr().out
    assert all(f"\n{kind}: " in told for kind in KINDS)
    assert main(["act", "--list", "--json"]) == 0
    assert [row["kind"] for row in json.loads(capsys.readouterr().out)] == list(KINDS)


def _people(folder: Path) -> Path:
    folder.mkdir()
    for name in ("ada", "ben", "kim", "ridge"):
        key_of(name).save(folder / f"{name}.key")
    return folder


def _plan() -> dict[str, object]:
    body = PlanAnnounced(
        agency=AGENCY,
        title="Tree inventory",
        need="Nobody knows how many trees the county has.",
        skills=["GIS"],
        tier="T0",
        quarter="2027-q3",
        money="secured",
        place="harlan-county",
        place_name="Harlan County",
    )
    plain: dict[str, object] = msgspec.to_builtins(body)
    return plain


def _pin(town: Town) -> Path:
    data = town.office.folder.root
    DataFolder(data).moment.write_text(f"{town.clock.now():%Y-%m-%dT%H:%M:%S}.000Z", encoding="ascii")
    return data


def test_a_plan_goes_in_by_hand(
    open_town: Town, copy_of: Callable[[Town], Town], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, people = _pin(copy_of(open_town)), _people(tmp_path / "people")
    body = tmp_path / "plan.json"
    body.write_text(json.dumps(_plan()), encoding="utf-8")
    call = ["act", "plan-announced", "--data", str(data), "--subject", "plan:trees", "--body", str(body)]
    receipt = tmp_path / "plan.receipt"
    assert main([*call, "--as", str(people / "ada.key"), "--json", "--receipt", str(receipt)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["subject"]) == ("plan-announced", "plan:trees")
    assert receipt.read_text().startswith("daylight-receipt-v1\n")
    assert main([*call, "--as", str(people / "ada.key")]) == 1
    assert "plan-already-announced" in capsys.readouterr().err
    assert main([*call, "--as", str(people / "ridge.key")]) == 1
    assert "appointment-missing" in capsys.readouterr().err


def test_a_draft_waits_for_the_second_signature(
    open_town: Town, copy_of: Callable[[Town], Town], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = copy_of(open_town)
    body = msgspec.to_builtins(town.notice())
    data, people = _pin(town), _people(tmp_path / "people")
    notice = tmp_path / "notice.json"
    notice.write_text(json.dumps(body), encoding="utf-8")
    draft = tmp_path / "draft"
    call = ["act", "opportunity-published", "--data", str(data), "--subject", "opportunity:new", "--body", str(notice)]
    assert main([*call, "--as", str(people / "ada.key"), "--draft", str(draft)]) == 0
    assert "Next: daylight act sign" in capsys.readouterr().err
    sign = ["act", "sign", str(draft), "--data", str(data)]
    assert main([*sign, "--as", str(people / "ada.key")]) == 1
    assert "signature-repeated" in capsys.readouterr().err
    assert main([*sign, "--as", str(people / "ben.key")]) == 0
    assert "opportunity-published" in capsys.readouterr().out


BAD: dict[str, tuple[str, int, str]] = {
    "no JSON": ("{", 2, "no JSON"),
    "a list": ("[]", 2, "no JSON object"),
    "a key twice": ('{"a":1,"a":2}', 2, "twice"),
    "not a number": ('{"a":NaN}', 2, "no number"),
    "a field nobody knows": ('{"a":1}', 1, "body-malformed"),
    "a hundred thousand brackets": ("[" * 100_000, 2, "no JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_body_is_refused_without_a_traceback(
    open_town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    text, status, word = BAD[name]
    body = tmp_path / "body.json"
    body.write_text(text, encoding="utf-8")
    people = _people(tmp_path / "people")
    data = open_town.office.folder.root
    call = ["act", "plan-announced", "--data", str(data), "--subject", "plan:x", "--body", str(body)]
    assert main([*call, "--as", str(people / "ada.key")]) == status
    assert word in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["act"], 2),
        (["act", "plan-announced"], 2),
        (["act", "sign", "--as", "KEY"], 2),
        (["act", "plan-announced", "--as", "/nowhere"], 2),
        (["recompute", "--from", "/nowhere"], 2),
        (["export", "copy", "--data", "/nowhere"], 2),
        (["rebuild", "--data", "/nowhere"], 2),
        (["advance", "--data", "/nowhere"], 2),
        (["serve", "--data", "/nowhere"], 2),
        (["serve", "--port", "70000"], 2),
        (["reenact", "/nowhere"], 2),
        (["keeper", "make", "--keeper", "keeper:kim", "--home", "HOME", "--vkeys", "/nowhere"], 2),
    ],
)
def test_bad_usage_says_so(
    arguments: list[str], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key_of("ada").save(tmp_path / "key")
    places = {"KEY": str(tmp_path / "key"), "HOME": str(tmp_path / "home")}
    assert main([places.get(word, word) for word in arguments]) == status
    assert capsys.readouterr().err


def test_init_opens_a_record_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["init", "--data", str(tmp_path / "d"), "--origin", "pilots.example/log", "--operator", "The clerk"]
    assert main(call) == 0
    [following] = re.findall(r"^daylight (invite .*)$", capsys.readouterr().err, re.MULTILINE)
    told = following.replace("NAME", "Rae").replace("EMAIL", "rae@clerk.example").split()
    assert main(told) == 0
    assert "/desk/invitation/" in capsys.readouterr().out
    assert main(call) == 1
    assert "data-exists" in capsys.readouterr().err
    left = tmp_path / "left" / "keys"
    left.mkdir(parents=True)
    key_of("left").save(left / "operator.secret")
    assert main(["init", "--data", str(left.parent), "--origin", "pilots.example/log", "--operator", "The clerk"]) == 0
    assert main(["recompute", "--from", str(tmp_path / "d"), "--json"]) == 0


def test_tables_of_an_earlier_release_are_named_with_the_command_that_makes_them_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "d"
    assert main(["init", "--data", str(data), "--origin", "pilots.example/log", "--operator", "The clerk"]) == 0
    with closing(sqlite3.connect(data / "ledger.sqlite")) as database:
        database.execute("DROP TABLE projection_partner")
        database.execute("ALTER TABLE projection_agency DROP COLUMN website")
    (data / "vault").mkdir(exist_ok=True)
    with closing(sqlite3.connect(data / "vault" / "desk.sqlite")) as database:
        database.execute(
            "CREATE TABLE desk_account (id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE,"
            " role TEXT NOT NULL, person TEXT, firm TEXT, agency TEXT, keeper TEXT, made_at TEXT NOT NULL)"
        )
        database.execute(
            "INSERT INTO desk_account (id, name, email, role, made_at) VALUES ('x', 'Rae', 'rae@x.example', 'auditor', '2027')"
        )
        database.commit()
    capsys.readouterr()
    for command in (["serve", "--port", "18999"], ["advance"]):
        assert main([*command, "--data", str(data)]) == 1
        told = capsys.readouterr().err
        assert "refused: tables-older" in told
        assert "agency.website, partner" in told
        assert f"daylight rebuild --data {data}" in told
    assert main(["rebuild", "--data", str(data)]) == 0
    assert main(["advance", "--data", str(data)]) == 0
    call = ["invite", "--data", str(data), "--name", "Rae", "--email"]
    assert main([*call, "new@x.example"]) == 0, "the desk's own tables are completed as they are opened"
    assert main([*call, "RAE@x.example"]) == 2


@pytest.mark.parametrize(
    ("origin", "operator", "reason"),
    [
        ("a b", "The clerk", "origin"),
        ("a.example/log", "", "body-malformed"),
        ("a.example/log", "The\x07clerk", "json-character"),
    ],
)
def test_a_record_that_cannot_be_opened_leaves_nothing_behind(
    origin: str, operator: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "d"
    assert main(["init", "--data", str(data), "--origin", origin, "--operator", operator]) == 1
    assert f"refused: {reason}" in capsys.readouterr().err
    assert not data.exists()


def test_an_export_holds_what_is_public_and_nothing_else(
    open_town: Town, copy_of: Callable[[Town], Town], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = copy_of(open_town)
    town.office.publish()
    data = _pin(town)
    assert main(["export", str(tmp_path / "copy"), "--data", str(data)]) == 0
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["log", "vkeys"]
    assert main(["export", str(tmp_path / "copy"), "--data", str(data)]) == 2
    capsys.readouterr()
    assert main(["rebuild", "--data", str(data)]) == 0
    here = capsys.readouterr().out.split("fingerprint ")[1]
    assert main(["rebuild", "--from", str(tmp_path / "copy")]) == 0
    assert capsys.readouterr().out.split("fingerprint ")[1] == here


def test_advance_does_what_is_due_and_no_more(
    open_town: Town, copy_of: Callable[[Town], Town], capsys: pytest.CaptureFixture[str]
) -> None:
    town = copy_of(open_town)
    town.clock.advance_to(town.case().closes)
    data = _pin(town)
    assert main(["advance", "--data", str(data)]) == 0
    assert capsys.readouterr().out == f"{PILOT} bids-closed\n"
    assert main(["advance", "--data", str(data)]) == 0
    assert capsys.readouterr().out == ""
    assert town.clock.now() > START


def test_a_second_server_on_the_port_ends_with_status_2_and_sigterm_with_0(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    data = _pin(copy_of(open_town))
    call = [sys.executable, "-m", "portal.cli", "serve", "--data", str(data), "--port"]
    with subprocess.Popen([*call, "18473"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert "http://localhost:18473" in first.stdout.readline()
        second = subprocess.run([*call, "18473"], capture_output=True, text=True, check=False)
        first.terminate()
        assert (second.returncode, "port 18473 is taken" in second.stderr) == (2, True)
    assert first.returncode == 0


def _filled(template: str, **changes: object) -> str:
    draft = {
        **json.loads(template),
        "firm": "firm:creek",
        "approach": "One page.",
        "team": "Two.",
        "contact": "a@b.example",
    }
    draft["answers"] = dict.fromkeys(draft["answers"], "We did this for a neighbour.")
    draft["declarations"] |= {"months_present": 30, "founded": "2020-05-01"}
    return json.dumps({**draft, **changes})


def test_a_firm_bids_replaces_and_withdraws_with_one_receipt_file(
    open_town: Town, copy_of: Callable[[Town], Town], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = copy_of(open_town)
    data = _pin(town)
    key_of("creek").save(tmp_path / "firm.key")
    where = ["--data", str(data), "--subject", PILOT]
    assert main(["bid", "template", *where]) == 0
    template = capsys.readouterr().out
    file, receipt = tmp_path / "bid.json", tmp_path / "bid.receipt"
    submit = [
        "bid",
        "submit",
        *where,
        "--bid",
        str(file),
        "--as",
        str(tmp_path / "firm.key"),
        "--receipt",
        str(receipt),
    ]
    file.write_text(template, encoding="utf-8")
    assert main(submit) in {1, 2}
    file.write_text(_filled(template, answers={"booking": "word " * 101}), encoding="utf-8")
    assert main(submit) == 2
    assert "101 words" in capsys.readouterr().err
    file.write_text(_filled(template), encoding="utf-8")
    assert main(submit) == 0
    assert "bid-sealed" in capsys.readouterr().out
    file.write_text(_filled(template, team="Three."), encoding="utf-8")
    assert main(submit) == 0
    assert "bid-replaced" in capsys.readouterr().out
    assert main(["bid", "confirm", *where, "--receipt", str(receipt)]) == 0
    assert "Nothing to confirm" in capsys.readouterr().err
    assert main(["bid", "withdraw", *where, "--receipt", str(receipt)]) == 0
    assert main(["bid", "withdraw", *where, "--receipt", str(receipt)]) == 1
    assert "bid-is-withdrawn" in capsys.readouterr().err
