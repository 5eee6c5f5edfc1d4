"""Lists, searches and counts as pages ask for them."""

from pathlib import Path

import pytest

from ledger.entry import format_time, parse_time
from portal.projections.queries.awards import find_awards, sum_awards
from portal.projections.queries.opportunities import (
    SORTS,
    VALUES,
    Found,
    Sort,
    Wish,
    conditions,
    count_by_agency,
    count_by_place,
    count_by_skill,
    count_by_stage,
    count_by_value,
    count_opportunities,
    find_opportunities,
)
from portal.projections.queries.paging import Cursor, parse_cursor
from portal.projections.queries.plans import find_plans, promises_kept
from portal.projections.queries.versions import changed_since, media_type_of, next_deadline, size_read, versions_of
from portal.projections.shelf import Shelf
from tests.projections.made_log import POLICY, MadeLog, agency, instant, notice, promise, whole_life

AT = instant(1)


@pytest.fixture
def log(tmp_path: Path) -> MadeLog:
    made = MadeLog(tmp_path / "log.db")
    whole_life(made)
    made.act("agency:weller", agency("Weller City"), by="registrar")
    for number in range(23):
        made.act(
            f"opportunity:n{number}",
            notice(
                f"Numbered {number}",
                agency="agency:weller" if number % 2 else "agency:harlan",
                closes=instant(5 + number % 4) if number % 3 else instant(0.1),
                budget_minor=100_000 * (1 + number * 7 % 60),
                skills=["web forms"] if number % 5 else ["GIS & mapping", "gis mapping"],
                place="weller" if number % 2 else "us-ky-harlan",
            ),
        )
    return made


def all_pages(shelf: Shelf, sort: Sort, limit: int, wish: Wish | None = None) -> list[Found]:
    """Walk forwards through a list, then back again, and insist on the same rows."""
    pages: list[list[Found]] = []
    found, page = find_opportunities(shelf, wish or Wish(), AT, sort=sort, limit=limit)
    assert page.newer == ""
    while True:
        pages.append(found)
        if not page.older:
            break
        found, page = find_opportunities(shelf, wish or Wish(), AT, sort=sort, limit=limit, after=cursor(page.older))
    for number in range(len(pages) - 2, -1, -1):
        back, page = find_opportunities(shelf, wish or Wish(), AT, sort=sort, limit=limit, before=cursor(page.newer))
        assert back == pages[number]
        assert page.older
        assert bool(page.newer) is (number > 0)
    return [row for rows in pages for row in rows]


def cursor(text: str) -> Cursor:
    found = parse_cursor(text, 2)
    assert found is not None
    return found


@pytest.mark.parametrize("limit", [1, 7, 24, 50])
def test_pages_of_any_size_hold_each_pilot_once_in_order(log: MadeLog, limit: int) -> None:
    with log.store.reading() as connection:
        shelf = Shelf(connection)
        newest = all_pages(shelf, "newest", limit)
        assert [row.entry for row in newest] == sorted((row.entry for row in newest), reverse=True)
        value = all_pages(shelf, "value", limit)
        assert [(row.budget_minor, row.entry) for row in value] == sorted(
            ((row.budget_minor, row.entry) for row in value), reverse=True
        )
        closing = all_pages(shelf, "closing", limit)
        still = [row for row in closing if row.stage == "open"]
        over = [row for row in closing if row.stage != "open"]
        assert closing == still + over
        assert [(row.closes, row.entry) for row in still] == sorted((row.closes, row.entry) for row in still)
        assert [row.entry for row in over] == sorted((row.entry for row in over), reverse=True)
        assert len(newest) == len(value) == len(closing) == 24


