from __future__ import annotations

import io
import json
import os
import re
import runpy
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger import auditor
from ledger.keys import load_key
from ledger.proof import Proof, encode_proof, make_proof
from ledger.sealing import TermsFile
from tests.ledger.sealed_cases import notice_of, pinned_of
from tests.ledger.stored import AT, LOG, SIGNER, Place
from tests.ledger.web import serving

SIZE = 5
COMMANDS = ["verify", "verify-growth", "verify-receipt", "seal", "keygen"]
PROPOSAL = notice_of(3, 2)
TERMS = TermsFile(pinned_of(PROPOSAL), pinned_of(notice_of(3, 2, label="offer", size=128)))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = Place(tmp_path_factory.mktemp("published") / "data")
    place.grow(0, SIZE)
    with place.store.reading() as connection:
        for index in range(2):
            proof = place.store.inclusion_proof(connection, index, SIZE)
            entry = place.store.entry(connection, index)
            note = (place.log / "checkpoint").read_bytes()
            (place.folder / f"{index}.tlog-proof").write_bytes(make_proof(index, entry, proof, note))
            (place.folder / f"{index}.entry").write_bytes(entry)
            (place.folder / f"{index}.bare").write_bytes(encode_proof(Proof(index, tuple(proof), note)))
    place.close()
    return place.folder


@pytest.fixture
def data(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "data")
    return tmp_path / "data"


