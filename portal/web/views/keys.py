"""Who signs with which key, since when and until when; and what waits in public to change it."""

from typing import Literal

from msgspec import Struct

from portal.web.views.frame import Moment, Record, Shown

KeyKind = Literal["file", "browser", "passkey"]


class KeyRow(Struct, frozen=True, kw_only=True):
    """
    One key of one holder; `who` is None where the page is about the only one there can be. `state` "rested" is an officer's key whose appointments the governing body ended.

    `label` is what its owner calls it; `why` what she wrote when it was revoked.
    """

    who: Shown
    kind: KeyKind
    label: str
    since: Moment
    state: Literal["signs", "revoked", "replaced", "rested"]
    until: Moment | None = None
    why: str = ""
    records: tuple[Record, ...] = ()


class RecoveryRow(Struct, frozen=True, kw_only=True):
    """A request for a new key that any old one may stop; `over` once the wait has passed and only the new key's act is missing."""

    who: Shown
    kind: KeyKind
    label: str
    asked: Moment
    effective: Moment
    over: bool
    records: tuple[Record, ...] = ()


class Keys(Struct, frozen=True, kw_only=True):
    """The keys of one subject: those that sign, those that did, and the recoveries that wait."""

    signing: tuple[KeyRow, ...]
    ended: tuple[KeyRow, ...] = ()
    waiting: tuple[RecoveryRow, ...] = ()
