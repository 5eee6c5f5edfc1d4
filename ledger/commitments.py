"""
Salted commitments: state a field in the log without showing it, show it later, or let it be erased.

Rules of this module (SPEC.md, "Commitments"):

* Each field has its own 32 random bytes of salt. They are never derived: one secret behind all salts
  would mean that erasing one field erases all, or none.
* Decoys fill the list up to a multiple of eight, and the list is sorted: it tells neither how many
  fields there are nor which is which.
* Salt and value are stored together outside the log. Deleting both leaves the log valid, and a guess of
  the value can no longer be confirmed by anyone.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Mapping
from typing import TypedDict

from ledger import canonical
from ledger.errors import MalformedError, VerificationError

GROUP = 8
SALT_LENGTH = 32

_DOMAIN = b"daylight-commitment-v1"
_KIND = re.compile(r"[a-z]+(-[a-z]+)*")
_SALT = re.compile(r"[0-9a-f]{64}")


class Opening(TypedDict):
    """What shows that one commitment is of one field: its path, its salt in hexadecimal, its value."""

    path: str
    salt: str
    value: object


def commitment(kind: str, opening: Opening) -> str:
    """
    Compute the commitment that an opening opens, in hexadecimal.

    The kind of the entry is part of it, so that a field cannot be shown as one of another kind of entry.

    Raises:
        MalformedError: `commitment-kind`, `opening-salt`, or a reason of the canonical profile.
    """
    if not _KIND.fullmatch(kind):
        raise MalformedError("commitment-kind", repr(kind))
    if not _SALT.fullmatch(opening["salt"]):
        raise MalformedError("opening-salt", "not 64 lower-case hexadecimal digits")
    fields = [opening["salt"], opening["path"], opening["value"]]
    canonical.check(fields)
    return hashlib.sha256(b"\x00".join([_DOMAIN, kind.encode("ascii"), canonical.encode(fields)])).hexdigest()


def commit(kind: str, fields: Mapping[str, object]) -> tuple[list[str], list[Opening]]:
    """
    Commit to each field under a fresh salt.

    Returns:
        The sorted commitments for the statement, decoys among them, and the openings to keep beside the
        values, in the order of the fields. No fields give no commitments.
    """
    openings = [Opening(path=path, salt=secrets.token_hex(SALT_LENGTH), value=value) for path, value in fields.items()]
    found = [commitment(kind, opening) for opening in openings]
    decoys = [secrets.token_hex(hashlib.sha256().digest_size) for _ in range(-len(found) % GROUP)]
    return sorted(found + decoys), openings


def verify_opening(kind: str, opening: Opening, commitments: Collection[str]) -> None:
    """
    Pass an opening only if the statement commits to it.

    Raises:
        MalformedError: `opening-fields`, or as `commitment` does.
        VerificationError: `commitment-missing`.
    """
    texts = isinstance(opening.get("path"), str) and isinstance(opening.get("salt"), str)
    if set(opening) != {"path", "salt", "value"} or not texts:
        raise MalformedError("opening-fields", "not path and salt as text, and a value")
    if commitment(kind, opening) not in commitments:
        raise VerificationError("commitment-missing", f"{opening['path']}: the statement commits to no such value")
