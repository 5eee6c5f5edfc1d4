"""
Traps that other portals fell into, each with the test that keeps this one out of it.

    T1   a bid edited after the deadline, by the buyer or through the API
         tests/portal/test_act_matrix.py::test_the_record_takes_an_act_at_its_stations_and_nowhere_else
         tests/web/test_api_matrix.py::test_a_letter_is_taken_at_the_stations_of_its_act_and_nowhere_else
         tests/portal/test_refused_bids.py::test_at_the_instant_of_the_close_nothing_is_edited
    T2   a state that depends on a job having run
         tests/web/test_cache.py::test_a_page_expires_at_its_next_deadline_though_nobody_acts
         tests/projections/test_stage_sql.py::test_acts_in_any_order_have_the_same_word_in_sql
    T3   attachments with looser permission than the bid
         tests/web/test_traps.py::test_no_address_gives_a_sealed_bids_bytes_to_the_public
    T4   an administrator's page that shows sealed amounts
         tests/web/test_traps.py::test_nobody_at_any_address_reads_of_a_bid_before_its_opening
    T5   a bid made by acting as somebody else
         tests/web/test_other_hands.py::test_fields_that_say_for_whom_are_not_asked
         tests/portal/test_act_matrix.py::test_an_act_is_taken_from_the_right_hands_alone
         tests/portal/test_cli_other_hands.py::test_a_bid_is_written_for_a_firm_with_that_firms_key_alone
         tests/web/test_desk_clerk.py::test_who_writes_herself_into_a_role_enters_its_rooms_and_can_sign_nothing
    T6   an award taken back, and who, when and why with it
         tests/web/test_traps.py::test_an_award_stays_with_who_when_and_why_whatever_is_tried_after
    T7   a notice overwritten in place
         tests/web/test_traps.py::test_a_changed_notice_keeps_the_words_it_had
    T8   a feed of changes by time, which loses some
         tests/web/test_feeds.py::test_whoever_follows_a_feed_to_its_end_misses_nothing
    T9   a time of change that is the time of creation
         tests/web/test_traps.py::test_a_feed_says_when_something_changed_and_when_it_came
    T10  what is over in a list of what is open
         tests/web/test_traps.py::test_what_closes_is_out_of_every_list_of_what_is_open_at_that_instant
    T11  an award while bids may still come
         tests/portal/test_act_matrix.py::test_the_record_takes_an_act_at_its_stations_and_nowhere_else
    T12  scores and amounts in floating point
         tests/web/test_traps.py::test_nothing_on_record_or_in_a_table_is_a_floating_number
    T13  a deadline at the end of some day in some zone
         tests/web/test_traps.py::test_a_deadline_is_an_instant_and_is_printed_in_the_agencys_zone_and_in_utc
         tests/web/test_printing.py::test_a_moment_is_printed_in_both_zones
    T14  something kept from the public without a reason
         tests/web/test_traps.py::test_nothing_is_erased_without_a_ground_and_a_sentence
    T15  rows that can be deleted
         tests/ledger/test_store.py::test_the_database_itself_refuses
         tests/postgres/test_ledger.py::test_the_database_itself_refuses
         tests/portal/test_sql_clerk.py::test_the_office_does_not_open_over_a_changed_history
"""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec import inspect

from ledger.errors import LedgerError
from portal.procurement.events.party import FieldsErased
from portal.procurement.kinds import KINDS
from portal.procurement.refusal import Refusal
from portal.projections import tables
from tests.portal.stations import FIRST, SECOND, amend
from tests.portal.test_act_matrix import ACTS
from tests.portal.town import PILOT, refusal_of, reopened, size_of
from tests.web.desk_cases import CASES
from tests.web.desk_seats import PEOPLE, STRANGERS, Hall, Halls, Route, routers_of, routes_of
from tests.web.made_site import ask
from tests.web.public_addresses import public_addresses

ROOT = Path(__file__).parents[2]
NAME = PILOT.partition(":")[2]


@pytest.fixture(scope="module")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halls]:
    made = Halls(tmp_path_factory.mktemp("traps"))
    yield made
    made.close()


