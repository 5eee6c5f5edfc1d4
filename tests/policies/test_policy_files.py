"""A rule file is refused with its name, the line and the reason; nothing of its folder is used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import policies
from policies import PolicyError, PolicyFileError, load_jurisdiction
from tests.policies.policy_cases import FOLDERS, PUBLISHED, copy_of

if TYPE_CHECKING:
    from pathlib import Path

COUNTY = "blue-ridge-county"
COUNCIL = "english-council"


def refused(folder: Path) -> PolicyFileError:
    with pytest.raises(PolicyFileError) as error:
        load_jurisdiction(folder)
    return error.value


def line_of(text: str, marker: str) -> int:
    return text[: text.index(marker)].count("\n") + 1


def edited(folder: Path, file: str, old: str, new: str) -> str:
    """Replace one text in a file once and give the new whole."""
    path = folder / file
    text = path.read_text()
    assert old in text
    text = text.replace(old, new, 1)
    path.write_text(text)
    return text


CEILING = '[[house]]\nrule = "reservation-ceiling"\nfigure = 10_000_000\n'
PAY = 'rule = "payment-days"\nfigure = 14'

EDITS: dict[str, tuple[str, str, str, str, str]] = {
    "a key nobody knows": ("reservation.toml", CEILING, CEILING + "colour = 1\n", "policy-key-unknown", "colour"),
    "the layer said twice": ("reservation.toml", CEILING, CEILING + 'layer = "law"\n', "policy-key-unknown", "layer ="),
    "a rule nobody knows": (
        "payment.toml",
        '"payment-days"',
        '"payment-nights"',
        "policy-rule-unknown",
        'rule = "payment-nights"',
    ),
    "a rule in the wrong file": (
        "payment.toml",
        PAY,
        'rule = "sealing-packs-low"\nfigure = 14',
        "policy-file-wrong",
        'rule = "sealing-packs-low"',
    ),
    "a figure in quotes": (
        "payment.toml",
        PAY,
        'rule = "payment-days"\nfigure = "14"',
        "policy-figure",
        'figure = "14"',
    ),
    "a fraction": ("payment.toml", PAY, 'rule = "payment-days"\nfigure = 14.5', "policy-type", "figure = 14.5"),
    "not a number": ("payment.toml", PAY, 'rule = "payment-days"\nfigure = nan', "policy-type", "figure = nan"),
    "a truth for a number": (
        "payment.toml",
        PAY,
        'rule = "payment-days"\nfigure = true',
        "policy-figure",
        "figure = true",
    ),
    "a negative figure": ("payment.toml", PAY, 'rule = "payment-days"\nfigure = -1', "policy-figure", "figure = -1"),
    "no limit where one is needed": (
        "times.toml",
        "figure = 24",
        'figure = "no limit"',
        "policy-figure",
        'figure = "no limit"',
    ),
    "an hour past the day": ("times.toml", "figure = 12", "figure = 24", "policy-figure", "figure = 24"),
    "an empty source": ("payment.toml", 'source = "house"', 'source = ""', "policy-source-missing", 'source = ""'),
    "a status that does not exist": (
        "times.toml",
        'status = "proposal"',
        'status = "sure"',
        "policy-status",
        'status = "sure"',
    ),
    "a text of the wrong type": ("times.toml", 'source = "house"', "source = 7", "policy-type", "source = 7"),
    "a house rule that cites a law": (
        "times.toml",
        'source = "house"',
        'source = "FAR 5"',
        "policy-source",
        'source = "FAR 5"',
    ),
    "a law that cites the house": (
        "reservation.toml",
        'source = "FTA master',
        'source = "house FTA master',
        "policy-source",
        'source = "house FTA',
    ),
    "a text without its figure": (
        "times.toml",
        "at {figure}:00 local",
        "at noon local",
        "policy-text-figure",
        'text = "Bidding closes at noon',
    ),
    "a figure in a truth": (
        "times.toml",
        "not close at a weekend.",
        "not close at a {figure}.",
        "policy-text-figure",
        'text = "Bidding does not close at a {',
    ),
    "a moment for a day": (
        "jurisdiction.toml",
        "effective_from = 2025-01-01",
        "effective_from = 2025-01-01T00:00:00",
        "policy-type",
        "effective_from",
    ),
    "a day in words": (
        "payment.toml",
        "effective_from = 2025-01-01",
        'effective_from = "January"',
        "policy-date",
        'effective_from = "January"',
    ),
    "a day that does not exist": (
        "payment.toml",
        "effective_from = 2025-01-01",
        'effective_from = "2025-02-30"',
        "policy-date",
        'effective_from = "2025-02-30"',
    ),
    "an end before its beginning": (
        "payment.toml",
        "effective_from = 2025-01-01",
        "effective_from = 2025-01-01\neffective_to = 2025-01-01",
        "policy-period",
        "effective_to",
    ),
    "a size that does not exist": ("tiers.toml", 'tiers = ["T0"]', 'tiers = ["T9"]', "policy-tier", 'tiers = ["T9"]'),
    "no size where one is needed": ("tiers.toml", 'tiers = ["T0"]\n', "", "policy-tier", "[[house]]"),
    "a size where none is needed": ("payment.toml", PAY, PAY + '\ntiers = ["T0"]', "policy-tier", 'tiers = ["T0"]'),
    "sizes that are no list": ("tiers.toml", 'tiers = ["T0"]', 'tiers = "T0"', "policy-tier", 'tiers = "T0"'),
    "a size named twice": (
        "tiers.toml",
        'tiers = ["T0"]',
        'tiers = ["T0", "T0"]',
        "policy-tier",
        'tiers = ["T0", "T0"]',
    ),
    "a year for pay": ("payment.toml", PAY, PAY + "\nyear = 2026", "policy-year", "year = 2026"),
    "holidays without a year": (
        "calendar.toml",
        "year = 2026\n",
        "",
        "policy-year",
        '[[house]]\nrule = "calendar-holidays"\nfigure',
    ),
    "holidays of another year": (
        "calendar.toml",
        "year = 2026\n",
        "year = 2029\n",
        "policy-year",
        "figure = [\n  { day = 2026",
    ),
    "holidays of a distant year": ("calendar.toml", "year = 2026\n", "year = 2200\n", "policy-year", "year = 2200"),
    "holidays out of order": (
        "calendar.toml",
        "day = 2026-01-01",
        "day = 2026-12-31",
        "policy-figure",
        "figure = [\n  { day = 2026",
    ),
    "a holiday without a name": (
        "calendar.toml",
        'day = 2026-01-01, name = "New Year\'s Day"',
        "day = 2026-01-01",
        "policy-figure",
        "figure = [\n  { day = 2026",
    ),
    "a word that is no weekday": ("calendar.toml", '"mon"', '"moonday"', "policy-figure", 'figure = ["moonday"'),
    "a word said twice": ("calendar.toml", '"mon"', '"mon", "mon"', "policy-figure", 'figure = ["mon", "mon"'),
    "a code in capitals": (
        "reservation.toml",
        'code = "own-money"',
        'code = "Own"',
        "policy-figure",
        "figure = [\n  { code",
    ),
    "a list that is none": (
        "reservation.toml",
        'figure = ["local"]',
        'figure = "local"',
        "policy-figure",
        'figure = "local"',
    ),
    "a truth in quotes": ("times.toml", "figure = true", 'figure = "yes"', "policy-figure", 'figure = "yes"'),
    "a choice that does not exist": (
        "evaluation.toml",
        'figure = "lot"',
        'figure = "dice"',
        "policy-figure",
        'figure = "dice"',
    ),
    "a table nobody knows": ("payment.toml", "[[house]]", "[[custom]]", "policy-key-unknown", "[[custom]]"),
    "a table that is no list": ("times.toml", "\n[[house]]\nrule", "\n[law]\nrule", "policy-layout", "[law]"),
    "a rule outside of its table": (
        "times.toml",
        "\n[[house]]\nrule",
        "\nlaw = [{}]\n\n[[house]]\nrule",
        "policy-layout",
        "law = [{}]",
    ),
    "a key before all tables": (
        "times.toml",
        "\n[[house]]\nrule",
        "\nodd = 1\n\n[[house]]\nrule",
        "policy-key-unknown",
        "odd = 1",
    ),
    "a text on several lines": (
        "times.toml",
        'source = "house"',
        'source = """house"""',
        "policy-layout",
        'source = """',
    ),
    "broken TOML": ("times.toml", 'source = "house"', 'source = "house', "policy-toml", 'source = "house\n'),
    "a key said twice": (
        "times.toml",
        'source = "house"',
        'source = "house"\nsource = "house"',
        "policy-toml",
        'source = "house"\nstatus',
    ),
    "a control character": (
        "times.toml",
        'source = "house"',
        'source = "house \\u0007"',
        "policy-text",
        'source = "house \\u0007',
    ),
    "a direction character": (
        "times.toml",
        'source = "house"',
        'source = "house \\u202E"',
        "policy-text",
        'source = "house \\u202E',
    ),
    "a letter in two parts": (
        "times.toml",
        'source = "house"',
        'source = "house e\\u0301"',
        "policy-text",
        'source = "house e',
    ),
    "a text with spaces around": (
        "times.toml",
        'source = "house"',
        'source = " house"',
        "policy-text",
        'source = " house',
    ),
    "a text without end": (
        "times.toml",
        'source = "house"',
        f'source = "house {"x" * 1000}"',
        "policy-text",
        'source = "house xx',
    ),
    "a heading with a key nobody knows": (
        "jurisdiction.toml",
        'tax = "',
        'flag = 1\ntax = "',
        "policy-key-unknown",
        "flag = 1",
    ),
    "a heading without tax": ("jurisdiction.toml", 'tax = "excluded"\n', "", "policy-key-missing", "[jurisdiction]"),
    "a heading without source": (
        "jurisdiction.toml",
        'source = "house"\n',
        "",
        "policy-source-missing",
        "[jurisdiction]",
    ),
    "a currency in words": ("jurisdiction.toml", '"USD"', '"dollars"', "policy-heading", "currency ="),
    "a purpose in between": ("jurisdiction.toml", '"live"', '"half"', "policy-heading", "for ="),
    "a zone that does not exist": (
        "jurisdiction.toml",
        '"America/New_York"',
        '"America/Blue_Ridge"',
        "policy-zone",
        "zone =",
    ),
    "a zone that is a path": ("jurisdiction.toml", '"America/New_York"', '"../zone"', "policy-zone", "zone ="),
    "a heading with a list": ("jurisdiction.toml", 'tax = "excluded"', "tax = [1.5]", "policy-type", "tax ="),
}


