"""
What must stay erasable: sealed envelopes, and the openings (value and salt) behind an entry's commitments, papers too.

1. The record holds fingerprints; the bytes lie here, one file each, flushed to disk before the entry that needs them.
2. Deleting a file here never touches the record, which stays valid without it.
3. File names are fingerprints, so that nothing here can be overwritten by something else; bytes that are not what their
   name says (a failing disk, a hand in the folder) are as good as lost, and whoever has them may put them back.
4. An envelope whose keys are out is as good as clear text. It lies here encrypted once more, under a key of its own in
   another folder: deleting that key erases it from every copy of the rest (sealing.md flaw 13).
5. A paper (a lease, a register extract) lies under a random name, which its opening holds beside its fingerprint: handed in
   twice it is two papers, and each is erased with the statement that commits to it.
"""

import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes, token_hex

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.commitments import Opening
from ledger.durable import DurableFolder
from portal.procurement.refusal import Refusal

__all__ = ["Vault"]

_NONCE = bytes(12)
_NAME = re.compile(r"[0-9a-f]{64}")


class Vault:
    """The erasable bytes of one portal, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._envelopes = DurableFolder(folder / "envelopes")
        self._openings = DurableFolder(folder / "openings")
        self._papers = DurableFolder(folder / "papers")
        self._locked = DurableFolder(folder / "locked")
        self._keys = DurableFolder(folder / "locked-keys")
        self._door = threading.Lock()

    def put_envelope(self, envelope: bytes) -> str:
        """Keep an envelope, flushed to disk; the name is its SHA-256 (hex)."""
        name = sha256(envelope).hexdigest()
        with self._door:
            if self.envelope(name) is None:
                self.delete_envelope(name)
            self._envelopes.create(name, envelope)
            self._envelopes.settle()
        return name

    def envelope(self, name: str) -> bytes | None:
        """The envelope with this SHA-256; None when it was deleted, never came, or is not these bytes any more."""
        data = _read(self._envelopes.folder / _checked(name)) or self._unlocked(name)
        return data if data is not None and sha256(data).hexdigest() == name else None

    def delete_envelope(self, name: str) -> None:
        """Delete an envelope for good, its own key first; nothing happens when it is not there."""
        for kept in (self._keys, self._locked, self._envelopes):
            with suppress(FileNotFoundError):
                (kept.folder / _checked(name)).unlink()

    def lock_envelope(self, name: str) -> None:
        """
        Keep an envelope under a key of its own from now on; nothing happens when it is locked already or not there.

        Key and locked bytes are on disk before the others go, so that a crash loses nothing; the next call ends the work.
        """
        plain = _read(self._envelopes.folder / _checked(name))
        if plain is None:
            return
        with self._door:
            if self._unlocked(name) != plain:
                key = _read(self._keys.folder / name) or token_bytes(32)
                self._keys.create(name, key)
                self._keys.settle()
                # One key locks one text once: the nonce need not be drawn.
                self._locked.create(name, AESGCM(key).encrypt(_NONCE, plain, name.encode()))
                self._locked.settle()
            with suppress(FileNotFoundError):
                (self._envelopes.folder / name).unlink()

    def _unlocked(self, name: str) -> bytes | None:
        key, data = _read(self._keys.folder / name), _read(self._locked.folder / name)
        if key is None or data is None:
            return None
        try:
            return AESGCM(key).decrypt(_NONCE, data, name.encode())
        except (InvalidTag, ValueError):
            return None

    def put_openings(self, statement_hash: str, openings: list[Opening]) -> None:
        """Keep what opens a statement's commitments, flushed before the statement is appended."""
        with self._door:
            self._openings.create(_checked(statement_hash), msgspec.json.encode(openings))
            self._openings.settle()

    def openings(self, statement_hash: str) -> list[Opening]:
        """The openings kept for a statement; empty when there are none or they were erased."""
        data = _read(self._openings.folder / _checked(statement_hash))
        return [] if data is None else msgspec.json.decode(data, type=list[Opening])

    def put_paper(self, data: bytes) -> dict[str, object]:
        """Keep a paper, flushed to disk; what its opening holds of it: where it lies, its length and SHA-256."""
        name = token_hex(32)
        with self._door:
            self._papers.create(name, data)
            self._papers.settle()
        return {"kept": name, "length": len(data), "sha256": sha256(data).hexdigest()}

    def paper(self, value: object) -> bytes | None:
        """The paper behind an opening's value; None when it is none, was erased, or is not these bytes any more."""
        match value:
            case {"kept": str(name), "sha256": str(fingerprint)} if _NAME.fullmatch(name):
                data = _read(self._papers.folder / name)
                return data if data is not None and sha256(data).hexdigest() == fingerprint else None
        return None

    def erase_papers(self, openings: Sequence[Opening]) -> None:
        """Delete the papers behind these openings; nothing happens for values that are none."""
        for opening in openings:
            match opening["value"]:
                case {"kept": str(name)} if _NAME.fullmatch(name):
                    with suppress(FileNotFoundError):
                        (self._papers.folder / name).unlink()

    def erase_openings(self, statement_hash: str) -> int:
        """Erase values, papers and salts behind a statement, the salts last; the number of fields that went."""
        found = self.openings(statement_hash)
        self.erase_papers(found)
        count = len(found)
        with suppress(FileNotFoundError):
            (self._openings.folder / _checked(statement_hash)).unlink()
        return count


def _checked(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise Refusal("fingerprint-malformed", {"given": name[:80]})
    return name


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
