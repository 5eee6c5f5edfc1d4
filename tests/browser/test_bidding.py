"""A bid made in a real browser: from the first question to the opening, and back with the receipt file alone."""

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.bidkey import Receipt
from ledger.entry import format_time
from ledger.keys import load_key
from ledger.receipt import parse_receipt, parse_receipt_vkey
from policies import FirmFacts, first_close_from, judge_eligibility, objection_end, opens_latest
from portal.cli import main
from portal.commands.open_proposals import open_proposals, read_proposals
from portal.procurement.events import opening, opportunity
from tests.browser.bidders import NAME, NUMBERS, SECRETS, Rig
from tests.browser.test_page_types import violations
from tests.portal.town import OFFICERS, PILOT, POLICY, ZONE, Town


def test_a_bid_made_in_the_browser_opens_through_the_real_commands(rig: Rig) -> None:
    page = rig.open(rig.page())
    rig.write(page)
    receipt = Receipt.parse(rig.send(page).read_bytes())
    assert "record no." in page.locator("#done-words").inner_text()
    bid = receipt.master.signing_key.public.hex()
    case = rig.town.case()
    assert case.bids[bid].current.kind == "bid-sealed"
    assert receipt.papers is not None
    verifier = parse_receipt_vkey(rig.town.office.folder.receipt_vkey.read_text().strip())
    promise = parse_receipt(receipt.papers.evidence[0].encode(), [verifier])
    assert promise.statement_hash.hex() == receipt.papers.statement == case.bids[bid].current.statement_hash
    rig.town.to_ranking()
    opened = rig.town.case().opened[bid].body
    assert isinstance(opened, opening.BidOpened)
    assert (opened.firm, opened.price_minor, opened.status) == ("firm:ridge", 2_400_000, "valid")
    assert (opened.declarations.months_present, opened.declarations.learner_places) == (37, 2)
    (proposal,) = [row.proposal for row in read_proposals(rig.town.office, PILOT) if row.bid == bid]
    told = {answer.requirement: answer.words for answer in proposal.answers}
    assert told == {"booking": SECRETS["answer-1"], "calendar": SECRETS["answer-2"]}
    page.goto(f"{rig.address}/opportunities/{NAME}/bids/{bid}")
    assert "came first" in page.locator(".lede").inner_text()
    assert violations(page) == []


def test_a_lost_phone_loses_no_bid(rig: Rig) -> None:
    first = rig.send(rig.written())
    page = rig.open(rig.page())
    page.locator("#any-file").set_input_files(first)
    page.locator("#replace").click()
    assert page.locator("#answer-1").input_value() == SECRETS["answer-1"]
    page.locator("#answer-1").fill("Better words.")
    page.locator("#key").set_input_files(rig.key_file("ridge"))
    page.locator("#firm-name", has_text="You bid as").wait_for()
    second = rig.send(page)
    (bid,) = rig.town.case().bids.values()
    assert [act.kind for act in bid.versions] == ["bid-sealed", "bid-replaced"]
    assert [rig.town.office.vault.envelope(getattr(act.body, "proposal", "")) is None for act in bid.versions] == [
        True,
        False,
    ]
    page = rig.open(rig.page())
    page.locator("#any-file").set_input_files(first)
    page.locator("#withdraw").click()
    rig.save_from(page, lambda: page.locator("#sure-yes").click())
    assert rig.town.case().bids[bid.key].withdrawn is not None
    assert Receipt.parse(second.read_bytes()).master.secret == Receipt.parse(first.read_bytes()).master.secret


def test_a_receipt_file_of_the_page_serves_the_command_line(rig: Rig) -> None:
    receipt = rig.send(rig.written())
    folder = rig.town.office.folder
    folder.moment.write_text(format_time(rig.town.clock.now()), encoding="ascii")
    command = ["bid", "withdraw", "--subject", PILOT, "--receipt", str(receipt), "--data", str(folder.root)]
    assert main(command) == 0
    (bid,) = rig.town.case().bids.values()
    assert bid.withdrawn is not None