@pytest.mark.parametrize(("file", "old", "new", "reason", "marker"), EDITS.values(), ids=EDITS.keys())
def test_a_wrong_rule_file_is_refused_with_file_line_and_reason(
    *,
    tmp_path: Path,
    file: str,
    old: str,
    new: str,
    reason: str,
    marker: str,
) -> None:
    folder = copy_of(COUNTY, tmp_path)
    text = edited(folder, file, old, new)
    error = refused(folder)
    assert (error.reason, error.file, error.line) == (reason, file, line_of(text, marker))
    assert str(error).startswith(f"{file}:{error.line}: {reason}: ")


def test_an_unknown_key_is_refused_under_every_rule_of_every_file(tmp_path: Path) -> None:
    folder = copy_of(COUNCIL, tmp_path)
    seen = 0
    for path in sorted(folder.glob("*.toml")):
        whole = path.read_text()
        for header in re.finditer(r"^\[.*\]$", whole, re.MULTILINE):
            text = whole[: header.end()] + "\nextra = 1" + whole[header.end() :]
            path.write_text(text)
            error = refused(folder)
            line = line_of(text, header.group()) if "[[" not in header.group() else text[: header.end()].count("\n") + 1
            assert (error.reason, error.file, error.line) == ("policy-key-unknown", path.name, line + 1)
            seen += 1
        path.write_text(whole)
    assert seen == 1 + len(load_jurisdiction(COUNCIL).statements)


