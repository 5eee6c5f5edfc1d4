from __future__ import annotations

import json

import pytest

from tests.policies.sentences import VECTORS, cases, told_by

TOLD = json.loads(VECTORS.read_text())["told"]
CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_people_are_told_the_sentences_that_a_person_has_read(name: str) -> None:
    assert told_by(CASES[name]) == TOLD[name]


def test_no_recorded_sentence_is_left_over() -> None:
    assert list(TOLD) == list(CASES)