def test_only_a_change_that_matters_asks_to_confirm(rig: Rig) -> None:
    receipt = rig.send(rig.written())
    small = opportunity.NoticeChanges(summary="Residents book online.")
    for material, changes in ((False, small), (True, later(rig.town, need="Also without a network."))):
        body = opportunity.AddendumPublished(material=material, changes=changes, why="Somebody asked.")
        rig.town.act("addendum-published", PILOT, body, *OFFICERS)
    page = rig.open(rig.page())
    page.locator("#any-file").set_input_files(receipt)
    page.locator("#yours-words", has_text="until you confirm").wait_for()
    rig.save_from(page, lambda: page.locator("#confirm").click())
    case = rig.town.case()
    (bid,) = case.bids.values()
    assert (len(bid.confirmed), case.unconfirmed(bid)) == (1, [])


def test_a_broken_line_loses_nothing_and_sending_twice_makes_one_bid(rig: Rig) -> None:
    page = rig.written()
    page.route("**/api/bids", lambda route: (route.fetch(), route.abort()))
    page.locator("button[type=submit]").click()
    page.locator("#summary", has_text="Everything is still on this device").wait_for(timeout=30_000)
    page.unroute("**/api/bids")
    page.reload()
    page.locator("#again").wait_for()
    assert page.locator("#approach").input_value() == SECRETS["approach"]
    rig.save_from(page, lambda: page.locator("#again").click())
    (bid,) = rig.town.case().bids.values()
    assert len(bid.versions) == 1


def test_a_new_firm_makes_its_key_registers_and_bids_in_one_sitting(rig: Rig) -> None:
    page = rig.open(rig.page())
    for name, value in {**NUMBERS, **SECRETS}.items():
        page.locator(f"#{name}").fill(value)
    page.locator("#place").select_option("harlan-county")
    page.locator("summary", has_text="no key yet").click()
    page.locator("#firm_name").fill("Quill & Söhne Ltd")
    key = load_key(rig.save_from(page, lambda: page.locator("#register").click()))
    page.locator("#firm-name", has_text="is registered").wait_for()
    page.locator("#no_conflict").check()
    receipt = Receipt.parse(rig.send(page).read_bytes())
    rig.town.to_ranking()
    opened = rig.town.case().opened[receipt.master.signing_key.public.hex()].body
    assert isinstance(opened, opening.BidOpened)
    assert (opened.firm, opened.name, opened.status) == (f"firm:{key.name}", "Quill & Söhne Ltd", "valid")


def test_what_is_missing_is_listed_and_linked_and_nothing_is_sent(rig: Rig) -> None:
    page = rig.open(rig.page())
    page.locator("button[type=submit]").click()
    assert page.locator("#summary-list li").count() >= 10
    page.locator("#summary-list a", has_text="founded").click()
    assert page.evaluate("document.activeElement.id") == "founded"
    page.locator("#answer-1").fill("word " * 101)
    assert page.locator("#answer-1-count").inner_text() == "101 words; at most 100 are allowed"
    assert not any(b"/api/bids" in request for request in rig.wire)


def test_a_draft_is_saved_as_a_file_and_opened_elsewhere(rig: Rig) -> None:
    page = rig.written()
    page.locator("#move summary").click()
    draft = rig.save_from(page, lambda: page.locator("#save-draft").click())
    page = rig.open(rig.page())
    page.locator("#any-file").set_input_files(draft)
    page.locator("#kept", has_text="Draft opened").wait_for()
    assert page.locator("#team").input_value() == SECRETS["team"]


