"""Every command that README.md prints is one of ours, with options that exist; those a copy can run are run."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger import auditor
from portal.cli import build_parser, main
from portal.procurement.examples import example_of
from portal.settings import DataFolder
from tests.ledger.web import serving
from tests.portal.town import PILOT, Town, key_of

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def _words(line: str) -> list[str]:
    """The command of a line, without its comment and without where its output goes."""
    return shlex.split(line.partition(" > ")[0], comments=True)


def _commands(*start: str) -> list[list[str]]:
    found = [_words(line)[len(start) :] for line in LINES if _words(line)[: len(start)] == [*start]]
    assert found
    return found


def test_it_is_short_and_opens_with_the_two_commands() -> None:
    assert len(README.splitlines()) <= 150
    assert [_words(line) for line in BLOCKS[0].splitlines()] == [["make", "demo"], ["make", "test"]]


def test_it_prints_no_command_of_another_kind() -> None:
    strange = [line for line in LINES if _words(line)[0] not in {"make", "daylight", "python", "SHARED=../shared"}]
    assert strange == []
    assert {words[0] for words in _commands("make")} <= TARGETS


@pytest.mark.parametrize("words", _commands("daylight"), ids=" ".join)
def test_the_portal_reads_its_commands(words: list[str]) -> None:
    if "--help" in words:
        with pytest.raises(SystemExit, match=r"^0$"):
            build_parser().parse_args(words)
    else:
        assert hasattr(build_parser().parse_args(words), "run")


def test_the_links_lead_to_files() -> None:
    linked = [target for target in re.findall(r"\]\(([^)]+)\)", README) if "://" not in target]
    assert len(linked) > 3
    assert [target for target in linked if not (ROOT / target).exists()] == []


@pytest.fixture
def here(open_town: Town, copy_of: Callable[[Town], Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in: `data`, with one open pilot, as README's examples suppose."""
    town = copy_of(open_town)
    town.office.publish()
    data = town.office.folder.root
    DataFolder(data).moment.write_text(f"{town.clock.now():%Y-%m-%dT%H:%M:%S}.000Z", encoding="ascii")
    town.office.close()
    (tmp_path / "data").symlink_to(data, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_citizen_can_do_as_printed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (verify,) = _commands("python", "-m", "ledger", "verify")
    with serving(here / "data" / "log") as address:
        assert auditor.main(["verify", *[address if "://" in word else word for word in verify]]) == 0
    assert "verified" in capsys.readouterr().out
    for words in [*_commands("daylight", "recompute"), ["--from", "public-copy"]]:
        if words[-1] == "public-copy":
            assert "`daylight export public-copy`" in README
            assert main(["export", "public-copy"]) == 0
        assert main(["recompute", *words]) == 0
        assert " 0 differences" in capsys.readouterr().out


def test_a_firm_can_do_as_printed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (keygen,) = _commands("python", "-m", "ledger", "keygen")
    assert auditor.main(["keygen", *keygen]) == 0
    assert (here / "firm.key").is_file()
    (template,) = _commands("daylight", "bid", "template")
    assert main(["bid", "template", *[PILOT if word.startswith("opportunity:") else word for word in template]]) == 0
    assert '"answers"' in capsys.readouterr().out


def test_an_agency_can_do_as_printed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["act", "--list"]) == 0
    assert "plan-announced" in capsys.readouterr().out
    publish = next(words for words in _commands("daylight", "act") if "--draft" in words)
    key_of("ada").save(here / "ada.key")
    (here / "notice.json").write_text(json.dumps(example_of("opportunity-published")), encoding="utf-8")
    assert main(["act", *publish]) == 0
    assert (here / "draft").is_file()
    key_of("ben").save(here / "ben.key")
    (sign,) = _commands("daylight", "act", "sign")
    assert main(["act", "sign", *sign]) == 1, "the example names rules that nobody adopted"
    assert "policy-not-adopted" in capsys.readouterr().err


def test_an_operator_can_do_as_printed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in [*_commands("daylight", "advance"), *_commands("daylight", "rebuild")]:
        assert words == ["--data", "data"]
    assert main(["advance", "--data", "data"]) == 0
    assert main(["rebuild", "--data", "data"]) == 0
    assert "fingerprint" in capsys.readouterr().out
    (here / "data").unlink()
    (init,) = _commands("daylight", "init")
    assert main(["init", *init]) == 0


@pytest.mark.parametrize("words", _commands("python"), ids=" ".join)
def test_the_auditor_has_its_commands(words: list[str]) -> None:
    asked = subprocess.run([sys.executable, *words[:3], "--help"], capture_output=True, text=True, check=False)
    assert asked.returncode == 0
    for option in (word for word in words[3:] if word.startswith("--")):
        assert option in asked.stdout
