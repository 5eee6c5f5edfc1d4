"""
Which keys are whose: a pure fold over the acts of one agency, firm, keeper or training partner.

1. A holder has at least one key: an agency's head and its people by registration and appointment, a firm, a keeper and a
   partner by registration. Further keys stand beside an old one and have its rights; there is no first among them.
2. Nothing is forgotten: each key keeps the entry that made it the holder's and the one that ended it, so that anybody can
   tell who could sign what at any entry.
3. A revoked key never comes back. A key that only rests, because the head ended an appointment, does when it is appointed
   again, and only the key that is named then.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from ledger.entry import parse_time
from portal.procurement.act import Act
from portal.procurement.events.keys import KeyAdded, KeyRecovered, KeyRevoked, RecoveryAsked, RecoveryStopped
from portal.procurement.refusal import Refusal

LOG = "log:self"
"""The subject of the record itself, and the holder of the operator's keys."""

How = Literal["first", "appointed", "added", "recovered"]
End = Literal["revoked", "replaced", "rested"]
Standing = Literal["in-force", "revoked", "rested", "not-yet", "unknown"]


class HeldKey(Struct, frozen=True, kw_only=True):
    """
    One key of one holder, from entry `entry` on; `ended` is the entry since which it signs nothing for this holder.

    `end` says why: revoked by name, replaced by a recovery, or at rest because the appointments ended.
    """

    holder: str
    key: str
    how: How
    entry: int
    since: datetime
    label: str = ""
    end: End | None = None
    ended: int | None = None
    until: datetime | None = None
    why: str = ""


class Recovery(Struct, frozen=True, kw_only=True):
    """A recovery that was asked for in entry `entry`; it is pending until an entry stops or completes it."""

    entry: int
    asked_at: datetime
    holder: str
    key: str
    label: str
    effective_at: datetime
    stopped: int | None = None
    completed: int | None = None

    @property
    def pending(self) -> bool:
        """Whether it may still be stopped, and completed when its time has come."""
        return self.stopped is None and self.completed is None


class KeyRing(Struct, kw_only=True):
    """All keys that any holder of one subject ever had, in the order of the record, and the recoveries asked for."""

    keys: list[HeldKey] = []
    recoveries: dict[int, Recovery] = {}

    def holders_of(self, key: str) -> list[str]:
        """Everybody in this subject who has or had the key; the head's key may be an officer's too."""
        return list(dict.fromkeys(row.holder for row in self.keys if row.key == key))

    def signs_for(self, key: str) -> list[str]:
        """Everybody in this subject for whom the key is in force."""
        return list(dict.fromkeys(row.holder for row in self.keys if row.key == key and row.ended is None))

    def in_force(self, holder: str) -> list[HeldKey]:
        """The keys with which a holder signs now."""
        return [row for row in self.keys if row.holder == holder and row.ended is None]

    def holds(self, holder: str, key: str) -> bool:
        """Whether the key is one of the holder's that are in force."""
        return any(row.key == key for row in self.in_force(holder))

    def not_ended_before(self, holder: str, key: str, entry: int) -> bool:
        """
        Whether a paper that is as old as an entry counts as signed by this holder.

        A paper may be older than the entry that names its key: who seals a bid may register afterwards. It may not be
        younger than the entry that ended it.
        """
        return any(
            row.holder == holder and row.key == key and (row.ended is None or row.ended > entry) for row in self.keys
        )

    def standing(self, holder: str, key: str) -> Standing:
        """What a key is to a holder now."""
        mine = [row for row in self.keys if row.holder == holder and row.key == key]
        if any(row.ended is None for row in mine):
            return "in-force"
        if mine:
            return "rested" if mine[-1].end == "rested" else "revoked"
        awaited = any(row.pending and (row.holder, row.key) == (holder, key) for row in self.recoveries.values())
        return "not-yet" if awaited else "unknown"

    def require(self, holder: str, key: str, otherwise: Refusal) -> None:
        """
        Make sure that a key signs for a holder now.

        Raises:
            Refusal: `key-revoked`, `key-not-yet` (a recovery waits), or `otherwise` when it never was the holder's.
        """
        standing = self.standing(holder, key)
        if standing == "in-force":
            return
        if standing in {"revoked", "not-yet"}:
            raise Refusal(f"key-{standing}", {"key": key, "holder": holder})
        raise otherwise

    def pending(self, holder: str | None = None) -> list[Recovery]:
        """The recoveries that wait, of one holder or of all."""
        return [row for row in self.recoveries.values() if row.pending and holder in {None, row.holder}]

    def begin(self, act: Act, holder: str, key: str, how: How, label: str = "") -> None:
        """From this act on the key is the holder's; nothing changes when it is already."""
        if not self.holds(holder, key):
            self.keys.append(HeldKey(holder=holder, key=key, how=how, entry=act.index, since=act.at, label=label))

    def rest(self, act: Act, holder: str) -> None:
        """The head ended a holder's appointments: no key of hers signs, and no recovery of hers goes on."""
        self._end(act, [row.key for row in self.in_force(holder)], "rested", holder)
        for row in self.pending(holder):
            self.recoveries[row.entry] = msgspec.structs.replace(row, stopped=act.index)

    def extend(self, act: Act) -> None:
        """Take in one more act; acts about other things change nothing."""
        body = act.body
        if isinstance(body, KeyAdded):
            for holder in self.signs_for(body.beside):
                self.begin(act, holder, body.key, "added", body.label)
        elif isinstance(body, KeyRevoked):
            self._end(act, [body.key], "revoked", why=body.why)
        elif isinstance(body, RecoveryAsked):
            self.recoveries[act.index] = Recovery(
                entry=act.index,
                asked_at=act.at,
                holder=body.holder,
                key=body.key,
                label=body.label,
                effective_at=parse_time(body.effective_at),
            )
        elif isinstance(body, RecoveryStopped) and body.asked in self.recoveries:
            self.recoveries[body.asked] = msgspec.structs.replace(self.recoveries[body.asked], stopped=act.index)
        elif isinstance(body, KeyRecovered) and body.asked in self.recoveries:
            self._recover(act, self.recoveries[body.asked])

    def _recover(self, act: Act, asked: Recovery) -> None:
        older = [row.key for row in self.in_force(asked.holder) if row.key != asked.key]
        self._end(act, older, "replaced", asked.holder)
        self.begin(act, asked.holder, asked.key, "recovered", asked.label)
        self.recoveries[asked.entry] = msgspec.structs.replace(asked, completed=act.index)

    def _end(self, act: Act, keys: Iterable[str], end: End, holder: str | None = None, *, why: str = "") -> None:
        gone = set(keys)
        self.keys = [
            msgspec.structs.replace(row, end=end, ended=act.index, until=act.at, why=why)
            if row.ended is None and row.key in gone and holder in {None, row.holder}
            else row
            for row in self.keys
        ]


def ring_of(act: Act, key: str) -> KeyRing:
    """The ring of a subject that an act registers: one holder, the subject itself, with its first key."""
    ring = KeyRing()
    ring.begin(act, act.subject, key, "first")
    return ring
