"""Keys as pages show them: some that sign, some that did, and a new one that waits."""

from datetime import datetime, timedelta

from portal.web.views.frame import Moment, Record, Shown, said
from portal.web.views.keys import KeyRow, Keys, RecoveryRow

_LONG = "The telephone that the governing body bought in spring and keeps in the second drawer of the county clerk"


def keys_of(whose: tuple[Shown, ...], now: datetime, zone: str, *, waiting: bool = False, much: bool = False) -> Keys:
    """Two keys for everybody, one of them a passkey, and one that was revoked."""

    def at(days: float) -> Moment:
        return Moment(at=now + timedelta(days=days), zone=zone)

    signing = tuple(
        KeyRow(who=who, kind=kind, label=_LONG if much else label, since=at(-200 + place), state="signs", records=(Record(12 + place),))
        for place, who in enumerate(whose)
        for kind, label in (("file", ""), ("passkey", "Telephone"), ("browser", "Office computer"))
    )  # fmt: skip
    ended = (
        KeyRow(who=whose[0], kind="passkey", label="Old telephone", since=at(-300), state="revoked", until=at(-30), why=_LONG if much else "Lost on the train.", records=(Record(90),)),
        KeyRow(who=whose[-1], kind="file", label="", since=at(-300), state="replaced", until=at(-20), records=(Record(95),)),
        KeyRow(who=whose[-1], kind="file", label="", since=at(-310), state="rested", until=at(-60), records=(Record(60),)),
    )  # fmt: skip
    asked = RecoveryRow(
        who=whose[-1],
        kind="passkey",
        label=_LONG if much else "New laptop",
        asked=at(-3),
        effective=Moment(at=now + timedelta(days=4), zone=zone, days_left=4),
        over=False,
        records=(Record(140),),
    )
    over = RecoveryRow(
        who=whose[-1],
        kind="browser",
        label="Office computer",
        asked=at(-9),
        effective=at(-2),
        over=True,
        records=(Record(133),),
    )
    return Keys(signing=signing, ended=ended, waiting=(asked, over) if much else (asked,) if waiting else ())


def people(count: int) -> tuple[Shown, ...]:
    """An agency's head and its officers."""
    return (
        said("keys.head"),
        *(f"officer-{number}" for number in range(1, count + 1)),
    )
