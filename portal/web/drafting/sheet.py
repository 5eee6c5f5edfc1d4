"""
What somebody wrote into the form, as one flat sheet of texts: what a draft keeps and a practice file holds.

1. Only answers and changes stand in a sheet. A field that shows what was proposed and was sent back as it was is not in
   it, so that the proposal keeps following the answers and the calendar.
2. Fields that belong together (criteria with their weights, the steps of payment) are changed together.
3. A sheet is small and holds nothing but known names: whatever else a form or a file brings is left out.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

import msgspec

Sheet = dict[str, str]

ANSWERS: Final = (
    "need",
    "outcome",
    "audience",
    "existing",
    "incumbent",
    "budget",
    "funding",
    "cross_border",
    "acceptance",
    "helpers",
)
"""The ten answers, in the order of the form."""

MOST_CRITERIA: Final = 6
MOST_STEPS: Final = 6
CRITERIA: Final = tuple(f"c{n}_{part}" for n in range(1, MOST_CRITERIA + 1) for part in ("name", "weight", "anchors"))
STEPS: Final = tuple(f"m{n}_{part}" for n in range(1, MOST_STEPS + 1) for part in ("name", "share", "days"))
LISTS: Final = ("evaluators", "keepers")
"""Fields of many ticks: their values stand in the sheet on one line, between spaces."""

_SINGLE: Final = (
    "title",
    "summary",
    "tier",
    "price_mode",
    "floor",
    "price_weight",
    "wanted",
    "plan",
    "closes",
    "questions_close",
    "objection_until",
    "opens_by",
    "arrangement",
    "needed_keys",
    "payment_days",
    "licence",
    "data_class",
    "skills",
    "learner_places",
    "training_partner",
    "hours",
    "rationale",
    "second",
)
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    **{name: (name,) for name in (*_SINGLE, *LISTS)},
    "criteria": CRITERIA,
    "steps": STEPS,
}
"""What is changed together, by name."""

ASIDE: Final = ("override", "from", "again")
"""The reason to keep a wording, and the notice that this one began from."""

_KNOWN: Final = frozenset(ANSWERS) | frozenset(ASIDE) | {name for names in GROUPS.values() for name in names}
_LONGEST: Final = 8000
_REVERT: Final = "proposal"


def sheet_of(fields: Mapping[str, list[str]]) -> Sheet:
    """The sheet behind a form: its answers, and of the rest only what was changed; pressed mends applied."""
    shown = _shown(fields.get("proposed", []))
    sheet = {name: value for name in (*ANSWERS, *ASIDE) if (value := text_of(fields, name))}
    for names in GROUPS.values():
        given = {name: text_of(fields, name) for name in names}
        told = any(name in shown for name in names)
        touched = any(given[name] != shown.get(name, "") for name in names) if told else any(given.values())
        ticked = told and names[0] in LISTS
        if touched and (ticked or any(given.values())):
            sheet |= {name: value for name, value in given.items() if value or ticked}
    return mended(sheet, fields.get("mend", []))


def mended(sheet: Sheet, mends: Iterable[str]) -> Sheet:
    """The sheet after these mends: `name=value` sets a field, `name=` empties it, `proposal=group` takes a proposal."""
    made = dict(sheet)
    for mend in mends:
        for name, value in parse_qsl(mend, keep_blank_values=True, max_num_fields=100):
            if name == _REVERT:
                for each in GROUPS.get(value, ()):
                    made.pop(each, None)
            elif value and name in _KNOWN:
                made[name] = clean(value)
            else:
                made.pop(name, None)
    return made


def setting(**values: str) -> str:
    """What a mend's button sends to set these fields."""
    return urlencode(values)


def reverting(*groups: str) -> str:
    """What a mend's button sends to take what is proposed for these groups again."""
    return urlencode([(_REVERT, group) for group in groups])


def known(sheet: Mapping[str, object]) -> Sheet:
    """A sheet out of a file: known names with texts, and nothing else."""
    return {
        name: clean(value)
        for name, value in sheet.items()
        if name in _KNOWN and isinstance(value, str) and (value or name in LISTS)
    }


def text_of(fields: Mapping[str, list[str]], name: str) -> str:
    """The value of a field: trimmed, with the line ends of this project; ticks joined by spaces, in one order."""
    values = fields.get(name, [])
    return " ".join(sorted(clean(value) for value in values)) if name in LISTS else clean("".join(values[:1]))


def clean(value: str) -> str:
    """A text as the record can take it: no control characters but line ends, and no longer than anything may be."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    plain = (sign if sign == "\n" or sign.isprintable() else " " * sign.isspace() for sign in lines)
    return unicodedata.normalize("NFC", "".join(plain))[:_LONGEST].strip()


def is_changed(sheet: Sheet, group: str) -> bool:
    """Whether somebody changed what was proposed for this group."""
    return any(name in sheet for name in GROUPS[group])


def _shown(proposals: Iterable[str]) -> dict[str, str]:
    """What the form had shown as proposed; a hidden field that somebody broke counts as not there."""
    found: dict[str, str] = {}
    for each in proposals:
        try:
            found |= {name: clean(value) for name, value in msgspec.json.decode(each, type=dict[str, str]).items()}
        except msgspec.DecodeError:
            return {}
    return found
