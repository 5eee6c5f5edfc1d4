"""The demo's text fits together, and what does not fit is refused by name."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from portal.procurement.papers import MAX_WORDS
from portal.rehearsal.content import Content, ContentError, load_content

PILOT = "pilots/burial-records-search.toml"


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content()


def copy_with(folder: Path, name: str, old: str, new: str) -> Path:
    with as_file(files("portal.rehearsal") / "demo") as original:
        shutil.copytree(original, folder, dirs_exist_ok=True)
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return folder


def test_the_demo_has_three_agencies_eleven_firms_and_at_least_fourteen_pilots(content: Content) -> None:
    assert (len(content.agencies), len(content.firms)) == (3, 11)
    assert len(content.pilots) >= 14
    assert len({agency.zone for agency in content.agencies.values()}) == 3


def test_no_answer_is_longer_than_a_bid_allows(content: Content) -> None:
    answers = [words for pilot in content.pilots for bid in pilot.bids for words in bid.answers.values()]
    assert max(len(words.split()) for words in answers) <= MAX_WORDS


def test_every_tier_price_mode_arrangement_and_reservation_occurs(content: Content) -> None:
    notices = [pilot.notice for pilot in content.pilots]
    assert {notice.tier for notice in notices} == {"T0", "T1"}
    assert {notice.price_mode for notice in notices} == {"fixed", "priced"}
    assert {notice.arrangement for notice in notices} == {"own-staff", "shared"}
    assert {notice.reservation for notice in notices} == {"local", "open"}
    assert {notice.cross_border for notice in notices} == {"no", "yes", "not-sure"}


def test_what_is_not_sure_is_open_to_all(content: Content) -> None:
    for pilot in content.pilots:
        if pilot.notice.cross_border == "not-sure":
            assert pilot.notice.reservation == "open", pilot.id


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        pytest.param(PILOT, "id =", "colour = 'red'\nid =", "colour", id="an-unknown-key"),
        pytest.param(PILOT, "hours = 3", "hours = 'three'", "hours", id="a-wrong-type"),
        pytest.param(PILOT, 'requester = "', 'requester = "x-', "unknown person x-harlan-permits", id="a-stranger"),
        pytest.param(PILOT, 'firm = "', 'firm = "x-', "unknown firm", id="an-unknown-firm"),
        pytest.param(PILOT, "answers.plot", "answers.plat", "asked were", id="an-answer-to-nothing"),
        pytest.param(PILOT, "scores.keep", "scores.keeps", "unknown criterion", id="a-score-for-nothing"),
        pytest.param(PILOT, '[[3, "Large scans, one box."], ', "[", "2 scores for ease", id="a-score-too-few"),
        pytest.param(PILOT, "reasons.keep", "reasons.fitness", "has reasons for", id="a-reason-missing"),
        pytest.param(PILOT, 'answers.plot = "', 'answers.plot = "' + "word " * 101, "over 100 words", id="too-long"),
        pytest.param(PILOT, "id = ", "id = =", "burial-records-search.toml", id="no-toml"),
        pytest.param("firms.toml", "staff = 4", "staff = 4.5", "firms.toml", id="half-a-person"),
    ],
)
def test_text_that_does_not_fit_is_refused_with_its_file(
    tmp_path: Path, name: str, old: str, new: str, words: str
) -> None:
    with pytest.raises(ContentError, match=words):
        load_content(copy_with(tmp_path / "demo", name, old, new))
