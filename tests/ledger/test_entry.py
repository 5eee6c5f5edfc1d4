from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import batch, canonical, entry, instants, keys, statement
from ledger.errors import LedgerError, MalformedError
from tests.ledger import vectors

KNOWN = vectors.load("entry")
FIRST, SECOND = (KNOWN["cases"][name]["entry"].encode() for name in ("first entry", "second entry"))
ASSERTED = json.loads(SECOND) | {
    "signatures": json.loads(vectors.load("passkey")["cases"]["made by Chromium, es256"]["signed"])["signatures"]
}
ASSERTED["statement"]["author"] = ASSERTED["signatures"][0]["key"]
PASSKEY = canonical.encode(ASSERTED)
"""An entry of the right form, signed by a passkey, though not over this."""
ONE, TWO, THREE = (keys.SigningKey.from_seed(bytes([number]) * 32) for number in (1, 2, 3))


def data_of(case: dict[str, Any]) -> bytes:
    if "text" in case:
        parsed = json.loads(FIRST)
        parsed["statement"]["body"]["text"] = "a" * case["text"]
        return canonical.encode(parsed)
    return vectors.data_of(case, "entry")


@pytest.mark.parametrize("case", vectors.named(KNOWN["cases"]))
def test_an_entry_is_read_in_its_one_spelling_or_refused_by_name(case: dict[str, Any]) -> None:
    data = data_of(case)

    def read() -> None:
        assert entry.encode_entry(entry.parse_entry(data)) == data

    assert vectors.outcome(read) == case["refused"]


@pytest.mark.parametrize("case", vectors.named(KNOWN["cases"]))
def test_reading_many_at_once_refuses_the_same_entries_by_the_same_name(case: dict[str, Any]) -> None:
    data = data_of(case)
    assert vectors.outcome(lambda: batch.parse_entries([FIRST, data, SECOND])) == case["refused"]
    if case["refused"] is None:
        assert batch.parse_entries([FIRST, data]) == [entry.parse_entry(FIRST), entry.parse_entry(data)]


def test_reading_none_at_once_gives_none() -> None:
    assert batch.parse_entries([]) == []


def test_reading_hundreds_at_once_gives_each_in_order() -> None:
    parsed = [entry.parse_entry(FIRST), entry.parse_entry(SECOND)]
    assert batch.parse_entries([FIRST, SECOND] * 100) == parsed * 100


def test_entries_cannot_be_split_otherwise_than_they_are() -> None:
    """Joined by line feeds, two wrong entries could read as two right ones."""
    middle = SECOND.index(b',"previous"')
    assert vectors.outcome(lambda: batch.parse_entries([FIRST + b"\n" + SECOND, b""])) == "json-syntax"
    assert (
        vectors.outcome(lambda: batch.parse_entries([FIRST + b"\n" + SECOND[:middle], SECOND[middle:]]))
        == "json-syntax"
    )
    assert vectors.outcome(lambda: batch.parse_entries([FIRST, b"", SECOND])) == "json-syntax"


@pytest.mark.parametrize("whole", [SECOND, PASSKEY], ids=["raw keys", "passkey"])
def test_every_flipped_byte_is_refused_or_another_entry(whole: bytes) -> None:
    """One at a time and among others; what still reads back has another leaf hash."""
    assert batch.parse_entries([FIRST, whole]) == [entry.parse_entry(FIRST), entry.parse_entry(whole)]
    for at in range(len(whole)):
        for mask in (0x01, 0x20, 0x80):
            changed = whole[:at] + bytes([whole[at] ^ mask]) + whole[at + 1 :]
            alone = vectors.outcome(lambda: entry.parse_entry(changed))  # noqa: B023 -- called at once
            assert vectors.outcome(lambda: batch.parse_entries([FIRST, changed])) == alone  # noqa: B023 -- called at once
            assert entry.leaf_hash(changed) != entry.leaf_hash(whole)


