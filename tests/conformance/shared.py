"""Finds the shared data, which stays outside the repository: `SHARED=DIR` says where. Without it the tests fail."""

from __future__ import annotations

import os
from pathlib import Path


def folder(*parts: str) -> Path:
    place = os.environ.get("SHARED")
    if not place:
        raise RuntimeError("these tests need the shared data: set SHARED to its folder")
    found = Path(place, *parts)
    if not found.is_dir():
        raise RuntimeError(f"no folder {'/'.join(parts)} in the folder that SHARED names")
    return found
