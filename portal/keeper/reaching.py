"""
How the tool reaches a portal: over HTTP, or by folders that somebody carries.

1. Whatever comes from there is bounded, and believed by nobody: the record is verified, envelopes are hashed, a drill opens
   under its own label only.
2. A portal's refusal is passed on with its reason. "It did not answer" is another thing, and may be tried again.
3. Over HTTP only `https` is spoken, except to this machine itself.
"""

from __future__ import annotations

import base64
import http.client
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol, TypeVar

import msgspec

from ledger import canonical
from ledger.errors import LedgerError, MalformedError
from ledger.keys import create_secret
from ledger.source import DirectorySource, WebSource
from portal.procurement.drills import sign_asked
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ledger.entry import Signed
    from ledger.keys import SigningKey
    from ledger.source import Source
    from portal.procurement.drills import Asked
    from portal.procurement.events.party import PackKey

_TIMEOUT_S: Final = 60
_ANSWER_LIMIT: Final = 8 << 20
_NEAR: Final = {"localhost", "127.0.0.1", "::1"}


class Challenge(msgspec.Struct, frozen=True):
    """A drill as the portal sends it."""

    nonce: str
    at: str
    shares: list[bytes]


class Portal(Protocol):
    """What the tool needs of a portal."""

    address: str

    @property
    def record(self) -> Source:
        """Where the published record is."""
        ...

    def envelope(self, asked: Asked, key: SigningKey) -> bytes | None:
        """The bytes of an envelope, unchecked; None when the portal says that it has lost them."""
        ...

    def supply(self, opportunity: str, envelope: bytes) -> None:
        """Give the portal back an envelope that it has lost."""
        ...

    def send(self, signed: Signed) -> str:
        """Hand in a released key or a confirmation; tells where it stands now."""
        ...

    def drill(self, keeper: str, keys: Sequence[PackKey]) -> Challenge:
        """Ask for a drill of these keys."""
        ...

    def register(self, signed: Signed, challenge: Challenge, answers: Sequence[bytes]) -> str:
        """Hand in the answers and the registration; tells where it stands now."""
        ...


class WebPortal:
    """A portal at its address."""

    def __init__(self, address: str) -> None:
        """
        Set up; nothing is fetched yet.

        Raises:
            Refusal: `portal-address` for anything but https, or http on this machine.
        """
        self.address = address.rstrip("/")
        parts = urllib.parse.urlsplit(self.address)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _NEAR)
        if not (safe and parts.hostname) or parts.query or parts.fragment or parts.username:
            raise Refusal("portal-address", {"given": address[:120]})

    @property
    def record(self) -> Source:
        """Where the published record is."""
        return WebSource(f"{self.address}/log")

    def envelope(self, asked: Asked, key: SigningKey) -> bytes | None:
        """The bytes of an envelope, unchecked; None when the portal says that it has lost them."""
        body = {
            "asked": msgspec.to_builtins(asked),
            "key": key.key_id,
            "signature": base64.b64encode(sign_asked(asked, key)).decode(),
        }
        try:
            return self._post("envelopes", _json(body))
        except Refusal as refusal:
            if refusal.reason == "envelope-missing":
                return None
            raise

    def supply(self, opportunity: str, envelope: bytes) -> None:
        """Give the portal back an envelope that it has lost."""
        self._post(f"supplies/{opportunity.partition(':')[2]}", envelope)

    def send(self, signed: Signed) -> str:
        """Hand in a released key or a confirmation; tells where it stands now."""
        return self._accepted(self._post("acts", _json({"signed": msgspec.to_builtins(signed)})))

    def drill(self, keeper: str, keys: Sequence[PackKey]) -> Challenge:
        """Ask for a drill of these keys."""
        body = {"keeper": keeper, "keys": [msgspec.to_builtins(pair) for pair in keys]}
        return _read(self._post("drills", _json(body)), Challenge)

    def register(self, signed: Signed, challenge: Challenge, answers: Sequence[bytes]) -> str:
        """Hand in the answers and the registration; tells where it stands now."""
        body = {
            "signed": msgspec.to_builtins(signed),
            "nonce": challenge.nonce,
            "at": challenge.at,
            "answers": [base64.b64encode(answer).decode() for answer in answers],
        }
        return self._accepted(self._post("packs", _json(body)))

    def _accepted(self, answer: bytes) -> str:
        return f"{self.address}{_read(answer, _Accepted).record}"

    def _post(self, path: str, body: bytes) -> bytes:
        request = urllib.request.Request(  # noqa: S310 -- https, or http on this machine: see __init__
            f"{self.address}/api/keeper/{path}",
            data=body,
            headers={"Content-Type": "application/octet-stream", "Accept": "application/problem+json"},
            method="POST",
        )
        try:
            with _OPENER.open(request, timeout=_TIMEOUT_S) as response:
                return _bounded(response.read(_ANSWER_LIMIT + 1))
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read(_ANSWER_LIMIT)) from error
        except (OSError, http.client.HTTPException) as error:
            raise LedgerError("portal-unreachable", f"{self.address}: {error}") from error


