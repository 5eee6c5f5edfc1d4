"""
Random hands on random keys: a plain second telling of the rules agrees with decisions, fold and tables at every step.

The model below is written from the contract, not from the code: sets of keys, and who may do what with them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from sqlalchemy import Connection, create_engine

from ledger.entry import format_time
from ledger.keys import SigningKey
from portal.procurement.act import Act
from portal.procurement.decisions import decide
from portal.procurement.events import keys, party
from portal.procurement.holders import KeyRing
from portal.procurement.kinds import KINDS
from portal.procurement.refusal import Refusal
from portal.projections.project import apply_acts
from portal.projections.shelf import LIVE, Shelf
from portal.projections.tables import create_set
from portal.recompute import FolderRecord

START = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)
NAMES = {kind.body: kind.name for kind in KINDS.values()}
POOL = [SigningKey.from_seed(bytes([number]) * 32).key_id for number in range(7)]
REGISTRAR, HEAD, ADA, FIRM = POOL[0], POOL[1], POOL[2], POOL[3]
AGENCY, TRADER, PEOPLE = "agency:a", "firm:f", ("person:ada", "person:ben")
SUBJECTS = (AGENCY, TRADER)

NUMBER = st.integers(0, len(POOL) - 1)
STEP = st.tuples(
    st.sampled_from(["add", "revoke", "ask", "stop", "recover", "appoint", "end"]),
    st.sampled_from(SUBJECTS),
    NUMBER,
    NUMBER,
    st.sampled_from([*PEOPLE, AGENCY, TRADER]),
    st.sampled_from([timedelta(0), timedelta(days=3), timedelta(days=7)]),
    st.booleans(),
)
"""What, about whom, two keys, for whom, how long, and whether the hand is the right one where there is one."""


@dataclass
class Model:
    """One subject, told again: keys in force and at rest by holder, spent keys, waiting recoveries."""

    force: dict[str, set[str]] = field(default_factory=dict)
    rest: dict[str, set[str]] = field(default_factory=dict)
    spent: dict[str, set[str]] = field(default_factory=dict)
    waiting: dict[int, tuple[str, str, datetime]] = field(default_factory=dict)

    def ever(self, key: str) -> set[str]:
        """Whoever had the key at any time."""
        return {holder for told in (self.force, self.rest, self.spent) for holder in told if key in told[holder]}

    def now(self, key: str) -> set[str]:
        """Whoever signs with the key."""
        return {holder for holder, mine in self.force.items() if key in mine}

    def waits(self, key: str) -> set[str]:
        """Whoever waits for the key."""
        return {holder for holder, awaited, _ in self.waiting.values() if awaited == key}

    def free_for(self, key: str, holders: set[str]) -> bool:
        """Whether the key may become these holders'."""
        known = any(key in self.force.get(one, ()) or key in self.spent.get(one, ()) for one in holders)
        return not known and not self.waits(key) and self.ever(key) <= holders