def parts(case: dict[str, Any]) -> tuple[bytes, bytes]:
    """Cut an entry's signed statement and bare statement out, spelled as they were."""
    value = json.loads(data_of(case))
    signed = {"signatures": value["signatures"], "statement": value["statement"]}
    dump = lambda part: json.dumps(part, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()  # noqa: E731 -- twice, here
    return dump(signed), dump(value["statement"])


OF_STATEMENTS = ("statement-", "json-key", "json-number", "json-character", "json-normal-form", "json-depth")
OF_SIGNATURES = ("signature",)


@pytest.mark.parametrize(
    "case",
    vectors.named(
        {name: case for name, case in KNOWN["cases"].items() if (case["refused"] or "").startswith(OF_STATEMENTS)}
    ),
)
def test_a_wrong_statement_is_refused_signed_or_bare_by_the_same_name(case: dict[str, Any]) -> None:
    signed, bare = parts(case)
    assert vectors.outcome(lambda: entry.parse_signed(signed)) == case["refused"]
    assert vectors.outcome(lambda: entry.parse_statement(bare)) == case["refused"]


@pytest.mark.parametrize(
    "case",
    vectors.named(
        {name: case for name, case in KNOWN["cases"].items() if (case["refused"] or "").startswith(OF_SIGNATURES)}
    ),
)
def test_wrong_signatures_are_refused_by_the_same_name_before_they_stand_in_the_log(case: dict[str, Any]) -> None:
    assert vectors.outcome(lambda: entry.parse_signed(parts(case)[0])) == case["refused"]


def test_a_statement_too_large_for_any_entry_is_refused_before_it_is_read() -> None:
    for read in (entry.parse_signed, entry.parse_statement):
        assert vectors.outcome(lambda: read(b" " * 65_535)) == "json-syntax"  # noqa: B023 -- called at once
        assert vectors.outcome(lambda: read(b" " * 65_536)) == "entry-size"  # noqa: B023 -- called at once


def with_keys(*keys: str) -> bytes:
    value = json.loads(FIRST)
    value["statement"]["body"] = dict.fromkeys(keys, 1)
    return canonical.encode(value) + b"\n"


def test_a_reader_learns_the_keys_of_a_log_and_refuses_bad_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "known_keys", set())
    reader = batch._Reader()
    assert len(reader.read(with_keys("a"))) == reader._built_for == 1
    canonical.known_keys.clear()
    reader = batch._Reader()
    plain = [entry.parse_entry(line.rstrip()) for line in (with_keys("a"), with_keys("b"))]
    canonical.known_keys.clear()
    for _ in range(2):  # first by looking at each key, then by the decoder's type
        assert reader.read(with_keys("a") + with_keys("b")) == plain
        assert vectors.outcome(lambda: reader.read(with_keys("a") + with_keys("A"))) == "json-key"
    assert canonical.known_keys == {"a", "b"}


def test_a_key_is_ruled_out_only_while_every_key_read_so_far_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    together = batch.read_together([FIRST])
    assert together is not None
    monkeypatch.setattr(canonical, "known_keys", {"media_type", "text"})
    assert together.may_hold("text")
    assert not together.may_hold("media_type")
    canonical.known_keys.remove("text")
    assert not together.may_hold("text")
    monkeypatch.setattr(canonical, "_KNOWN_KEYS_LIMIT", 1)
    assert together.may_hold("text")
    assert not together.may_hold("media_type")


def test_a_new_key_is_looked_at_and_then_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "known_keys", set())
    monkeypatch.setattr(batch, "_PATIENCE", 3)
    reader = batch._Reader()
    reader.read(with_keys(*"abcdefgh"))
    reader.read(with_keys("i"))
    built = reader._fast
    for _ in range(2):
        assert len(reader.read(with_keys("i"))) == 1
        assert reader._fast is (built if reader._missed else reader._fast)
    assert (reader._built_for, reader._missed) == (9, 0)
    assert reader._fast is not built
    reader.read(with_keys("i"))
    assert reader._missed == 0


def test_the_memory_for_good_names_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_NAMES_LIMIT", 2)
    names = batch._Names(statement.KIND)
    assert names.are_right({"a", "b"})
    assert names.are_right({"c"})
    assert not names.are_right({"a", "D"})
    assert names._good == {"a", "b"}


