"""
Logs that earlier code published stay readable for ever.

`tests/recorded/` holds their files as they were written: `ed25519` by the first code that published a log at all,
`passkeys` by the first that took passkeys and browsers' keys, `procurement` by the first whose keepers proved their keys:
a pilot from its notice to the award (`tests/portal/test_recompute.py` plays it again). They are never written anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.verify import verify_log

RECORDED = Path(__file__).parent.parent / "recorded"
LOGS = {
    "ed25519": (258, 259, "1cf667308d88f76fc24ec875d9ff4a85e299bc373431302f5ccd721b93cb5e5d"),
    "passkeys": (11, 12, "884927f21c3796b9045d9fc74ea0ab1640684666fe182e319602a459b2bebd82"),
    "procurement": (43, 49, "386924d2f934f0d1a62f6b9a8b23ab5e2fe71f6239d743b113695258aba362ea"),
}


def test_every_recorded_log_is_known() -> None:
    assert {path.name for path in RECORDED.iterdir()} == set(LOGS)


@pytest.mark.parametrize("name", LOGS)
def test_a_recorded_log_verifies_to_the_root_it_had(name: str) -> None:
    report = verify_log(RECORDED / name)
    assert report.findings == report.unpublished == []
    assert (report.size, report.signatures, report.root.hex()) == LOGS[name]
