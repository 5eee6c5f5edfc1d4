"""Nobody who holds the whole server, and fewer keys than needed, reads a bid before it is opened."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from ledger.commitments import Opening, verify_opening
from ledger.keys import load_key
from ledger.sealing import open_envelope
from portal.commands.erase_fields import erase_fields
from portal.procurement.case import Case
from portal.procurement.verdicts import pinned
from portal.recompute import recompute
from tests.portal.town import PILOT, Town, master_of, refusal_of

MARKED = "MARKED-SECRET-APPROACH"


def _all_bytes(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()


def _secrets(town: Town) -> list[bytes]:
    texts = [text for text in town.texts.values() if MARKED.encode() in text]
    master = master_of("creek")
    return [MARKED.encode(), b'firm:creek","key"', master.secret, master.seed("proposal"), master.seed("offer"), *texts]


def test_the_whole_data_folder_holds_no_bid_text_before_the_opening(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(open_town)
    town.bid("creek", proposal={"approach": MARKED})
    town.office.publish()
    town.close()
    town.office.publish()
    for path, data in _all_bytes(town.office.folder.root):
        for secret in _secrets(town):
            assert secret not in data, path
            assert secret.hex().encode() not in data, path


def test_one_keeper_and_the_operator_together_open_nothing(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    town.bid("creek", proposal={"approach": MARKED})
    case = town.case()
    one = _privates(town, case, 1)
    for bid in case.bids.values():
        for label, name in (("proposal", bid.seal.proposal), ("offer", bid.seal.offer)):
            envelope = town.office.vault.envelope(name)
            assert envelope is not None
            terms = pinned(case, label, town.office.origin)  # type: ignore[arg-type]  # two labels
            released = {number: keys[label] for number, keys in one.items()}
            attempt = partial(open_envelope, terms, bytes.fromhex(bid.key), envelope, released)
            assert refusal_of(attempt) == "keys-too-few"
    for secret in (town.office.folder.operator_secret, *town.office.folder.keys.iterdir()):
        assert MARKED.encode() not in secret.read_bytes()
    operator = load_key(town.office.folder.operator_secret).seed
    for seat in range(1, 4):
        refused = refusal_of(
            lambda seat=seat: open_envelope(
                pinned(case, "proposal", town.office.origin),
                bytes.fromhex(next(iter(case.bids))),
                b"",
                {seat: operator, **{n: k["proposal"] for n, k in one.items() if n != seat}},
            )
        )
        assert refused in {"key-not-registered", "keys-too-few"}


def _privates(town: Town, case: Case, count: int) -> dict[int, dict[str, bytes]]:
    found = {}
    for number, seat in list(enumerate(case.notice.sealing.seats, 1))[:count]:
        pack = town.packs[seat.keeper.removeprefix("keeper:")]
        found[number] = {
            label: pack.private_for(bytes.fromhex(getattr(seat, label))) for label in ("proposal", "offer")
        }
    return found


def test_editing_the_database_by_hand_is_refused_or_found(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    town.office.publish()
    database = sqlite3.connect(town.office.folder.root / "ledger.sqlite")
    for attempt in (
        "DELETE FROM ledger_entry",
        "UPDATE ledger_entry SET subject = 'x:y'",
        "UPDATE ledger_head SET size = 1",
    ):
        with pytest.raises(sqlite3.DatabaseError):
            database.execute(attempt)
        database.rollback()
    database.close()


def test_erasing_value_and_salt_leaves_the_record_valid_and_a_guess_unprovable(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(open_town)
    act = town.appoint("zoe", ["evaluate"], None).act
    kept = {opening["path"]: opening for opening in town.office.vault.openings(act.statement_hash)}
    verify_opening("appointment-made", kept["name"], act.commitments)
    erase_fields(town.office, act.index, "erasure-request", "Asked by the person.")
    assert town.office.vault.openings(act.statement_hash) == []
    guess = Opening(path="name", salt="0" * 64, value="Zoe")
    assert refusal_of(lambda: verify_opening("appointment-made", guess, act.commitments)) == "commitment-missing"
    assert refusal_of(lambda: erase_fields(town.office, act.index, "erasure-request", "Again.")) == "nothing-kept"
    assert refusal_of(lambda: erase_fields(town.office, 10_000, "erasure-request", "x")) == "entry-unknown"
    assert refusal_of(lambda: erase_fields(town.office, 0, "erasure-request", "x")) == "nothing-kept"
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []
    for path, data in _all_bytes(town.office.folder.root):
        assert kept["name"]["salt"].encode() not in data, path


def test_a_backup_of_the_vault_taken_before_the_opening_reads_nothing(open_town: Town, tmp_path: Path) -> None:
    shutil.copytree(open_town.office.vault.folder, tmp_path / "vault")
    for path, data in _all_bytes(tmp_path / "vault" / "envelopes"):
        assert b"answers" not in data, path
        assert b"approach" not in data, path
    assert open_town.case(PILOT).released == {}
