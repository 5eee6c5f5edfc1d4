"""Rules and facts that the tests of this room share; each test changes one thing and sees what follows."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

import policies
from policies import Criterion, NoticeFacts

if TYPE_CHECKING:
    from policies import Jurisdiction, Rules

FOLDERS = Path(policies.__file__).parent / "jurisdictions"
NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")
COUNTY = policies.load_jurisdiction("blue-ridge-county")
COUNCIL = policies.load_jurisdiction("english-council")
HISTORICAL = policies.load_jurisdiction("historical")


def new_york(text: str) -> datetime:
    """Read a local time of the county as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


def london(text: str) -> datetime:
    """Read a local time of the council as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


PUBLISHED = new_york("2026-03-02 09:00")
RULES = COUNTY.rules(PUBLISHED)
COUNCIL_RULES = COUNCIL.rules(PUBLISHED)

PILOT = NoticeFacts(
    tier="T1",
    price_mode="fixed",
    budget_minor=3_000_000,
    floor_minor=None,
    currency="USD",
    funding="own-money",
    cross_border="no",
    reservation="local",
    criteria=(
        Criterion("approach", "Approach", 50),
        Criterion("team", "Team", 40),
        Criterion("social", "Training", 10),
    ),
    price_weight=0,
    questions_close=new_york("2026-03-09 17:00"),
    closes=new_york("2026-03-17 12:00"),
    objection_until=new_york("2026-03-18 12:00"),
    opens_by=new_york("2026-03-20 00:00"),
    offers_by=new_york("2026-04-08 00:00"),
    arrangement="shared",
    k=2,
    keepers=3,
    evaluators=3,
    learner_places=1,
    milestones=(1_000_000, 1_000_000, 1_000_000),
    payment_days=14,
    proposal_size=16_384,
    offer_size=8_192,
)
"""A pilot that the county may publish on 2 March 2026; every figure that has a limit stands on it or near it."""


def pilot(**changes: Any) -> NoticeFacts:
    """The pilot with some answers changed."""
    return msgspec.structs.replace(PILOT, **changes)


def try_out(**changes: Any) -> NoticeFacts:
    """A try-out kept by the agency's own people, with some answers changed."""
    facts = {
        "tier": "T0",
        "budget_minor": 500_000,
        "milestones": (500_000,),
        "arrangement": "own-staff",
        "evaluators": 1,
    }
    return pilot(**{**facts, **changes})


def priced(**changes: Any) -> NoticeFacts:
    """A pilot whose price the firms name."""
    criteria = (Criterion("approach", "Approach", 40), Criterion("team", "Team", 40))
    facts = {"price_mode": "priced", "floor_minor": 1_000_000, "criteria": criteria, "price_weight": 20}
    return pilot(**{**facts, **changes})


def with_rules(rules: Rules, group: str, **changes: Any) -> Rules:
    """The rules with some figures of one group changed."""
    return msgspec.structs.replace(rules, **{group: msgspec.structs.replace(getattr(rules, group), **changes)})


def copy_of(name: str, folder: Path) -> Path:
    """Copy the rule files of a jurisdiction, to be broken."""
    target = folder / name
    shutil.copytree(FOLDERS / name, target)
    return target


def rewritten(jurisdiction: Jurisdiction, **heading: Any) -> bytes:
    """The document of a jurisdiction with another heading, canonically spelt."""
    content = msgspec.json.decode(jurisdiction.document)
    content["jurisdiction"] |= heading
    return msgspec.json.encode(content, order="sorted")
