"""
A clerk with the whole database file, no triggers in the way, and every other file of the data folder.

Whatever she writes there, nobody's act is changed by it: the office refuses to open or to publish, the auditor's tools name
it, or a later act is refused because the signature, the fingerprint or the key is not the one on record. Reading helps no
more: before the opening there is only ciphertext (`test_secrecy.py` searches every file for the words).
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ledger import canonical
from ledger.entry import leaf_hash
from ledger.verify import verify_log
from portal import projections
from portal.commands.advance import advance
from portal.commands.close_bids import close_bids
from portal.commands.office import Office
from portal.commands.open_proposals import open_proposals
from portal.commands.publish_ranking import publish_ranking
from portal.commands.submit_bid import supply_envelope
from portal.recompute import recompute
from tests.ledger_whole import assert_ledger_is_whole
from tests.portal.bidder_acts import send
from tests.portal.stations import FIRST, Copies
from tests.portal.town import PILOT, Town, refusal_of, reopened, size_of


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    made = Copies(tmp_path_factory.mktemp("clerk"))
    yield made
    made.close()


class Clerk:
    """The database file in her hands, as she may leave it behind."""

    def __init__(self, data: Path) -> None:
        self._connection = sqlite3.connect(data / "ledger.sqlite")
        names = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            self._connection.execute(f"DROP TRIGGER {name}")

    def run(self, sql: str, *values: object) -> None:
        """Change something; it must have been there."""
        assert self._connection.execute(sql, values).rowcount > 0, sql

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Look at something."""
        return self._connection.execute(sql, values).fetchall()

    def find(self, kind: str) -> tuple[int, dict[str, Any]]:
        """The first entry of a kind."""
        for index, entry in self.rows("SELECT entry_index, entry FROM ledger_entry ORDER BY entry_index"):
            told = json.loads(entry)
            if told["statement"]["kind"] == kind:
                return index, told
        raise AssertionError(kind)

    def edit(self, kind: str, change: Callable[[dict[str, Any]], object], *, leaf: bool) -> None:
        """Change an entry in place, and where `leaf` its hash with it."""
        index, told = self.find(kind)
        change(told["statement"]["body"])
        entry = canonical.encode(told)
        self.run("UPDATE ledger_entry SET entry = ? WHERE entry_index = ?", entry, index)
        if leaf:
            self.run("UPDATE ledger_entry SET leaf = ? WHERE entry_index = ?", leaf_hash(entry), index)

    def delete(self, kind: str) -> None:
        """Take an entry out."""
        self.run("DELETE FROM ledger_entry WHERE entry_index = ?", self.find(kind)[0])

    def leave(self) -> None:
        """Save, and go home."""
        self._connection.commit()
        self._connection.close()


def _after(town: Town, data: Path, write: Callable[[Clerk], object]) -> Path:
    """A copy of the data folder, published, with what the clerk wrote."""
    town.office.publish()
    shutil.copytree(town.office.folder.root, data)
    clerk = Clerk(data)
    write(clerk)
    clerk.leave()
    return data


def _backdated(clerk: Clerk) -> None:
    """Another bid, slipped in where the first one stands, with everything after it moved on by one."""
    index, told = clerk.find("bid-sealed")
    told["statement"]["nonce"] = "0" * 32
    entry = canonical.encode(told)
    clerk.run("UPDATE ledger_entry SET entry_index = -1 - entry_index WHERE entry_index >= ?", index)
    clerk.run("UPDATE ledger_entry SET entry_index = -entry_index WHERE entry_index < 0")
    values = (index, b"s" * 32, PILOT, leaf_hash(entry), entry)
    clerk.run("INSERT INTO ledger_entry VALUES (?, ?, ?, ?, ?)", *values)
    clerk.run("UPDATE ledger_head SET size = size + 1")


class Found(NamedTuple):
    """What the clerk does, at which station, and with which reason the office refuses to open the record."""

    station: str
    write: Callable[[Clerk], object]
    reason: str


AT_THE_DOOR: dict[str, Found] = {
    "a bid is swapped for another": Found(
        "open", lambda c: c.edit("bid-sealed", lambda b: b.update(proposal="0" * 64), leaf=True), "log-differs"
    ),
    "a bid is dropped": Found("open", lambda c: c.delete("bid-sealed"), "proof-size"),
    "a bid is dropped and the head set back": Found(
        "open",
        lambda c: (c.delete("bid-sealed"), c.run("UPDATE ledger_head SET size = size - 1")),
        "log-behind",
    ),
    "a bid is slipped in before the others": Found("open", _backdated, "log-differs"),
    "the close is put off": Found(
        "open",
        lambda c: c.edit("opportunity-published", lambda b: b.update(closes="2029-01-01T00:00:00.000Z"), leaf=True),
        "log-differs",
    ),
    "a score is changed": Found(
        "ranked",
        lambda c: c.edit("scores-revealed", lambda b: b["scores"][0]["scores"][0].update(score=0), leaf=True),
        "log-differs",
    ),
    "a choice is taken back": Found(
        "awarded",
        lambda c: (c.delete("award-made"), c.run("UPDATE ledger_head SET size = size - 1")),
        "log-behind",
    ),
    "an award names another winner": Found(
        "awarded", lambda c: c.edit("award-made", lambda b: b.update(firm="firm:hollow"), leaf=True), "log-differs"
    ),
}


