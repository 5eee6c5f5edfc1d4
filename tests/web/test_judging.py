"""An evaluator's desk: interests, scoring with and without a script, showing, and reasons for scores that lie apart."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.app import compose
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from portal.commands.publish_ranking import publish_ranking
from portal.procurement.decisions.scoring import scores_commitment
from portal.procurement.events.party import AppointmentEnded
from tests.portal.town import AGENCY, PILOT, Town
from tests.web import seen
from tests.web.test_desk import ADDRESS, Browser, demo_town

PATH = f"/desk/judge/{PILOT.partition(':')[2]}"


@pytest.fixture
def town(tmp_path: Path) -> Any:
    made = demo_town(tmp_path / "data")
    yield made
    made.office.close()


def at_desk(town: Town, name: str) -> Browser:
    """A browser in which this evaluator sits at her desk."""
    browser = Browser(compose(town.office, ADDRESS))
    browser.be(name)
    return browser


def opened(town: Town) -> None:
    """Closed, and the proposals are open."""
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)


def filled(page: str, level: str = "3", words: str = "Clear and short.") -> dict[str, str]:
    """Every field of the scores' page."""
    levels = dict.fromkeys(re.findall(r'name="(s\d+-[a-z]+)"', page), level)
    return levels | dict.fromkeys(re.findall(r'name="(w\d+-[a-z]+)"', page), words)


def kept_on_the_desk(town: Town) -> str:
    """All that the desk's own tables hold of forms."""
    from portal.identity.tables import Tables  # noqa: PLC0415

    tables = Tables(town.office.folder.desk)
    with tables.reading() as rows:
        found = str(rows.rows("SELECT * FROM desk_form"))
    tables.close()
    return found


def test_an_interest_in_a_firm_that_registers_later_still_matches(town: Town) -> None:
    browser = at_desk(town, "Eve")
    assert browser.post(f"{PATH}/interests", interest="x" * 301).status_code == 422
    where = browser.post(f"{PATH}/interests", interest="  Latecomer   DATA \nCreek Data").headers["location"]
    browser.sign(where)
    statement = str([act.body for acts in town.case().interests.values() for act in acts])
    assert "Latecomer" not in statement
    assert "creek" not in statement
    for name in ("Fay", "Gus"):
        other = at_desk(town, name)
        other.sign(other.post(f"{PATH}/interests", interest="").headers["location"])
    town.firm("latecomer")
    town.bid("latecomer")
    opened(town)
    town.score()
    town.release("offer")
    open_offers(town.office, PILOT)
    with pytest.raises(Exception, match="panel-too-small"):
        publish_ranking(town.office, PILOT)


def scored_by(town: Town, name: str, level: str) -> Browser:
    """An evaluator without a script locks in one level for everything."""
    browser = at_desk(town, name)
    page = browser.get(f"{PATH}/scores").text
    browser.sign(browser.post(f"{PATH}/scores", **filled(page, level)).headers["location"])
    return browser


def test_without_a_script_scores_are_saved_locked_in_and_shown_from_the_desk(town: Town) -> None:
    town.declare_interests()
    opened(town)
    browser = at_desk(town, "Eve")
    page = browser.get(f"{PATH}/scores").text
    assert "Ridge Data" not in page
    assert "Level 3." in page
    assert "0 of 2 proposals scored" in page
    half = {name: value for name, value in filled(page, "2").items() if name[1] == "1"}
    saved = browser.post(f"{PATH}/scores", save="1", **half)
    assert saved.status_code == 200
    assert "Saved on the desk" in saved.text
    assert "1 of 2 proposals scored" in browser.get(f"{PATH}/scores").text
    assert "Clear and short." not in browser.post(f"{PATH}/scores", forget="1").text
    assert kept_on_the_desk(town) == "[]"
    assert browser.post(f"{PATH}/scores", **filled(page, "7")).status_code == 422
    missing = browser.post(f"{PATH}/scores", **half)
    assert missing.status_code == 422
    assert 'href="#f-s2-approach-0"' in missing.text
    for name, told in (("Eve", "so far you alone have"), ("Fay", "so far 2 have"), ("Gus", "")):
        browser = scored_by(town, name, "3")
        home = seen.read(browser.get("/desk").text)
        assert told in home
        assert ("your scores are locked in" in home) == bool(told)
    assert len(town.case().commits) == 3
    for name in ("Eve", "Fay", "Gus"):
        browser = at_desk(town, name)
        assert "The desk kept your scores" in browser.get(f"{PATH}/show").text
        browser.sign(browser.post(f"{PATH}/show").headers["location"])
        assert browser.get(f"{PATH}/show").status_code == 404
    assert len(town.case().reveals) == 3


def opening_of(town: Town, name: str, level: int = 3) -> tuple[str, dict[str, Any]]:
    """What a device writes when it locks in: the fingerprint, and the file that opens it."""
    judged = town.judgement(name, lambda *_: level)
    stated = scores_commitment(PILOT, judged.person, judged.salt, judged.scores)
    file = {
        "opportunity": PILOT,
        "person": judged.person,
        "salt": judged.salt,
        "scores": json.loads(
            json.dumps([{"bid": row.bid, "scores": [_plain(each) for each in row.scores]} for row in judged.scores])
        ),
        "version": "daylight-scores-v1",
    }
    return stated, file


