"""Lint: each rule's examples are its tests; numbers, spellings and denials; files read strictly; work that is bounded."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policies
from policies import PolicyFileError
from policies.lint_phrases import Counter, read_phrase
from policies.lint_rules import Example, LintRule, lint_rules, load_lint_rules
from policies.lint_tokens import sentences
from policies.linting import MOST_FINDINGS, LintFinding, lint, lint_counted

FOLDER = Path(policies.__file__).parent / "lint"
RULES = lint_rules()
DAY = date(2026, 3, 2)
EXAMPLES = {
    f"{rule.id} {number}": (rule, example)
    for rule in RULES.rules
    for number, example in enumerate(rule.examples, start=1)
}


def found(text: str, rule: str, at: date = DAY) -> list[LintFinding]:
    return [finding for finding in lint([("need", text)], at) if finding.rule == rule]


def words_found(text: str, rule: str) -> list[str]:
    return [finding.found for finding in found(text, rule)]


def test_the_rules_are_those_of_the_desk() -> None:
    assert [rule.id for rule in RULES.rules] == [
        "L01",
        "L02",
        "L03",
        "L04",
        "L06",
        "L08",
        "L09",
        "L13",
        "L17",
        "L20",
    ]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_example_is_found_and_mended_as_its_file_says(rule: LintRule, example: Example) -> None:
    at = example.at or DAY
    findings = found(example.text, rule.id, at)
    if example.finds is None:
        assert findings == []
        return
    first = findings[0]
    assert first.found == example.finds == example.text[first.span[0] : first.span[1]]
    assert first.rewrite == example.rewrite
    assert (first.field, first.because) == ("need", rule.because)
    assert example.finds in first.sentence
    assert "{" not in first.sentence + first.rewrite


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_taking_every_rewrite_leaves_nothing_to_find(rule: LintRule, example: Example) -> None:
    text = example.text
    for _ in range(5):
        findings = found(text, rule.id, example.at or DAY)
        text = findings[0].rewrite if findings else text
    assert found(text, rule.id, example.at or DAY) == []


NUMBERS = {
    "4 years of experience": 4,
    "four years of experience": 4,
    "four (4) years of experience": 4,
    "4+ years' experience": 4,
    "4 or more years of experience": 4,
    "4-6 years of experience": 4,
    "4\u20136 years of experience": 4,
    "four to six years of experience": 4,
    "4 yrs experience": 4,
    "4-year experience": 4,
    "twenty years of experience": 20,
    "twenty-five years of experience": 25,
    "twenty (20) years of experience": 20,
    "a dozen years of experience": 12,
    "a decade of experience": 10,
    "two decades of experience": 20,
    "1,000 years of experience": 1000,
    "7.5 years of experience": 7,
    "4\u00a0years of experience": 4,
    "4\u00ad years\u200b of exper\u00adience": 4,
    "\uff14 years of experience": 4,
    "experience of 4 years": 4,
    "experience: at least 4 years": 4,
    "ten-plus years of experience": 10,
    "48 months of experience": 4,
    "47 months of experience": None,
    "experience (at least 4 years)": 4,
    "a track record of over 4 years": 4,
    "9" * 5000 + " years of experience": 10**15,
}


@pytest.mark.parametrize(("text", "years"), NUMBERS.items(), ids=[text[:40] for text in NUMBERS])
def test_years_are_read_in_figures_and_words(text: str, years: int | None) -> None:
    assert [f"{years} years say" in finding.sentence for finding in found(text, "L02")] == ([True] if years else [])


@pytest.mark.parametrize(
    ("years", "severity"), [(3, None), (4, "warn"), (7, "warn"), (8, "error")], ids=["3", "4", "7", "8"]
)
def test_years_count_from_four_and_weigh_more_from_eight(years: int, severity: str | None) -> None:
    assert [finding.severity for finding in found(f"{years} years of experience", "L02")] == (
        [severity] if severity else []
    )


@pytest.mark.parametrize("word", ["last", "past", "previous", "recent", "within"])
def test_recency_is_not_duration(word: str) -> None:
    assert found(f"Experience with forms in the {word} 5 years of practice", "L02") == []
    assert found(f"Kubernetes experience, {word} 15 years of Kubernetes", "L03") == []


AGES = {2023: "error", 2024: "error", 2025: "warn", 2026: "warn", 2032: "warn", 2033: None}


@pytest.mark.parametrize(("year", "severity"), AGES.items(), ids=map(str, AGES))
def test_years_are_held_against_the_age_on_the_day_of_the_notice(year: int, severity: str | None) -> None:
    findings = found("11 years of Kubernetes", "L03", date(year, 6, 1))
    assert [finding.severity for finding in findings] == ([severity] if severity else [])


def test_before_a_technology_is_public_nobody_has_any_years() -> None:
    (finding,) = found("1 year of LangChain", "L03", date(2020, 1, 1))
    assert "at most 0 full years" in finding.sentence


def test_years_belong_to_the_technology_that_follows_them() -> None:
    text = "10 years of Java and good knowledge of LangChain"
    assert found(text, "L03") == []
    assert words_found("10 years of Java, LangChain and Docker", "L03") == ["10 years of Java, LangChain and Docker"]
    assert words_found("10 years of Java, 6 years LangChain", "L03") == ["6 years LangChain"]


def test_a_technology_too_far_away_or_in_the_next_sentence_is_another_matter() -> None:
    assert found("For 12 years this office has kept its own lists of permits on paper, not in Docker", "L03") == []
    assert found("For 12 years. Docker runs it", "L03") == []


DENIED = (
    "A degree is not required.",
    "No degree in law is required.",
    "We ask for no PhD.",
    "Neither a PhD is asked for.",
    "A PhD isn't needed.",
    "A PhD isn\u2019t needed.",
    "A PhD will never be demanded.",
    "A PhD is unnecessary.",
    "Show a piece of work instead of a PhD.",
)
DEMANDED = (
    "A degree is required.",
    "Not only a PhD but also a plan is needed.",
    "A PhD without exception.",
    "Bidders without a PhD are excluded.",
    "Bidders without a PhD will not be considered.",
    "Who has no PhD cannot apply.",
    "We do not travel, and a PhD is needed.",
    "No travel is needed, but a PhD counts.",
    "A PhD, required of all. Travel is not required.",
)


@pytest.mark.parametrize("text", DENIED)
def test_what_the_sentence_takes_back_is_no_finding(text: str) -> None:
    assert found(text, "L01") == []


@pytest.mark.parametrize("text", DEMANDED)
def test_a_denial_that_demands_is_a_finding(text: str) -> None:
    assert len(found(text, "L01")) == 1


def test_findings_come_in_the_order_of_the_text_and_keep_their_field() -> None:
    findings = lint([("need", "Net 90. A PhD is needed."), ("outcome", "CISSP"), ("empty", "")], DAY)
    assert [(finding.field, finding.rule) for finding in findings] == [
        ("need", "L20"),
        ("need", "L01"),
        ("outcome", "L04"),
    ]


def test_the_rewrite_of_slow_pay_names_the_days_of_the_rules_in_force() -> None:
    (finding,) = lint([("pay", "Payment net 90.")], DAY, pay_days=21)
    assert finding.rewrite == "Payment within 21 days of the acceptance of each milestone."


def test_a_rewrite_keeps_the_other_fields_and_sentences() -> None:
    text = "First.\n\nA bid bond is due.\n• Second\n• Third!"
    (finding,) = found(text, "L08")
    assert finding.rewrite == text.replace(
        "A bid bond is due", "No bond is asked for; the last milestone is paid when it is accepted"
    )


def test_a_sentence_is_added_once_and_where_the_text_allows() -> None:
    once = found("5 years of experience. Show one piece of work that proves it.", "L02")[0]
    assert once.rewrite == "Experience. Show one piece of work that proves it."
    line = found("5 years of experience\n• a plan", "L02")[0]
    assert line.rewrite == "Experience. Show one piece of work that proves it.\n• a plan"
    item = found("5 years of experience • a plan", "L02")[0]
    assert item.rewrite == "Experience (show one piece of work that proves it) • a plan"


@pytest.mark.parametrize(
    "text",
    [
        "PHD",
        "p.h.d",
        "Ph.D.",
        "ph-d",
        "\u1d3e\u02b0\u1d30",
        "master\u2019s degree",
        "masters\u2011degree",
        "MBAs and MBA",
    ],
)
def test_spellings_of_a_degree_are_seen_through(text: str) -> None:
    assert len(found(text, "L01")) == 1


def test_letters_of_another_alphabet_are_not_read_as_ours() -> None:
    assert found("\u0420hD", "L01") == []


def test_a_full_stop_ends_a_sentence_only_before_a_new_one() -> None:
    texts = [
        [token.raw for token in one] for one in sentences("A plan, e.g. one of Node.js. Next! Why? So it is.ok\nx\n- y")
    ]
    assert texts == [
        ["A", "plan", ",", "e", "g", "one", "of", "Node", "js"],
        ["Next"],
        ["Why"],
        ["So", "it", "is", "ok", "x"],
        ["-", "y"],
    ]


AMOUNTS = {
    "turnover of $5": 5,
    "turnover of 5 million dollars": 5,
    "turnover of \u20ac1.000.000": 1,
    "turnover of 5k EUR": 5,
    "turnover of 5\u00a3": 5,
    "turnover must exceed EUR 500,000": 500_000,
}


@pytest.mark.parametrize("text", AMOUNTS)
def test_amounts_are_read_with_sign_word_and_scale(text: str) -> None:
    assert words_found(text, "L06") == [text]


def test_years_are_bound_backwards_to_the_technology_right_before_them() -> None:
    assert words_found("LangChain: 6 years", "L03") == ["LangChain: 6 years"]
    assert words_found("LangChain (6 years", "L03") == ["LangChain (6 years"]
    assert words_found("LangChain (6 years of it)", "L03") == ["LangChain (6 years"]
    assert words_found("Amazon Web Services (25 years)", "L03") == ["Amazon Web Services (25 years)"]
    assert found("LangChain is new; (6 years)", "L03") == []
    assert found("LangChain and forms (6 years)", "L03") == []
    assert found("(6 years)", "L03") == []


def test_a_plain_number_is_no_amount() -> None:
    assert found("turnover of 5 people", "L06") == []


HOSTILE = {
    "degrees": "PhD " * 25_000,
    "numbers": "5 " * 50_000,
    "years without end": "5 years of " * 9_000,
    "brackets": "five (5) " * 11_000,
    "almost a match": "at its sole and absolute and complete " * 2_600,
    "previous": "previous " * 11_000,
    "one word": "a" * 100_000,
    "digits": "9" * 100_000,
    "points": "." * 100_000,
    "dots and digits": "1." * 50_000,
    "new lines": "\n" * 100_000,
    "quotes": "a'" * 50_000,
    "hyphens": "a-" * 50_000,
    "denials": "no not never without PhD " * 4_000,
    "technologies": "5 years of " + "Docker, " * 12_000,
    "accents": "e\u0301" * 50_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_work_for_a_large_text_grows_with_its_length_alone(text: str) -> None:
    counter = Counter()
    findings = lint_counted([("need", text)], DAY, counter)
    tokens = sum(len(sentence) for sentence in sentences(text))
    assert counter.steps <= 40 * tokens
    assert len(findings) <= MOST_FINDINGS * len(RULES.rules)


ALMOST = {
    f"{rule.id} {phrase.written}": " ".join(
        min(part.words) if part.words else "5"
        for part in (*phrase.before, *phrase.parts, *phrase.after)[:-1]
        if part.words or part.kind
    )
    for rule in RULES.rules
    for phrase in rule.find
}


@pytest.mark.parametrize("text", ALMOST.values(), ids=ALMOST.keys())
def test_a_text_that_almost_matches_all_the_time_costs_little_more(text: str) -> None:
    counter = Counter()
    lint_counted([("need", f"{text} " * 100)], DAY, counter)
    tokens = sum(len(sentence) for sentence in sentences(f"{text} " * 100))
    assert counter.steps <= 200 * max(tokens, 1)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_and_every_span_lies_within_it(text: str) -> None:
    for finding in lint([("need", text + " PhD")], DAY):
        assert 0 <= finding.span[0] < finding.span[1] <= len(text) + 4
    for sentence in sentences(text):
        for token in sentence:
            assert 0 <= token.start < token.end <= len(text)


PHRASES = {
    "a gap first": "..2 degree",
    "a gap last": "degree ..2",
    "an optional word first": "?a degree",
    "a beginning first": "degr* level",
    "too long": "a ..12 b ..12 c",
    "a mark nobody reads": "degree!",
    "two spaces": "a  b",
    "nothing": "",
    "no words at all": "a||b",
    "a class nobody knows": "<years> old",
}


@pytest.mark.parametrize("written", PHRASES.values(), ids=PHRASES.keys())
def test_a_phrase_of_no_known_form_is_refused(written: str) -> None:
    with pytest.raises(policies.PolicyError) as error:
        read_phrase(written, "find")
    assert (error.value.reason, error.value.key) == ("policy-phrase", "find")


EDITS: dict[str, tuple[str, str, str, str, str]] = {
    "a key nobody knows": ("l01-degrees.toml", 'id = "L01"', 'id = "L01"\ncolour = 1', "policy-key-unknown", "colour"),
    "no source": ("l01-degrees.toml", 'source = "house', '# source = "house', "policy-source-missing", "[rule]"),
    "an empty source": ("l04-certificates.toml", "source = ", 'source = "" #', "policy-source-missing", "source ="),
    "no reason": ("l01-degrees.toml", "because = ", "# because = ", "policy-key-missing", "[rule]"),
    "another rule's file": ("l01-degrees.toml", 'id = "L01"', 'id = "L02"', "policy-file-wrong", "id ="),
    "an id of no shape": ("l01-degrees.toml", 'id = "L01"', 'id = "L1"', "policy-file-wrong", "id ="),
    "a way of judging nobody knows": ("l01-degrees.toml", '"phrase"', '"taste"', "policy-choice", "judged ="),
    "a severity nobody knows": ("l06-turnover.toml", '"error"', '"fatal"', "policy-choice", "severity ="),
    "a rewrite nobody can make": ("l06-turnover.toml", '"sentence"', '"delete"', "policy-choice", "how ="),
    "a standing nobody knows": ("l06-turnover.toml", '"proposal"', '"sure"', "policy-choice", "status ="),
    "a phrase of no form": ("l08-bonds.toml", '"bonded"', '"bonded?"', "policy-phrase", "find ="),
    "a phrase said twice": ("l08-bonds.toml", '"bonded"', '"bonding capacity"', "policy-twice", "find ="),
    "phrases that are no list": ("l03-older-than-the-technology.toml", '["<n', '"<n" # ["<n', "policy-type", "find ="),
    "a figure that is missing": ("l02-years.toml", "warn_from = 4", "# 4", "policy-figure", "[rule]"),
    "a figure too many": ("l01-degrees.toml", 'id = "L01"', 'id = "L01"\nover = 3', "policy-figure", "over ="),
    "a figure in quotes": ("l02-years.toml", "warn_from = 4", 'warn_from = "4"', "policy-figure", "warn_from"),
    "a truth for a figure": ("l02-years.toml", "warn_from = 4", "warn_from = true", "policy-figure", "warn_from"),
    "a figure out of range": ("l02-years.toml", "warn_from = 4", "warn_from = 0", "policy-figure", "warn_from"),
    "a figure nobody fills in": (
        "l20-slow-pay.toml",
        "{days} days of the acc",
        "{weeks} of the acc",
        "policy-text-figure",
        "rewrite =",
    ),
    "a fraction": ("l02-years.toml", "warn_from = 4", "warn_from = 4.5", "policy-type", "warn_from"),
    "an example without a rewrite": ("l01-degrees.toml", "finds = ", "rewrites = ", "policy-key-unknown", "rewrites ="),
    "an example that finds nothing and mends it": (
        "l01-degrees.toml",
        "why = ",
        "rewrite = ",
        "policy-key-unknown",
        'rewrite = "The sentence',
    ),
    "an example of a day that is none": (
        "l03-older-than-the-technology.toml",
        "at = 2022-06-01",
        'at = "June"',
        "policy-date",
        "at =",
    ),
    "a technology said twice": ("technologies.toml", '"Java"', '"PHP"', "policy-twice", 'name = "PHP"\nfind = ["php"'),
    "a technology of no year": ("technologies.toml", "year = 1996", "year = 1899", "policy-figure", "year = 1899"),
    "a technology without a source": (
        "technologies.toml",
        'source = "general',
        '# "general',
        "policy-source-missing",
        "[[technology]]",
    ),
    "a technology that is half sure": ("technologies.toml", '"to-confirm"', '"maybe"', "policy-choice", "status ="),
    "ages without a text": ("technologies.toml", "text =", "# text =", "policy-key-missing", "[technologies]"),
}


@pytest.mark.parametrize(("file", "old", "new", "reason", "marker"), EDITS.values(), ids=EDITS.keys())
def test_a_wrong_file_is_refused_with_file_line_and_reason(
    *, tmp_path: Path, file: str, old: str, new: str, reason: str, marker: str
) -> None:
    folder = copied(tmp_path)
    text = (folder / file).read_text()
    assert old in text
    text = text.replace(old, new, 1)
    (folder / file).write_text(text)
    with pytest.raises(PolicyFileError) as error:
        load_lint_rules(folder)
    line = text[: text.index(marker)].count("\n") + 1
    assert (error.value.reason, error.value.file, error.value.line) == (reason, file, line)


def test_a_rule_must_show_both_what_it_finds_and_what_it_leaves(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "l01-degrees.toml"
    path.write_text(re.sub(r"\[\[example\]\]\ntext = .*\nwhy = .*\n", "", path.read_text()))
    with pytest.raises(PolicyFileError) as error:
        load_lint_rules(folder)
    assert (error.value.reason, error.value.file, error.value.line) == ("policy-example", "l01-degrees.toml", 1)


def test_a_folder_holds_rules_and_ages_and_nothing_else(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "notes.txt").write_text("")
    with pytest.raises(PolicyFileError) as error:
        load_lint_rules(folder)
    assert (error.value.reason, error.value.file) == ("policy-file-unknown", "notes.txt")
    (folder / "notes.txt").unlink()
    (folder / "technologies.toml").unlink()
    with pytest.raises(PolicyFileError) as error:
        load_lint_rules(folder)
    assert (error.value.reason, error.value.file) == ("policy-file-missing", "technologies.toml")


def test_every_file_says_what_it_is_for() -> None:
    for path in FOLDER.iterdir():
        assert path.read_text().startswith("# ")


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "lint"))
