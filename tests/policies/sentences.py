"""Every refusal that the tables of this room provoke, as people read it.

`python -m tests.policies.sentences` writes the vectors anew; read the difference before you commit it, since each line
is what a manager or a bidder is told.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from policies import (
    AddendumFacts,
    PolicyError,
    judge_addendum,
    judge_eligibility,
    judge_live_use,
    judge_notice,
    load_jurisdiction,
)
from tests.policies import (
    test_policy_addenda,
    test_policy_calendars,
    test_policy_documents,
    test_policy_eligibility,
    test_policy_files,
    test_policy_gate,
    test_policy_notices,
    test_policy_rules,
    test_policy_scoring,
    test_policy_times,
)
from tests.policies.policy_cases import COUNTY, HISTORICAL, NEW_YORK, PUBLISHED, RULES, copy_of

if TYPE_CHECKING:
    from collections.abc import Callable

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
    return {name: msgspec.to_builtins(findings) for name, findings in told.items()} | refusals()


def refusals() -> dict[str, list[Any]]:
    """What is told to whoever breaks a rule file, a document or a question to this room."""
    calls: dict[str, Callable[[], object]] = {}
    calls |= {f"score: {name}": call for name, (call, _) in test_policy_scoring.WRONG.items()}
    calls |= {f"rules: {name}": call for name, (call, _) in test_policy_rules.WRONG.items()}
    calls |= {f"calendar: {name}": call for name, (call, _) in test_policy_calendars.WRONG.items()}
    for name, (data, _) in test_policy_documents.DOCUMENTS.items():
        calls[f"document: {name}"] = lambda data=data: test_policy_documents.from_document(data)  # type: ignore[misc]
    for rule, raw, fits in test_policy_rules.LIMITS.values():
        if not fits:
            calls[f"figure: {rule} {raw}"] = lambda rule=rule, raw=raw: test_policy_rules.parse_of(rule, raw)  # type: ignore[misc]
    for name, (file, old, new, reason, _) in test_policy_files.EDITS.items():
        if reason == "policy-toml":
            continue  # those words are Python's own and change with it
        calls[f"file: {name}"] = lambda file=file, old=old, new=new: _load_edited(file, old, new)  # type: ignore[misc]
    for name, (file, old, new) in test_policy_files.CONTRADICTIONS.items():
        calls[f"contradiction: {name}"] = lambda file=file, old=old, new=new: _load_edited(file, old, new)  # type: ignore[misc]
    return {name: [_refusal(call)] for name, call in calls.items()}


def _load_edited(file: str, old: str, new: str) -> object:
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of(COUNTY.id, Path(folder))
        test_policy_files.edited(copy, file, old, new)
        return load_jurisdiction(copy)


def _refusal(call: Callable[[], object]) -> str:
    try:
        call()
    except PolicyError as error:
        return str(error)
    raise AssertionError("nothing was refused")


if __name__ == "__main__":
    vectors = {"about": "Written by tests/policies/sentences.py and read by a person.", "told": provoked()}
    VECTORS.write_bytes(msgspec.json.format(msgspec.json.encode(vectors), indent=1) + b"\n")
