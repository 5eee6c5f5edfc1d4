"""
The keeper's own folder on her own machine.

    HOME/portal          the portal this keeper serves, and the name of its record: pinned at first use
    HOME/vkeys           the record's verifier keys, likewise; they come to her by another way than from the portal
    HOME/ring            her secrets, in clear or locked with a passkey
    HOME/log/            her copy of the public record, verified; each later one must begin with it
    HOME/envelopes/NAME/ the sealed bids of a pilot, kept until it is over
    HOME/notes           what she saw of each pilot's terms, and what she has signed

A keeper serves one portal with one home. Another portal needs another folder and another ring.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from ledger.checkpoint import VKEYS_LIMIT, parse_vkeys
from ledger.durable import DurableFolder
from ledger.keys import create_secret
from ledger.linefile import read_line, write_line
from portal.keeper.ring import replace_secret
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.note import Verifier

NOTES_LIMIT = 16 << 20


class Pin(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which portal; '' for a record that comes as copied folders."""

    address: Annotated[str, Meta(max_length=200)]
    origin: Annotated[str, Meta(max_length=255)]
    version: Literal["daylight-keeper-portal-v1"] = "daylight-keeper-portal-v1"


class Terms(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the record said about a pilot when she first looked; neither its terms nor its dates may be others later."""

    terms: str
    closes: str
    objection_until: str


class Notes(Struct, forbid_unknown_fields=True, kw_only=True):
    """
    What she saw and did. `sent` holds each signed statement under what it is for, from before it was sent: after a broken
    line the same one is sent again. `over` are the pilots whose keys and envelopes she has deleted.
    """

    terms: dict[str, Terms] = {}
    sent: dict[str, str] = {}
    over: list[str] = []
    version: Literal["daylight-keeper-notes-v1"] = "daylight-keeper-notes-v1"


@dataclass(frozen=True)
class Home:
    """The paths, and what is read and written there."""

    folder: Path

    @property
    def ring(self) -> Path:
        """The secrets."""
        return self.folder / "ring"

    @property
    def log(self) -> Path:
        """The copy of the record."""
        return self.folder / "log"

    def envelopes(self, opportunity: str) -> Path:
        """Where the sealed bids of a pilot are kept."""
        return self.folder / "envelopes" / opportunity.partition(":")[2]

    def make(self) -> None:
        """Make the folder, for its owner only."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """
        Keep a second run of this program out until the block ends: both would write the same notes.

        Raises:
            Refusal: `keeper-busy`.
        """
        self.make()
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Refusal("keeper-busy", {"home": str(self.folder)}) from error
            yield
        finally:
            os.close(descriptor)

    def pinned(self) -> Pin | None:
        """The portal of this home; None before the first use."""
        path = self.folder / "portal"
        return read_line(path.read_bytes(), Pin, "portal-file") if path.exists() else None

    def pin(self, address: str, vkeys: bytes) -> Pin:
        """
        Pin portal and verifier keys at first use; later make sure that they are the same.

        Raises:
            Refusal: `portal-other` or `vkeys-other`.
            MalformedError: The keys are none.
        """
        verifiers = parse_vkeys(vkeys)
        before = self.pinned()
        if before is None:
            self.make()
            before = Pin(address=address, origin=verifiers[0].name)
            (self.folder / "vkeys").write_bytes(vkeys)
            create_secret(self.folder / "portal", write_line(before))
        if address and address != before.address:
            raise Refusal("portal-other", {"pinned": before.address or str(self.folder), "given": address})
        if {each.vkey for each in verifiers} != {each.vkey for each in self.verifiers()}:
            raise Refusal("vkeys-other", {"fingerprint": sha256(vkeys).hexdigest()[:16]})
        return before

    def verifiers(self) -> list[Verifier]:
        """
        The pinned verifier keys.

        Raises:
            Refusal: `vkeys-missing` before the first use.
        """
        path = self.folder / "vkeys"
        if not path.exists():
            raise Refusal("vkeys-missing", {})
        return parse_vkeys(path.read_bytes()[: VKEYS_LIMIT + 1])

    def notes(self) -> Notes:
        """What was noted so far."""
        path = self.folder / "notes"
        return msgspec.json.decode(path.read_bytes(), type=Notes) if path.exists() else Notes()

    def note(self, notes: Notes) -> None:
        """Write the notes in the place of the older ones, for good."""
        replace_secret(self.folder / "notes", msgspec.json.format(msgspec.json.encode(notes)))

    def kept(self, opportunity: str, sha256_hex: str) -> bytes | None:
        """An envelope she keeps, if its bytes are still those that the record names."""
        path = self.envelopes(opportunity) / sha256_hex
        data = path.read_bytes() if path.is_file() else None
        return data if data is not None and sha256(data).hexdigest() == sha256_hex else None

    def keep(self, opportunity: str, envelope: bytes) -> None:
        """Keep an envelope, flushed to the disk; one that was spoilt there is put right."""
        name = sha256(envelope).hexdigest()
        folder = DurableFolder(self.envelopes(opportunity))
        folder.replace(name, envelope)
