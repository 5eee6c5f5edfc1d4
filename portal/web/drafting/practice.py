"""
Practice: the same form and the same rules for anybody, over an agency that need not exist.

1. Nothing is recorded and nothing is kept here: a sheet comes with each request and goes back with the answer.
2. Who scores and who keeps the keys is not known before an agency is admitted; as many stand in as the rules demand, so
   that every other rule is judged for real.
3. A practice file holds the sheet and which rules it was written under. The desk opens it as a notice that was begun.
"""

from typing import Final

import msgspec
from msgspec import Struct

from policies import Jurisdiction, Rules
from portal.procurement.events.opportunity import PinnedPolicy
from portal.procurement.proposing import Candidate, Setting
from portal.web.drafting.sheet import Sheet, known

FORMAT: Final = "daylight-practice-1"
LARGEST_FILE: Final = 200_000
_NOBODYS_AGENCY: Final = "agency:practice"
_KEY: Final = "00" * 32


class PracticeFile(Struct, frozen=True, kw_only=True):
    """What a practice file says; `agency` and `rules` name what it was written under, as far as that was chosen."""

    format: str
    sheet: dict[str, str]
    rules: str = ""
    agency: str = ""


def practice_setting(policy: Jurisdiction, rules: Rules) -> Setting:
    """A setting without people: stand-ins, as many as any size of pilot demands."""
    areas = rules.eligibility.areas
    judges = max(tier.panel_size for tier in rules.tiers.values())
    return Setting(
        agency=_NOBODYS_AGENCY,
        place=areas[0].code if areas else "practice",
        place_name=areas[0].text if areas else policy.name,
        zone=policy.zone,
        currency=policy.currency,
        tax=policy.tax,
        requester="person:requester",
        judges=tuple(f"person:evaluator-{n}" for n in range(1, judges + 1)),
        keepers=tuple(_keepers(_NOBODYS_AGENCY, max(rules.sealing.keepers_least, 2))),
        module=_KEY,
        policy=PinnedPolicy(jurisdiction=policy.id, digest=policy.digest),
    )


def _keepers(agency: str, needed: int) -> list[Candidate]:
    return [
        Candidate(
            keeper=f"keeper:{kind}-{n}",
            name="",
            house=house,
            house_name="",
            person=f"person:keeper-{n}" if kind == "own" else None,
            proposal=_KEY,
            offer=_KEY,
        )
        for kind in ("own", "shared")
        for n in range(1, needed + 1)
        for house in ((agency,) if kind == "own" else (f"house-{n}",))
    ]


def practice_file(sheet: Sheet, rules: str, agency: str) -> bytes:
    """The file of a sheet: readable as text, the same bytes for the same sheet."""
    made = PracticeFile(format=FORMAT, rules=rules, agency=agency, sheet=dict(sorted(sheet.items())))
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


def read_practice_file(data: bytes) -> PracticeFile | None:
    """What a practice file says, known fields only; None for anything that is no such file."""
    if len(data) > LARGEST_FILE:
        return None
    try:
        found = msgspec.json.decode(data, type=PracticeFile)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if found.format != FORMAT:
        return None
    return msgspec.structs.replace(found, sheet=known(found.sheet))