@pytest.mark.parametrize("topic", policies.TOPICS)
def test_every_key_of_a_rule_is_needed(tmp_path: Path, topic: str) -> None:
    folder = copy_of(COUNTY, tmp_path)
    path = folder / f"{topic}.toml"
    head, first, *rest = path.read_text().split("[[house]]\n")
    for key in ("rule", "figure", "text", "because", "source", "status", "effective_from"):
        shorter = re.sub(rf"^{key} = (\[\n(.*\n)*?\]|.*)\n", "", first, count=1, flags=re.MULTILINE)
        assert shorter != first
        path.write_text("[[house]]\n".join([head, shorter, *rest]))
        error = refused(folder)
        reason = "policy-source-missing" if key == "source" else "policy-key-missing"
        assert (error.reason, error.file, error.line) == (reason, path.name, head.count("\n") + 1)


@pytest.mark.parametrize("topic", policies.TOPICS)
def test_a_missing_file_leaves_rules_unsaid_and_is_refused(tmp_path: Path, topic: str) -> None:
    folder = copy_of(COUNTY, tmp_path)
    (folder / f"{topic}.toml").unlink()
    error = refused(folder)
    assert (error.reason, error.file, error.line) == ("policy-rule-missing", f"{topic}.toml", None)
    assert (" for T0" in error.detail) == (topic == "tiers")
    assert error.detail.split()[:4] == ["nothing", "is", "said", "about"]
    assert error.detail.split()[4] in policies.KINDS
    assert len(error.detail.split()) == (7 if topic == "tiers" else 5)
    assert str(error).startswith(f"{topic}.toml: policy-rule-missing: ")


