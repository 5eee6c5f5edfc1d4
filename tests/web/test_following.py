"""Following a pilot by mail: asked first, told that something changed and nothing else, deleted on demand."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from portal.app import compose
from portal.identity.followers import ask_to_follow
from portal.identity.tables import Tables
from portal.procurement.events import bid, opportunity
from portal.web.desk.news import tell_news
from tests.portal.town import OFFICERS, PILOT, Town, key_of
from tests.web import seen
from tests.web.made_site import ADDRESS, HTML, ask

NAME = PILOT.partition(":")[2]
FORM = {**HTML, "content-type": "application/x-www-form-urlencoded"}
MAIL = "Ridge@Firm.example"


class Post:
    """A site, its tables, and the letters that lie in them."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.site = compose(town.office, ADDRESS)
        self.tables = Tables(town.office.folder.desk)

    def send(self, path: str, **fields: str) -> httpx.Response:
        return ask(self.site, "POST", path, FORM, urlencode(fields).encode())

    def follow(self, email: str = MAIL) -> httpx.Response:
        return self.send("/api/follow", pilot=PILOT, email=email)

    def letters(self) -> list[tuple[str, str, str]]:
        """Recipient, template and figures of every letter, oldest first."""
        with self.tables.reading() as rows:
            return [
                tuple(row) for row in rows.rows("SELECT recipient, template, figures FROM desk_mail ORDER BY rowid")
            ]  # type: ignore[misc]  # three columns

    def followers(self) -> list[tuple[Any, ...]]:
        with self.tables.reading() as rows:
            return [tuple(row) for row in rows.rows("SELECT email, subject, state FROM desk_follower ORDER BY email")]

    def token(self) -> str:
        """The secret of the letter that came last."""
        found = re.search(r"/follow/([\w-]+)", self.letters()[-1][2])
        assert found is not None
        return found[1]

    def tell(self) -> int:
        return tell_news(self.town.office, self.tables)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    town = Town.found(tmp_path / "data")
    town.publish()
    made = Post(town)
    made.tell()
    yield made
    made.tables.close()
    town.office.close()


def change(town: Town, *, material: bool = True) -> None:
    words = "Also in Spanish."
    changes = opportunity.NoticeChanges(outcome=words) if material else opportunity.NoticeChanges(summary=words)
    body = opportunity.AddendumPublished(material=material, changes=changes, why="The board asked.")
    town.act("addendum-published", PILOT, body, *OFFICERS)


def test_nobody_is_written_to_who_has_not_agreed(post: Post) -> None:
    assert "Look at your mail" in post.follow().text
    assert post.letters() == [("ridge@firm.example", "follow_ask", f'{{"href":"/follow/{post.token()}"}}')]
    change(post.town)
    assert post.tell() == 0
    page = ask(post.site, "GET", f"/follow/{post.token()}", HTML)
    assert "Yes, tell me" in page.text
    assert post.followers() == [("ridge@firm.example", PILOT, "asked")]
    assert "You follow" in post.send(f"/api/follow/{post.token()}", do="agree").text
    change(post.town, material=False)
    assert post.tell() == 1
    assert post.tell() == 0


def test_a_letter_says_that_something_changed_and_where_and_nothing_else(post: Post) -> None:
    post.follow()
    post.send(f"/api/follow/{post.token()}", do="agree")
    change(post.town)
    post.tell()
    recipient, template, figures = post.letters()[-1]
    assert (recipient, template) == ("ridge@firm.example", "follow_news")
    assert set(re.findall(r'"(\w+)":', figures)) == {"href", "stop"}
    assert "Spanish" not in figures
    letter = written(post, template, figures)
    assert f"{ADDRESS}/opportunities/{NAME}" in letter
    for word in ("Septic", "septic inspection", "bid", "Harlan County", "terms"):
        assert word not in letter.replace(NAME, "")


def written(post: Post, template: str, figures: str) -> str:
    """A letter as its reader reads it."""
    import json  # noqa: PLC0415

    from portal.app import make_door  # noqa: PLC0415
    from portal.web.desk.letters import LetterWriter  # noqa: PLC0415

    told = LetterWriter(make_door(post.town.office, ADDRESS).renderer)(template, json.loads(figures))
    return f"{told.subject}\n{told.text}"


def test_stopping_deletes_the_address(post: Post) -> None:
    post.follow()
    token = post.token()
    post.send(f"/api/follow/{token}", do="agree")
    change(post.town)
    post.tell()
    assert f"/follow/{token}" in post.letters()[-1][2]
    assert "Your address is deleted" in post.send(f"/api/follow/{token}", do="stop").text
    assert post.followers() == []
    assert "No letters go by this address" in ask(post.site, "GET", f"/follow/{token}", HTML).text
    assert "No letters go" in post.send(f"/api/follow/{token}", do="agree").text
    change(post.town, material=False)
    assert post.tell() == 0


def test_a_mail_program_that_presses_the_standard_way_stops_it(post: Post) -> None:
    post.follow()
    token = post.token()
    post.send(f"/api/follow/{token}", do="agree")
    post.send(f"/api/follow/{token}", **{"List-Unsubscribe": "One-Click"})
    assert post.followers() == []