@pytest.mark.parametrize("junk", ["", "{}", "null", "[]", '{"log":"a"}\n', "daylight-ed25519-secret-v1 a AAAA"])
def test_a_file_that_is_none_of_ours_is_named_and_changes_nothing(rig: Rig, junk: str) -> None:
    page = rig.written()
    path = rig.folder / "junk.txt"
    path.write_text(junk)
    page.locator("#any-file").set_input_files(path)
    page.locator("#summary", has_text="junk.txt").wait_for()
    assert page.locator("#team").input_value() == SECRETS["team"]


@pytest.mark.parametrize(
    "lacking", ["Crypto.prototype.subtle", "SubtleCrypto.prototype.deriveBits", "AbortSignal.timeout"]
)
def test_an_older_browser_is_told_before_the_first_word(rig: Rig, lacking: str) -> None:
    page = rig.page()
    page.add_init_script(f"delete {lacking}")
    page.goto(f"{rig.address}/opportunities/{NAME}/bid")
    page.locator("#elsewhere[data-why]").wait_for()
    assert page.locator("form#bid").is_hidden()
    assert page.locator("#elsewhere svg").is_visible()


def test_without_script_the_page_still_says_where_to_go(rig: Rig) -> None:
    page = rig.page(java_script_enabled=False)
    page.goto(f"{rig.address}/opportunities/{NAME}/bid")
    assert page.locator("#elsewhere").is_visible()
    page.goto(f"{rig.address}/opportunities/{NAME}/eligible")
    page.locator("#place").select_option("harlan-county")
    page.locator("#months").fill("2")
    page.locator("#staff").fill("4")
    page.locator("#founded").fill("2020-05-01")
    page.locator("button", has_text="Check").click()
    assert "Bid again in 4 months" in page.locator(".unmet").inner_text()


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 1280)])
def test_the_page_is_accessible_in_every_state_and_never_scrolls_sideways(rig: Rig, theme: Any, width: int) -> None:
    page = rig.open(rig.page(color_scheme=theme, viewport={"width": width, "height": 800}))
    found = {}

    def look(state: str) -> None:
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        found[state] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state

    look("empty")
    page.locator("button[type=submit]").click()
    look("incomplete")
    rig.write(page)
    look("written")
    receipt = rig.send(page)
    look("done")
    page.reload()
    page.locator("#yours").wait_for()
    page.locator("#withdraw").click()
    look("managing")
    page.goto(f"{rig.address}/opportunities/{NAME}/eligible?place=elsewhere&months=2&staff=4")
    look("eligible")
    assert receipt
    assert {state: rows for state, rows in found.items() if rows} == {}


def test_a_bid_is_made_with_the_keyboard_alone(rig: Rig) -> None:
    page = rig.open(rig.page())
    page.locator("#key").set_input_files(rig.key_file("ridge"))  # a file chooser belongs to the system, not to the page
    page.locator("#firm-name", has_text="You bid as").wait_for()
    page.evaluate("document.activeElement.blur()")
    typed = {**NUMBERS, "founded": "05012020", **SECRETS}
    for _ in range(80):
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.id")
        if here == "place":
            page.keyboard.type("Harlan")
        elif here == "founded":
            page.keyboard.type(typed["founded"])
        elif here in typed:
            page.keyboard.press("Control+a")
            page.keyboard.type(typed[here])
        elif here == "no_conflict":
            page.keyboard.press("Space")
        elif page.evaluate("document.activeElement.type") == "submit":
            break
    rig.save_from(page, lambda: page.keyboard.press("Enter"))
    assert len(rig.town.case().bids) == 1