def test_every_trap_has_a_test_that_exists() -> None:
    told = __doc__ or ""
    assert re.findall(r"^    (T\d+) ", told, re.MULTILINE) == [f"T{number}" for number in range(1, 16)]
    for place, name in re.findall(r"^         (tests/\S+\.py)::(\w+)$", told, re.MULTILINE):
        assert f"def {name}(" in (ROOT / place).read_text(encoding="utf-8"), f"{place}::{name}"


def get(hall: Hall, path: str) -> bytes:
    answer = ask(hall.app, "GET", path, {"accept": "text/html, */*"})
    assert answer.status_code < 500, path
    return answer.content


def reading(hall: Hall) -> list[Route]:
    """The routes of the desk by which somebody reads."""
    return [route for route in routes_of(routers_of(hall.app)[1]) if route.method == "GET"]


@pytest.mark.parametrize("station", ["open", "amended", "closed", "heard", "released", "opened"])
def test_no_address_gives_a_sealed_bids_bytes_to_the_public(halls: Halls, station: str) -> None:
    hall = halls.at(station)
    vault = hall.town.office.folder.vault
    sealed = {path.name: path.read_bytes() for path in (vault / "envelopes").iterdir()}
    guessed = [f"/log/document/{name}" for name in sealed] + [f"/log/../vault/envelopes/{name}" for name in sealed]
    guessed += [f"/vault/envelopes/{name}" for name in sealed] + [f"/api/keeper/envelopes/{name}" for name in sealed]
    for path in (*public_addresses(hall), *guessed):
        content = get(hall, path)
        assert [name for name, data in sealed.items() if data in content] == [], path


def test_nobody_at_any_address_reads_of_a_bid_before_its_opening(halls: Halls) -> None:
    for station in ("open", "amended", "released"):
        hall = halls.at(station)
        words = [f"{name} answers".encode() for name in (FIRST, SECOND)]
        words += [f"office@{name}.example".encode() for name in (FIRST, SECOND)] + [b"The approach of bidder"]
        for path in public_addresses(hall):
            assert not [word for word in words if word in get(hall, path)], path
        for account in (*PEOPLE.values(), *STRANGERS.values()):
            for route in reading(hall):
                path = route.path.format(**CASES[route.name].fill(hall, account))
                content = hall.ask(account, "GET", path, accept="text/html").content
                assert not [word for word in words if word in content], (path, account)


def test_names_and_prices_stay_sealed_while_proposals_are_scored(halls: Halls) -> None:
    for station in ("opened", "scoring", "locked"):
        hall = halls.at(station)
        words = [f"office@{name}.example".encode() for name in (FIRST, SECOND)]
        for account in PEOPLE.values():
            for route in reading(hall):
                path = route.path.format(**CASES[route.name].fill(hall, account))
                content = hall.ask(account, "GET", path, accept="text/html").content
                assert not [word for word in words if word in content], (path, account)
                if "/judge/" in path:
                    assert b"Ridge Data" not in content, path


def test_an_award_stays_with_who_when_and_why_whatever_is_tried_after(halls: Halls) -> None:
    hall = halls.at("awarded")
    town = hall.town
    before, page = size_of(town), get(hall, f"/opportunities/{NAME}")
    for act in (act for act in ACTS.values() if "awarded" not in act.works):
        with pytest.raises((Refusal, LedgerError)) as refused:
            act.do(town)
        assert refused.value.reason in {"procedure-ended", "body-malformed", "document-read-late"}
    assert (size_of(town), get(hall, f"/opportunities/{NAME}")) == (before, page)
    assert b"Awarded." in page
    assert b"The clearest plan for inspectors." in page


def test_a_changed_notice_keeps_the_words_it_had(halls: Halls) -> None:
    hall = halls.at("amended")
    published = hall.town.case().published.index
    first = get(hall, f"/ledger/entries/{published}")
    amend(hall.town)
    assert b"A resident books in five minutes." in first
    assert get(hall, f"/ledger/entries/{published}") == first
    page = get(hall, f"/opportunities/{NAME}")
    assert b"five minutes" in page
    assert b"three minutes, and in Spanish" in page


