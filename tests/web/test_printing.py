"""How values are printed."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.procurement.money import Money
from portal.web import printing
from portal.web.diff import LONGEST, diff_words
from portal.web.views.frame import Moment

NOON = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
MOMENTS = {
    "agency behind UTC": ("America/New_York", NOON, "Tue 3 March 2026, 12:00 EST", "17:00 UTC"),
    "summer time": (
        "America/New_York",
        datetime(2026, 7, 1, 17, tzinfo=UTC),
        "Wed 1 July 2026, 13:00 EDT",
        "17:00 UTC",
    ),
    "day differs": ("Pacific/Auckland", NOON, "Wed 4 March 2026, 06:00 NZDT", "3 March, 17:00 UTC"),
    "zone without a name": ("America/Sao_Paulo", NOON, "Tue 3 March 2026, 14:00 UTC-03", "17:00 UTC"),
}


@pytest.mark.parametrize(("zone", "at", "local", "utc"), MOMENTS.values(), ids=MOMENTS)
def test_a_moment_is_printed_in_both_zones(zone: str, at: datetime, local: str, utc: str) -> None:
    moment = Moment(at, zone)
    assert printing.local_time(moment).replace("\u00a0", " ") == local
    assert printing.utc_time(moment).replace("\u00a0", " ") == utc


def test_a_moment_in_utc_is_printed_once() -> None:
    assert printing.moment_html(Moment(NOON)).striptags().replace("\u00a0", " ") == "Tue 3 March 2026, 17:00 UTC"


def test_the_machine_reads_the_instant() -> None:
    assert 'datetime="2026-03-03T17:00:00.000Z"' in printing.moment_html(Moment(NOON, "America/New_York"))


@pytest.mark.parametrize(
    ("minor", "currency", "printed"),
    [
        (4_100_000, "USD", "41,000 USD"),
        (4_100_050, "USD", "41,000.50 USD"),
        (98_765_432_100, "USD", "987,654,321 USD"),
        (500, "JPY", "500 JPY"),
    ],
)
def test_money_keeps_its_currency_on_the_same_line(minor: int, currency: str, printed: str) -> None:
    assert printing.money(Money(minor, currency)) == printed.replace(" ", "\u00a0")


@pytest.mark.parametrize(("hundredths", "printed"), [(7250, "72.50"), (5, "0.05"), (0, "0.00"), (-150, "-1.50")])
def test_points_show_both_digits(hundredths: int, printed: str) -> None:
    assert printing.points(hundredths) == printed


def test_days_quarters_and_lengths() -> None:
    assert printing.day(date(2026, 3, 3)) == "3\u00a0March\u00a02026"
    assert printing.quarter("2026-q2") == "Q2\u00a02026"
    assert printing.size(999) == "999\u00a0bytes"
    assert printing.size(16_384) == "16\u00a0kB"


def test_a_change_is_marked_word_by_word() -> None:
    parts = diff_words("Two residents and a clerk book.", "Two residents and one clerk book.")
    assert [(part.kind, part.text) for part in parts] == [
        ("same", "Two residents and "), ("gone", "a"), ("new", "one"), ("same", " clerk book."),
    ]  # fmt: skip


def test_neighbouring_words_that_change_are_one_change() -> None:
    parts = diff_words("forms, most used first; as web forms", "forms, 12 of them; as web forms")
    assert [(part.kind, part.text) for part in parts] == [
        ("same", "forms, "), ("gone", "most used first;"), ("new", "12 of them;"), ("same", " as web forms"),
    ]  # fmt: skip


@given(st.text(alphabet="ab \n", max_size=60), st.text(alphabet="ab \n", max_size=60))
def test_nothing_is_left_out_of_a_change(before: str, after: str) -> None:
    parts = diff_words(before, after)
    assert "".join(part.text for part in parts if part.kind != "new") == before
    assert "".join(part.text for part in parts if part.kind != "gone") == after


def test_a_huge_change_is_shown_whole_and_fast() -> None:
    assert [part.kind for part in diff_words("a " * LONGEST, "b")] == ["gone", "new"]
