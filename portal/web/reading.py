"""One request's view of the record: a snapshot of the database, the moment of asking, and what the answer depends on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from ledger.checkpoint import Checkpoint, parse_checkpoint, parse_vkeys
from ledger.entry import format_time, parse_time
from ledger.store import LedgerStore
from policies import Jurisdiction, PolicyError, from_document
from portal.clock import Clock
from portal.procurement.act import Act, read_acts
from portal.projections.queries.versions import next_deadline, versions_of
from portal.projections.shelf import Shelf
from portal.web.cache import read_checkpoint
from portal.web.fresh import Fresh
from portal.web.printing import zone_of
from portal.web.render import Renderer
from portal.web.views.frame import Moment

T = TypeVar("T")
_REMEMBERED = 512


@lru_cache(maxsize=64)
def _jurisdiction(document: bytes) -> Jurisdiction:
    return from_document(document)


@lru_cache(maxsize=4096)
def parsed(text: str) -> datetime:
    """An instant of the record; lists show the same ones again and again."""
    return parse_time(text)


@lru_cache(maxsize=4096)
def day_of(instant: datetime, zone: str) -> date:
    """The calendar day of an instant in a zone."""
    return instant.astimezone(zone_of(zone)).date()


@dataclass
class Door:
    """What the public door is made of. `remembered` holds figures that are dear to count, by the version they are of."""

    store: LedgerStore
    clock: Clock
    renderer: Renderer
    log: Path
    vkeys: Path
    remembered: dict[tuple[object, ...], object] = field(default_factory=dict)

    @contextmanager
    def reading(self, fresh: Fresh) -> Iterator["Reading"]:
        """Open a view of one moment of the database."""
        with self.store.reading() as connection:
            yield Reading(self, connection, fresh)


class Reading:
    """
    What a page is made from. Whoever reads a subject says so with `shows`, and whoever prints a time that passes with
    `expires`; the answer is kept no longer than that.
    """

    def __init__(self, door: Door, connection: Connection, fresh: Fresh) -> None:
        self.door = door
        self.connection = connection
        self.shelf = Shelf(connection)
        self.fresh = fresh
        self.at = parse_time(format_time(door.clock.now()))
        self.moment = format_time(self.at)
        self._days: dict[str, tuple[date, datetime]] = {}
        fresh.kept = True

    def shows(self, *names: str) -> None:
        """The answer shows these subjects or collections."""
        new = [name for name in names if name not in self.fresh.subjects]
        for name, version in versions_of(self.shelf, new).items():
            self.fresh.shows(name, version)

    def expires(self, at: datetime | str | None) -> None:
        """The answer changes at this instant though nobody acts."""
        self.fresh.expires(parse_time(at) if isinstance(at, str) else at)

    def expires_with_deadlines(self, agency: str = "") -> None:
        """The answer shows states of many pilots: it changes at the nearest deadline of any."""
        self.expires(next_deadline(self.shelf, self.moment, agency=agency) if agency else self._next_deadline)

    def checkpoint(self) -> Checkpoint | None:
        """
        The published checkpoint, which the answer follows from now on; None before the first publication.

        It is checked against the keys beside the log: a page never shows a snapshot that an auditor would refuse.
        """
        data = read_checkpoint(self.door.log / "checkpoint")
        self.fresh.follows(data)
        if not data:
            return None
        return parse_checkpoint(data, parse_vkeys(self.door.vkeys.read_bytes()), origin=self.door.store.origin)

    @cached_property
    def _next_deadline(self) -> str | None:
        return next_deadline(self.shelf, self.moment)

    def acts(self, subject: str) -> list[Act]:
        """The acts about a subject, oldest first; the answer shows it from now on."""
        self.shows(subject)
        return read_acts(self.door.store.entries_of(self.connection, subject))

    def when(self, at: datetime | str, zone: str) -> Moment:
        """An instant in an agency's zone."""
        return Moment(at=parsed(at) if isinstance(at, str) else at, zone=zone)

    def countdown(self, at: datetime | str, zone: str) -> Moment:
        """
        An instant with the days that are left, counted in calendar days of the zone, as people count.

        The number changes at midnight there, and so does the answer.
        """
        instant = parsed(at) if isinstance(at, str) else at
        if instant <= self.at:
            return Moment(at=instant, zone=zone)
        today, midnight = self._day(zone)
        self.fresh.expires(min(midnight, instant))
        return Moment(at=instant, zone=zone, days_left=(day_of(instant, zone) - today).days)

    def _day(self, zone: str) -> tuple[date, datetime]:
        """Today in a zone, and when it ends."""
        if zone not in self._days:
            local = self.at.astimezone(zone_of(zone))
            midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
            self._days[zone] = (local.date(), midnight.astimezone(self.at.tzinfo))
        return self._days[zone]

    def remember(self, collection: str, key: tuple[object, ...], count: Callable[[], T]) -> T:
        """
        Count once for each version of a collection and each stretch between deadlines.

        `key` names everything else the figures depend on.
        """
        self.shows(collection)
        full = (collection, self.fresh.subjects[collection], self._next_deadline, *key)
        remembered = self.door.remembered
        if full not in remembered:
            if len(remembered) >= _REMEMBERED:
                remembered.clear()
            remembered[full] = count()
        return remembered[full]  # type: ignore[return-value]  # stored by the same key's `count`

    def policy(self, digest: str) -> Jurisdiction | None:
        """The rules behind a digest, from the document in the record; None if the record has no such rules."""
        document = self.door.store.document(self.connection, digest)
        try:
            return None if document is None else _jurisdiction(document)
        except PolicyError:
            return None