def test_a_feed_says_when_something_changed_and_when_it_came(halls: Halls, tmp_path: Path) -> None:
    original = halls.at("open").town
    shutil.copytree(original.office.folder.root, tmp_path / "copy")
    hall = Hall.over(reopened(original, tmp_path / "copy"))
    came = hall.town.clock.now()
    hall.town.clock.advance_to(came + timedelta(hours=5))
    amend(hall.town)
    feed = get(hall, "/opportunities.atom").decode()
    entry = feed[feed.index("<entry>") :]
    updated, published = (re.search(f"<{name}>([^<]+)</{name}>", entry) for name in ("updated", "published"))
    assert updated is not None
    assert published is not None
    assert datetime.fromisoformat(published[1]) == came
    assert datetime.fromisoformat(updated[1]) == came + timedelta(hours=5)
    hall.close()


def test_what_closes_is_out_of_every_list_of_what_is_open_at_that_instant(halls: Halls, tmp_path: Path) -> None:
    original = halls.at("open").town
    shutil.copytree(original.office.folder.root, tmp_path / "copy")
    hall = Hall.over(reopened(original, tmp_path / "copy"))
    title = hall.town.case().notice.title.encode()
    lists = ["/opportunities?state=open", "/"]
    hall.town.clock.advance_to(hall.town.case().closes - timedelta(milliseconds=1))
    assert [title in get(hall, path) for path in lists] == [True, True]
    hall.town.clock.advance_to(hall.town.case().closes)
    assert title not in get(hall, lists[0])
    assert b"Open now" not in get(hall, lists[1]) or title not in _section(get(hall, lists[1]), b"Open now")
    hall.close()


def _section(page: bytes, heading: bytes) -> bytes:
    """The part of a page from a heading to the next."""
    return page[page.index(heading) :].partition(b"<h2")[0]


def test_nothing_on_record_or_in_a_table_is_a_floating_number() -> None:
    found = [kind.name for kind in KINDS.values() if _floats(inspect.type_info(kind.body), set())]
    assert found == []
    for dialect in ("sqlite", "postgresql"):
        statements = " ".join(tables.table_statements(dialect, tables.LIVE)).upper()
        assert "BIGINT" in statements
        assert re.search(r"REAL|FLOAT|DOUBLE|NUMERIC|DECIMAL", statements) is None


def _floats(kind: inspect.Type, seen: set[type]) -> bool:
    if isinstance(kind, inspect.FloatType | inspect.DecimalType):
        return True
    if isinstance(kind, inspect.StructType):
        if kind.cls in seen:
            return False
        seen.add(kind.cls)
        return any(_floats(field.type, seen) for field in kind.fields)
    inner = [getattr(kind, "item_type", None), getattr(kind, "key_type", None), getattr(kind, "value_type", None)]
    inner += getattr(kind, "types", ()) or ()
    return any(_floats(one, seen) for one in inner if isinstance(one, inspect.Type))


def test_a_deadline_is_an_instant_and_is_printed_in_the_agencys_zone_and_in_utc(halls: Halls) -> None:
    hall = halls.at("open")
    closes = hall.town.case().closes
    assert closes.tzinfo is not None
    page = get(hall, f"/opportunities/{NAME}").decode()
    assert f'datetime="{closes.astimezone(UTC):%Y-%m-%dT%H:%M}' in page
    assert "UTC" in page
    local = hall.town.notice(closes="2027-03-16T23:59:59")
    assert refusal_of(lambda: hall.town.act("opportunity-published", "opportunity:x", local, "ada", "ben")) == (
        "body-malformed"
    )


def test_nothing_is_erased_without_a_ground_and_a_sentence() -> None:
    whole = {"entry": 4, "count": 1, "ground": "court-order", "why": "Case 12 of 2027."}
    assert msgspec.convert(whole, FieldsErased)
    for field in ("ground", "why"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({name: value for name, value in whole.items() if name != field}, FieldsErased)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**whole, "ground": "because"}, FieldsErased)
