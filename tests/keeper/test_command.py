"""`daylight keeper`, as a keeper types it: against a portal's address, or with copied folders."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.entry import format_time, parse_signed, verify_signed
from portal.cli import main
from portal.commands.open_proposals import open_proposals
from portal.commands.perform import perform
from portal.keeper import command
from portal.keeper.command import _STEPS
from portal.keeper.home import Home
from portal.keeper.locks import Passkey, encode_locked, lock
from portal.keeper.paper import write_words
from portal.keeper.ring import Ring
from portal.procurement.events import opportunity
from tests.keeper.conftest import Served
from tests.portal.town import OFFICERS, PILOT, key_of, refusal_of

Start = Callable[..., Served]
HIDDEN = (
    "sqlalchemy",
    "litestar",
    "jinja2",
    "markupsafe",
    "weasyprint",
    "uvicorn",
    "webauthn",
    "brotli",
    "segno",
    "rich",
)


class Shell:
    """A keeper at her terminal: every step with her home, and with the demo's moment."""

    def __init__(self, site: Served, name: str = "kim") -> None:
        site.folder.mkdir(parents=True, exist_ok=True)
        self.home = site.folder / name
        self.site = site
        self.vkeys = site.town.office.folder.vkeys
        self.pack, self.key = site.folder / f"{name}.pack", site.folder / f"{name}.key"
        site.town.packs[name].save(self.pack)
        key_of(name).save(self.key)

    def __call__(self, step: str, *more: str, moment: bool = True) -> int:
        self.site.town.office.publish()
        timed = ["--moment", format_time(self.site.town.clock.now())] if moment else []
        return main(["keeper", step, "--home", str(self.home), *more, *timed])

    def adopt(self) -> int:
        taken = ["--pack", str(self.pack), "--as", str(self.key)]
        reach = ["--portal", self.site.address, "--vkeys", str(self.vkeys)]
        return self("make", "--keeper", "keeper:kim", *taken, *reach, moment=False)


@pytest.mark.parametrize("step", _STEPS)
def test_every_step_helps_with_an_example(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["keeper", step, "--help"])
    told = capsys.readouterr().out
    assert stop.value.code == 0
    assert f"Example: daylight keeper {step}" in told
    assert "--home DIR" in told


def test_a_keeper_takes_over_her_keys_lists_releases_and_confirms(
    serve: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    site = serve()
    kim = Shell(site)
    assert kim.adopt() == 0
    assert capsys.readouterr().out == f"{key_of('kim').key_id}\n"
    assert kim("list", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["keys_left"] == 5
    assert [(row["opportunity"], row["label"], row["state"]) for row in told["duties"]] == [
        (PILOT, "proposal", "may-release"),
        (PILOT, "offer", "early"),
    ]
    assert kim("release", "--subject", PILOT, "--label", "offer") == 1
    assert "refused: proposals-not-opened\n" in capsys.readouterr().err
    assert kim("release", "--subject", PILOT, "--label", "proposal") == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{site.address}/ledger/entries/")
    assert "4 sealed parts are kept" in captured.err
    assert kim("confirm", "--subject", PILOT, "--label", "proposal") == 1
    assert "refused: not-opened" in capsys.readouterr().err
    assert kim("list") == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0] == f"{PILOT} proposal: released"
    assert "5 pairs of keys are left" in captured.err
    assert "Fewer than five" not in captured.err
    site.town.release("proposal", names=("mae",))
    open_proposals(site.town.office, PILOT)
    assert kim("confirm", "--subject", PILOT, "--label", "proposal") == 0
    assert "2 sealed bids were opened here again" in capsys.readouterr().err
    assert kim("register", "--notices", "2") == 0
    assert "2 pairs of keys is" not in capsys.readouterr().err


def test_keys_are_made_backed_up_written_as_words_and_brought_back(
    serve: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = serve()
    kim = Shell(site)
    assert kim.adopt() == 0
    reach = ["--portal", site.address, "--vkeys", str(kim.vkeys)]
    new = tmp_path / "new"
    assert main(["keeper", "make", "--home", str(new), "--keeper", "keeper:zoe", *reach]) == 0
    assert main(["keeper", "make", "--home", str(new), "--keeper", "keeper:zoe", *reach]) == 2
    ring = Ring.parse(Home(new).ring.read_bytes())
    assert main(["keeper", "backup", "--home", str(new), "--out", str(tmp_path / "backup")]) == 0
    assert (tmp_path / "backup").read_bytes() == ring.encode()
    capsys.readouterr()
    for split in ("1of1", "2of3"):
        assert main(["keeper", "words", "--home", str(new), "--split", split]) == 0
        words = capsys.readouterr().out
        lines = words.splitlines()
        assert len(lines) == 4 * int(split[-1]) if split != "1of1" else 4
        chosen = lines if split == "1of1" else [*lines[:4], *lines[6:10]]
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(chosen)))
        home = tmp_path / f"from-{split}"
        assert main(["keeper", "restore", "--home", str(home), "--keeper", "keeper:zoe", *reach]) == 0
        back = Ring.parse(Home(home).ring.read_bytes())
        assert (back.sign, back.state, back.keeper) == (ring.sign, ring.state, ring.keeper)
    plain = tmp_path / "plain.txt"
    plain.write_text("\n".join([*write_words(ring.sign), *write_words(ring.state)]), encoding="utf-8")
    call = ["keeper", "restore", "--home", str(tmp_path / "plain"), "--keeper", "keeper:zoe", *reach]
    assert main([*call, "--words", str(plain)]) == 0
    plain.write_text(write_words(ring.sign)[0], encoding="utf-8")
    assert main([*call, "--words", str(plain)]) == 1
    assert "refused: words-wrong" in capsys.readouterr().err
    call = ["keeper", "restore", "--home", str(tmp_path / "file"), *reach, "--file", str(tmp_path / "backup")]
    assert main(call) == 0
    assert Home(tmp_path / "file").ring.read_bytes() == ring.encode()
    assert main(["keeper", "words", "--home", str(new), "--split", "three"]) == 1
    assert main(["keeper", "words", "--home", str(kim.home)]) == 0
    assert "6 pairs of keys from an older file are in no words" in capsys.readouterr().err