class FolderPortal:
    """
    A copied record, envelopes in a folder beside it, and a folder for what is signed: nothing goes over a line.

    The signed files are handed in later, at the portal's desk for keepers or with `curl`.
    """

    address = ""

    def __init__(self, copied: Path, envelopes: Path | None, out: Path) -> None:
        """Set up; nothing is read yet."""
        self._copied, self._envelopes, self._out = copied, envelopes, out

    @property
    def record(self) -> Source:
        """Where the published record is."""
        inner = self._copied / "log"
        return DirectorySource(inner if inner.is_dir() else self._copied)

    def envelope(self, asked: Asked, _key: SigningKey) -> bytes | None:
        """The bytes of an envelope, unchecked; None when the folder does not hold them."""
        path = None if self._envelopes is None else self._envelopes / asked.envelope
        return path.read_bytes() if path is not None and path.is_file() else None

    def supply(self, _opportunity: str, _envelope: bytes) -> None:
        """There is nobody to give it to."""

    def send(self, signed: Signed) -> str:
        """Write what was signed into a file; it is as good as released from then on, so its owner alone may read it."""
        name = f"{signed.statement.kind}-{signed.statement.subject.partition(':')[2]}-{signed.statement.nonce[:8]}.json"
        path = self._out / name
        if not path.exists():
            create_secret(path, canonical.encode(msgspec.to_builtins(signed)) + b"\n")
        return str(path)

    def drill(self, _keeper: str, _keys: Sequence[PackKey]) -> Challenge:
        """A drill needs a portal that answers."""
        raise Refusal("portal-needed", {})

    def register(self, _signed: Signed, _challenge: Challenge, _answers: Sequence[bytes]) -> str:
        """As `drill`."""
        raise Refusal("portal-needed", {})


_Shape = TypeVar("_Shape")


class _Accepted(msgspec.Struct):
    record: Annotated[str, msgspec.Meta(pattern=r"\A/ledger/entries/[0-9]{1,16}\Z")]


class _Problem(msgspec.Struct):
    reason: Annotated[str, msgspec.Meta(pattern=r"\A[a-z-]{1,60}\Z")]
    figures: dict[str, Any] = {}
    fix: str = ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What a keeper signs goes to the portal she pinned, and to no other place that it names."""

    def redirect_request(self, *_arguments: object) -> None:
        """Follow nothing; the answer stays the refusal that it is."""


_OPENER: Final = urllib.request.build_opener(_NoRedirect)


def _json(body: object) -> bytes:
    return msgspec.json.encode(body)


def _read(data: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError("portal-answer", "not what was asked for") from error


def _bounded(data: bytes) -> bytes:
    if len(data) > _ANSWER_LIMIT:
        raise MalformedError("portal-answer", f"more than {_ANSWER_LIMIT} bytes")
    return data


def _refusal(status: int, data: bytes) -> Refusal | LedgerError:
    try:
        problem = msgspec.json.decode(data, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return LedgerError("portal-unreachable", f"answer {status}")
    figures = {name[:40]: _printable(str(value)) for name, value in list(problem.figures.items())[:20]}
    return Refusal(problem.reason, figures, fix=_printable(problem.fix))


def _printable(text: str) -> str:
    """A portal's words without anything that a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:300])
