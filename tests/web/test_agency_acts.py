"""What officers do at the desk besides publishing: read before signing, change the terms, end a pilot, promise work."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from ledger.entry import parse_time
from portal.app import compose
from portal.commands.library import Library
from portal.commands.open_proposals import open_proposals
from portal.procurement.events import plan
from portal.procurement.events.opportunity import AddendumPublished
from portal.procurement.plan import Plan
from portal.web.agency.changing import requirements_from
from tests.portal.stations import _neighbour, town_at, town_with_neighbours
from tests.portal.town import AGENCY, PILOT, Town, master_of, size_of
from tests.web.desk_seats import PEOPLE, STRANGERS, Hall
from tests.web.test_desk import ADDRESS, NOTICE, Browser, demo_town
from tests.web.test_notice_form import again, fields_of, mends

NAME = PILOT.partition(":")[2]
CHANGE = f"/desk/pilots/{NAME}/change"
END = f"/desk/pilots/{NAME}/end"
PLANS = "/desk/plans"
ASKED = {name: value for name, value in NOTICE.items() if name != "title"}
PROMISE = {
    "title": "Count the culverts",
    "need": "Nobody knows where they are.",
    "skills": "GIS mapping, Web applications",
    "tier": "T0",
    "quarter": "2027-q3",
    "money": "sought",
    "learner_places": "2",
}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = demo_town(tmp_path / "data")
    yield made
    made.office.close()


@pytest.fixture
def browser(town: Town) -> Browser:
    made = Browser(compose(town.office, ADDRESS))
    made.be("Ada")
    return made


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").split())


def both_sign(browser: Browser, where: str) -> str:
    browser.sign(where)
    browser.be("Ben")
    browser.sign(where)
    browser.be("Ada")
    return browser.get(where).text


# ---- what the second officer reads


def test_the_second_officer_reads_who_wrote_it_what_is_new_what_follows_and_all_of_it(browser: Browser) -> None:
    page = browser.post("/desk/notices/new", **ASKED, do="check")
    where = again(browser, page, hours="9", licence="All of it is Apache-2.0.", do="sign").headers["location"]
    browser.sign(where)
    browser.be("Ben")
    told = words(browser.get(where).text)
    assert "You would publish “A clerk sees every tree on a map”, 9,000 USD ." in told
    assert "Written by Ada" in told
    assert "Compared with what was proposed for these ten answers." in told
    news = told.partition("What is new")[2].partition("What follows")[0]
    assert "Rights" in news
    assert "[added: All of it is Apache-2.0." in news
    assert "Hours that a bid takes before: 2 now: 9" in news
    assert "Bidding closes" not in news
    whole = told.partition("In full")[2]
    for part in (
        "Nobody knows how many trees the county has.",
        "A crew adds a tree from a phone.",
        "Who keeps the keys",
    ):
        assert part in whole
    assert "/desk/notices/drafts/" not in browser.get(where).text
    browser.be("Ada")
    assert "/desk/notices/drafts/" in browser.get(where).text


def test_a_notice_that_nobody_changed_has_nothing_new(browser: Browser) -> None:
    where = browser.post("/desk/notices/new", **ASKED).headers["location"]
    assert "Nothing: it is as it was proposed." in words(browser.get(where).text)


def test_a_copy_is_compared_with_the_notice_that_it_began_from(browser: Browser) -> None:
    page = browser.get(f"/desk/notices/new?from={NAME}")
    copy = {
        "helpers": "nobody",
        "budget": "9,000",
        "tier": "T0",
        "need": "Three clerks take five hundred calls a month.",
    }
    where = again(browser, page, **copy, do="sign").headers["location"]
    told = words(browser.get(where).text)
    assert "Compared with “Book a septic inspection”, from which it began." in told
    assert "Three clerks take [taken out: four ] [added: five ] hundred calls" in told


# ---- a change to the terms


def test_a_change_is_shown_word_by_word_and_says_whether_it_matters_and_why(browser: Browser, town: Town) -> None:
    page = browser.get(CHANGE)
    standing = form_fields(page.text)
    assert standing["need"] == "Three clerks take four hundred calls a month."
    given = {**standing, "need": "Three clerks take five hundred calls a month.", "why": "We counted again."}
    looked = browser.post(CHANGE, **given, do="check")
    told = words(looked.text)
    assert looked.status_code == 200
    assert "take [taken out: four ] [added: five ] hundred" in told
    assert "This matters to bidders, for it changes “The need”" in told
    assert size_of(town) == size_of(town)
    where = browser.post(CHANGE, **given, do="sign").headers["location"]
    assert "every bid that is in must be confirmed" in words(browser.get(where).text)
    assert "On the public record" in both_sign(browser, where)
    (act,) = town.case().addenda
    assert isinstance(act.body, AddendumPublished)
    assert (act.body.material, town.case().notice.need) == (True, given["need"])
    assert len(town.case().lapsed_bids()) == 2


def test_a_change_that_matters_late_moves_the_close_as_far_as_the_rules_demand(browser: Browser, town: Town) -> None:
    before = town.case().closes
    town.clock.advance_to(before - timedelta(days=1))
    browser.be("Ada")
    given = {
        **form_fields(browser.get(CHANGE).text),
        "acceptance": "Twenty residents book.",
        "why": "Ten were too few.",
    }
    told = words(browser.post(CHANGE, **given, do="check").text)
    assert "Bidding closes later:" in told
    where = browser.post(CHANGE, **given, do="sign").headers["location"]
    both_sign(browser, where)
    notice = town.case().notice
    assert town.case().closes > before
    assert parse_time(notice.opens_by) > parse_time(notice.objection_until) > town.case().closes


def test_what_does_not_matter_leaves_bids_and_dates_alone(browser: Browser, town: Town) -> None:
    before = town.case().closes
    given = {
        **form_fields(browser.get(CHANGE).text),
        "existing": "A paper calendar and a wall map.",
        "why": "We forgot.",
    }
    told = words(browser.post(CHANGE, **given, do="check").text)
    assert "Bids that are in stay as they are." in told
    both_sign(browser, browser.post(CHANGE, **given, do="sign").headers["location"])
    assert (town.case().lapsed_bids(), town.case().closes) == ([], before)


def test_a_changed_line_keeps_the_name_that_bidders_answered_to(town: Town) -> None:
    before = town.case().notice.requirements
    mended = requirements_from(before, ["Residents choose a day and an hour.", before[1].text])
    assert [row.id for row in mended] == [row.id for row in before]
    moved = requirements_from(before, [before[1].text, before[0].text, "A third thing."])
    assert [row.id for row in moved] == [before[1].id, before[0].id, "r1"]


REFUSED_CHANGES: dict[str, tuple[dict[str, str], str]] = {
    "nothing changed": ({}, "This change alters nothing."),
    "an earlier close": ({"closes": "2027-03-03T12:00"}, "it cannot close earlier"),
    "a close on a Sunday": ({"closes": "2027-04-18T12:00"}, "falls on a day that is no working day"),
    "no reason": ({"why": "", "existing": "x"}, "Please fill this in."),
    "too many tests": ({"requirements": "a\n" * 21}, "21 lines"),
    "no date": ({"closes": "soon"}, "Write a day and a time"),
    "many learners": ({"learner_places": "99"}, "from 0 to 50"),
}


@pytest.mark.parametrize("case", REFUSED_CHANGES)
def test_a_change_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    browser: Browser, town: Town, case: str
) -> None:
    changes, sentence = REFUSED_CHANGES[case]
    given = {**form_fields(browser.get(CHANGE).text), "why": "Because.", **changes}
    before = size_of(town)
    answer = browser.post(CHANGE, **given, do="sign")
    assert answer.status_code == 422
    assert sentence in words(answer.text)
    kept = form_fields(answer.text)
    assert all(kept[name] == value.strip() for name, value in changes.items())
    assert size_of(town) == before


def form_fields(page: str) -> dict[str, str]:
    """Text fields of a form at the desk."""
    found = dict(re.findall(r'<textarea[^>]* name="([a-z_]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL))
    lines = r'<input id="f-[a-z_]+" type="(?:text|datetime-local)" name="([a-z_]+)" value="([^"]*)"'
    found |= dict(re.findall(lines, page))
    return {name: unescape(value).strip() for name, value in found.items()}


# ---- an end without award


def test_a_pilot_is_withdrawn_before_its_close_with_its_consequence_said_first(browser: Browser, town: Town) -> None:
    page = words(browser.get(END).text)
    assert "Withdraw the pilot" in page
    assert "Sealed bids that are in are never opened." in page
    assert "the notice had an error" in page
    assert browser.post(END, why="No reason chosen.").status_code == 422
    assert browser.post(END, end_reason="boredom", why="We are bored.").status_code == 422
    where = browser.post(END, end_reason="no-funds", why="The money went to the bridge.").headers["location"]
    told = words(browser.get(where).text)
    assert "the money has gone" in told
    assert "This cannot be taken back." in told
    browser.sign(where)
    assert town.case().ended is None
    both_sign(browser, where)
    ended = town.case().ended
    assert ended is not None
    assert ended.kind == "opportunity-withdrawn"
    assert browser.get(END).status_code == 403


def test_after_the_close_it_is_a_cancellation_with_reasons_of_its_own(browser: Browser, town: Town) -> None:
    town.close()
    browser.be("Ada")
    page = words(browser.get(END).text)
    assert "Cancel the pilot" in page
    assert "no bid can be accepted" in page
    where = browser.post(END, end_reason="no-need", why="The state does it now.").headers["location"]
    both_sign(browser, where)
    ended = town.case().ended
    assert ended is not None
    assert ended.kind == "opportunity-cancelled"


# ---- promised work


def promised(town: Town, name: str) -> Plan:
    with town.office.store.reading() as connection:
        found = Library(town.office.store, connection).plan(f"plan:{name}")
    assert found is not None
    return found


def test_work_is_promised_changed_published_and_dropped_at_the_desk(browser: Browser, town: Town) -> None:
    looked = browser.post(f"{PLANS}/new", **PROMISE, do="check")
    assert "You would promise “Count the culverts” in public." in words(looked.text)
    where = browser.post(f"{PLANS}/new", **PROMISE, do="sign").headers["location"]
    browser.sign(where)
    assert promised(town, "count-the-culverts").promise.learner_places == 2
    page = words(browser.get(PLANS).text)
    assert "Count the culverts Q3 2027" in page
    change = f"{PLANS}/count-the-culverts/change"
    later = {**PROMISE, "quarter": "2027-q4", "why": "The money comes later."}
    told = words(browser.post(change, **later, do="check").text)
    assert "before: Q3 2027 now: Q4 2027" in told
    browser.sign(browser.post(change, **later, do="sign").headers["location"])
    assert promised(town, "count-the-culverts").promise.quarter == "2027-q4"
    form = browser.get("/desk/notices/new?plan=count-the-culverts")
    assert fields_of(form)["need"] == ["Nobody knows where they are."]
    assert fields_of(form)["plan"] == ["plan:count-the-culverts"]
    drop = f"{PLANS}/count-the-culverts/drop"
    assert browser.post(drop, why="No reason chosen.").status_code == 422
    dropped = browser.post(drop, drop_reason="done-in-house", why="The road crew did it.")
    assert "To be signed \u2013 Take a promise back: Count the culverts" in words(browser.get("/desk").text)
    assert "counts as dropped" in words(browser.get(dropped.headers["location"]).text)
    browser.sign(dropped.headers["location"])
    assert promised(town, "count-the-culverts").dropped is not None
    assert browser.get(change).status_code == 404
    assert f'href="{change}"' not in browser.get(PLANS).text


def test_a_notice_keeps_the_promise_that_it_names(browser: Browser, town: Town) -> None:
    browser.sign(browser.post(f"{PLANS}/new", **PROMISE, do="sign").headers["location"])
    page = browser.get("/desk/notices/new?plan=count-the-culverts")
    more = {name: value for name, value in ASKED.items() if name not in fields_of(page) or name != "need"}
    where = again(browser, page, **more, do="sign").headers["location"]
    both_sign(browser, where)
    assert town.case("opportunity:count-the-culverts").notice.plan == "plan:count-the-culverts"


WRONG_PROMISES: dict[str, tuple[str, str]] = {
    "no title": ("title", ""),
    "no skill": ("skills", " , "),
    "a quarter that is none": ("quarter", "2027-q5"),
    "many learners": ("learner_places", "51"),
    "a long title": ("title", "x" * 121),
    "a long skill": ("skills", "y" * 121),
}


@pytest.mark.parametrize("case", WRONG_PROMISES)
def test_a_promise_that_cannot_be_made_says_why_beside_the_field(browser: Browser, case: str) -> None:
    field, value = WRONG_PROMISES[case]
    answer = browser.post(f"{PLANS}/new", **{**PROMISE, field: value}, do="sign")
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text


def test_another_agencys_promise_is_not_there(browser: Browser, town: Town) -> None:
    _neighbour(town)
    theirs = plan.PlanAnnounced(
        agency="agency:orchard-county",
        title="Theirs",
        need="A need.",
        skills=["Web applications"],
        tier="T0",
        quarter="2027-q3",
        money="sought",
        place="harlan-county",
        place_name="Orchard County",
    )
    town.act("plan-announced", "plan:theirs", theirs, "olga")
    for path in (f"{PLANS}/theirs/change", f"{PLANS}/theirs/drop"):
        assert browser.get(path).status_code == 404
        assert browser.post(path, **PROMISE, why="Mine now.", drop_reason="no-need").status_code == 404
    assert "Theirs" not in browser.get(PLANS).text


# ---- next in rank


def test_the_next_in_rank_is_asked_when_the_first_does_not_prove_in_time(browser: Browser, town: Town) -> None:
    town.to_ranking()
    town.clock.advance_to(town.clock.now() + timedelta(days=30))
    browser.be("Ada")
    proof = f"/desk/pilots/{NAME}/proof"
    assert proof in browser.get("/desk").text
    where = browser.post(proof, accepted="pass-over", why="No proof came in five working days.").headers["location"]
    told = words(browser.get(where).text)
    assert "The next in rank is asked for its proof." in told
    browser.sign(where)
    assert browser.get(proof).status_code == 404
    second = next(name for name in ("ridge", "hollow") if f"firm:{name}" not in town.case().eligibility)
    town.prove(second)
    assert proof in browser.get("/desk").text
    browser.sign(browser.post(proof, accepted="accept", why="The papers agree.").headers["location"])
    assert f"/desk/pilots/{NAME}/choose" in browser.get("/desk").text


# ---- the first page, and one pilot on a page of its own


def test_the_first_page_says_what_waits_for_whom_soonest_first(browser: Browser, town: Town) -> None:
    home = words(browser.get("/desk").text)
    mine = home.partition("Waits for me")[2].partition("Waits for others")[0]
    assert "Answer in Book a septic inspection: Who hosts it?" in mine
    others = home.partition("Waits for others")[2].partition("running pilots")[0]
    assert "Still to declare interests: Eve, clerk · Fay, clerk · Gus, clerk." in others
    assert "1 question waits for an answer." in home
    assert "about three hours" in home
    where = browser.post(END, end_reason="no-funds", why="Gone.").headers["location"]
    browser.sign(where)
    assert "A second officer has to sign: book-a-septic-inspection" in words(browser.get("/desk").text)
    town.clock.advance_to(town.case().closes)
    browser.be("Ada")
    assert "Still to declare interests" not in words(browser.get("/desk").text)


def test_whoever_is_asked_to_sign_second_is_named(browser: Browser) -> None:
    page = browser.post("/desk/notices/new", **ASKED, do="check")
    browser.sign(again(browser, page, second="person:ben", do="sign").headers["location"])
    assert "Ben, clerk is asked to sign second: A clerk sees every tree on a map" in words(browser.get("/desk").text)


def test_a_pilot_has_a_page_with_its_stations_turns_and_acts(browser: Browser, town: Town) -> None:
    path = f"/desk/pilots/{NAME}"
    page = words(browser.get(path).text)
    assert "Answer: Who hosts it?" in page
    assert "Change the terms" in page
    assert "1 question waits for an answer." in page
    town.declare_interests()
    town.close()
    browser.be("Ada")
    page = words(browser.get(path).text)
    assert "Change the terms" not in page
    assert "Cancel it" in page
    town.clock.advance_to(town.case().objection_until)
    browser.be("Ada")
    assert "Keys can still come from Kim · Lou · Mae; any 2 open." in words(browser.get(path).text)
    town.release("proposal")
    open_proposals(town.office, PILOT)
    assert "Still to read and score: Eve, clerk · Fay, clerk · Gus, clerk." in words(browser.get(path).text)
    browser.be("Eve")
    assert browser.get(path).status_code == 403


def test_after_nobody_bid_the_notice_is_changed_and_published_again_with_a_link_both_ways(tmp_path: Path) -> None:
    town = town_with_neighbours(tmp_path / "data")
    town.publish()
    town.clock.advance_to(town.case().closes)
    browser = Browser(compose(town.office, ADDRESS))
    browser.be("Ada")
    assert "Nobody bid for Book a septic inspection" in words(browser.get("/desk").text)
    assert "publish it again, linked" in words(browser.get(f"/desk/pilots/{NAME}").text)
    page = browser.get(f"/desk/notices/new?again={NAME}")
    told = words(page.text)
    assert "What could bring bids this time" in told
    assert "Open it to every firm" in told
    assert "There could be a week more to bid." in told
    hints = mends(page)
    opened = again(browser, page, helpers="nobody", mend=hints["Open it to every firm"])
    assert "Open it to every firm" not in mends(opened)
    where = again(browser, opened, do="sign").headers["location"]
    assert "It follows the notice “Book a septic inspection”" in words(browser.get(where).text)
    both_sign(browser, where)
    second = town.case(f"{PILOT}-2")
    assert (second.notice.follows, second.notice.reservation) == (PILOT, "open")
    assert f"/opportunities/{NAME}-2" in browser.get(f"/opportunities/{NAME}").text
    assert f'href="/opportunities/{NAME}"' in browser.get(f"/opportunities/{NAME}-2").text
    assert "Nobody bid for" not in words(browser.get("/desk").text)
    assert browser.get(f"/desk/notices/new?again={NAME}-2").status_code == 404
    town.office.close()


def test_a_notice_begins_from_ones_own_or_from_another_agencys_finished_pilot(tmp_path: Path) -> None:
    hall = Hall.over(town_at("awarded", tmp_path / "data"))
    pages = {}
    for who in ("officer", "an officer of another agency"):
        account = PEOPLE.get(who) or STRANGERS[who]
        pages[who] = hall.ask(account, "GET", "/desk/notices/earlier").text
        assert hall.ask(account, "GET", f"/desk/notices/new?from={NAME}").status_code == 200
    own, _, others = pages["officer"].partition('id="others"')
    assert f'href="/desk/pilots/{NAME}"' in own
    assert f"/desk/notices/new?from={NAME}" in own
    assert NAME not in others
    at_its_end = hall.ask(PEOPLE["officer"], "GET", f"/desk/pilots/{NAME}").text
    assert "The award is made; the contract can be signed." in at_its_end
    assert f"/desk/pilots/{NAME}/" not in at_its_end
    own, _, others = pages["an officer of another agency"].partition('id="others"')
    assert NAME not in own
    assert f'href="/opportunities/{NAME}"' in others
    assert f"/desk/notices/new?from={NAME}" in others
    hall.close()


def test_whoever_signs_second_reads_who_signed_first_and_her_own_list_is_not_behind(browser: Browser) -> None:
    page = browser.post("/desk/notices/new", **ASKED, do="check")
    where = again(browser, page, do="sign").headers["location"]
    assert "Begun and not sent on" in browser.get("/desk").text
    browser.sign(where)
    first = browser.get("/desk").text
    assert "A second officer has to sign" in first
    assert "/desk/notices/drafts/" not in first
    browser.be("Ben")
    assert "Signed already by Ada, clerk." in words(browser.get(where).text)


def test_the_page_for_an_answer_says_until_when(browser: Browser, town: Town) -> None:
    index = next(iter(town.case().questions))
    page = words(browser.get(f"/desk/pilots/{NAME}/questions/{index}").text)
    assert "Your rules want an answer until Thu 4 March 2027" in page
    due = parse_time("2027-03-04T05:00:00.000Z")
    town.clock.advance_to(due - timedelta(milliseconds=1))
    browser.be("Ada")
    assert "late: was due" not in words(browser.get("/desk").text)
    town.clock.advance_to(due)
    browser.be("Ada")
    assert "late: was due by Thu 4 March 2027" in words(browser.get("/desk").text)


def test_the_rig_has_two_bids_of_two_firms(town: Town) -> None:
    assert {master_of(name).signing_key.public.hex() for name in ("ridge", "hollow")} == set(town.case().bids)
    assert town.case().notice.agency == AGENCY