def test_a_rule_must_be_stated_for_every_size(tmp_path: Path) -> None:
    folder = copy_of(COUNTY, tmp_path)
    edited(
        folder,
        "tiers.toml",
        'rule = "tier-panel-largest"\ntiers = ["T0", "T1"]',
        'rule = "tier-panel-largest"\ntiers = ["T0"]',
    )
    error = refused(folder)
    assert error.reason == "policy-rule-missing"
    assert error.detail == "nothing is said about tier-panel-largest for T1"


def second(folder: Path, file: str, rule: str, *edits: tuple[str, str]) -> int:
    """State a rule of a file once more, changed, at its end; give the line."""
    path = folder / file
    text = path.read_text()
    start = text.rindex("\n[[", 0, text.index(f'rule = "{rule}"')) + 1
    stop = text.find("\n[[", start + 1)
    block = text[start : stop if stop > 0 else len(text)].strip() + "\n"
    for old, new in edits:
        assert old in block
        block = block.replace(old, new)
    path.write_text(text + "\n" + block)
    return text.count("\n") + 2


SINCE = "effective_from = 2025-01-01"

PERIODS: dict[str, tuple[str, str, str | None]] = {
    "twice for the same days": (SINCE, SINCE, "policy-overlap"),
    "the second within the first": (SINCE, "effective_from = 2026-01-01\neffective_to = 2026-02-01", "policy-overlap"),
    "the second before the first": (SINCE, "effective_from = 2024-01-01\neffective_to = 2025-01-01", None),
    "the second one day into the first": (
        SINCE,
        "effective_from = 2024-01-01\neffective_to = 2025-01-02",
        "policy-overlap",
    ),
}


@pytest.mark.parametrize(("old", "new", "reason"), PERIODS.values(), ids=PERIODS.keys())
def test_two_values_for_one_day_are_refused(tmp_path: Path, old: str, new: str, reason: str | None) -> None:
    folder = copy_of(COUNTY, tmp_path)
    line = second(folder, "payment.toml", "payment-days", (old, new))
    if reason is None:
        assert load_jurisdiction(folder).id == COUNTY
        return
    error = refused(folder)
    assert (error.reason, error.file, error.line) == (reason, "payment.toml", line)
    assert re.search(r"payment\.toml:3 too", error.detail)


def test_law_and_house_may_both_speak_on_one_day(tmp_path: Path) -> None:
    folder = copy_of(COUNTY, tmp_path)
    second(
        folder,
        "payment.toml",
        "payment-days",
        ("[[house]]", "[[law]]"),
        ('"house"', '"an act"'),
        ('"proposal"', '"verified"'),
    )
    assert load_jurisdiction(folder).id == COUNTY


def test_law_and_house_cannot_both_name_what_has_no_stricter_side(tmp_path: Path) -> None:
    folder = copy_of(COUNTY, tmp_path)
    edits = (("[[house]]", "[[law]]"), ('"house"', '"an act"'), ('"proposal"', '"verified"'))
    second(folder, "evaluation.toml", "evaluation-tie", *edits)
    error = refused(folder)
    assert (error.reason, error.file) == ("policy-no-stricter", "evaluation.toml")


def test_the_same_rule_for_different_sizes_or_years_is_no_clash(tmp_path: Path) -> None:
    folder = copy_of(COUNTY, tmp_path)
    second(
        folder,
        "calendar.toml",
        "calendar-holidays",
        ("2025-", "2030-"),
        ("year = 2025", "year = 2030"),
        ("from = 2030", "from = 2025"),
    )
    assert 2030 in load_jurisdiction(folder).rules(PUBLISHED).calendar.years


GAPS: dict[str, tuple[str, str, str]] = {
    "a rule that begins too late": (SINCE, "effective_from = 2025-01-02", "rule-not-in-force"),
    "a rule that ends": (SINCE, SINCE + "\neffective_to = 2030-01-01", "rule-not-in-force"),
}