def test_entering_somebody_s_address_again_tells_nothing_and_sends_nothing(post: Post) -> None:
    first = post.follow().text
    assert post.follow().text == first
    assert len(post.letters()) == 1
    post.send(f"/api/follow/{post.token()}", do="agree")
    assert post.follow().text == first
    assert len(post.letters()) == 1


def test_one_address_is_asked_about_a_few_pilots_at_a_time(post: Post) -> None:
    with post.tables.writing() as rows:
        for number in range(20):
            ask_to_follow(rows, "flood@firm.example", f"opportunity:other-{number}", post.town.clock.now())
    assert len(post.letters()) == 5


def test_an_address_that_never_agreed_is_forgotten(post: Post) -> None:
    post.follow()
    post.town.clock.advance_to(post.town.clock.now() + timedelta(days=7, seconds=1))
    post.follow("other@firm.example")
    assert [row[0] for row in post.followers()] == ["other@firm.example"]


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "a b@c.example", "x" * 250 + "@c.example", "a@b.example\nBcc: c@d.example"]
)
def test_what_is_no_address_comes_back_beside_its_field(post: Post, email: str) -> None:
    answer = post.follow(email)
    assert answer.status_code == 422
    assert "This is no mail address" in answer.text
    assert post.letters() == post.followers() == []


def test_one_visitor_cannot_have_letters_sent_without_end(tmp_path: Path) -> None:
    town = Town.found(tmp_path / "data")
    town.publish()
    post = Post(town)
    for number in range(30):
        post.follow(f"a{number}@firm.example")
    assert len(post.letters()) == 10
    assert "Too many addresses" in post.follow("b@firm.example").text
    post.tables.close()
    town.office.close()


def test_what_changes_before_anybody_follows_is_no_news(post: Post) -> None:
    change(post.town)
    post.tell()
    post.follow()
    post.send(f"/api/follow/{post.token()}", do="agree")
    assert post.tell() == 0


def test_several_changes_at_once_make_one_letter_and_small_things_none(post: Post) -> None:
    post.follow()
    post.send(f"/api/follow/{post.token()}", do="agree")
    post.town.bid("ridge")
    question = post.town.act("question-asked", PILOT, bid.QuestionAsked(text="When?"), author=key_of("asker"))
    assert post.tell() == 0
    post.town.act("question-answered", PILOT, bid.QuestionAnswered(question=question.index, text="Soon."), "ada")
    change(post.town)
    assert post.tell() == 1


def test_after_the_end_the_address_is_deleted(post: Post) -> None:
    post.follow()
    post.send(f"/api/follow/{post.token()}", do="agree")
    body = opportunity.OpportunityWithdrawn(reason="notice-error", why="A digit too many.")
    post.town.act("opportunity-withdrawn", PILOT, body, *OFFICERS)
    assert post.tell() == 1
    assert post.followers() == []
    page = ask(post.site, "GET", f"/opportunities/{NAME}/follow", HTML).text
    assert "Nothing more will change" in page
    post.follow()
    assert post.followers() == []


def test_of_two_processes_one_tells(post: Post) -> None:
    post.follow()
    post.send(f"/api/follow/{post.token()}", do="agree")
    change(post.town)
    other = Tables(post.town.office.folder.desk)
    assert post.tell() + tell_news(post.town.office, other) == 1
    other.close()


def test_an_address_stands_apart_from_every_bid(post: Post) -> None:
    """Neither the record nor the tables join an address to a bid, and the page on which bids are sealed cannot send one."""
    post.follow()
    post.send(f"/api/follow/{post.token()}", do="agree")
    done = post.town.bid("ridge")
    with post.tables.reading() as rows:
        columns = [row[1] for row in rows.rows("PRAGMA table_info(desk_follower)")]
    assert columns == ["token", "email", "subject", "state", "made_at"]
    assert b"firm.example" not in done.entry
    policy = ask(post.site, "GET", f"/opportunities/{NAME}/bid", HTML).headers["content-security-policy"]
    assert "follow" not in policy
    assert "form-action 'none'" in policy


def test_the_form_sets_no_cookie_and_works_without_script(post: Post) -> None:
    page = ask(post.site, "GET", f"/opportunities/{NAME}/follow", HTML)
    assert "set-cookie" not in page.headers
    assert "<script" not in page.text
    assert seen.banned_words(seen.read(page.text)) == []
    assert "kept apart from every bid" in page.text
    taken = post.follow()
    assert "set-cookie" not in taken.headers
    assert taken.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("pilot", ["", "opportunity:ghost", "agency:harlan-county"])
def test_nothing_else_can_be_followed(post: Post, pilot: str) -> None:
    assert post.send("/api/follow", pilot=pilot, email=MAIL).status_code == 404
    assert post.followers() == []


def test_a_form_that_is_too_long_is_refused(post: Post) -> None:
    assert post.send("/api/follow", pilot=PILOT, email="a" * 5000).status_code == 413
