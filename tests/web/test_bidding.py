"""What bidders are shown: the bid page, the question whether to bid, how a bid was judged, and papers without secrets."""

import json
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from portal.app import compose
from portal.commands.office import module_digest
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from portal.commands.publish_ranking import publish_ranking
from portal.procurement.events.evaluation import ScoreReason, ScoresExplained
from portal.procurement.papers import Answer
from tests.portal.town import PILOT, Town, master_of
from tests.web import seen
from tests.web.made_site import ADDRESS, HTML, ask

NAME = PILOT.partition(":")[2]
PAGE = f"/opportunities/{NAME}"
FAR = master_of("hollow").signing_key.public.hex()
ELIGIBLE = {"place": "harlan-county", "months": "40", "founded": "2020-05-01", "staff": "4"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town.found(tmp_path_factory.mktemp("town") / "data")
    made.publish()
    yield made
    made.office.close()


@pytest.fixture(scope="module")
def site(town: Town) -> Any:
    return compose(town.office, ADDRESS)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Three bids on a priced pilot, ranked: ridge better than hollow, creek dearer."""
    made = Town.found(tmp_path_factory.mktemp("judged") / "data")
    criteria = [c for c in made.notice().criteria if c.id == "approach"]
    made.publish(price_mode="priced", floor_minor=1_000_000, price_weight=50, criteria=criteria)
    made.bid("ridge", price_minor=2_000_000)
    made.bid("hollow", price_minor=2_000_000)
    made.bid("creek", price_minor=2_300_000)
    best = master_of("ridge").signing_key.public.hex()
    made.declare_interests()
    made.close()
    made.release("proposal")
    open_proposals(made.office, PILOT)
    made.score(lambda _who, bid, _criterion: 4 if bid == best else 3)
    made.release("offer")
    open_offers(made.office, PILOT)
    publish_ranking(made.office, PILOT)
    made.office.publish()
    yield made
    made.office.close()


def test_the_bid_page_sends_only_where_bids_are_taken_and_sets_nothing(site: Any) -> None:
    answer = ask(site, "GET", f"{PAGE}/bid", HTML)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"].split() == [
        f"{ADDRESS}{path}" for path in ("/api/bids", "/api/firms", f"{PAGE}/bids.json", "/ledger/entries/")
    ]
    assert "<script>" not in answer.text
    assert len(answer.content) < 60_000


def test_the_bid_page_pins_the_terms_and_shows_the_fingerprint_of_what_seals(town: Town, site: Any) -> None:
    text = unescape(ask(site, "GET", f"{PAGE}/bid", HTML).text)
    terms = json.loads(text.partition('data-terms="')[2].partition('" data-says')[0])
    case = town.case()
    assert (terms["terms"], terms["log"], terms["k"]) == (case.terms, town.office.origin, 2)
    assert terms["offer"]["keepers"] == [seat.offer for seat in case.notice.sealing.seats]
    assert module_digest() in text
    assert "is the one that the public record names" in text
    script = ask(site, "GET", "/static/seal.js")
    assert sha256(script.content).hexdigest() == module_digest()
    assert script.headers["cache-control"] == "public, no-cache"
    again = ask(site, "GET", "/static/seal.js", {"if-none-match": script.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_before_each_field_stands_who_will_see_it(site: Any) -> None:
    text = ask(site, "GET", f"{PAGE}/bid", HTML).text
    form = text.partition('id="write"')[2]
    fields = form.count("<textarea") + form.count('<input id="') + form.count("<select") + form.count("<fieldset")
    assert fields >= 12
    assert form.count('class="seen"') >= fields


@pytest.mark.parametrize(
    ("changes", "words"),
    {
        "all met": ({}, "meets every condition"),
        "elsewhere": ({"place": "elsewhere"}, "open to every firm"),
        "too new here": ({"months": "2"}, "Bid again in 4 months"),
        "too large": ({"staff": "51"}, "at most 50"),
        "a large turnover": ({"turnover": "10,000,001"}, "at most USD 10,000,000"),
        "no number": ({"months": "many"}, "mend this first: months"),
        "no day": ({"founded": "2020-13-01"}, "mend this first: founding day"),
        "nobody": ({"staff": "0"}, "mend this first: people"),
    }.values(),
)
def test_may_we_bid_is_answered_without_script(site: Any, changes: dict[str, str], words: str) -> None:
    query = "&".join(f"{name}={value}" for name, value in {**ELIGIBLE, **changes}.items())
    answer = ask(site, "GET", f"{PAGE}/eligible?{query}", HTML)
    assert (answer.status_code, words in unescape(answer.text)) == (200, True)


def test_may_we_bid_asks_before_it_judges(site: Any) -> None:
    answer = ask(site, "GET", f"{PAGE}/eligible", HTML)
    assert (answer.status_code, "summary-box" in answer.text, "unmet" in answer.text) == (200, False, False)


@pytest.mark.parametrize("path", ["bid", "eligible", "bids.json", "bids/" + "0" * 64, "receipt.pdf?entry=0"])
def test_there_is_no_page_for_a_pilot_that_is_not_there(site: Any, path: str) -> None:
    assert ask(site, "GET", f"/opportunities/no-such-pilot/{path}", HTML).status_code == 404


def test_the_lists_are_the_same_for_everybody(town: Town, site: Any) -> None:
    firms = ask(site, "GET", "/api/firms").json()
    assert {row["firm"] for row in firms} == {"firm:ridge", "firm:hollow", "firm:creek"}
    town.bid("ridge", proposal={"answers": [Answer(requirement="booking", words="Yes.")]})
    (row,) = ask(site, "GET", f"{PAGE}/bids.json").json()
    assert (row["bid"], row["status"]) == (master_of("ridge").signing_key.public.hex(), "standing")


def test_a_receipt_on_paper_waits_for_the_snapshot_and_holds_no_secret(town: Town, site: Any) -> None:
    index = town.bid("hollow").index
    assert (
        ask(site, "GET", f"{PAGE}/receipt.pdf?entry={index}", {"accept": "application/json"}).json()["reason"]
        == "receipt-waiting"
    )
    town.office.publish()
    answer = ask(site, "GET", f"{PAGE}/receipt.pdf?entry={index}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    reader = PdfReader(BytesIO(answer.content))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    assert f"record no. {index}" in text
    assert set(reader.attachments) == {"entry.json", "entry.tlog-proof"}
    everything = answer.content + text.encode() + b"".join(data[0] for data in reader.attachments.values())
    for secret in (master_of("hollow").secret, master_of("hollow").lot, master_of("hollow").seed("offer")):
        assert secret not in everything
        assert secret.hex().encode() not in everything


@pytest.mark.parametrize("entry", ["", "0", "99999", "x"])
def test_a_receipt_is_printed_for_a_bid_s_own_record_only(site: Any, entry: str) -> None:
    assert ask(site, "GET", f"{PAGE}/receipt.pdf?entry={entry}", HTML).status_code in {400, 404}


def test_every_bidder_reads_how_the_bid_was_judged(judged: Town) -> None:
    site = compose(judged.office, ADDRESS)
    pages = {}
    for name in ("ridge", "hollow", "creek"):
        answer = ask(site, "GET", f"{PAGE}/bids/{master_of(name).signing_key.public.hex()}", HTML)
        assert answer.status_code == 200, answer.text
        assert seen.banned_words(seen.read(answer.text)) == []
        pages[name] = seen.read(answer.text)
    assert "came first of 3 ranked bids" in pages["ridge"]
    assert "What would have been enough" not in pages["ridge"]
    assert "came in place 2 of 3" in pages["hollow"]
    assert "12.50 points were missing" in pages["hollow"]
    assert "1 level more for “Approach”, by itself" in pages["hollow"]
    assert "Clear and short." in pages["hollow"]
    assert "1,650,000" in pages["hollow"].replace(".00", "") or "16,500" in pages["hollow"]


def ranked_town(folder: Path, parts: list[int]) -> Town:
    """Two bids with the same price in these parts; one evaluator reads one of them quite differently, and says why."""
    town = Town.found(folder / "data")
    criteria = [c for c in town.notice().criteria if c.id == "approach"]
    town.publish(price_mode="priced", floor_minor=1_000_000, price_weight=50, criteria=criteria)
    for name in ("ridge", "hollow"):
        town.bid(name, price_minor=2_000_000, milestone_prices=parts)
    town.declare_interests()
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    town.score(lambda who, bid, _criterion: 0 if who == "eve" and bid == FAR else 3)
    why = [ScoreReason(bid=FAR, criterion="approach", words="I read step two as missing.")]
    town.act("scores-explained", PILOT, ScoresExplained(person="person:eve", reasons=why), "eve")
    town.release("offer")
    open_offers(town.office, PILOT)
    publish_ranking(town.office, PILOT)
    town.office.publish()
    return town


def test_a_tie_and_scores_that_lay_apart_are_explained_on_the_page_and_on_paper(tmp_path: Path) -> None:
    town = ranked_town(tmp_path, [500_000, 700_000, 800_000])
    site = compose(town.office, ADDRESS)
    page = seen.read(ask(site, "GET", f"{PAGE}/bids/{FAR}", HTML).text)
    paper = ask(site, "GET", f"{PAGE}/bids/{FAR}/judged.pdf").content
    printed = " ".join(" ".join(each.extract_text().split()) for each in PdfReader(BytesIO(paper)).pages)
    pilot = seen.read(ask(site, "GET", PAGE, HTML).text)
    for text in (" ".join(page.split()), printed):
        assert "stood exactly equal with the bid of Ridge Data" in text
        assert "A public draw put equals in order" in text
        assert "I read step two as missing." in text
        assert "What would have been enough" not in text
    assert "Part 2: In use" in page
    assert "Prices part by part" in pilot
    assert pilot.count("7,000") == 2
    town.office.close()


def test_where_every_bid_was_ruled_out_each_still_reads_how_it_was_judged(tmp_path: Path) -> None:
    town = ranked_town(tmp_path, [1])
    answer = ask(compose(town.office, ADDRESS), "GET", f"{PAGE}/bids/{FAR}", HTML)
    assert answer.status_code == 200
    assert "was not ranked" in seen.read(answer.text)
    town.office.close()


def test_how_a_bid_was_judged_comes_on_paper(judged: Town) -> None:
    site = compose(judged.office, ADDRESS)
    answer = ask(site, "GET", f"{PAGE}/bids/{master_of('hollow').signing_key.public.hex()}/judged.pdf")
    text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(answer.content)).pages)
    assert "place 2 of 3" in text


def test_a_bid_that_was_not_opened_has_no_such_page(town: Town, judged: Town, site: Any) -> None:
    key = master_of("ridge").signing_key.public.hex()
    assert ask(site, "GET", f"{PAGE}/bids/{key}", HTML).status_code == 404
    assert ask(compose(judged.office, ADDRESS), "GET", f"{PAGE}/bids/{'0' * 64}", HTML).status_code == 404
    assert town.case().ranking is None
