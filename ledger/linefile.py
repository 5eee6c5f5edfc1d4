"""
The small files that people keep: one canonical JSON object and one line end.

Receipts, keeper packs and terms files share it. They hold secrets or decide whom a bid is sealed to, so
there is one spelling, every field is demanded, and an unknown one is refused rather than skipped.
"""

from typing import Annotated, TypeAlias, TypeVar

import msgspec

from ledger import canonical
from ledger.errors import MalformedError

Hex32: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
"""32 bytes in lower-case hexadecimal."""

_Shape = TypeVar("_Shape", bound=msgspec.Struct)


def write_line(value: msgspec.Struct) -> bytes:
    """
    Write a file's bytes.

    Raises:
        MalformedError: A reason of the canonical profile, if a field has text that it does not allow.
    """
    fields = msgspec.to_builtins(value)
    canonical.check(fields)
    return canonical.encode(fields) + b"\n"


def read_line(data: bytes, shape: type[_Shape], reason: str, *, limit: int = canonical.LIMIT) -> _Shape:
    """
    Read a file's bytes into its shape.

    Args:
        reason: The code to refuse with when the JSON is sound and something else; the message never
            repeats the content, which may be secret.

    Raises:
        MalformedError: `reason`, or a reason of the canonical profile.
    """
    if not data.endswith(b"\n"):
        raise MalformedError(reason, "does not end with a line end")
    fields = canonical.decode(data[:-1], limit=limit)
    try:
        return msgspec.convert(fields, shape)
    except msgspec.ValidationError as error:
        raise MalformedError(reason, "a field is missing, unknown or of another type") from error
