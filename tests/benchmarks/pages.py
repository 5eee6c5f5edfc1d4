"""Public pages, against the same template from memory and a bare ASGI answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.measure import Comparison


def cases(_folder: Path, *, quick: bool) -> Iterator[Comparison]:
    """Wait for the pages."""
    _ = quick
    yield from ()
