"""
The state of a pilot as SQL over its columns and the moment of asking.

It must agree with `portal.procurement.stage.stage` for every case, and a test holds it to that.
"""

from portal.procurement.stage import STAGES

STAGE = (
    "CASE WHEN o.decided <> '' THEN o.decided WHEN o.closes > ? THEN 'open' WHEN o.listed = 0 THEN 'no-bids'"
    " WHEN o.opens_by <= ? AND o.own_keys = 0 THEN 'opening-failed' ELSE 'closed' END"
)
"""An expression over `o`; it takes the moment twice."""

_WAITING = "o.decided = '' AND o.closes <= ?"


def in_stage(stage: str, at: str) -> tuple[str, tuple[str, ...]]:
    """
    The condition that picks pilots in one state at a moment, and its values.

    Spelled out for each state, not as `STAGE = ?`, so that the index on (decided, closes, entry) is used.
    """
    if stage == "open":
        return "o.decided = '' AND o.closes > ?", (at,)
    if stage == "no-bids":
        return f"{_WAITING} AND o.listed = 0", (at,)
    if stage == "opening-failed":
        return f"{_WAITING} AND o.listed > 0 AND o.opens_by <= ? AND o.own_keys = 0", (at, at)
    if stage == "closed":
        return f"{_WAITING} AND o.listed > 0 AND (o.opens_by > ? OR o.own_keys > 0)", (at, at)
    return "o.decided = ?", (stage,)


def is_stage(word: str) -> bool:
    """Whether a word names a state."""
    return word in STAGES
