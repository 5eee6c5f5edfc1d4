"""
Fetches the files of a log, from a folder or over HTTP, a piece at a time.

Rules of this module:

1. Nobody reads more than the caller can use: `read` and `digest` stop one byte beyond their limit.
2. "It is not there" (None) and "it is not known whether it is there" (`log-unreachable`) are never mixed up.
3. Symbolic links are not followed: they could point outside of what is verified.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import stat
import urllib.error
import urllib.request
import zlib
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import LedgerError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TIMEOUT_S: Final = 30
_PIECE: Final = 1 << 20
_NOT_THERE: Final = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}


class Source(Protocol):
    """Where the files of one log are."""

    name: str

    def pieces(self, path: str) -> Iterator[bytes] | None:
        """
        Begin to read one file; None if it is not there.

        Raises:
            LedgerError: `log-unreachable`, now or between two pieces.
        """


def read(source: Source, path: str, limit: int) -> bytes | None:
    """
    Read one file, or tell by None that it is not there.

    Raises:
        MalformedError: `file-size` if it is longer than `limit`.
        LedgerError: `log-unreachable`.
    """
    pieces = source.pieces(path)
    return None if pieces is None else b"".join(_bounded(pieces, path, limit))


def digest(source: Source, path: str, limit: int) -> tuple[bytes, int] | None:
    """Tell SHA-256 and length of one file without keeping it; otherwise as `read`."""
    pieces = source.pieces(path)
    if pieces is None:
        return None
    sha256, length = hashlib.sha256(), 0
    for piece in _bounded(pieces, path, limit):
        sha256.update(piece)
        length += len(piece)
    return sha256.digest(), length


def _bounded(pieces: Iterator[bytes], path: str, limit: int) -> Iterator[bytes]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > limit:
            raise MalformedError("file-size", f"{path} has more than {limit} bytes")
        yield piece


class DirectorySource:
    """Files below a folder."""

    def __init__(self, root: Path) -> None:
        """Set up; nothing is read yet."""
        self.name = str(root)

    def pieces(self, path: str) -> Iterator[bytes] | None:
        """Begin to read one file; see `Source.pieces`."""
        try:
            descriptor = os.open(f"{self.name}/{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in _NOT_THERE:
                return None
            raise LedgerError("log-unreachable", f"{path}: {error.strerror}") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return None
        return _file_pieces(descriptor, path)

    def paths(self) -> Iterator[tuple[str, bool]]:
        """List everything below the folder that is not itself a folder: its path with `/`, and whether it is a file."""
        return _listed(self.name, "")


def _listed(folder: str, below: str) -> Iterator[tuple[str, bool]]:
    with os.scandir(folder) as found:
        for each in sorted(found, key=lambda entry: entry.name):
            if each.is_dir(follow_symlinks=False):
                yield from _listed(each.path, f"{below}{each.name}/")
            else:
                yield below + each.name, each.is_file(follow_symlinks=False)


def _file_pieces(descriptor: int, path: str) -> Iterator[bytes]:
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        try:
            expected = os.fstat(descriptor).st_size
            while piece := file.read(min(max(expected, 1), _PIECE)):  # no more than is there: large buffers cost time
                expected -= len(piece)
                yield piece
        except OSError as error:
            raise LedgerError("log-unreachable", f"{path}: {error.strerror}") from error


class WebSource:
    """Files below an http(s) address."""

    def __init__(self, address: str) -> None:
        """
        Set up; nothing is fetched yet.

        Raises:
            MalformedError: `log-address` if it is not an address of http or https.
        """
        if not address.startswith(("http://", "https://")):
            raise MalformedError("log-address", f"{address[:90]!r}")
        self.name = address.rstrip("/")

    def pieces(self, path: str) -> Iterator[bytes] | None:
        """Begin to fetch one file; see `Source.pieces`. Bundles may come compressed, asked for or not."""
        request = urllib.request.Request(f"{self.name}/{path}", headers={"Accept-Encoding": "gzip"})  # noqa: S310 -- http and https only, see __init__
        try:
            response = urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310 -- as above
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in {http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE}:
                return None
            raise LedgerError("log-unreachable", f"{path}: answer {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise LedgerError("log-unreachable", f"{path}: {error}") from error
        return _web_pieces(response, path)


def _web_pieces(response: http.client.HTTPResponse, path: str) -> Iterator[bytes]:
    packed = response.headers.get("Content-Encoding", "").lower() == "gzip"
    expander = zlib.decompressobj(wbits=31)
    with response:
        try:
            while piece := response.read(_PIECE):
                if not packed:
                    yield piece
                    continue
                while piece:
                    yield expander.decompress(piece, _PIECE)
                    piece = expander.unconsumed_tail
        except (OSError, http.client.HTTPException, zlib.error) as error:
            raise LedgerError("log-unreachable", f"{path}: {error}") from error
        if response.length or packed != expander.eof:
            raise LedgerError("log-unreachable", f"{path}: the answer was cut off")