class Town:
    """The rules under test over a record in memory, with the tables and the model beside it."""

    def __init__(self, connection: Connection) -> None:
        create_set(connection, LIVE)
        self.shelf = Shelf(connection, LIVE)
        self.record = FolderRecord(cast("Any", None))
        self.at = START
        self.models = {AGENCY: Model({AGENCY: {HEAD}}), TRADER: Model({TRADER: {FIRM}})}
        self.size = 0
        opened = party.LogOpened(
            operator="Town", purpose="live", registrar=REGISTRAR, sealing_module="00" * 32, words="A record."
        )
        assert self.act("log:self", opened, REGISTRAR)
        place: dict[str, Any] = {"name": "A", "place": "a", "place_name": "A"}
        agency = party.AgencyRegistered(**place, zone="UTC", currency="USD", head=HEAD, contact="a")
        assert self.act(AGENCY, agency, REGISTRAR)
        assert self.act(TRADER, party.FirmRegistered(**place, founded="2020-05-01", staff=4), FIRM)

    def act(self, subject: str, body: Struct, *signers: str) -> bool:
        """Decide; take it in when it is admitted."""
        act = Act(
            index=self.size,
            at=self.at,
            kind=NAMES[type(body)],
            subject=subject,
            author=signers[0],
            keys=tuple(sorted(set(signers))),
            body=body,
            leaf_hash="",
            statement_hash="",
        )
        try:
            decide(self.record, act)
        except Refusal:
            return False
        self.record.add(act)
        apply_acts(self.shelf, [act])
        self.size += 1
        return True

    def ring(self, subject: str) -> KeyRing:
        """The fold's keys of a subject."""
        found = self.record.agency(subject) if subject == AGENCY else self.record.firm(subject)
        assert found is not None
        return found.ring

    def agree(self) -> None:
        """The fold, the tables and the model say the same."""
        for subject, model in self.models.items():
            ring = self.ring(subject)
            told = {(row.holder, row.key) for row in ring.keys if row.ended is None}
            assert told == {(holder, key) for holder, mine in model.force.items() for key in mine}
            rows = self.shelf.rows(
                "SELECT holder, key FROM {held_key} WHERE subject = ? AND ended_entry IS NULL", (subject,)
            )
            assert sorted(tuple(row) for row in rows) == sorted(told)
            whole = self.shelf.rows(
                "SELECT holder, key, entry, how, label, ending, ended_entry FROM {held_key} WHERE subject = ?",
                (subject,),
            )
            assert sorted(map(repr, map(tuple, whole))) == sorted(
                repr((row.holder, row.key, row.entry, row.how, row.label, row.end, row.ended)) for row in ring.keys
            )
            asked = self.shelf.rows(
                "SELECT entry, holder, key, stopped_entry, completed_entry FROM {recovery} WHERE subject = ?",
                (subject,),
            )
            assert sorted(map(tuple, asked), key=lambda row: row[0]) == [
                (row.entry, row.holder, row.key, row.stopped, row.completed) for row in ring.recoveries.values()
            ]
            assert {row.entry for row in ring.pending()} == set(model.waiting)
        assert self.models[TRADER].force[TRADER], "a firm is never left without a key"
        assert self.models[AGENCY].force[AGENCY], "nor is a governing body"

    # ------------------------------------------------------------ one step each: what the model allows happens, no more

    def add(self, subject: str, old: str, new: str) -> None:
        """`old` and `new` sign that `new` stands beside `old`."""
        model = self.models[subject]
        mine = model.now(old)
        allowed = bool(mine) and old != new and model.free_for(new, mine)
        assert self.act(subject, keys.KeyAdded(beside=old, key=new, label="x"), old, new) == allowed
        if allowed:
            for holder in mine:
                model.force[holder].add(new)
                model.rest.get(holder, set()).discard(new)

    def revoke(self, subject: str, key: str, by: str) -> None:
        """`by` revokes `key`."""
        model = self.models[subject]
        owners, mine = model.now(key), model.now(by)
        allowed = bool(owners) and bool(mine)
        for holder in owners:
            allowed &= holder in mine or (holder in PEOPLE and AGENCY in mine)
            allowed &= key != by or len(model.force[holder]) > 1
        assert self.act(subject, keys.KeyRevoked(key=key, why="x"), by) == allowed
        if allowed:
            for holder in owners:
                model.force[holder].discard(key)
                model.spent.setdefault(holder, set()).add(key)

    def ask(self, subject: str, key: str, holder: str, wait: timedelta) -> None:
        """The registrar and `key` ask for a recovery."""
        model = self.models[subject]
        allowed = bool(model.force.get(holder)) and model.free_for(key, {holder}) and wait >= timedelta(days=7)
        allowed &= key != REGISTRAR
        until = self.at + wait
        body = keys.RecoveryAsked(holder=holder, key=key, label="x", effective_at=format_time(until))
        entry = self.size
        assert self.act(subject, body, key, REGISTRAR) == allowed
        if allowed:
            model.waiting[entry] = (holder, key, until)

    def stop(self, subject: str, asked: int, by: str) -> None:
        """`by` stops a recovery."""
        model = self.models[subject]
        allowed = asked in model.waiting and by in model.force.get(model.waiting[asked][0], ())
        assert self.act(subject, keys.RecoveryStopped(asked=asked, why="x"), by) == allowed
        if allowed:
            del model.waiting[asked]

    def recover(self, subject: str, asked: int, by: str) -> None:
        """`by` completes a recovery."""
        model = self.models[subject]
        waited = model.waiting.get(asked)
        allowed = waited is not None and waited[1] == by and self.at >= waited[2]
        assert self.act(subject, keys.KeyRecovered(asked=asked), by) == allowed
        if allowed and waited is not None:
            holder = waited[0]
            model.spent.setdefault(holder, set()).update(model.force[holder] - {by})
            model.force[holder] = {by}
            del model.waiting[asked]

    def appoint(self, person: str, key: str, by: str) -> None:
        """`by` appoints a person with `key`."""
        model = self.models[AGENCY]
        strangers = {holder for holder in model.ever(key) if holder in PEOPLE} | model.waits(key)
        dead = any(key in gone for gone in model.spent.values()) and key not in model.force.get(person, ())
        allowed = AGENCY in model.now(by) and strangers <= {person} and not dead
        body = party.AppointmentMade(
            person=person,
            key=key,
            duties=["plan"],
            limit_minor=None,
            begins=format_time(START),
            ends="2099-01-01T00:00:00.000Z",
            resolution="x",
        )
        assert self.act(AGENCY, body, by) == allowed
        if allowed:
            model.force.setdefault(person, set()).add(key)
            model.rest.get(person, set()).discard(key)

    def end(self, person: str, by: str) -> None:
        """`by` ends a person's appointments."""
        model = self.models[AGENCY]
        agency = self.record.agency(AGENCY)
        assert agency is not None
        appointed = any(row.made.person == person and row.ends > self.at for row in agency.appointments)
        allowed = AGENCY in model.now(by) and appointed
        assert self.act(AGENCY, party.AppointmentEnded(person=person, why="x"), by) == allowed
        if allowed:
            model.rest.setdefault(person, set()).update(model.force.pop(person, set()))
            model.waiting = {entry: row for entry, row in model.waiting.items() if row[0] != person}