class Said:
    """What one command said, and its exit status."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: object) -> None:
        try:
            self.status: object = auditor.main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            self.status = stopped.code
        self.out, self.err = capsys.readouterr()

    @property
    def json(self) -> dict[str, Any]:
        assert self.out.count("\n") == 1
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda *arguments: Said(capsys, *arguments)


def test_a_whole_log_is_verified_with_one_line_and_status_0(say: Any, data: Path) -> None:
    said = say("verify", data)
    assert (said.status, said.err) == (0, "")
    assert re.fullmatch(
        rf"{LOG}: verified 5 entries, 5 signatures, 0 documents, 3 files, 0 unpublished,"
        r" checkpoint of 2026-03-03T12:00:00Z, root [0-9a-f]{64}\n",
        said.out,
    )


def test_what_a_script_wants_is_one_json_object(say: Any, data: Path) -> None:
    said = say("verify", data / "log", "--json")
    found = said.json
    assert (said.status, found["verified"], found["size"], found["findings"]) == (0, True, SIZE, [])
    (data / "log/stray").touch()
    said = say("verify", data, "--json")
    assert said.status == 1
    assert said.json["findings"] == [{"path": "stray", "reason": "stray-file: no file of a log has this name"}]
    assert said.json["verified"] is False


@pytest.mark.parametrize("jobs", ["1", "64"])
def test_processes_may_be_chosen(say: Any, data: Path, jobs: str) -> None:
    assert say("verify", data, "--jobs", jobs).status == 0


def test_signatures_left_out_are_said_so(say: Any, data: Path) -> None:
    assert "signatures of entries NOT checked" in say("verify", data, "--no-signatures").out
    assert say("verify", data, "--no-signatures", "--json").json["signatures"] is None


def test_findings_go_to_stderr_as_path_and_reason_with_status_1(say: Any, data: Path) -> None:
    (data / "log/tile/0/000.p/5").unlink()
    (data / "log/checkpoint.tmp").touch()
    said = say("verify", data)
    assert said.status == 1
    assert said.err.splitlines() == [
        "checkpoint.tmp: stray-file: no file of a log has this name",
        "tile/0/000.p/5: file-missing: the checkpoint implies this file",
    ]
    assert said.out == f"{LOG}: NOT verified, 2 findings\n"


def test_one_finding_is_one_finding(say: Any, data: Path) -> None:
    (data / "log/checkpoint").unlink()
    said = say("verify", data)
    assert (said.status, said.out) == (1, f"{data / 'log'}: NOT verified, 1 finding\n")
    assert said.err.startswith("checkpoint: checkpoint-missing")


def test_a_folder_without_checkpoint_and_keys_is_found_to_have_no_checkpoint(say: Any, tmp_path: Path) -> None:
    said = say("verify", tmp_path)
    assert (said.status, said.out) == (1, f"{tmp_path}: NOT verified, 1 finding\n")
    assert said.err.startswith("checkpoint: checkpoint-missing")


def test_an_oversized_checkpoint_is_found_with_keys_and_cannot_be_judged_without(say: Any, data: Path) -> None:
    (data / "log/checkpoint").write_bytes(b"x" * 1_000_000)
    said = say("verify", data)
    assert (said.status, said.err.split(": ")[:2]) == (1, ["checkpoint", "file-size"])
    (data / "vkeys").unlink()
    said = say("verify", data)
    assert (said.status, said.err.split(": ")[0]) == (2, "vkeys-missing")


def test_files_ahead_of_the_checkpoint_are_told_and_no_error(say: Any, data: Path) -> None:
    place = Place(data)
    before = (data / "log/checkpoint").read_bytes()
    place.grow(SIZE, SIZE + 1)
    place.close()
    (data / "log/checkpoint").write_bytes(before)
    said = say("verify", data)
    assert said.status == 0
    assert said.err.splitlines() == ["tile/entries/000.p/6: unpublished", "tile/0/000.p/6: unpublished"]
    assert "2 unpublished" in said.out


def test_names_that_no_terminal_can_show_are_spelled_out(say: Any, data: Path) -> None:
    os.close(os.open(os.fsencode(data / "log") + b"/\xff", os.O_CREAT))
    said = say("verify", data)
    assert (said.status, said.err) == (1, "\\udcff: stray-file: no file of a log has this name\n")


def test_an_address_is_verified_with_keys_from_elsewhere(say: Any, data: Path) -> None:
    with serving(data / "log") as address:
        said = say("verify", address, "--vkeys", data / "vkeys")
        assert (said.status, "files not listed" in said.out) == (0, True)
        assert say("verify", address).status == 2
    assert say("verify", address, "--vkeys", data / "vkeys").status == 2


UNASKABLE = {
    "no such folder": ("verify", "nowhere"),
    "a file for a folder": ("verify", "data/vkeys"),
    "another scheme": ("verify", "ftp://example.org/log"),
    "no keys beside it": ("verify-growth", "data/log", "data/log/tile"),
    "keys that are not there": ("verify", "data", "--vkeys", "nowhere"),
    "keys that are none": ("verify", "data", "--vkeys", "data/0.entry"),
    "keys that are a folder": ("verify", "data", "--vkeys", "data"),
    "keys without end": ("verify", "data", "--vkeys", "/dev/zero"),
    "an unknown library": ("verify", "data", "--signatures", "none"),
    "a library that is not here": ("verify", "data", "--signatures", "nacl"),
    "no process": ("verify", "data", "--jobs", "0"),
    "too many processes": ("verify", "data", "--jobs", "65"),
    "processes in words": ("verify", "data", "--jobs", "two"),
    "no command": (),
    "an unknown command": ("check", "data"),
    "nothing to verify": ("verify",),
    "growth of one": ("verify-growth", "data"),
    "growth of nothing": ("verify-growth", "nowhere", "data"),
    "growth to nothing": ("verify-growth", "data", "nowhere"),
    "no such receipt": ("verify-receipt", "nowhere"),
    "no such entry": ("verify-receipt", "data/0.tlog-proof", "--entry", "nowhere"),
    "no keys beside the receipt": ("verify-receipt", "data/log/checkpoint"),
    "no terms": (
        "seal",
        "--terms",
        "nowhere",
        "--receipt",
        "r",
        "--label",
        "offer",
        "--text",
        "data/vkeys",
        "--out",
        "o",
    ),
    "an unknown label": ("seal", "--terms", "t", "--receipt", "r", "--label", "price", "--text", "x", "--out", "o"),
    "a key into nowhere": ("keygen", "nowhere/key"),
    "a key over another file": ("keygen", "data/vkeys"),
}


@pytest.mark.parametrize("arguments", UNASKABLE.values(), ids=UNASKABLE)
def test_what_cannot_be_asked_has_status_2_and_a_line(
    say: Any, data: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(data.parent)
    monkeypatch.setitem(sys.modules, "nacl.signing", None)
    said = say(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.count("Traceback") == 0
    assert said.err


def test_growth_is_verified_from_a_log_or_a_kept_checkpoint(say: Any, data: Path, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "old")
    place = Place(data)
    place.grow(SIZE, 300)
    place.close()
    line = f"{LOG}: verified growth from 5 to 300 entries\n"
    assert say("verify-growth", tmp_path / "old", data).out == line
    assert say("verify-growth", tmp_path / "old/log/checkpoint", data, "--vkeys", data / "vkeys").out == line
    assert say("verify-growth", data, data, "--json").json == {
        "new": 300,
        "old": 300,
        "origin": LOG,
        "verified": True,
    }
    said = say("verify-growth", data, tmp_path / "old")
    assert (said.status, said.out, said.err) == (1, "", "log-shrank: from 300 to 5 entries\n")


def test_a_receipt_is_verified_with_the_keys_beside_it(say: Any, data: Path) -> None:
    said = say("verify-receipt", data / "1.tlog-proof")
    assert said.out == f"{LOG}: verified entry 1 of 5, checkpoint of 2026-03-03T12:00:00Z\n"
    assert (said.status, said.err) == (0, "")
    found = say(
        "verify-receipt", data / "1.bare", "--entry", data / "1.entry", "--vkeys", data / "vkeys", "--json"
    ).json
    assert found == {"index": 1, "origin": LOG, "size": SIZE, "time": int(AT.timestamp()), "verified": True}


def test_a_false_receipt_says_what_is_false(say: Any, data: Path) -> None:
    assert say("verify-receipt", data / "1.bare").err.startswith("proof-entry-missing: ")
    said = say("verify-receipt", data / "1.bare", "--entry", data / "0.entry")
    assert (said.status, said.out, said.err.partition(":")[0]) == (1, "", "proof-root")
    (data / "other.tlog-proof").write_bytes(b"a receipt")
    assert say("verify-receipt", data / "other.tlog-proof").status == 1
    (data / "long.entry").write_bytes(bytes(65_536))
    assert say("verify-receipt", data / "1.bare", "--entry", data / "long.entry").err.startswith("file-size: ")


def test_a_checkpoint_without_a_stated_time_is_said_so(say: Any, data: Path) -> None:
    (data / "vkeys").write_text(SIGNER.vkeys[0] + "\n")
    assert "checkpoint of no stated time" in say("verify-receipt", data / "1.tlog-proof").out


def test_a_time_beyond_the_calendar_is_told_in_seconds(say: Any, data: Path) -> None:
    place = Place(data)
    with place.store.reading() as connection:
        root = place.store.head(connection).root
    (data / "log/checkpoint").write_bytes(SIGNER.sign(SIZE, root, 2**62))
    place.close()
    assert f"checkpoint of second {2**62}" in say("verify", data).out


def test_sealing_offline_makes_a_receipt_once_and_the_same_bytes_each_time(
    say: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("terms").write_bytes(TERMS.encode())
    Path("text").write_bytes(b"we offer")
    common = ("seal", "--terms", "terms", "--receipt", "receipt", "--label", "proposal")
    first = say(*common, "--text", "text", "--out", "one")
    assert (first.status, first.err.startswith("receipt: made")) == (0, True)
    assert stat.S_IMODE(Path("receipt").stat().st_mode) == 0o600
    assert re.fullmatch(rf"one: {TERMS.proposal.envelope_length} bytes, fingerprint [0-9a-f]{{64}}\n", first.out)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"we offer")))
    second = say(*common, "--text", "-", "--out", "two", "--json")
    assert (second.status, second.err) == (0, "")
    assert Path("one").read_bytes() == Path("two").read_bytes()
    assert second.json["sha256"] in first.out
    assert say(*common, "--text", "text", "--out", "one").status == 2
    Path("terms").write_bytes(b"{}\n")
    refused = say(*common, "--text", "text", "--out", "three")
    assert (refused.status, refused.err.partition(":")[0]) == (1, "terms-file")


def test_a_new_key_is_the_owner_s_alone(say: Any, tmp_path: Path) -> None:
    said = say("keygen", tmp_path / "key", "--name", "jo", "--json")
    key = load_key(tmp_path / "key")
    assert (said.json["key"], key.name) == (key.key_id, "jo")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert say("keygen", tmp_path / "other", "--name", "j o").status == 1
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example_that_parses(say: Any, command: str) -> None:
    said = say(command, "--help")
    assert said.status == 0
    [example] = re.findall(r"example: python -m ledger ([^\n]+(?:\n[^\n]+)*)\n", said.out)
    assert auditor._parser().parse_args(example.split()).run is not None


def test_the_whole_explains_itself_with_an_example(say: Any) -> None:
    said = say("--help")
    assert all(command in said.out for command in COMMANDS)
    assert "example: python -m ledger verify data" in said.out


def test_a_long_run_tells_how_far_it_is(say: Any, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditor, "_PATIENCE_S", 0.0)
    assert say("verify", data).err == "verified 5 of 5 entries\n"


def test_whoever_stops_it_sees_no_traceback(say: Any, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(auditor, "verify_log", stop)
    said = say("verify", data)
    assert (said.status, said.err) == (130, "stopped\n")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, *[str(argument) for argument in arguments]]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_it_runs_as_a_module(data: Path) -> None:
    done = run("-m", "ledger", "verify", data)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{LOG}: verified 5 entries")
    assert run("-m", "ledger", "verify", data / "nowhere").returncode == 2


def test_the_module_ends_with_the_status(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["ledger", "verify", str(data)])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("ledger", run_name="__main__")
    assert stopped.value.code == 0


def test_the_verifier_loads_no_database_and_no_web(data: Path) -> None:
    script = (
        "import sys; from ledger.auditor import main; main(['verify', sys.argv[1]]);"
        "print([name for name in sys.modules if name.split('.')[0] in"
        " ('sqlalchemy', 'sqlite3', 'psycopg', 'litestar', 'jinja2', 'portal', 'policies')])"
    )
    assert run("-c", script, data).stdout.splitlines()[-1] == "[]"
