"""
A jurisdiction: the rules an agency adopts, as one document with one fingerprint.

- The document is canonical JSON (sorted keys, no spaces, integers only); its SHA-256 is the digest that every pilot pins.
- `from_document` takes exactly the bytes that `document` gives and refuses every other spelling, so that who holds the
  bytes of a pinned digest rebuilds the very rules without the files.
- What holds on a day is asked with `rules(at)`; the day is the jurisdiction's own.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from policies import statements as statement_room
from policies.calendars import local_day
from policies.errors import PolicyError
from policies.figures import check_day, check_text
from policies.rules import Rules, RuleText, assemble, rule_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from policies.statements import Statement

FORMAT: Final = "daylight-policy-v1"
ANY_CURRENCY: Final = "any"
_LIMIT: Final = 1_000_000
_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TAXES: Final = ("included", "excluded", "none")
_PURPOSES: Final = ("live", "re-enactment")
_FACTS: Final = (
    "about",
    "because",
    "country",
    "currency",
    "effective_from",
    "for",
    "id",
    "name",
    "source",
    "status",
    "tax",
    "zone",
)


class Jurisdiction(msgspec.Struct, frozen=True):
    """
    Rules as adopted, law and house apart, for all days.

    `tax` says how amounts are stated; `purpose` is `re-enactment` for rules that would be unlawful to use on real money.
    """

    id: str
    name: str
    about: str
    country: str
    currency: str
    tax: str
    zone: str
    purpose: Literal["live", "re-enactment"]
    since: str
    statements: tuple[Statement, ...]
    document: bytes
    digest: str

    def rules(self, at: datetime) -> Rules:
        """
        Tell the rules in force at this moment, the stricter of law and house.

        A pilot asks with the moment of its publication, for ever: later statements of the same document do not touch
        it.

        Raises:
            PolicyError: `rule-not-in-force` for a day before `since`: nothing may be judged by half a set.
        """
        return _rules_on(self.document, local_day(at, ZoneInfo(self.zone)))

    def rule_texts(self) -> list[RuleText]:
        """List every statement of every period, for the page that shows what was, is and will be."""
        return [rule_text(statement, statement.value, self.currency, wins=None) for statement in self.statements]


def build(facts: Mapping[str, object], found: Sequence[Statement]) -> Jurisdiction:
    """
    Put checked statements under a checked heading; the order in which they come does not matter.

    Raises:
        PolicyError: For a wrong heading, for statements that clash, and for days from `since` on that lack a figure or
            have figures nobody could obey together.
    """
    heading = _heading(facts)
    ordered = tuple(sorted(found, key=statement_room.order))
    clash = statement_room.clash(ordered)
    if clash:
        raise PolicyError(clash[2], f"{ordered[clash[0]].rule} is stated twice for the same day")
    content = {"format": FORMAT, "jurisdiction": heading, "rules": ordered}
    document = msgspec.json.encode(content, order="sorted")
    jurisdiction = Jurisdiction(
        id=heading["id"],
        name=heading["name"],
        about=heading["about"],
        country=heading["country"],
        currency=heading["currency"],
        tax=heading["tax"],
        zone=heading["zone"],
        purpose="live" if heading["for"] == "live" else "re-enactment",
        since=heading["effective_from"],
        statements=ordered,
        document=document,
        digest=hashlib.sha256(document).hexdigest(),
    )
    _check_every_day(jurisdiction)
    return jurisdiction


def _check_every_day(jurisdiction: Jurisdiction) -> None:
    """Put the rules together for each day on which they change: a gap shows when they are read, not years later."""
    turns = {jurisdiction.since}
    for one in jurisdiction.statements:
        turns |= {one.effective_from, one.effective_to or one.effective_from}
    for day in sorted(turns):
        if day >= jurisdiction.since:
            _assemble(jurisdiction, check_day(day, "day"))


def _heading(facts: Mapping[str, object]) -> dict[str, str]:
    for key in facts:
        if key not in _FACTS:
            raise PolicyError("policy-key-unknown", f"{key} is no key of a jurisdiction", key)
    for key in _FACTS:
        if key not in facts:
            reason = "policy-source-missing" if key == "source" else "policy-key-missing"
            raise PolicyError(reason, f"the jurisdiction lacks {key}", key)
    heading = {key: check_text(facts[key], key) for key in _FACTS}
    check_day(heading["effective_from"], "effective_from")
    patterns = {
        "id": _ID.pattern,
        "country": "[A-Z]{2}|any",
        "currency": f"[A-Z]{{3}}|{ANY_CURRENCY}",
        "tax": "|".join(_TAXES),
        "for": "|".join(_PURPOSES),
        "status": "verified|to-confirm|adopted|proposal",
    }
    for key, pattern in patterns.items():
        if not re.fullmatch(pattern, heading[key]):
            raise PolicyError("policy-heading", f"{key} does not fit: {pattern}", key)
    try:
        ZoneInfo(heading["zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PolicyError("policy-zone", f"{heading['zone']} is no time zone of the tz database", "zone") from error
    return heading


@lru_cache(maxsize=32)
def from_document(data: bytes) -> Jurisdiction:
    """
    Rebuild a jurisdiction from the bytes that an entry pins.

    Raises:
        PolicyError: `document-*` for bytes of another spelling; the codes of rule files for a wrong rule.
    """
    if len(data) > _LIMIT:
        raise PolicyError("document-size", f"a rule document has at most {_LIMIT} bytes")
    try:
        content: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PolicyError("document-json", "the document is not JSON") from error
    if not isinstance(content, dict) or set(content) != {"format", "jurisdiction", "rules"}:
        raise PolicyError("document-shape", "the document has format, jurisdiction and rules")
    if content["format"] != FORMAT:
        raise PolicyError("document-format", f"the document's format is not {FORMAT}")
    facts, rules = content["jurisdiction"], content["rules"]
    if not isinstance(facts, dict) or not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise PolicyError("document-shape", "jurisdiction is an object and rules a list of objects")
    jurisdiction = build(facts, [statement_room.read(rule) for rule in rules])
    if jurisdiction.document != data:
        raise PolicyError("document-not-canonical", "the same rules have another spelling in canonical JSON")
    return jurisdiction


@lru_cache(maxsize=256)
def _rules_on(document: bytes, day: date) -> Rules:
    return _assemble(from_document(document), day)


def _assemble(jurisdiction: Jurisdiction, day: date) -> Rules:
    return assemble(
        jurisdiction=jurisdiction.id,
        digest=jurisdiction.digest,
        purpose=jurisdiction.purpose,
        currency=jurisdiction.currency,
        tax=jurisdiction.tax,
        zone=jurisdiction.zone,
        day=day,
        statements=jurisdiction.statements,
    )