@contextmanager
def _town() -> Iterator[Town]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        yield Town(connection)
    engine.dispose()


Step = tuple[str, str, int, int, str, timedelta, bool]


def _do(town: Town, step: Step) -> None:
    what, subject, one, two, holder, wait, knowing = step
    model = town.models[subject]
    first, second = POOL[one], POOL[two]
    waiting = sorted(model.waiting) or [town.size]
    asked = waiting[two % len(waiting)]
    if knowing and asked in model.waiting:
        awaiting, key, _ = model.waiting[asked]
        mine = sorted(model.force.get(awaiting, ()))
        first = key if what == "recover" else mine[one % len(mine)] if what == "stop" and mine else first
    if knowing and what in {"add", "revoke"}:
        held = sorted(model.force[subject])
        first, second = (held[one % len(held)], second) if what == "add" else (first, held[one % len(held)])
    if what == "add":
        town.add(subject, first, second)
    elif what == "revoke":
        town.revoke(subject, first, second)
    elif what == "ask":
        town.ask(subject, first, holder, wait)
    elif what == "stop":
        town.stop(subject, asked, first)
    elif what == "recover":
        town.at += wait
        town.recover(subject, asked, first)
    elif holder in PEOPLE and what == "appoint":
        town.appoint(holder, first, second)
    elif holder in PEOPLE:
        town.end(holder, first)


@settings(max_examples=200, deadline=None)
@given(st.lists(STEP, min_size=20, max_size=60))
def test_whatever_hands_try_the_rules_and_their_retelling_agree(steps: list[Step]) -> None:
    with _town() as town:
        assert town.act(AGENCY, _appointment(ADA), HEAD)
        town.models[AGENCY].force[PEOPLE[0]] = {ADA}
        for step in steps:
            _do(town, step)
            town.agree()


def _appointment(key: str) -> party.AppointmentMade:
    return party.AppointmentMade(
        person=PEOPLE[0],
        key=key,
        duties=["plan"],
        limit_minor=None,
        begins=format_time(START),
        ends="2099-01-01T00:00:00.000Z",
        resolution="x",
    )