@pytest.mark.parametrize(("old", "new", "reason"), GAPS.values(), ids=GAPS.keys())
def test_a_day_without_a_value_is_refused_when_the_rules_are_read(
    tmp_path: Path,
    old: str,
    new: str,
    reason: str,
) -> None:
    folder = copy_of(COUNTY, tmp_path)
    edited(folder, "payment.toml", old, new)
    error = refused(folder)
    assert (error.reason, error.file) == (reason, "jurisdiction.toml")
    assert "payment-days" in error.detail


CONTRADICTIONS: dict[str, tuple[str, str, str]] = {
    "price weighs more than it may": ("evaluation.toml", "figure = 20", "figure = 60"),
    "a panel larger than it may be": ("tiers.toml", 'tiers = ["T1"]\nfigure = 3\n', 'tiers = ["T1"]\nfigure = 7\n'),
    "no way to name a price": ("tiers.toml", 'figure = ["fixed"]', "figure = []"),
    "nobody may keep keys": ("tiers.toml", 'figure = ["shared", "timed"]', "figure = []"),
    "no working day": ("calendar.toml", 'figure = ["mon", "tue", "wed", "thu", "fri"]', "figure = []"),
}


@pytest.mark.parametrize(("file", "old", "new"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_figures_that_nobody_could_obey_together_are_refused(tmp_path: Path, file: str, old: str, new: str) -> None:
    folder = copy_of(COUNTY, tmp_path)
    edited(folder, file, old, new)
    assert refused(folder).reason == "policy-contradiction"


def test_a_file_of_another_name_is_refused_and_prose_is_not(tmp_path: Path) -> None:
    folder = copy_of(COUNTY, tmp_path)
    (folder / "README.md").write_text("Why these rules.")
    assert load_jurisdiction(folder).id == COUNTY
    (folder / "extra.toml").write_text("")
    error = refused(folder)
    assert (error.reason, error.file, error.line) == ("policy-file-unknown", "extra.toml", None)


def test_a_folder_needs_its_heading(tmp_path: Path) -> None:
    folder = copy_of(COUNTY, tmp_path)
    (folder / "jurisdiction.toml").unlink()
    error = refused(folder)
    assert (error.reason, error.file) == ("policy-file-missing", "jurisdiction.toml")


HEADINGS = {
    "nothing": "",
    "two tables": "[jurisdiction]\n[more]\n",
    "a key outside": "odd = 1\n[jurisdiction]\n",
    "a list of tables": "[[jurisdiction]]\n",
}


@pytest.mark.parametrize("text", HEADINGS.values(), ids=HEADINGS.keys())
def test_the_heading_is_one_table(tmp_path: Path, text: str) -> None:
    folder = copy_of(COUNTY, tmp_path)
    (folder / "jurisdiction.toml").write_text(text)
    error = refused(folder)
    assert (error.reason, error.file, error.line) == ("policy-layout", "jurisdiction.toml", 1)
    assert error.detail == "this file holds one table, [jurisdiction]"


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    folder = copy_of(COUNTY, tmp_path)
    path = folder / "times.toml"
    path.write_bytes(path.read_bytes() + b"# \xff\n")
    error = refused(folder)
    assert (error.reason, error.line) == ("policy-file-encoding", path.read_bytes().count(b"\n"))


def test_a_file_beyond_all_reason_is_refused_before_it_is_read(tmp_path: Path) -> None:
    folder = copy_of(COUNTY, tmp_path)
    path = folder / "times.toml"
    path.write_bytes(path.read_bytes().ljust(200_000, b"\n"))
    assert load_jurisdiction(folder).id == COUNTY
    path.write_bytes(path.read_bytes() + b"\n")
    error = refused(folder)
    assert (error.reason, error.line) == ("policy-file-size", None)


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    folder = copy_of(COUNTY, tmp_path)
    (folder / "times.toml").write_text("a = " + "[" * 90_000)
    error = refused(folder)
    assert error.reason == "policy-toml"


def test_rules_that_do_not_exist_are_named(tmp_path: Path) -> None:
    for name in ("nowhere", tmp_path / "nowhere", "../blue-ridge-county"):
        with pytest.raises(PolicyError) as error:
            load_jurisdiction(name)
        assert error.value.reason == "policy-unknown"
        assert "blue-ridge-county, english-council, historical" in error.value.detail


def test_a_copy_of_a_folder_has_the_same_fingerprint(tmp_path: Path) -> None:
    for name in policies.available():
        copy = load_jurisdiction(copy_of(name, tmp_path))
        assert copy == load_jurisdiction(name)
        assert copy == load_jurisdiction(str(FOLDERS / name))
