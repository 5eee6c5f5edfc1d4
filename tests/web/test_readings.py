"""An evaluator who opens the page of scores has read the proposals, and everybody can see that somebody has."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.procurement.readings import readings
from tests.portal.town import PILOT, Town, size_of
from tests.web import seen
from tests.web.test_desk import demo_town
from tests.web.test_judging import PATH, at_desk, opened


@pytest.fixture
def town(tmp_path: Path) -> Any:
    made = demo_town(tmp_path / "data")
    made.declare_interests()
    opened(made)
    yield made
    made.office.close()


def test_the_page_of_scores_is_recorded_before_it_is_shown_and_only_once(town: Town) -> None:
    browser, before = at_desk(town, "Eve"), size_of(town)
    browser.get("/desk")
    assert size_of(town) == before
    assert "answers booking" in browser.get(f"{PATH}/scores").text
    assert {(row.reader, row.what) for row in readings(town.case())} == {("person:eve", "proposal")}
    count = len(readings(town.case()))
    assert size_of(town) == before + count
    browser.get(f"{PATH}/scores")
    assert size_of(town) == before + count
    at_desk(town, "Fay").get(f"{PATH}/scores")
    assert size_of(town) == before + 2 * count
    page = browser.get(f"/opportunities/{PILOT.partition(':')[2]}")
    told = f"People of Harlan County were shown texts that are not public, {2 * count} times."
    assert told in seen.read(page.text)


def test_nobody_is_shown_what_the_record_refuses_to_say(town: Town) -> None:
    """A record that cannot be written to shows no proposal."""
    browser, before = at_desk(town, "Eve"), size_of(town)
    town.clock._moment -= timedelta(seconds=6)
    answer = browser.get(f"{PATH}/scores")
    assert answer.status_code == 422
    assert "clock-behind" in answer.text
    assert "answers booking" not in answer.text
    assert size_of(town) == before