@pytest.mark.parametrize("name", AT_THE_DOOR)
def test_the_office_does_not_open_over_a_changed_history(copies: Copies, name: str, tmp_path: Path) -> None:
    found = AT_THE_DOOR[name]
    town = copies.at(found.station)
    data = _after(town, tmp_path / "data", found.write)
    assert refusal_of(lambda: reopened(town, data)) == found.reason
    report = verify_log(data)
    assert (report.findings, report.size) == ([], size_of(town))
    assert recompute(str(data)).differences == []


LEFT_HASHES: dict[str, Found] = {
    "a bid is swapped and its hash left": Found(
        "open", lambda c: c.edit("bid-sealed", lambda b: b.update(proposal="0" * 64), leaf=False), "log-differs"
    ),
    "a budget is raised and its hash left": Found(
        "open", lambda c: c.edit("opportunity-published", lambda b: b.update(budget_minor=9), leaf=False), "log-differs"
    ),
}


@pytest.mark.parametrize("name", LEFT_HASHES)
def test_nothing_more_is_published_over_an_entry_that_was_changed_under_its_hash(
    copies: Copies, name: str, tmp_path: Path
) -> None:
    found = LEFT_HASHES[name]
    data = _after(copies.at(found.station), tmp_path / "data", found.write)
    town = reopened(copies.at(found.station), data)
    town.firm("newcomer")
    assert refusal_of(town.office.publish) == found.reason
    assert assert_ledger_is_whole(data) == size_of(copies.at(found.station))
    town.office.close()


def test_a_bid_hidden_in_an_index_is_missing_from_a_list_that_everybody_sees_is_wrong(
    copies: Copies, tmp_path: Path
) -> None:
    original = copies.at("open")
    hide = "UPDATE ledger_entry SET subject = 'opportunity:elsewhere' WHERE entry_index = ?"
    data = _after(original, tmp_path / "data", lambda clerk: clerk.run(hide, clerk.find("bid-sealed")[0]))
    town = reopened(original, data)
    town.clock.advance_to(town.case().closes)
    close_bids(town.office, PILOT)
    town.office.publish()
    (difference,) = recompute(str(data)).differences
    assert (difference.opportunity, difference.name) == (PILOT, "close-list")
    town.office.close()


def test_rules_that_the_clerk_loosened_decide_nothing(copies: Copies, tmp_path: Path) -> None:
    original = copies.at("open")
    (digest,) = {original.case().notice.policy.digest}

    def loosen(clerk: Clerk) -> None:
        (data,) = clerk.rows("SELECT data FROM ledger_document WHERE sha256 = ?", bytes.fromhex(digest))[0]
        loose = data.replace(
            b'"figure":1000000,"layer":"house","rule":"tier-ceiling',
            b'"figure":9900000,"layer":"house","rule":"tier-ceiling',
        )
        assert loose != data
        clerk.run("UPDATE ledger_document SET data = ? WHERE sha256 = ?", loose, bytes.fromhex(digest))

    town = reopened(original, _after(original, tmp_path / "data", loosen))
    reason = refusal_of(lambda: town.publish("opportunity:dear", budget_minor=4_000_000))
    assert reason == "document-differs"
    town.office.close()


class Page(NamedTuple):
    """What a page's table is made to say, the act that would follow from it, and what the record answers."""

    station: str
    sql: str
    act: Callable[[Town], object]
    reason: str


