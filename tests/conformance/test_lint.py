"""Lint against texts that were written without it: one that breaks the rules, one that breaks none, and real notices."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest

from policies.lint_rules import lint_rules
from policies.linting import lint
from tests.conformance.shared import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = date(2026, 3, 2)
WRITTEN = date(2021, 6, 1)


@pytest.mark.parametrize("rule", [rule.id for rule in lint_rules().rules])
def test_the_bad_text_breaks_every_rule(rule: str) -> None:
    text = (folder("data", "lint") / "bad.txt").read_text()
    assert rule in {finding.rule for finding in lint([("notice", text)], DAY)}


def test_the_good_text_breaks_none() -> None:
    text = (folder("data", "lint") / "good.txt").read_text()
    assert lint([("notice", text)], DAY) == []


def test_the_bad_text_is_mended_click_by_click() -> None:
    text = (folder("data", "lint") / "bad.txt").read_text()
    clicks = 0
    while findings := lint([("notice", text)], DAY):
        text = findings[0].rewrite
        clicks += 1
        assert clicks <= 30
    assert "Kubernetes" in text


def texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a notice with its place, but what suppliers asked and were told later."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not key.startswith("Questions"):
                yield from texts(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, path)


def test_real_notices_are_read_with_few_findings_and_all_of_them_wishes(capsys: pytest.CaptureFixture[str]) -> None:
    lines = (folder("data", "uk-dos") / "opportunities.jsonl").read_text().splitlines()
    notices = [json.loads(line) for line in lines]
    found = [(notice["id"], finding) for notice in notices for finding in lint(texts(notice["sections"]), WRITTEN)]
    rates = Counter(finding.rule for _, finding in found)
    touched = len({notice for notice, _ in found})
    with capsys.disabled():
        print(f"\nlint: {len(found)} findings in {touched} of {len(notices)} real notices: {dict(rates)}")  # noqa: T201 -- the rates are the report
    assert len(notices) == 31
    # Every finding stands where a notice says what it asks for; nothing is found in summaries, dates or terms.
    places = {finding.field.split("/")[1] for _, finding in found}
    assert places <= {"Skills and experience", "How suppliers will be evaluated"}
    # "Within the last two years" stands in most of these notices and is no finding.
    assert {finding.found for _, finding in found if finding.rule == "L02"} == {"5+ years current experience"}
    assert rates["L09"] <= 10
