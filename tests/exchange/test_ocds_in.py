"""Recorded processes are taken whole or skipped whole, by line and reason."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from portal.exchange.ocds_in import Process, read_releases
from tests.exchange.ocds_lines import RELEASE, bid, lines, release

DETAILS = RELEASE["bids"]["details"]


def only(data: bytes) -> Process:
    processes, problems = read_releases(data)
    assert problems == []
    (process,) = processes
    return process


def test_a_process_is_read_with_exact_amounts_and_instants_in_utc() -> None:
    process = only(lines(RELEASE))
    assert [(row.tenderer.id, row.amount_minor) for row in process.bids] == [("A", 90000), ("B", 80050), ("A", 70000)]
    assert process.closes == datetime(2016, 3, 4, 12, tzinfo=UTC)
    assert (process.recorded.supplier, process.recorded.amount_minor) == ("A", 70000)
    assert (process.buyer.id, process.value_minor) == ("US-1", 350000)


def test_text_becomes_what_the_ledger_takes() -> None:
    process = only(lines(release(tender__description="A\r\nB\tC\u202e\x07\r", tender__title="e\u0301")))
    assert process.text == "A\nB C"
    assert process.title == "\u00e9"
    canonical.check(process.text)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda rows: json.dumps(rows).encode(), id="array"),
        pytest.param(lambda rows: json.dumps({"uri": "x", "releases": rows}, indent=1).encode(), id="release-package"),
        pytest.param(
            lambda rows: json.dumps({"records": [{"ocid": r["ocid"], "compiledRelease": r} for r in rows]}).encode(),
            id="record-package",
        ),
        pytest.param(lambda rows: lines(*rows), id="lines"),
        pytest.param(lambda rows: b"\n" + lines(*rows) + b"\n\n", id="blank-lines"),
    ],
)
def test_lines_arrays_and_packages_say_the_same(shape: Any) -> None:
    rows = [RELEASE, release(ocid="ocds-test-2")]
    processes, problems = read_releases(shape(rows))
    assert [process.ocid for process in processes] == ["ocds-test-1", "ocds-test-2"]
    assert problems == []


def test_bids_that_did_not_count_in_the_record_are_left_out() -> None:
    rows = [*DETAILS, bid(4, "C", 1, status="withdrawn"), bid(5, "D", 1, status="disqualified")]
    assert len(only(lines(release(bids__details=rows))).bids) == 3


DIRTY = {
    "json-malformed": b'{"ocid": ',
    "json-nan": b'{"ocid": NaN}',
    "json-key-twice": b'{"ocid": "a", "ocid": "b"}',
    "json-no-utf8": b'{"ocid": "\xff"}',
    "release-no-object": b"[]",
    "release-not-compiled": release(tag=["tender"]),
    "tag-text": release(tag="compiled"),
    "ocid-missing": release(ocid=None),
    "ocid-blank": release(ocid=" "),
    "tender-missing": release(tender=None),
    "tender-not-awarded": release(tender__status="cancelled"),
    "period-missing": release(tender__tenderPeriod=None),
    "period-start-missing": release(tender__tenderPeriod={"endDate": "2016-03-04T12:00:00Z"}),
    "period-order": release(tender__tenderPeriod__endDate="2016-03-01T12:00:00Z"),
    "date-malformed": release(tender__tenderPeriod__endDate="the fourth"),
    "date-without-zone": release(tender__tenderPeriod__endDate="2016-03-04T12:00:00"),
    "date-out-of-range": release(tender__tenderPeriod__startDate="1901-03-04T12:00:00Z"),
    "bids-missing": release(bids=None),
    "bids-details-missing": release(bids={}),
    "bids-none": release(bids__details=[]),
    "bid-no-object": release(bids__details=["x"]),
    "bid-id-missing": release(bids__details=[{**bid(1, "A", 5), "id": None}]),
    "bid-repeated": release(bids__details=[bid(1, "A", 5), bid(1, "B", 6)]),
    "bid-tenderers-two": release(bids__details=[bid(1, "A", 5, tenderers=[{"id": "A"}, {"id": "B"}])]),
    "bid-tenderers-none": release(bids__details=[bid(1, "A", 5, tenderers=[])]),
    "party-without-id": release(bids__details=[bid(1, "A", 5, tenderers=[{"name": "A"}])]),
    "bid-date-missing": release(bids__details=[{**bid(1, "A", 5), "date": None}]),
    "bid-early": release(bids__details=[bid(1, "A", 5, "2016-03-01T11:59:59Z")]),
    "bid-at-close": release(bids__details=[bid(1, "A", 5, "2016-03-04T12:00:00Z")]),
    "bid-value-missing": release(bids__details=[{**bid(1, "A", 5), "value": None}]),
    "bid-currency": release(bids__details=[bid(1, "A", 5), bid(2, "B", 5, value={"amount": 5, "currency": "EUR"})]),
    "currency-missing": release(bids__details=[bid(1, "A", 5, value={"amount": 5})]),
    "currency-lower": release(bids__details=[bid(1, "A", 5, value={"amount": 5, "currency": "usd"})]),
    "amount-text": release(bids__details=[bid(1, "A", "5")]),
    "amount-true": release(bids__details=[bid(1, "A", True)]),
    "amount-null": release(bids__details=[bid(1, "A", None)]),
    "amount-fraction": release(bids__details=[bid(1, "A", 5.001)]),
    "amount-negative": release(bids__details=[bid(1, "A", -5)]),
    "amount-too-large": release(bids__details=[bid(1, "A", 10**20)]),
    "amount-huge-exponent": lines(RELEASE).replace(b"800.5", b"8e99999999").strip(),
    "buyer-missing": release(buyer=None),
    "buyer-without-id": release(buyer={"name": "An agency"}),
    "award-missing": release(awards=None),
    "award-not-active": release(awards=[{**RELEASE["awards"][0], "status": "cancelled"}]),
    "awards-many": release(awards=[RELEASE["awards"][0], {**RELEASE["awards"][0], "id": "2"}]),
    "award-suppliers": release(awards=[{"status": "active", "suppliers": []}]),
    "award-currency": release(
        awards=[{"suppliers": [{"id": "A"}], "value": {"amount": 1, "currency": "EUR"}}],
    ),
}
REASONS = {
    "json-nan": "json-malformed",
    "json-key-twice": "json-malformed",
    "json-no-utf8": "json-malformed",
    "tag-text": "release-not-compiled",
    "ocid-blank": "ocid-missing",
    "period-start-missing": "date-missing",
    "bids-details-missing": "bids-missing",
    "bids-none": "bids-missing",
    "bid-id-missing": "id-missing",
    "bid-tenderers-two": "bid-tenderers",
    "bid-tenderers-none": "bid-tenderers",
    "bid-date-missing": "date-missing",
    "bid-early": "bid-outside-period",
    "bid-at-close": "bid-outside-period",
    "bid-value-missing": "value-missing",
    "currency-lower": "currency-missing",
    "amount-text": "amount-missing",
    "amount-true": "amount-missing",
    "amount-null": "amount-missing",
    "amount-huge-exponent": "amount-too-large",
    "buyer-without-id": "party-without-id",
    "award-not-active": "award-missing",
}


@pytest.mark.parametrize("name", DIRTY)
def test_a_dirty_line_is_named_and_skipped_and_the_next_is_read(name: str) -> None:
    row = DIRTY[name]
    dirty = row if isinstance(row, bytes) else json.dumps(row).encode()
    good = lines(release(ocid="ocds-test-good"))
    processes, problems = read_releases(good + dirty + b"\n" + lines(release(ocid="ocds-test-last")))
    assert [process.ocid for process in processes] == ["ocds-test-good", "ocds-test-last"]
    assert [(problem.line, problem.reason) for problem in problems] == [(2, REASONS.get(name, name))]
    assert str(problems[0]).startswith(f"line 2: {REASONS.get(name, name)}")


def test_a_repeated_process_is_skipped_the_second_time() -> None:
    processes, problems = read_releases(lines(RELEASE, RELEASE))
    assert len(processes) == 1
    assert [(problem.line, problem.reason) for problem in problems] == [(2, "ocid-repeated")]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_named_never_a_crash(data: bytes) -> None:
    processes, problems = read_releases(data)
    assert processes == []
    assert all(problem.reason for problem in problems)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(["ocid", "buyer", "tender", "bids", "awards"]), JSON)
def test_any_field_of_any_type_is_read_or_named_never_a_crash(field: str, value: Any) -> None:
    processes, problems = read_releases(lines({**RELEASE, field: value}))
    assert len(processes) + len(problems) == 1
