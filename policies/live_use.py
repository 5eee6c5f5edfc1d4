"""Rules made for re-enactments would be unlawful on real money; this refuses them where a log is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.findings import Finding

if TYPE_CHECKING:
    from policies.jurisdiction import Jurisdiction


def judge_live_use(jurisdiction: Jurisdiction) -> list[Finding]:
    """List what forbids an agency to adopt these rules for real; an empty list means that it may."""
    if jurisdiction.purpose == "live":
        return []
    return [
        Finding(
            None,
            "policy-re-enactment-only",
            f"The rules “{jurisdiction.name}” replay purchases of the past; they have no least times and no reserved pilots.",
            "Adopt the rules of your own jurisdiction.",
            {"policy": jurisdiction.id},
        )
    ]
