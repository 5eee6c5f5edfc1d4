"""The form of a notice at the desk: what was filled in, what the rules say while it is written, and what is kept."""

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import msgspec
import pytest

from ledger.entry import parse_time
from portal.app import compose
from portal.identity.tables import Tables
from portal.procurement.events.opportunity import OpportunityPublished
from portal.web.drafting.sheet import ANSWERS
from tests.portal.town import PILOT, Town
from tests.web.test_desk import ADDRESS, NOTICE, Browser, demo_town

NEW = "/desk/notices/new"
FORM = "/desk/notices/form"
TITLE = {"title": "Count the trees"}
ASKED = {name: value for name, value in NOTICE.items() if name != "title"}


class FormReader(HTMLParser):
    """The fields of a page's form as a browser would send them, and which a person sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.needed: list[str] = []
        self._text = ""
        self._select = ""
        self._form = False
        self._inside = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._form = (given.get("id") == "notice") if tag == "form" else self._form
        self._inside += tag == "details"
        name = given.get("name", "")
        if not self._form or not name or tag == "button":
            if tag == "option" and self._form and "selected" in given:
                self.fields[self._select] = [given["value"]]
            return
        if not self._inside and given.get("type") != "hidden" and name not in self.needed:
            self.needed.append(name)
        if tag == "textarea":
            self._text = name
            self.fields[name] = [""]
        elif tag == "select":
            self._select = name
            self.fields[name] = [""]
        elif given.get("type") not in {"radio", "checkbox"} or "checked" in given:
            self.fields.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "details"
        self._form = self._form and tag != "form"
        self._text = "" if tag == "textarea" else self._text

    def handle_data(self, data: str) -> None:
        if self._text:
            self.fields[self._text][0] += data.removeprefix("\n")


def fields_of(page: httpx.Response) -> dict[str, list[str]]:
    return FormReader(page.text).fields


def again(browser: Browser, page: httpx.Response, **changes: str | list[str]) -> httpx.Response:
    """Send the page's form as it is, with changes."""
    fields: dict[str, str | list[str]] = {**fields_of(page), **changes}
    return browser.ask("POST", FORM, {name: value for name, value in fields.items() if value != []})


def mends(page: httpx.Response) -> dict[str, str]:
    """The buttons that mend, by what they say."""
    found = re.findall(r'name="mend" value="([^"]*)">(.*?)</button>', page.text, re.DOTALL)
    return {
        " ".join(html.unescape(re.sub(r"<[^>]+>", "", said)).replace("\xa0", " ").split()): html.unescape(sends)
        for sends, said in found
    }


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = demo_town(tmp_path_factory.mktemp("form") / "data")
    yield made
    made.office.close()


@pytest.fixture
def browser(town: Town) -> Browser:
    made = Browser(compose(town.office, ADDRESS))
    made.be("Ada")
    return made


def body_of(browser: Browser, where: str) -> OpportunityPublished:
    statement = browser.get(f"{where}/statement").json()
    return msgspec.convert(statement["body"], OpportunityPublished)


def test_ten_answers_are_needed_and_no_more(browser: Browser) -> None:
    page = browser.get(NEW)
    assert FormReader(page.text).needed == list(ANSWERS)
    assert len(ANSWERS) == 10
    answer = browser.post(NEW, **ASKED)
    assert answer.status_code == 303
    body = body_of(browser, answer.headers["location"])
    assert body.title == "A clerk sees every tree on a map"
    assert body.summary == "Nobody knows how many trees the county has."


def test_everything_filled_in_is_shown_with_where_it_comes_from(browser: Browser) -> None:
    page = browser.post(NEW, **ASKED, do="check")
    assert page.status_code == 200
    assert "The rules would take this notice as it stands." in page.text
    rows = re.findall(r'data-row="([a-z]+)"', page.text)
    assert rows == [
        "title", "size", "who", "dates", "criteria", "judges", "keepers", "payment", "rights", "skills", "hours", "why", "second",
    ]  # fmt: skip
    assert page.text.count('class="from"') == len(rows)
    assert "agency’s last notice" in page.text  # noqa: RUF001 -- as people write
    assert "At least 1 person scores a try-out" in page.text
    assert re.search(r'href="/policies/[0-9a-f]{64}#tier-advertising"', page.text)