FIELDS = st.sampled_from(
    [
        ("index",),
        ("previous",),
        ("signatures",),
        ("signatures", 0, "key"),
        ("signatures", 0, "signature"),
        ("signatures", 0, "assertion"),
        ("signatures", 0, "assertion", "client_data"),
        ("statement",),
        ("statement", "author"),
        ("statement", "body"),
        ("statement", "body", "title"),
        ("statement", "commitments"),
        ("statement", "commitments", 0),
        ("statement", "kind"),
        ("statement", "log"),
        ("statement", "nonce"),
        ("statement", "seen"),
        ("statement", "seen", "root"),
        ("statement", "subject"),
        ("time",),
    ]
)
REPLACEMENTS = (
    st.none()
    | st.integers(-3, 2**54)
    | st.text(max_size=6)
    | st.sampled_from(
        ["\x7f", "é", "e\u0301", "\\u", "a\nb", "\t", "a" * 64, "0" * 32, "\ud83d\ude00", [], {}, {"A": 1}, 1.5]
    )
    | st.dictionaries(st.text("aA_1é", max_size=2), st.text('a\n\t\x7f\\"é\u0301', max_size=3), max_size=2)
)


@given(
    st.lists(st.tuples(FIELDS, REPLACEMENTS), min_size=1, max_size=2),
    st.sampled_from(["plain", "escaped"]),
    st.sampled_from([SECOND, PASSKEY]),
)
def test_fast_and_plain_reading_agree_on_any_entry(
    changes: list[tuple[tuple[str | int, ...], Any]], spelling: str, whole: bytes
) -> None:
    value = json.loads(whole)
    for path, replacement in changes:
        place = value
        try:
            for step in path[:-1]:
                place = place[step]
            if isinstance(place, dict) == isinstance(path[-1], str):  # a number would be a new key of an object
                place[path[-1]] = copy.deepcopy(replacement)
        except (KeyError, IndexError, TypeError):
            continue
    data = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=spelling == "escaped").encode(
        "utf-8", "surrogatepass"
    )
    alone = vectors.outcome(lambda: entry.parse_entry(data))
    assert vectors.outcome(lambda: batch.parse_entries([FIRST, data, SECOND])) == alone
    assert (vectors.outcome(lambda: read_plainly(data)) is None) == (alone is None)


def read_plainly(data: bytes) -> None:
    """Read as slowly as can be: the whole value through the profile's walk, every field through the plain checks."""
    canonical.check(canonical.decode(data))
    parsed = canonical.parse(entry.ENTRY_DECODER, data)
    statement.check_statement(parsed.statement)
    statement.check_signatures(parsed.signatures, parsed.statement.author)
    instants.parse_time(parsed.time)
    if statement.HASH.fullmatch(parsed.previous) is None:
        raise MalformedError("entry-previous", "not a leaf hash")


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_as_entry_statement_and_signed_statement(data: bytes) -> None:
    for read in (entry.parse_entry, entry.parse_signed, entry.parse_statement):
        assert vectors.outcome(lambda: read(data)) is not None  # noqa: B023 -- called at once


def make(**fields: Any) -> entry.Statement:
    usual = {
        "log": "log.example/test",
        "kind": "question-asked",
        "subject": "firm:a",
        "body": {"text": "Why?"},
        "author": ONE.key_id,
    }
    return entry.make_statement(**(usual | fields))


def test_a_statement_is_signed_and_verified_with_all_that_it_says() -> None:
    seen = entry.Seen(root="ab" * 32, size=3)
    made = make(commitments=["22" * 32, "11" * 32], seen=seen, nonce="0" * 32)
    assert made.commitments == ["11" * 32, "22" * 32]
    signed = entry.sign(made, ONE, TWO)
    verified = entry.verify_signed(signed)
    assert verified.bytes == entry.encode_statement(made)
    assert verified.hash == entry.statement_hash(made)
    assert verified.keys == tuple(sorted([ONE.key_id, TWO.key_id]))
    assert entry.parse_signed(canonical.encode(signed)) == verified.signed == signed
    assert entry.parse_statement(verified.bytes) == verified.statement == made


