"""Every refusal that the tables of this room provoke, as people read it.

`python -m tests.policies.sentences` writes the vectors anew; read the difference before you commit it, since each line
is what a manager or a bidder is told.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from policies import (
    KINDS,
    AddendumFacts,
    PolicyError,
    from_document,
    judge_addendum,
    judge_eligibility,
    judge_live_use,
    judge_notice,
    load_jurisdiction,
    reserve,
)
from policies.figures import parse
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


def cases() -> dict[str, Callable[[], Any]]:
    """Each case by its name, to be asked one at a time."""
    return findings() | refusals()


def findings() -> dict[str, Callable[[], Any]]:
    """What a manager and a firm are told."""
    told: dict[str, Callable[[], Any]] = {"live use: historical": partial(judge_live_use, HISTORICAL)}
    for name, (notice, _) in test_policy_notices.REFUSED.items():
        told[f"notice: {name}"] = partial(judge_notice, RULES, notice, PUBLISHED, NEW_YORK)
    for name, (closes, _) in test_policy_times.CLOSES.items():
        told[f"close: {name}"] = partial(test_policy_times.judged, test_policy_times.closing(closes))
    for name, changes in (test_policy_times.DISORDER | test_policy_times.LATE).items():
        notice = test_policy_times.closing(test_policy_times.FIRST, **changes)
        told[f"times: {name}"] = partial(test_policy_times.judged, notice)
    for name, (material, at, closes, _) in test_policy_addenda.CHANGES.items():
        facts = AddendumFacts(material, test_policy_addenda.CLOSES, closes, at)
        told[f"change: {name}"] = partial(judge_addendum, RULES, facts, NEW_YORK)
    for name, (changes, _) in test_policy_eligibility.FIRMS.items():
        firm = msgspec.structs.replace(test_policy_eligibility.FIRM, **changes)
        told[f"firm: {name}"] = partial(judge_eligibility, RULES, firm, test_policy_eligibility.NOW)
    for name, (rules, *asked) in test_policy_gate.GATE.items():
        told[f"gate: {name}"] = partial(reserve, rules, *asked[:4])
    return told


def refusals() -> dict[str, Callable[[], Any]]:
    """What is told to whoever breaks a rule file, a document or a question to this room."""
    calls: dict[str, Callable[[], object]] = {}
    calls |= {f"score: {name}": call for name, (call, _) in test_policy_scoring.WRONG.items()}
    calls |= {f"rules: {name}": call for name, (call, _) in test_policy_rules.WRONG.items()}
    calls |= {f"calendar: {name}": call for name, (call, _) in test_policy_calendars.WRONG.items()}
    for name, (data, _) in test_policy_documents.DOCUMENTS.items():
        calls[f"document: {name}"] = partial(from_document, data)
    for name, (rule, raw, fits) in test_policy_rules.LIMITS.items():
        if not fits:
            calls[f"figure: {name}"] = partial(parse, KINDS[rule], raw)
    for name, (file, old, new, reason, _) in test_policy_files.EDITS.items():
        if reason != "policy-toml":  # those words are Python's own and change with it
            calls[f"file: {name}"] = partial(_load_edited, file, old, new)
    for name, (file, old, new) in test_policy_files.CONTRADICTIONS.items():
        calls[f"contradiction: {name}"] = partial(_load_edited, file, old, new)
    return {name: partial(_refusal, call) for name, call in calls.items()}


def told_by(case: Callable[[], Any]) -> Any:
    """What a case tells, as the vectors hold it."""
    return msgspec.to_builtins(case())


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
    vectors = {
        "about": "Written by tests/policies/sentences.py and read by a person.",
        "told": {name: told_by(case) for name, case in cases().items()},
    }
    VECTORS.write_bytes(msgspec.json.format(msgspec.json.encode(vectors), indent=1) + b"\n")