def test_a_form_sent_back_as_it_was_shown_changes_nothing(browser: Browser) -> None:
    page = browser.post(NEW, **ASKED, do="check")
    assert "changed by you" not in again(browser, page, do="check").text
    where = again(browser, page, do="sign").headers["location"]
    assert body_of(browser, where) == body_of(browser, browser.post(NEW, **ASKED).headers["location"])


CHANGES: dict[str, dict[str, str | list[str]]] = {
    "title": {"title": "Trees on a map"},
    "summary": {"summary": "A map of all trees."},
    "licence": {"licence": "Apache-2.0 for all of it."},
    "data_class": {"data_class": "No personal data."},
    "skills": {"skills": "GIS mapping, Web applications"},
    "learner_places": {"learner_places": "3"},
    "hours": {"hours": "4"},
    "rationale": {"rationale": "Because it is cheaper."},
    "payment_days": {"payment_days": "7"},
    "evaluators": {"evaluators": ["person:fay"]},
    "wanted": {"wanted": "open"},
    "weights": {
        "c1_weight": "40",
        "c2_weight": "45",
        "c3_name": "Care",
        "c3_weight": "15",
        "c3_anchors": "a\nb\nc\nd\ne",
    },
    "steps": {"m1_share": "30", "m2_share": "30", "m3_share": "40"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_everything_filled_in_can_be_changed(browser: Browser, change: str) -> None:
    page = browser.post(NEW, **ASKED, do="check")
    changed = again(browser, page, **CHANGES[change], do="check")
    assert changed.status_code == 200, mends(changed)
    assert "changed by you" in changed.text
    answer = again(browser, changed, do="sign")
    body = body_of(browser, answer.headers["location"])
    told = {
        "title": body.title,
        "summary": body.summary,
        "licence": body.licence,
        "data_class": body.data_class,
        "skills": ", ".join(body.skills),
        "learner_places": str(body.learner_places),
        "hours": str(body.hours),
        "rationale": body.rationale,
        "payment_days": str(body.payment_days),
        "evaluators": body.evaluators,
        "wanted": body.reservation,
        **{f"c{n}_weight": str(row.weight) for n, row in enumerate(body.criteria, 1)},
        **{f"c{n}_name": row.name for n, row in enumerate(body.criteria, 1)},
        **{f"c{n}_anchors": "\n".join(row.anchors) for n, row in enumerate(body.criteria, 1)},
        **{f"m{n}_share": str(row.share) for n, row in enumerate(body.milestones, 1)},
    }
    assert {name: told[name] for name in CHANGES[change]} == CHANGES[change]
    back = again(browser, changed, mend=mends(changed)["Take the proposal again"])
    assert "changed by you" not in back.text


def test_dates_follow_the_close_and_are_checked_by_the_policy(browser: Browser) -> None:
    page = browser.post(NEW, **ASKED, do="check")
    close = fields_of(page)["closes"][0]
    early = again(browser, page, closes="2027-03-03T12:00", do="check")
    assert early.status_code == 422
    assert "Bidders need 5 whole working days" in early.text
    (mend,) = [sends for said, sends in mends(early).items() if said.startswith("Close ")]
    mended = again(browser, early, mend=mend)
    assert mended.status_code == 200
    later = again(browser, page, closes="2027-03-22T15:30", do="sign").headers["location"]
    body = body_of(browser, later)
    assert body.closes == "2027-03-22T19:30:00.000Z"
    assert parse_time(body.opens_by) > parse_time(body.closes) > parse_time(body.questions_close)
    assert fields_of(again(browser, page, closes="soon", do="check"))["closes"] == ["soon"]
    assert again(browser, page, closes="2040-03-22T15:30", do="check").status_code == 422
    assert close.endswith("T12:00")


def test_the_proposed_close_still_holds_when_the_second_signs_on_the_next_working_day(tmp_path: Path) -> None:
    town = demo_town(tmp_path / "data")
    browser = Browser(compose(town.office, ADDRESS))
    browser.be("Ada")
    where = browser.post(NEW, **ASKED).headers["location"]
    browser.sign(where)
    town.clock.advance_to(town.clock.now() + timedelta(hours=30))
    browser.be("Ben")
    browser.sign(where)
    assert "On the public record" in browser.get(where).text
    town.office.close()


# What is wrong, the field beside which it is said, the button, and the status after pressing it.
REFUSED: dict[str, tuple[dict[str, str | list[str]], str, str, int]] = {
    "too dear": ({"budget": "12,000"}, "budget", "Pay 10,000 USD", 200),
    "too dear for a try-out": ({"budget": "12,000"}, "budget", "Make it a pilot instead of a try-out", 200),
    "weights": ({"c1_weight": "30", "c2_weight": "30"}, "c1_weight", "Weigh them Approach 50, Team 50", 200),
    "one weight": ({"c1_weight": "80", "c2_weight": "20"}, "c1_weight", "Weigh them Approach 50, Team 50", 200),
    "no weight": ({"c1_weight": "0", "c2_weight": "50", "c3_name": "Care", "c3_weight": "50", "c3_anchors": "a\nb\nc\nd\ne"}, "c1_weight", "Leave “Approach” out", 200),
    "training places": ({"c1_weight": "40", "c2_weight": "40", "c3_name": "Social", "c3_weight": "20", "c3_anchors": "a\nb\nc\nd\ne"}, "c3_weight", "Weigh them Approach 45, Team 45, Social 10", 200),
    "favours": ({"c2_name": "Cultural fit"}, "c2_weight", "Leave “Cultural fit” out", 422),
    "close": ({"closes": "2027-03-20T12:00"}, "closes", "Close Mon 22 March 2027, 12:00 EDT (16:00 UTC)", 200),
    "questions": ({"questions_close": "2027-03-09T10:00"}, "questions_close", "End questions Sun 7 March 2027, 23:59 EST (8 March, 04:59 UTC)", 200),
    "opening": ({"opens_by": "2027-05-01T10:00"}, "opens_by", "Open when the rules say", 200),
    "objections": ({"objection_until": "2027-03-10T12:01"}, "objection_until", "End it when the rules say", 200),
    "order": ({"questions_close": "2027-06-09T10:00"}, "closes", "Take the dates that the rules propose", 200),
    "payment": ({"payment_days": "60"}, "payment_days", "Pay within 14 days", 200),
    "steps": ({"m1_share": "90", "m2_share": "5", "m3_share": "5"}, "m1_share", "Take the steps that are proposed", 200),
    "shares": ({"m1_share": "10", "m2_share": "10", "m3_share": "10"}, "m1_share", "Take the steps that are proposed", 200),
    "nobody scores": ({"evaluators": []}, "evaluators", "Take the people who are proposed", 200),
    "two score": ({"evaluators": ["person:eve", "person:fay"]}, "evaluators", "Take the people who are proposed", 200),
    "one keeper": ({"keepers": ["keeper:oak"]}, "keepers", "Take the keepers who are proposed", 200),
    "one key": ({"needed_keys": "1"}, "needed_keys", "Let 2 keys open the bids", 200),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_stands_beside_its_field_and_a_button_mends_it(browser: Browser, case: str) -> None:
    changes, field, button, after = REFUSED[case]
    page = browser.post(NEW, **ASKED, do="check")
    refused = again(browser, page, **changes, do="check")
    assert refused.status_code == 422
    assert re.search(rf'id="f-{field}-error">\s*<div class="remark"', refused.text), mends(refused)
    assert button in mends(refused)
    mended = again(browser, refused, mend=mends(refused)[button])
    assert (mended.status_code, button in mends(mended)) == (after, False)


def test_a_larger_pilot_takes_its_own_people_keepers_and_days(browser: Browser) -> None:
    page = browser.post(NEW, **{**ASKED, "budget": "30,000"}, do="check")
    larger = again(browser, page, mend=mends(page)["Make it a pilot instead of a try-out"])
    assert larger.status_code == 200, re.findall('class="wrong">(.*?)<', larger.text)
    priced = again(browser, larger, price_mode="priced", do="check")
    assert priced.status_code == 200, re.findall('class="wrong">(.*?)<', priced.text)
    body = body_of(browser, again(browser, priced, do="sign").headers["location"])
    assert (body.tier, body.price_mode, body.budget_minor, body.floor_minor) == ("T1", "priced", 3_000_000, 1_800_000)
    assert body.price_weight + sum(row.weight for row in body.criteria) == 100
    assert (len(body.evaluators), body.sealing.arrangement) == (3, "shared")
    floor = again(browser, priced, floor="40,000", do="check")
    assert again(browser, floor, mend=mends(floor)["Take the floor that is proposed"]).status_code == 200
    heavy = again(browser, priced, price_weight="90", c1_weight="5", c2_weight="5", do="check")
    assert "Price weighs 90" in heavy.text
    button = next(said for said in mends(heavy) if said.endswith("price 50"))
    assert again(browser, heavy, mend=mends(heavy)[button]).status_code == 200


def test_all_that_is_wrong_is_told_at_once(browser: Browser) -> None:
    page = browser.post(NEW, **{**ASKED, "budget": "12,000"}, payment_days="90", do="check")
    assert {"Pay 10,000 USD", "Pay within 14 days"} <= set(mends(page))
    assert page.text.count('<a href="#f-') >= 2


def test_a_pause_in_typing_keeps_what_is_there_and_asks_for_nothing(browser: Browser) -> None:
    page = browser.get(NEW)
    kept = again(browser, page, need="Nobody counts the trees.", budget="12,000", do="keep")
    assert kept.status_code == 200
    assert "Please fill this in" not in kept.text
    assert "The rules would not take this yet." in kept.text
    assert "Not yet." not in kept.text
    assert "Pay 10,000 USD" in mends(kept)
    assert "Saved" in kept.text
    name = fields_of(kept)["draft"][0]
    found = browser.get(f"/desk/notices/drafts/{name}")
    assert fields_of(found)["need"] == ["Nobody counts the trees."]
    assert f"/desk/notices/drafts/{name}" in browser.get("/desk").text


def test_several_are_begun_at_once_and_a_dropped_one_can_be_taken_back(browser: Browser) -> None:
    names = []
    for title in ("First of two", "Second of two"):
        page = again(browser, browser.get(NEW), title=title, need="A need.", do="later")
        assert page.headers["location"] == "/desk"
    home = browser.get("/desk").text
    for title in ("First of two", "Second of two"):
        names += re.findall(rf'href="/desk/notices/drafts/([0-9a-f]+)">{title}<', home)
    assert len(names) == 2
    browser.post(f"/desk/notices/drafts/{names[0]}/drop")
    home = browser.get("/desk").text
    assert f'href="/desk/notices/drafts/{names[0]}"' not in home
    assert f"/desk/notices/drafts/{names[0]}/restore" in home
    browser.post(f"/desk/notices/drafts/{names[0]}/restore")
    assert f'href="/desk/notices/drafts/{names[0]}"' in browser.get("/desk").text


def test_what_one_officer_began_no_other_sees(browser: Browser) -> None:
    kept = again(browser, browser.get(NEW), need="Only for my eyes.", do="keep")
    name = fields_of(kept)["draft"][0]
    browser.be("Ben")
    assert browser.get(f"/desk/notices/drafts/{name}").status_code == 404
    assert browser.post(f"/desk/notices/drafts/{name}/drop").status_code == 404
    again(browser, browser.get(f"{NEW}?draft={name}"), need="Mine.", do="keep")
    browser.be("Ada")
    assert fields_of(browser.get(f"/desk/notices/drafts/{name}"))["need"] == ["Only for my eyes."]


def test_a_session_that_ended_loses_nothing(browser: Browser) -> None:
    page = browser.get(NEW)
    browser.post("/desk/sign-out")
    out = again(browser, page, **ASKED, do="sign")
    assert out.status_code == 422
    assert "Nothing is lost" in out.text
    carried: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', out.text):
        carried.setdefault(name, []).append(html.unescape(value))
    assert carried["acceptance"] == [ASKED["acceptance"]]
    assert "token" not in carried
    assert browser.get("/desk").status_code == 303
    browser.be("Ada")
    back = browser.ask("POST", FORM, carried)
    assert back.status_code == 403
    assert "This page was older than your session" in back.text
    assert {name: fields_of(back)[name][0] for name in ASKED} == ASKED
    assert again(browser, back, do="sign").status_code == 303


def test_a_form_from_nobody_is_kept_nowhere(town: Town) -> None:
    stranger = Browser(compose(town.office, ADDRESS))
    stranger.get("/desk/sign-in")
    secret = "The words of somebody whom nobody knows."
    assert stranger.ask("POST", FORM, {"need": secret, "do": "keep"}).status_code == 422
    assert stranger.ask("POST", NEW, {"need": secret, "do": "keep"}).status_code == 401
    tables = Tables(town.office.folder.desk)
    with tables.reading() as rows:
        assert not rows.rows("SELECT id FROM desk_form WHERE fields LIKE ?", (f"%{secret}%",))
    tables.close()


def test_going_on_to_sign_again_drops_the_draft_that_was_there(browser: Browser) -> None:
    page = browser.post(NEW, **ASKED, do="check")
    first = again(browser, page, do="sign").headers["location"]
    browser.sign(first)
    second = again(browser, page, **TITLE, do="sign").headers["location"]
    assert first != second
    assert browser.post(first.replace("/desk/sign/", "/demo/sign/")).status_code in {403, 404, 409}
    assert "waits for signatures" in browser.get("/desk").text


def test_what_is_on_record_is_begun_no_more(tmp_path: Path) -> None:
    town = demo_town(tmp_path / "data")
    browser = Browser(compose(town.office, ADDRESS))
    browser.be("Ada")
    where = browser.post(NEW, **ASKED, **TITLE).headers["location"]
    browser.sign(where)
    assert "Count the trees" in browser.get("/desk").text
    browser.be("Ben")
    browser.sign(where)
    browser.be("Ada")
    assert "/desk/notices/drafts/" not in browser.get("/desk").text
    town.office.close()


def test_a_notice_of_ones_own_or_of_another_agency_is_a_start(browser: Browser) -> None:
    name = PILOT.partition(":")[2]
    page = browser.get(f"{NEW}?from={name}")
    fields = fields_of(page)
    assert fields["need"] == ["Three clerks take four hundred calls a month."]
    assert fields["acceptance"] == [
        "Residents choose a day and get a confirmation.\nInspectors see their day on a phone."
    ]
    assert fields["helpers"] == [""]
    assert "You began from “Book a septic inspection”" in page.text
    assert "the notice you began from" in page.text
    where = again(browser, page, helpers="nobody", budget="9,000", tier="T0", do="sign").headers["location"]
    body = body_of(browser, where)
    assert "It begins from the notice “Book a septic inspection” of Harlan County, record no." in body.rationale
    assert body.data_class == "Names and addresses"
    assert browser.get(f"{NEW}?from=nothing-there").status_code == 404
    assert browser.get(f"{NEW}?plan=nothing-there").status_code == 404


TOO_LONG = {
    "need": "x" * 6001,
    "acceptance": "A line.\n" + "y" * 301,
    "helpers": f"{'z' * 121}, read it",
    "incumbent": "w" * 121,
}


@pytest.mark.parametrize("field", TOO_LONG)
def test_a_text_that_does_not_fit_comes_back_whole(browser: Browser, field: str) -> None:
    page = browser.post(NEW, **{**ASKED, field: TOO_LONG[field]})
    assert page.status_code == 422
    assert re.search(rf'id="f-{field}-error">\s*<div class="remark"', page.text)
    assert fields_of(page)[field] == [TOO_LONG[field]]


def test_a_broken_or_forged_form_is_read_as_far_as_it_goes(browser: Browser) -> None:
    odd = {"proposed": "[1,2", "draft": "../../etc", "mend": "token=x&second=y", "c1_weight": "many", "from": "<b>"}
    page = browser.post(NEW, **ASKED, **odd, do="check")
    assert page.status_code in {200, 422}
    assert re.fullmatch("[0-9a-f]{16}", fields_of(page)["draft"][0])
    assert "<b>" not in page.text
    nul = browser.post(NEW, **{**ASKED, "need": "A\x00B\u202eC\u00a0D"}, do="check")
    assert fields_of(nul)["need"] == ["ABC D"]


def test_a_mend_says_only_what_the_form_may_hold(browser: Browser) -> None:
    page = browser.post(NEW, **{**ASKED, "budget": "12,000"}, do="check")
    for sends in mends(page).values():
        names = set(parse_qs(sends, keep_blank_values=True))
        assert names <= {"budget", "tier", "proposal"}
    assert all(json.loads(value) is not None for value in fields_of(page)["proposed"])
