"""Rules on the command line: listed, checked with file and line, and printed on two pages for counsel."""

import io
import json
import shutil
import sys
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

import policies
from policies import PolicyError, available, load_jurisdiction
from portal.cli import main
from portal.documents.pdf import PaperError
from portal.web.policy_memo import policy_memo, print_policy_memo
from portal.web.views.policy_memo import MemoValue

DAY = date(2026, 3, 2)
FOLDERS = Path(policies.__file__).parent / "jurisdictions"


def values(name: str, day: date = DAY) -> list[MemoValue]:
    return [value for group in policy_memo(load_jurisdiction(name), day).groups for value in group.values]


@pytest.mark.parametrize("name", available())
def test_a_memo_has_two_pages_with_every_value_and_the_fingerprint(name: str) -> None:
    policy = load_jurisdiction(name)
    reader = PdfReader(io.BytesIO(print_policy_memo(policy, DAY).pdf))
    assert len(reader.pages) == 2
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert policy.digest in text
    for value in values(name):
        assert "".join(value.text.split()) in text
        assert "".join(value.source.split()) in text
    (attached,) = reader.attachments["rules.json"]
    assert attached == policy.document


def test_the_same_rules_on_the_same_day_are_the_same_bytes() -> None:
    policy = load_jurisdiction("english-council")
    first = print_policy_memo(policy, DAY)
    assert first == print_policy_memo(policy, DAY)
    assert first != print_policy_memo(policy, date(2026, 3, 3))


def test_law_and_house_stand_beside_each_other_and_the_memo_says_which_is_obeyed() -> None:
    paid = {(value.layer, value.wins): value for value in values("english-council") if "invoice" in value.text}
    assert set(paid) == {("law", False), ("house", True)}
    assert paid["law", False].status == "to-confirm"
    assert paid["law", False].source == "Procurement Act 2023, sections 68 and 88"


def test_counsel_is_told_how_much_is_unsure_and_how_much_only_proposed() -> None:
    memo = policy_memo(load_jurisdiction("english-council"), DAY)
    stated = values("english-council")
    assert memo.values == len(stated)
    assert memo.unsure == sum(value.status == "to-confirm" for value in stated) == 1
    assert memo.proposed == sum(value.status == "proposal" for value in stated) > 0


def test_a_memo_shows_the_values_of_its_own_day() -> None:
    before, after = (
        {value.text for value in values("english-council", day)} for day in (date(2026, 2, 3), date(2026, 2, 4))
    )
    assert before != after
    assert policy_memo(load_jurisdiction("english-council"), date(2025, 12, 1)).until_changed


def test_before_the_rules_begin_there_is_no_memo() -> None:
    with pytest.raises(PolicyError) as error:
        print_policy_memo(load_jurisdiction("english-council"), date(2020, 1, 1))
    assert error.value.reason == "rule-not-in-force"


def test_the_command_writes_the_memo_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "memo.pdf"
    ask = ["policy", "memo", "blue-ridge-county", "--out", str(out), "--on", "2026-03-02"]
    assert main(ask) == 0
    assert out.read_bytes() == print_policy_memo(load_jurisdiction("blue-ridge-county"), DAY).pdf
    assert "Blue Ridge County on 2026-03-02, fingerprint " in capsys.readouterr().out
    assert main(ask) == 2
    assert "exists already" in capsys.readouterr().err


def test_without_a_day_the_memo_is_of_today(tmp_path: Path) -> None:
    out = tmp_path / "memo.pdf"
    assert main(["policy", "memo", str(FOLDERS / "blue-ridge-county"), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF")


def test_a_day_that_is_none_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["policy", "memo", "english-council", "--out", str(tmp_path / "memo.pdf"), "--on", "June"])
    assert stop.value.code == 2
    assert "June is no day" in capsys.readouterr().err


def test_rules_nobody_knows_are_refused_and_the_known_ones_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "memo", "no-such-county", "--out", str(tmp_path / "memo.pdf")]) == 1
    assert "english-council" in capsys.readouterr().err


def test_without_its_libraries_no_memo_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PaperError):
        print_policy_memo(load_jurisdiction("english-council"), DAY)
    out = tmp_path / "memo.pdf"
    assert main(["policy", "memo", "english-council", "--out", str(out), "--on", "2026-03-02"]) == 1
    assert "pdf-unavailable" in capsys.readouterr().err
    assert not out.exists()


def test_the_list_names_every_set_of_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "list"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == available()
    assert {line[0]: line[3] for line in lines} == {name: load_jurisdiction(name).digest for name in available()}


def test_a_good_folder_is_checked_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(FOLDERS / "english-council")]) == 0
    told = capsys.readouterr()
    assert load_jurisdiction("english-council").digest in told.out
    assert "1 value of law to be confirmed" in told.err
    assert main(["policy", "check", str(FOLDERS / "blue-ridge-county")]) == 0


def test_a_fault_in_a_folder_is_told_with_file_line_and_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(FOLDERS / "english-council", tmp_path / "rules")
    path = folder / "payment.toml"
    path.write_text(path.read_text().replace("figure = 30", 'figure = "30"', 1))
    assert main(["policy", "check", str(folder)]) == 1
    assert "payment.toml:5: policy-figure: " in capsys.readouterr().err


def test_what_is_no_folder_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(tmp_path / "nothing")]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_the_attached_rules_are_those_an_agency_adopts() -> None:
    document = load_jurisdiction("english-council").document
    assert policies.from_document(document).id == json.loads(document)["jurisdiction"]["id"]
