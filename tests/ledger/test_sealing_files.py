"""The receipt, the terms file, and sealing from files as the command line does."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger.bidkey import BidPapers, ContentKeys, Receipt
from ledger.errors import LedgerError, MalformedError
from ledger.linefile import write_line
from ledger.sealing import BidMaster, TermsFile, Valid, new_receipt, seal, seal_from_files
from tests.ledger.plain_sealing import made_up, public_of
from tests.ledger.sealed_cases import MASTER, notice_of, pinned_of, verdicts

PROPOSAL, OFFER = notice_of(3, 2), notice_of(3, 2, label="offer", size=128)
TERMS = TermsFile(pinned_of(PROPOSAL), pinned_of(OFFER))
FILE = TERMS.encode()
RECEIPT = Receipt(MASTER, PROPOSAL.log, PROPOSAL.terms).encode()
GOOD = canonical.decode(FILE[:-1])


def test_a_receipt_file_is_the_owners_alone_and_gives_the_master_back(tmp_path: Path) -> None:
    path = tmp_path / "receipt"
    MASTER.save(path, log=PROPOSAL.log, terms=PROPOSAL.terms)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == RECEIPT
    assert BidMaster.load(path).signing_key.public == MASTER.signing_key.public


def test_a_receipt_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "receipt"
    MASTER.save(path)
    assert path.read_bytes() == Receipt(MASTER, "", b"").encode()
    with pytest.raises(FileExistsError):
        BidMaster.generate().save(path)
    assert BidMaster.load(path).secret == MASTER.secret


def test_masters_are_drawn_and_print_nothing_of_themselves() -> None:
    one = BidMaster.generate()
    assert one.secret != BidMaster.generate().secret
    shown = repr(one) + str(one) + repr(Receipt(one, "", b""))
    assert one.secret.hex() not in shown
    assert repr(one.secret) not in shown


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_master_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(MalformedError) as caught:
        BidMaster(bytes(length))
    assert caught.value.reason == "master-length"


BROKEN_RECEIPTS = {
    "another version": {"version": "daylight-bid-receipt-v2"},
    "an unknown field": {"note": ""},
    "a short master": {"master": "00" * 31},
    "a master in upper case": {"master": MASTER.secret.hex().upper()},
    "a master that is a number": {"master": 7},
    "a terms hash of 31 bytes": {"terms": "00" * 31},
    "a log that is a list": {"log": []},
}


@pytest.mark.parametrize("change", BROKEN_RECEIPTS.values(), ids=BROKEN_RECEIPTS)
def test_a_broken_receipt_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError) as caught:
        Receipt.parse(canonical.encode({**canonical.decode(RECEIPT[:-1]), **change}) + b"\n")
    assert caught.value.reason == "receipt-file"


def test_the_command_line_seals_the_same_bytes_as_the_library() -> None:
    for label, text in (("proposal", b"a text"), ("offer", b"another")):
        sealed = seal_from_files(FILE, RECEIPT, label, text)
        assert sealed == seal(TERMS.pinned(label), MASTER, text)
    assert verdicts(OFFER, sealed) == {Valid(b"another")}


PAPERS = BidPapers(
    content_keys=ContentKeys(offer="ab" * 32, proposal="cd" * 32),
    draft='{"approach":"two\nlines"}',
    evidence=["a promise\n", "a proof\n"],
    statement="ef" * 32,
    subject="opportunity:a",
)


def test_a_receipt_with_papers_says_the_same_to_whoever_reads_only_the_master(tmp_path: Path) -> None:
    receipt = Receipt(BidMaster(bytes(32)), "a.example/log", bytes(32), PAPERS)
    assert Receipt.parse(receipt.encode())[1:] == receipt[1:]
    assert receipt.encode().splitlines(keepends=True)[0] == receipt._replace(papers=None).encode()
    path = tmp_path / "receipt"
    path.write_bytes(receipt.encode())
    assert BidMaster.load(path).secret == bytes(32)


@pytest.mark.parametrize(
    "second",
    [b"\n", b"{}\n", b"x", write_line(PAPERS)[:-1], write_line(PAPERS) * 2, write_line(PAPERS).replace(b"-v1", b"-v2")],
    ids=["empty", "no fields", "junk", "no line end", "three lines", "another version"],
)
def test_broken_papers_make_a_receipt_broken(second: bytes) -> None:
    with pytest.raises(MalformedError):
        Receipt.parse(Receipt(BidMaster(bytes(32)), "a.example/log", bytes(32)).encode() + second)


def test_a_new_receipt_is_bound_to_its_notice_and_drawn() -> None:
    one, other = new_receipt(FILE), new_receipt(FILE)
    assert one != other
    assert Receipt.parse(one)[1:3] == (PROPOSAL.log, PROPOSAL.terms)
    assert len(seal_from_files(FILE, one, "proposal", b"")) == TERMS.proposal.envelope_length


OTHER_RECEIPTS = {
    "of another notice": Receipt(MASTER, PROPOSAL.log, made_up("another notice")),
    "of another log": Receipt(MASTER, "demo.example/x", PROPOSAL.terms),
    "of no notice yet": Receipt(MASTER, "", b""),
}


@pytest.mark.parametrize("receipt", OTHER_RECEIPTS.values(), ids=OTHER_RECEIPTS)
def test_one_master_serves_one_notice(receipt: Receipt) -> None:
    with pytest.raises(MalformedError) as caught:
        seal_from_files(FILE, receipt.encode(), "proposal", b"a text")
    assert caught.value.reason == "receipt-other-notice"


def test_sealing_from_files_refuses_an_unknown_label_and_a_long_text() -> None:
    for label, text, reason in (("names", b"", "label-unknown"), ("proposal", b"x" * 61, "text-too-long")):
        with pytest.raises(MalformedError) as caught:
            seal_from_files(FILE, RECEIPT, label, text)
        assert caught.value.reason == reason


def test_the_terms_file_is_read_as_it_was_written() -> None:
    assert TermsFile.parse(FILE) == TERMS
    assert TermsFile.parse(FILE).encode() == FILE


def label(**change: object) -> dict[str, object]:
    return {"labels": {**GOOD["labels"], "offer": {**GOOD["labels"]["offer"], **change}}}


OFFER_KEYS = GOOD["labels"]["offer"]["keepers"]
BROKEN_TERMS = {
    "another version": ({"version": "daylight-terms-v2"}, "terms-file"),
    "an unknown field": ({"close": ""}, "terms-file"),
    "k that is true": ({"k": True}, "terms-file"),
    "k that is text": ({"k": "2"}, "terms-file"),
    "k that is none": ({"k": None}, "terms-file"),
    "a log that is a number": ({"log": 1}, "terms-file"),
    "a terms hash in upper case": ({"terms": PROPOSAL.terms.hex().upper()}, "terms-file"),
    "a third label": ({"labels": {**GOOD["labels"], "names": GOOD["labels"]["offer"]}}, "terms-file"),
    "one label": ({"labels": {"offer": GOOD["labels"]["offer"]}}, "terms-file"),
    "labels that are a list": ({"labels": []}, "terms-file"),
    "a size that is text": (label(size="96"), "terms-file"),
    "keepers that are text": (label(keepers=""), "terms-file"),
    "a keeper that is a number": (label(keepers=[1, 2, 3]), "terms-file"),
    "fewer keepers for one label": (label(keepers=[*OFFER_KEYS, public_of(made_up("fourth")).hex()]), "terms-file"),
    "a size below the least": (label(size=63), "size-pinned"),
    "all needed": ({"k": 3}, "keepers-threshold"),
    "a low-order keeper": (label(keepers=[*OFFER_KEYS[:2], "00" * 32]), "keeper-key-low-order"),
    "a keeper's twin": (label(keepers=[*OFFER_KEYS[:2], "ff" * 32]), "keeper-key-not-canonical"),
    "one key for both labels": (
        label(keepers=[*OFFER_KEYS[:2], GOOD["labels"]["proposal"]["keepers"][0]]),
        "keeper-key-repeated",
    ),
}


@pytest.mark.parametrize(("change", "reason"), BROKEN_TERMS.values(), ids=BROKEN_TERMS)
def test_a_broken_terms_file_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(MalformedError) as caught:
        TermsFile.parse(canonical.encode({**GOOD, **change}) + b"\n")
    assert caught.value.reason == reason


SPELLINGS = {
    "no line end": FILE[:-1],
    "two line ends": FILE + b"\n",
    "a space": FILE.replace(b":", b": ", 1),
    "a field twice": FILE.replace(b'"k":2', b'"k":1,"k":2'),
    "another order": b'{"log":"x","k":2}\n',
    "no JSON": b"terms\n",
    "nothing": b"",
}


@pytest.mark.parametrize("data", SPELLINGS.values(), ids=SPELLINGS)
def test_files_have_one_spelling(data: bytes) -> None:
    with pytest.raises(MalformedError):
        TermsFile.parse(data)


def test_a_file_without_its_line_end_is_refused_by_the_files_own_name() -> None:
    for parse, data, reason in (
        (TermsFile.parse, FILE, "terms-file"),
        (Receipt.parse, RECEIPT, "receipt-file"),
    ):
        with pytest.raises(MalformedError) as caught:
            parse(data[:-1])
        assert caught.value.reason == reason


def test_an_error_about_a_receipt_repeats_nothing_of_it() -> None:
    broken = RECEIPT.replace(b'"log"', b'"lag"')
    with pytest.raises(MalformedError) as caught:
        Receipt.parse(broken)
    assert MASTER.secret.hex() not in str(caught.value)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_refused_with_errors_of_the_ledger_only(data: bytes) -> None:
    for parse in (TermsFile.parse, Receipt.parse):
        with pytest.raises(LedgerError):
            parse(data)


@given(data=st.data())
def test_a_changed_byte_of_a_terms_file_is_refused_or_written_back_unchanged(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(FILE) - 1))
    changed = FILE[:at] + bytes([data.draw(st.integers(0, 255))]) + FILE[at + 1 :]
    try:
        terms = TermsFile.parse(changed)
    except LedgerError:
        return
    assert terms.encode() == changed