def _plain(score: Any) -> dict[str, Any]:
    return {"criterion": score.criterion, "score": score.score, "words": score.words}


def test_a_device_locks_in_a_fingerprint_and_shows_from_its_own_file(town: Town) -> None:
    town.declare_interests()
    opened(town)
    for name in ("Eve", "Fay", "Gus"):
        stated, _ = opening_of(town, name.lower())
        browser = at_desk(town, name)
        browser.sign(browser.post(f"{PATH}/scores", commitment=stated).headers["location"])
    assert kept_on_the_desk(town) == "[]"
    _, file = opening_of(town, "eve")
    browser = at_desk(town, "Eve")
    assert "neither on this device nor on the desk" in browser.post(f"{PATH}/show").text
    browser.sign(browser.post(f"{PATH}/show", opening=json.dumps(file)).headers["location"])
    assert list(town.case().reveals) == ["person:eve"]


WRONG_FILES: dict[str, tuple[Callable[[dict[str, Any]], str], str]] = {
    "no file": (lambda _: "scores", "no file of scores"),
    "another version": (lambda f: json.dumps({**f, "version": "v0"}), "no file of scores"),
    "more than a file": (lambda f: json.dumps({**f, "note": "x"}), "no file of scores"),
    "another salt": (lambda f: json.dumps({**f, "salt": "0" * 64}), "not the scores that you locked in"),
    "a better level": (
        lambda f: json.dumps(f).replace('"score": 3', '"score": 4', 1),
        "not the scores that you locked in",
    ),
    "a proposal left out": (
        lambda f: json.dumps({**f, "scores": f["scores"][1:]}),
        "not the scores that you locked in",
    ),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_file_that_does_not_open_the_fingerprint_shows_nothing(town: Town, name: str) -> None:
    town.declare_interests()
    opened(town)
    for person in ("Eve", "Fay", "Gus"):
        browser = at_desk(town, person)
        browser.sign(browser.post(f"{PATH}/scores", commitment=opening_of(town, person.lower())[0]).headers["location"])
    make, words = WRONG_FILES[name]
    answer = at_desk(town, "Eve").post(f"{PATH}/show", opening=make(opening_of(town, "eve")[1]))
    assert answer.status_code == 422
    assert words in answer.text
    assert town.case().reveals == {}


@pytest.mark.parametrize("stated", ["0" * 63, "G" * 64, "0" * 65])
def test_what_is_no_fingerprint_locks_nothing_in(town: Town, stated: str) -> None:
    town.declare_interests()
    opened(town)
    answer = at_desk(town, "Eve").post(f"{PATH}/scores", commitment=stated)
    assert answer.status_code == 422
    assert town.case().commits == {}


def test_nobody_reads_what_another_evaluator_saved(town: Town) -> None:
    town.declare_interests()
    opened(town)
    browser = at_desk(town, "Eve")
    page = browser.get(f"{PATH}/scores").text
    browser.post(f"{PATH}/scores", save="1", **filled(page, "1", "A word of Eve's alone."))
    for name in ("Fay", "Ada", "Ridge"):
        assert "A word of Eve" not in at_desk(town, name).get(f"{PATH}/scores").text
    assert "A word of Eve" in at_desk(town, "Eve").get(f"{PATH}/scores").text


def test_an_evaluator_whose_appointment_ended_reads_no_proposal_again(town: Town) -> None:
    town.declare_interests()
    opened(town)
    eve = at_desk(town, "Eve")
    assert eve.get(f"{PATH}/scores").status_code == 200
    town.act("appointment-ended", AGENCY, AppointmentEnded(person="person:eve", why="Left."), "head")
    assert eve.get(f"{PATH}/scores").status_code == 404


def test_who_was_away_from_the_middle_says_why_at_the_desk(town: Town) -> None:
    town.declare_interests()
    opened(town)
    first = min(town.case().bids)
    town.score(lambda who, bid, criterion: 1 if (who, bid, criterion) == ("eve", first, "team") else 3)
    assert at_desk(town, "Fay").get(f"{PATH}/explain").status_code == 404
    browser = at_desk(town, "Eve")
    assert f"{PATH}/explain" in browser.get("/desk").text
    page = browser.get(f"{PATH}/explain").text
    assert "You gave level 1; the middle is 3." in page
    assert browser.post(f"{PATH}/explain", why0="").status_code == 422
    browser.sign(browser.post(f"{PATH}/explain", why0="No learner\nis named.").headers["location"])
    assert town.case().explained == {"person:eve": {(first, "team"): "No learner is named."}}
    assert browser.get(f"{PATH}/explain").status_code == 404
    public = browser.get(f"/opportunities/{PILOT.partition(':')[2]}").text
    assert "No learner is named." in public