def test_nonces_are_drawn_at_random() -> None:
    assert make().nonce != make().nonce


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"author": "me"}, "statement-author"),
        ({"body": {"price": 1.5}}, "json-number"),
        ({"body": {"A": 1}}, "json-key"),
        ({"body": [1]}, "statement-body"),
        ({"body": {"a": [[[[[[1]]]]]]}}, "json-depth"),
        ({"commitments": ["11" * 32] * 2}, "statement-commitments"),
        ({"kind": "Question"}, "statement-kind"),
        ({"log": "a b"}, "statement-log"),
        ({"nonce": "0"}, "statement-nonce"),
        ({"seen": entry.Seen(root="ab" * 32, size=-1)}, "statement-seen"),
        ({"seen": entry.Seen(root="ab" * 32, size=2**53)}, "statement-seen"),
        ({"subject": "a"}, "statement-subject"),
    ],
)
def test_a_wrong_statement_is_refused_before_anyone_signs_it(fields: dict[str, Any], reason: str) -> None:
    assert vectors.outcome(lambda: make(**fields)) == reason


def test_a_second_person_signs_the_same_bytes() -> None:
    draft = entry.sign(make(), ONE)
    both = entry.add_signature(draft, TWO)
    assert both == entry.sign(draft.statement, TWO, ONE)
    entry.verify_signed(both)
    assert vectors.outcome(lambda: entry.add_signature(draft, ONE)) == "signature-repeated"
    assert vectors.outcome(lambda: entry.add_signature(both, THREE)) == "signatures-count"


def test_a_draft_without_its_author_is_not_verified() -> None:
    draft = entry.sign(make(), TWO)
    assert vectors.outcome(lambda: entry.verify_signed(draft)) == "signature-author"
    entry.verify_signed(entry.add_signature(draft, ONE))


def test_a_signature_over_another_statement_is_refused() -> None:
    signed, other = entry.sign(make(), ONE), make()
    forged = entry.Signed(signatures=signed.signatures, statement=other)
    assert vectors.outcome(lambda: entry.verify_signed(forged)) == "signature"


def test_a_bare_statement_signature_is_no_signature_over_the_statement() -> None:
    """The prefix keeps what people sign here apart from anything else their key may sign."""
    made = make()
    bare = entry.Signature(key=ONE.key_id, signature=ONE.sign(entry.encode_statement(made)))
    assert vectors.outcome(lambda: entry.verify_signed(entry.Signed(signatures=[bare], statement=made))) == "signature"
    assert entry.signing_input(b"{}") == b"daylight-act-v1\0{}"


def test_the_worked_entries_verify_and_hash_as_stated() -> None:
    for data, leaf, hashed in zip((FIRST, SECOND), KNOWN["leaf_hashes"], KNOWN["statement_hashes"], strict=True):
        parsed = entry.parse_entry(data)
        signed = entry.Signed(signatures=parsed.signatures, statement=parsed.statement)
        assert entry.verify_signed(signed).hash.hex() == hashed
        assert entry.leaf_hash(data).hex() == leaf
        assert entry.leaf_hashes([data, data]) == [bytes.fromhex(leaf)] * 2
    assert entry.parse_entry(SECOND).previous == KNOWN["leaf_hashes"][0]


def test_an_entry_that_fits_no_bundle_is_not_written() -> None:
    large = make(body={"text": "a" * 65_535})
    made = entry.Entry(index=0, previous=entry.NO_ENTRY, signatures=[], statement=large, time="")
    assert vectors.outcome(lambda: entry.encode_entry(made)) == "entry-size"


def test_time_is_written_in_utc_and_rounded_down() -> None:
    instant = datetime(2026, 3, 3, 14, 0, 0, 999_999, timezone(timedelta(hours=2)))
    assert entry.format_time(instant) == "2026-03-03T12:00:00.999Z"
    assert entry.format_time(datetime(2026, 3, 3, 12, tzinfo=UTC)) == "2026-03-03T12:00:00.000Z"
    assert entry.format_time(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000Z"
    with pytest.raises(LedgerError) as refused:
        entry.format_time(datetime(2026, 3, 3))  # noqa: DTZ001 -- that is the point
    assert refused.value.reason == "entry-time"


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_read_back_and_sort_as_texts(instant: datetime) -> None:
    text = entry.format_time(instant)
    assert entry.format_time(entry.parse_time(text)) == text
    assert entry.parse_time(text) <= instant < entry.parse_time(text) + timedelta(milliseconds=1)
