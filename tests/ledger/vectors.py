"""Reads the known answers in tests/vectors; a case is a name with why, spec and refused."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent.parent / "vectors"


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return loaded


def named(cases: dict[str, dict[str, Any]]) -> list[Any]:
    """Make pytest parameters whose ids are the cases' names."""
    return [pytest.param(case, id=name) for name, case in cases.items()]


def data_of(case: dict[str, Any], field: str) -> bytes:
    """Tell the bytes of a case, however JSON had to write them."""
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    if "base64" in case:
        return base64.b64decode(case["base64"])
    if "repeat" in case:
        return "".join(text * count for text, count in case["repeat"]).encode()
    encoded: bytes = case[field].encode()
    return encoded


def outcome(read: Callable[[], object]) -> str | None:
    """Tell the reason of a refusal, or None. Anything but an error of the ledger's passes through and fails the test."""
    refusal = None
    try:
        read()
    except LedgerError as error:
        refusal = error
    if refusal is None:
        return None
    assert refusal.detail, "a refusal says what was found"
    return refusal.reason
