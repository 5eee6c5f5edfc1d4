"""
The three lines that a checkpoint signs (C2SP tlog-checkpoint, Note text).

Rules (SPEC.md, section 7):
- Origin, size and root, one line each, and nothing else: extension lines are refused, because
  cosigners disagree whether they sign them (decisions/0003).
- The size is decimal without sign, leading zero or separator; the root is 32 bytes in standard
  base64 in its one spelling.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from ledger.errors import MalformedError
from ledger.keys import decode_base64
from ledger.tree import EMPTY_ROOT, HASH_SIZE

SIZE_LIMIT = 2**63 - 1
TEXT_LIMIT = 1024
ORIGIN_LIMIT = 255
"""Bytes of an origin or a key's name at most: a cosignature has one byte for its length."""

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LINES = 3


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a log says of itself at one size."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note text: what the log's first signature is over."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse_tree_head(text: str) -> TreeHead:
    """
    Read the text of a checkpoint.

    Raises:
        MalformedError: `checkpoint-length`, `-lines`, `-extension`, `-origin`, `-tree-size` or `-root-hash`.
    """
    if len(text) > TEXT_LIMIT:
        raise MalformedError("checkpoint-length", f"{len(text)} characters")
    lines = text.split("\n")
    if lines.pop() or len(lines) < _LINES:
        raise MalformedError("checkpoint-lines", "not three lines, each ended")
    if len(lines) > _LINES:
        raise MalformedError("checkpoint-extension", "more than three lines")
    origin, size, root = lines
    if not origin or not origin.isprintable() or len(origin.encode()) > ORIGIN_LIMIT:
        raise MalformedError("checkpoint-origin", f"{origin[:90]!r}")
    if _SIZE.fullmatch(size) is None or int(size) > SIZE_LIMIT:
        raise MalformedError("checkpoint-tree-size", f"{size[:40]!r}")
    head = TreeHead(origin, int(size), decode_base64(root, HASH_SIZE, "checkpoint-root-hash"))
    if head.size == 0 and head.root != EMPTY_ROOT:
        raise MalformedError("checkpoint-root-hash", "size 0 and not the root of the empty tree")
    return head