def test_the_device_judges_as_the_rules_do(rig: Rig) -> None:
    page = rig.open(rig.page())
    case = rig.town.case()
    rules = POLICY.rules(case.published.at)
    grid = [
        (place, months, founded, staff)
        for place in ("harlan-county", "elsewhere")
        for months in (0, 5, 6, 40)
        for founded in ("2020-05-01", "2026-11-30", "2026-09-16", "2026-09-15", "2026-09-01")
        for staff in (1, 50, 51)
    ]
    told = page.evaluate(
        """async ([grid, closes]) => {
          const m = await import('/static/bid-papers.js');
          const rules = JSON.parse(document.getElementById('bid').dataset.rules);
          return grid.map(([place, months, founded, staff]) => m.judge(rules, {place, months, founded, staff}, closes));
        }""",
        [grid, case.notice.closes],
    )
    for (place, months, founded, staff), answer in zip(grid, told, strict=True):
        facts = FirmFacts(place, months, date.fromisoformat(founded), staff, None)
        judged = judge_eligibility(rules, facts, case.closes)[:4]
        assert list(answer.values()) == [each.met for each in judged], (place, months, founded, staff)


def test_the_page_may_reach_what_takes_bids_and_nothing_else(rig: Rig) -> None:
    page = rig.open(rig.page())
    tried = page.evaluate(
        """async () => {
          const out = [];
          for (const path of ['/', '/api/questions', '/opportunities', 'https://elsewhere.example/'])
            out.push(await fetch(path).then(() => 'reached', () => 'refused'));
          return out;
        }"""
    )
    assert tried == ["refused"] * 4
    assert page.evaluate("document.cookie") == ""


def later(town: Town, **words: Any) -> opportunity.NoticeChanges:
    rules = POLICY.rules(town.clock.now())
    closes = first_close_from(rules, town.case().closes + timedelta(days=8), ZONE)
    return opportunity.NoticeChanges(
        **words,
        closes=format_time(closes),
        objection_until=format_time(objection_end(rules, closes)),
        opens_by=format_time(opens_latest(rules, closes, ZONE)),
    )


def test_where_keepers_fail_a_bidder_opens_her_own_bid_with_the_receipt(rig: Rig) -> None:
    receipt = rig.send(rig.written())
    rig.town.declare_interests()
    rig.town.close()
    rig.town.clock.advance_to(rig.town.case().opens_by)
    page = rig.open(rig.page())
    page.locator("#any-file").set_input_files(receipt)
    page.locator("#self").click()
    page.locator("#yours-words", has_text="opened your bid yourself").wait_for()
    open_proposals(rig.town.office, PILOT)
    assert [row.proposal.team for row in read_proposals(rig.town.office, PILOT)] == [SECRETS["team"]]


@pytest.mark.parametrize(
    "name",
    ["seal.js", "firm-keys.js", "bid-papers.js", "bid-firm.js", "bid-send.js", "bid-form.js", "files.js", "bid.js"],
)
def test_a_script_that_is_not_the_stated_one_does_not_run(rig: Rig, name: str) -> None:
    page = rig.page()
    page.route(
        f"**/static/{name}", lambda route: route.fulfill(response=route.fetch(), body=route.fetch().text() + "\n// x")
    )
    page.goto(f"{rig.address}/opportunities/{NAME}/bid")
    page.wait_for_load_state("networkidle")
    assert page.locator("form#bid").is_hidden()
    assert page.locator("#elsewhere").is_visible()


def test_what_is_kept_on_the_device_goes_only_when_asked_twice(rig: Rig) -> None:
    page = rig.written()
    page.locator("#forget").click()
    page.locator("#forget-no").click()
    page.reload()
    page.locator("#kept", has_text="still on this device").wait_for()
    page.locator("#forget").click()
    page.locator("#forget-yes").click()
    page.locator("#kept", has_text="Nothing written yet").wait_for()
    assert page.locator("#approach").input_value() == ""
    assert page.evaluate("localStorage.length") == 0


def test_a_question_is_asked_by_a_key_that_is_thrown_away(rig: Rig) -> None:
    page = rig.page()
    page.goto(f"{rig.address}/opportunities/{NAME}/ask")
    page.locator("#question").fill("Is there a test calendar?")
    assert violations(page) == []
    page.locator("button[type=submit]").click()
    page.locator("#asked", has_text="record no.").wait_for()
    (question,) = rig.town.case().questions.values()
    assert question.text == "Is there a test calendar?"
