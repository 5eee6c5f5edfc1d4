"""
Every refusal that the tables of this room provoke, as people read it.

`python -m tests.policies.sentences` writes the vectors anew; read the difference before you commit it, since each line
is what a manager or a bidder is told.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from policies import AddendumFacts, judge_addendum, judge_eligibility, judge_live_use, judge_notice
from tests.policies import (
    test_policy_addenda,
    test_policy_eligibility,
    test_policy_gate,
    test_policy_notices,
    test_policy_times,
)
from tests.policies.policy_cases import HISTORICAL, NEW_YORK, PUBLISHED, RULES

VECTORS = Path(__file__).parents[1] / "vectors" / "policy_sentences.json"


def provoked() -> dict[str, list[Any]]:
    """What each named case is told, as plain values."""
    told: dict[str, list[Any]] = {"live use: historical": judge_live_use(HISTORICAL)}
    for name, (notice, _) in test_policy_notices.REFUSED.items():
        told[f"notice: {name}"] = judge_notice(RULES, notice, PUBLISHED, NEW_YORK)
    for name, (closes, _) in test_policy_times.CLOSES.items():
        told[f"close: {name}"] = test_policy_times.judged(test_policy_times.closing(closes))
    for name, changes in (test_policy_times.DISORDER | test_policy_times.LATE).items():
        told[f"times: {name}"] = test_policy_times.judged(test_policy_times.closing(test_policy_times.FIRST, **changes))
    for name, (material, at, closes, _) in test_policy_addenda.CHANGES.items():
        facts = AddendumFacts(material, test_policy_addenda.CLOSES, closes, at)
        told[f"change: {name}"] = judge_addendum(RULES, facts, NEW_YORK)
    for name, (changes, _) in test_policy_eligibility.FIRMS.items():
        firm = msgspec.structs.replace(test_policy_eligibility.FIRM, **changes)
        told[f"firm: {name}"] = judge_eligibility(RULES, firm, test_policy_eligibility.NOW)
    for name, (rules, wanted, funding, cross_border, value, *_) in test_policy_gate.GATE.items():
        told[f"gate: {name}"] = [test_policy_gate.reserve(rules, wanted, funding, cross_border, value)]
    return {name: msgspec.to_builtins(findings) for name, findings in told.items()}


if __name__ == "__main__":
    vectors = {"about": "Written by tests/policies/sentences.py and read by a person.", "told": provoked()}
    VECTORS.write_bytes(msgspec.json.format(msgspec.json.encode(vectors), indent=1) + b"\n")