PAGES: dict[str, Page] = {
    "the close, so that a friend may bid late": Page(
        "closed",
        "UPDATE projection_opportunity SET closes = '2029-01-01T00:00:00.000Z', decided = 'open'",
        lambda town: send(town, "bid-sealed"),
        "bid-late",
    ),
    "the rank, so that the second is chosen": Page(
        "proved",
        "UPDATE projection_bid SET rank = 3 - rank",
        lambda town: town.choose("hollow"),
        "choice-not-first",
    ),
    "who has proved eligibility": Page(
        "ranking",
        "UPDATE projection_opportunity SET locked = 0",
        lambda town: town.choose(FIRST),
        "eligibility-undecided",
    ),
    "a firm's name, to bid in it": Page(
        "open",
        "UPDATE projection_firm SET id = 'firm:other' WHERE id = 'firm:ridge'",
        lambda town: town.firm("ridge"),
        "firm-already-registered",
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_was_made_to_say_decides_nothing(copies: Copies, name: str, tmp_path: Path) -> None:
    page = PAGES[name]
    original = copies.at(page.station)
    town = reopened(original, _after(original, tmp_path / "data", lambda clerk: clerk.run(page.sql)))
    town.texts.update(original.texts)
    before = size_of(town)
    assert refusal_of(lambda: page.act(town)) == page.reason
    assert size_of(town) == before
    assert _fingerprint(town.office) != _fingerprint(original.office)
    projections.rebuild(town.office.store)
    assert _fingerprint(town.office) == _fingerprint(original.office)
    town.office.close()


def _fingerprint(office: Office) -> bytes:
    with office.store.reading() as connection:
        return projections.dump(connection)


def test_keys_that_were_used_and_made_to_look_unused_are_named_by_whoever_recomputes(
    copies: Copies, tmp_path: Path
) -> None:
    original = copies.at("open")
    data = _after(original, tmp_path / "data", lambda clerk: clerk.run("DELETE FROM projection_seat"))
    town = reopened(original, data)
    town.publish("opportunity:again")
    town.office.publish()
    assert [row.name for row in recompute(str(data)).differences] == ["keeper-key-not-next"]
    town.office.close()


def _envelopes(data: Path) -> list[Path]:
    return sorted((data / "vault" / "envelopes").iterdir())


SPOILT: dict[str, Callable[[list[Path]], object]] = {
    "deleted": lambda paths: paths[0].unlink(),
    "cut off": lambda paths: paths[0].write_bytes(paths[0].read_bytes()[:-1]),
    "changed by one bit": lambda paths: paths[0].write_bytes(
        bytes([paths[0].read_bytes()[0] ^ 1]) + paths[0].read_bytes()[1:]
    ),
    "swapped for another bidder's": lambda paths: paths[0].write_bytes(paths[1].read_bytes()),
}


@pytest.mark.parametrize("how", SPOILT)
def test_while_a_sealed_bid_is_spoilt_nobodys_is_opened_and_its_bidder_puts_it_back(
    copies: Copies, how: str, tmp_path: Path
) -> None:
    original = copies.at("released")
    data = _after(original, tmp_path / "data", lambda _clerk: None)
    proposals = [bid.seal.proposal for bid in original.case().listed_bids()]
    paths = [path for path in _envelopes(data) if path.name in proposals]
    kept = paths[0].read_bytes()
    SPOILT[how](paths)
    town = reopened(original, data)
    before = size_of(town)
    assert refusal_of(lambda: open_proposals(town.office, PILOT)) == "envelope-missing"
    (step,) = advance(town.office)
    assert step.refused is not None
    assert step.refused.startswith("envelope-missing")
    assert size_of(town) == before
    supply_envelope(town.office, PILOT, kept)
    open_proposals(town.office, PILOT)
    assert size_of(town) > before
    town.office.close()


def test_interests_that_were_rewritten_put_nobody_aside(copies: Copies, tmp_path: Path) -> None:
    original = copies.at("offers")
    data = _after(original, tmp_path / "data", lambda _clerk: None)
    changed = 0
    for path in (data / "vault" / "openings").iterdir():
        held = path.read_bytes()
        path.write_bytes(held.replace(b"firm:ridge", b"firm:hollo").replace(b'"none"', b'"firm:hollow"'))
        changed += path.read_bytes() != held
    assert changed
    town = reopened(original, data)
    assert refusal_of(lambda: publish_ranking(town.office, PILOT)) == "interest-not-declared"
    town.office.close()


def test_a_lock_store_or_a_checkpoint_that_was_set_back_stops_the_office(copies: Copies, tmp_path: Path) -> None:
    original = copies.at("open")
    original.office.publish()
    before = tmp_path / "before"
    shutil.copytree(original.office.folder.root, before)
    original.firm("newcomer")
    original.office.publish()
    for name, reason in (("keys/lock.sqlite", "lock-behind"), ("ledger.sqlite", "log-behind")):
        data = tmp_path / reason
        shutil.copytree(original.office.folder.root, data)
        for path in data.glob(f"{name}*"):
            path.unlink()
        for path in before.glob(f"{name}*"):
            shutil.copyfile(path, data / path.relative_to(before))
        assert refusal_of(lambda data=data: reopened(original, data)) == reason
    copies.used("open")
