"""
What else people of the demo do: a school trains learners in a pilot that names it, an officer gains and loses a second key.

Both stand in `demo/partners.toml`. A confirmation of a pilot that is not played is left out.
"""

from functools import partial
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from portal.procurement.events import keys, partnering, party
from portal.rehearsal.cast import Cast
from portal.rehearsal.content import Moment, read_file
from portal.rehearsal.play import Script


class Confirms(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """In which pilot a partner confirms that its notice names it rightly."""

    pilot: str
    at: Moment


class PartnerText(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A training partner."""

    id: str
    name: str
    place: str
    place_name: str
    registered: Moment
    skills: list[str]
    words: str
    contact: str
    confirms: list[Confirms] = []


class SecondKey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A key that a person adds beside her first, and revokes by it."""

    person: str
    label: str
    added: Moment
    revoked: Moment
    why: str


class PartnersText(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file."""

    partners: list[PartnerText]
    second_keys: list[SecondKey]


class Partnering:
    """Partners and second keys, with the steps by which they enter the record."""

    def __init__(self, cast: Cast) -> None:
        path = files("portal.rehearsal") / "demo" / "partners.toml"
        self._cast, self._player = cast, cast.player
        self._text = read_file(path, PartnersText)

    def write_files(self, folder: Path) -> None:
        """Write the key files that are not there yet, readable by their owner only."""
        for row in self._text.partners:
            path = folder / f"partner-{row.id}.key"
            if not path.exists():
                self._player.key(path.stem).save(path)

    def write(self, script: Script) -> None:
        """Write down who registers, confirms, adds and revokes when."""
        played = {pilot.id for pilot in self._cast.content.pilots}
        for row in self._text.partners:
            script.add(row.registered, f"{row.name} registers", partial(self._register, row))
            for place in (place for place in row.confirms if place.pilot in played):
                script.add(place.at, f"{row.name} confirms", partial(self._confirm, row, place.pilot))
        for second in self._text.second_keys:
            script.add(second.added, f"{second.person} adds a key", partial(self._add, second))
            script.add(second.revoked, f"{second.person} revokes a key", partial(self._revoke, second))

    def _register(self, row: PartnerText) -> None:
        body = party.PartnerRegistered(
            name=row.name,
            place=row.place,
            place_name=row.place_name,
            skills=row.skills,
            words=row.words,
            contact=row.contact,
        )
        self._player.act("partner-registered", f"partner:{row.id}", body, self._player.key(f"partner-{row.id}"))

    def _confirm(self, row: PartnerText, pilot: str) -> None:
        body = partnering.PartnerConfirmed(bid=None, partner=f"partner:{row.id}")
        self._player.act("partner-confirmed", f"opportunity:{pilot}", body, self._player.key(f"partner-{row.id}"))

    def _add(self, second: SecondKey) -> None:
        old, new = self._cast.person(second.person), self._player.key(f"{second.person}-second")
        body = keys.KeyAdded(beside=old.key_id, key=new.key_id, label=second.label)
        self._player.act("key-added", self._agency(second), body, old, new)

    def _revoke(self, second: SecondKey) -> None:
        old, new = self._cast.person(second.person), self._player.key(f"{second.person}-second")
        body = keys.KeyRevoked(key=new.key_id, why=second.why)
        self._player.act("key-revoked", self._agency(second), body, old)

    def _agency(self, second: SecondKey) -> str:
        return f"agency:{self._cast.content.people[second.person].agency}"