def test_portal_and_keys_are_pinned_at_first_use(
    serve: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = serve()
    kim = Shell(site)
    make = ["keeper", "make", "--home", str(tmp_path / "other"), "--keeper", "keeper:kim"]
    assert main([*make, "--portal", site.address]) == 1
    assert "refused: vkeys-missing" in capsys.readouterr().err
    assert main([*make, "--portal", "http://pilots.example.org", "--vkeys", str(kim.vkeys)]) == 1
    assert "refused: portal-address" in capsys.readouterr().err
    assert main([*make, "--vkeys", str(kim.vkeys), "--pack", str(kim.pack)]) == 1
    assert "refused: ring-halves" in capsys.readouterr().err
    assert kim.adopt() == 0
    assert kim("list", "--portal", "https://elsewhere.example.org") == 1
    assert "refused: portal-other" in capsys.readouterr().err
    assert kim("list", "--portal", "https://elsewhere.example.org", "--vkeys", str(kim.vkeys)) == 1
    assert "refused: portal-other" in capsys.readouterr().err
    assert kim("list", "--portal", site.address + "/", "--vkeys", str(kim.vkeys)) == 0
    other = tmp_path / "vkeys"
    other.write_bytes(b"\n".join(kim.vkeys.read_bytes().splitlines()[:2]) + b"\n")
    assert kim("list", "--vkeys", str(other)) == 1
    assert "refused: vkeys-other" in capsys.readouterr().err


def test_the_clock_is_set_for_a_demonstration_only(serve: Start, capsys: pytest.CaptureFixture[str]) -> None:
    site = serve(purpose="live")
    kim = Shell(site)
    kim.adopt()
    assert kim("list") == 1
    assert "refused: demo-clock" in capsys.readouterr().err
    assert kim("list", moment=False) == 0
    assert "early" not in capsys.readouterr().out


def test_two_runs_at_once_are_refused(serve: Start, capsys: pytest.CaptureFixture[str]) -> None:
    site = serve()
    kim = Shell(site)
    kim.adopt()
    with Home(kim.home).alone():
        assert kim("list") == 1
    assert "refused: keeper-busy" in capsys.readouterr().err
    assert kim("list") == 0


def test_a_locked_ring_needs_its_passkey_or_a_backup(
    serve: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = serve()
    kim = Shell(site)
    kim.adopt()
    home = Home(kim.home)
    ring = Ring.parse(home.ring.read_bytes())
    ring.save(tmp_path / "stick")
    passkey = Passkey("cGFzc2tleS1udW1iZXItb25l", "laptop", bytes(32))
    home.ring.write_bytes(encode_locked(lock(ring, passkey, bytes(32))))
    assert kim("list") == 1
    assert "refused: ring-locked" in capsys.readouterr().err
    assert kim("list", "--ring", str(tmp_path / "stick")) == 0
    assert kim("register", "--notices", "1", "--ring", str(tmp_path / "stick")) == 0
    assert Ring.parse((tmp_path / "stick").read_bytes()).made == 1


def test_copied_folders_do_as_well_and_what_is_signed_is_handed_in_later(
    serve: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = serve()
    kim = Shell(site)
    kim.adopt()
    site.town.office.publish()
    envelopes, out = site.town.office.folder.vault / "envelopes", tmp_path / "out"
    out.mkdir()
    copied = ["--copy", str(site.town.office.folder.root), "--out", str(out)]
    release = ["--subject", PILOT, "--label", "proposal", *copied]
    assert kim("release", *release) == 1
    assert "refused: envelope-missing" in capsys.readouterr().err
    assert kim("release", *release, "--envelopes", str(envelopes)) == 0
    written = Path(capsys.readouterr().out.strip())
    assert written.stat().st_mode & 0o777 == 0o600
    signed = parse_signed(written.read_bytes().rstrip(b"\n"))
    assert verify_signed(signed).keys == (key_of("kim").key_id,)
    assert kim("release", *release, "--envelopes", str(envelopes)) == 0, "the same statement, in the same file"
    assert [path.name for path in out.iterdir()] == [written.name]
    assert perform(site.town.office, signed).act.kind == "keeper-key-released"
    assert kim("register", *copied) == 1
    assert "refused: portal-needed" in capsys.readouterr().err


def test_a_bid_that_was_lost_is_supplied(serve: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = serve()
    kim = Shell(site)
    kim.adopt()
    name = site.town.case().listed_bids()[0].seal.offer
    data = site.town.office.vault.envelope(name)
    assert data is not None
    site.town.office.vault.delete_envelope(name)
    (tmp_path / "found").write_bytes(data)
    assert kim("supply", "--subject", PILOT, "--file", str(tmp_path / "found")) == 0
    assert name in capsys.readouterr().err
    assert site.town.office.vault.envelope(name) == data


def test_keys_and_bids_are_deleted_when_the_pilot_is_over(
    serve: Start, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = serve()
    kim = Shell(site)
    kim.adopt()
    assert kim("release", "--subject", PILOT, "--label", "proposal") == 0
    assert kim("delete", "--subject", PILOT, "--yes") == 1
    assert "refused: pilot-running" in capsys.readouterr().err
    body = opportunity.OpportunityCancelled(reason="notice-error", why="It named another street.")
    site.town.act("opportunity-cancelled", PILOT, body, *OFFICERS)
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    assert kim("delete", "--subject", PILOT) == 1
    assert "refused: not-confirmed" in capsys.readouterr().err
    assert len(list(Home(kim.home).envelopes(PILOT).iterdir())) == 4
    monkeypatch.setattr("sys.stdin", io.StringIO("delete\n"))
    assert kim("delete", "--subject", PILOT) == 0
    assert "Deleted: 4 sealed parts and 1 pairs of keys" in capsys.readouterr().err
    assert not Home(kim.home).envelopes(PILOT).exists()
    ring = Ring.parse(Home(kim.home).ring.read_bytes())
    seat = next(seat for seat in site.town.case().notice.sealing.seats if seat.keeper == "keeper:kim")
    assert refusal_of(lambda: ring.private_of(seat.proposal, seat.offer, "offer")) == "key-not-in-ring"
    assert kim("list", "--json") == 0
    assert {row["state"] for row in json.loads(capsys.readouterr().out)["duties"]} == {"released", "not-needed"}


def test_it_runs_where_neither_database_nor_web_nor_templates_are_installed(serve: Start) -> None:
    site = serve()
    kim = Shell(site)
    kim.adopt()
    site.town.office.publish()
    moment = format_time(site.town.clock.now())
    script = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({HIDDEN!r}))\n"  # importing a module that is None there raises ImportError
        "from portal.keeper.command import main\n"
        "status = main(sys.argv[1:])\n"
        "print(sorted(name for name in sys.modules if name.startswith(('portal.web', 'portal.commands', 'portal.proj'))))\n"
        "sys.exit(status)\n"
    )
    call = ["release", "--home", str(kim.home), "--moment", moment, "--subject", PILOT, "--label", "proposal"]
    done = subprocess.run([sys.executable, "-c", script, *call], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == "[]"
    assert done.stdout.startswith(f"{site.address}/ledger/entries/")
    alone = [sys.executable, "-m", "portal.keeper", "list", "--home", str(kim.home), "--moment", moment]
    assert subprocess.run(alone, capture_output=True, text=True, check=True).stdout.startswith(PILOT)


def test_a_missing_ring_or_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["backup", "--home", str(tmp_path), "--out", str(tmp_path / "b")]
    assert command.main(call) == 1
    assert capsys.readouterr().err.startswith("refused: ring-missing\n")
    assert command.main([*call, "--ring", str(tmp_path / "nowhere")]) == 2
    assert str(tmp_path / "nowhere") in capsys.readouterr().err