def test_filters_and_counts_agree(log: MadeLog) -> None:
    with log.store.reading() as connection:
        shelf = Shelf(connection)
        everything = all_pages(shelf, "newest", 100)
        for wish in (
            Wish(),
            Wish(agency="agency:weller"),
            Wish(terms=("number",)),
            Wish(skill="gis-mapping", place="weller"),
        ):
            rows = all_pages(shelf, "newest", 100, wish)
            assert count_opportunities(shelf, wish, AT) == len(rows)
            for state, count in count_by_stage(shelf, wish, AT).items():
                narrowed = Wish(**{**dict(zip(wish.__struct_fields__, wish_values(wish), strict=True)), "state": state})
                assert count == len(all_pages(shelf, "newest", 100, narrowed))
        assert sum(count for _, _, count in count_by_agency(shelf, Wish(), AT)) == len(everything)
        assert sum(count for _, _, count in count_by_place(shelf, Wish(), AT)) == len(everything)
        assert sum(count_by_value(shelf, Wish(), AT).values()) == len(everything)
        for name, (low, high) in VALUES.items():
            rows = all_pages(shelf, "newest", 100, Wish(value=name))
            assert all(low <= row.budget_minor and (high is None or row.budget_minor < high) for row in rows)
            assert count_by_value(shelf, Wish(), AT).get(name, 0) == len(rows)
        for slug, _, count in count_by_skill(shelf, Wish(), AT):
            assert count == len(all_pages(shelf, "newest", 100, Wish(skill=slug)))


def wish_values(wish: Wish) -> list[object]:
    return [getattr(wish, name) for name in wish.__struct_fields__]


def test_a_search_finds_beginnings_of_words_in_any_order(log: MadeLog) -> None:
    with log.store.reading() as connection:
        shelf = Shelf(connection)
        for terms, expected in (
            (("septic",), 1),
            (("sep", "book"), 1),
            (("zolw",), 1),
            (("telephone",), 24),
            (("elephone",), 0),
            (("septic", "numbered"), 0),
            (("%",), 0),
        ):
            assert count_opportunities(shelf, Wish(terms=terms), AT) == expected, terms


def test_every_condition_carries_its_values_apart() -> None:
    wish = Wish(terms=("a",), state="closed", agency="x' OR 1=1", place="p", value="under-10k", skill="s")
    where, values = conditions(wish, AT)
    assert "OR 1=1" not in where
    assert where.count("?") == len(values)
    assert set(SORTS) == {"closing", "newest", "value"}


@pytest.mark.parametrize(
    "text", ["", "x", "2~a~1", "0~a", "0~a~-1", "0~a b~1", "0~a~1 ", "0~a~1\n", "0~a~9999999999999999"]
)
def test_cursors_have_one_spelling(text: str) -> None:
    assert parse_cursor(text, 2) is None
    assert str(cursor("1~2026-03-01T00:00:00.000Z~17")) == "1~2026-03-01T00:00:00.000Z~17"


def test_promises_count_once_at_their_last_station(log: MadeLog) -> None:
    log.act("plan:other", promise())
    with log.store.reading() as connection:
        shelf = Shelf(connection)
        (kept,) = promises_kept(shelf)
        assert (kept.promised, kept.waiting, kept.published, kept.awarded, kept.dropped) == (2, 1, 0, 1, 0)
        assert [row.state for row in find_plans(shelf)] == ["awarded", "planned"]
        assert [row.id for row in find_plans(shelf, state="planned")] == ["plan:other"]
        assert find_plans(shelf, agency="agency:weller") == []


def test_awards_are_summed_by_currency(log: MadeLog) -> None:
    with log.store.reading() as connection:
        shelf = Shelf(connection)
        (found,), _ = find_awards(shelf, agency="agency:harlan", firm="firm:blue-ridge", year="2026", final=True)
        assert (found.title, found.bids) == ("Book a septic inspection", 1)
        assert sum_awards(shelf) == [("USD", 950_000, 1)]
        assert find_awards(shelf, year="2025")[0] == []


def test_versions_deadlines_and_documents_are_told(log: MadeLog) -> None:
    with log.store.reading() as connection:
        shelf = Shelf(connection)
        size = size_read(shelf)
        assert size == log.store.head(connection).size
        assert versions_of(shelf, ["opportunity:n22", "ledger", "firm:nobody"]) == {
            "opportunity:n22": size - 1,
            "ledger": size - 1,
            "firm:nobody": -1,
        }
        assert versions_of(shelf, []) == {}
        assert {name for name, _ in changed_since(shelf, size - 2)} >= {"opportunity:n22", "opportunities", "ledger"}
        assert changed_since(shelf, size - 1) == []
        first = next_deadline(shelf, AT)
        assert first is not None
        assert first > AT
        assert next_deadline(shelf, format_time(parse_time(instant(99)))) is None
        assert next_deadline(shelf, AT, agency="agency:nobody") is None
        assert media_type_of(shelf, POLICY.digest) == "application/json"
        assert media_type_of(shelf, "0" * 64) is None
