"""A sheet read as answers: amounts, numbers, moments and lists, with a sentence for each that cannot be read."""

import re
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from portal.procurement.answers import NoticeAnswers
from portal.procurement.events.opportunity import Criterion, MilestoneTerm
from portal.procurement.money import Money
from portal.procurement.proposing import LONGEST_LINE, LONGEST_TITLE, MOST_REQUIREMENTS, tests_in
from portal.projections.folding import slug_of
from portal.web.desk.fields import minor_of
from portal.web.drafting.sheet import ANSWERS, CRITERIA, MOST_CRITERIA, MOST_STEPS, STEPS, Sheet
from portal.web.views.frame import Said, said

LONGEST_PROSE: Final = 6000
LONGEST: Final[dict[str, int]] = {
    "need": LONGEST_PROSE,
    "outcome": LONGEST_PROSE,
    "audience": LONGEST_PROSE,
    "existing": LONGEST_PROSE,
    "acceptance": LONGEST_PROSE,
    "rationale": 4000,
    "helpers": 4000,
    "override": 500,
    "incumbent": LONGEST_TITLE,
    "title": LONGEST_TITLE,
    "summary": LONGEST_LINE,
    "licence": LONGEST_LINE,
    "data_class": LONGEST_LINE,
    "skills": 600,
}
"""The most signs that each text may have."""

WHEN: Final = "%Y-%m-%dT%H:%M"
"""How a browser writes a local moment."""

_DATES: Final = ("closes", "questions_close", "objection_until", "opens_by")
_NUMBERS: Final = {
    "price_weight": (0, 100),
    "needed_keys": (1, 16),
    "payment_days": (0, 365),
    "learner_places": (0, 50),
    "hours": (1, 200),
}
_LEVELS: Final = 5
_MOST_SKILLS: Final = 10
_MOST_HELPERS: Final = 20

Errors = dict[str, Said]


def missing_in(sheet: Sheet) -> list[str]:
    """The needed answers that are not there yet. Which money pays and who could want it have a careful answer: not sure."""
    return [name for name in ANSWERS if not sheet.get(name) and name not in {"funding", "cross_border"}]


def read_sheet(sheet: Sheet, currency: str, zone: ZoneInfo) -> tuple[NoticeAnswers, Errors]:
    """The answers and changes of a sheet. What cannot be read has its error, and counts as not given."""
    errors: Errors = {
        name: said("drafting.too_long", n=len(sheet[name]), most=most)
        for name, most in LONGEST.items()
        if len(sheet.get(name, "")) > most
    }
    sure = sheet.get("cross_border", "")
    answers = NoticeAnswers(
        need=sheet.get("need", ""),
        outcome=sheet.get("outcome", ""),
        audience=sheet.get("audience", ""),
        existing=sheet.get("existing", ""),
        incumbent=sheet.get("incumbent", ""),
        budget_minor=_amount(sheet, "budget", currency, errors) or 0,
        funding=sheet.get("funding", "") or "not-sure",
        cross_border=sure if sure in {"no", "yes"} else "not-sure",  # type: ignore[arg-type]  # one of three
        acceptance=sheet.get("acceptance", ""),
        helpers=sheet.get("helpers", ""),
        kept_because=sheet.get("override", ""),
        **_choices(sheet),
        **_dates(sheet, zone, errors),
        **_numbers(sheet, errors),
        floor_minor=_amount(sheet, "floor", currency, errors),
        criteria=_criteria(sheet, errors),
        milestones=_steps(sheet, errors),
    )
    _lists(sheet, errors)
    return answers, errors


def amount_text(amount_minor: int, currency: str) -> str:
    """An amount as a field shows it: `4,200` or `4,200.50`."""
    return str(Money(amount_minor, currency)).rpartition(" ")[0]


def _choices(sheet: Sheet) -> dict[str, Any]:
    """What is chosen out of few, or written in a line."""
    made: dict[str, Any] = {
        "wanted": "open" if sheet.get("wanted") == "open" else "local",
        "tier": "T1" if sheet.get("tier") == "T1" else "T0",
        "price_mode": "priced" if sheet.get("price_mode") == "priced" else "fixed",
        "arrangement": sheet.get("arrangement") if sheet.get("arrangement") in {"own-staff", "shared"} else None,
        "plan": sheet.get("plan") or None,
        "training_partner": sheet.get("training_partner") or None,
        "skills": tuple(skills_in(sheet.get("skills", "")))[:_MOST_SKILLS],
    }
    made |= {name: sheet.get(name, "") for name in ("title", "summary", "licence", "data_class", "rationale")}
    made |= {name: tuple(sheet[name].split()) if name in sheet else None for name in ("evaluators", "keepers")}
    return made


def skills_in(text: str) -> list[str]:
    """Skills between commas or line ends."""
    return [skill.strip() for skill in re.split(r"[,\n]", text) if skill.strip()]


def _amount(sheet: Sheet, name: str, currency: str, errors: Errors) -> int | None:
    if not sheet.get(name):
        return None
    found = minor_of(sheet[name], currency)
    if found is None:
        errors.setdefault(name, said("desk.no_amount"))
    return found


def _numbers(sheet: Sheet, errors: Errors) -> dict[str, Any]:
    return {name: _number(sheet, name, least, most, errors) for name, (least, most) in _NUMBERS.items()}


def _number(sheet: Sheet, name: str, least: int, most: int, errors: Errors) -> int | None:
    text = sheet.get(name, "").removesuffix("%").strip()
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,6}", text) and least <= int(text) <= most:
        return int(text)
    errors[name] = said("drafting.no_number", least=least, most=most)
    return None


def _dates(sheet: Sheet, zone: ZoneInfo, errors: Errors) -> dict[str, Any]:
    """Local moments in the agency's zone; a moment that the clock skips in spring is taken as the one after it."""
    found: dict[str, datetime | None] = dict.fromkeys(_DATES)
    for name in _DATES:
        text = sheet.get(name, "")
        if not text:
            continue
        try:
            found[name] = datetime.strptime(text[:16], WHEN).replace(tzinfo=zone)
        except ValueError:
            errors[name] = said("drafting.no_moment")
    return found


def _criteria(sheet: Sheet, errors: Errors) -> tuple[Criterion, ...]:
    """The criteria that have a name; ids come from the names, so that the social one is known by its own."""
    made: list[Criterion] = []
    taken: set[str] = set()
    for n in range(1, MOST_CRITERIA + 1):
        name = sheet.get(f"c{n}_name", "")
        if not name or not any(key in sheet for key in CRITERIA):
            continue
        anchors = [line.strip() for line in sheet.get(f"c{n}_anchors", "").split("\n") if line.strip()]
        if len(anchors) != _LEVELS:
            errors[f"c{n}_anchors"] = said("drafting.five_levels", n=len(anchors))
        _fits(errors, f"c{n}_anchors", anchors, LONGEST_LINE)
        _fits(errors, f"c{n}_name", [name], LONGEST_TITLE)
        weight = _number(sheet, f"c{n}_weight", 0, 100, errors)
        stem = re.sub(r"[^a-z0-9]+", "_", slug_of(name))[:36].strip("_") or "criterion"
        stem = stem if stem[0].isalpha() else f"c_{stem}"
        made.append(
            Criterion(
                id=stem if stem not in taken else f"{stem}_{n}",
                name=name[:LONGEST_TITLE],
                weight=weight or 0,
                anchors=(anchors + [""] * _LEVELS)[:_LEVELS],
            )
        )
        taken.add(made[-1].id)
    return tuple(made)


def _steps(sheet: Sheet, errors: Errors) -> tuple[MilestoneTerm, ...]:
    made = []
    for n in range(1, MOST_STEPS + 1):
        name = sheet.get(f"m{n}_name", "")
        if not name or not any(key in sheet for key in STEPS):
            continue
        _fits(errors, f"m{n}_name", [name], LONGEST_LINE)
        share = _number(sheet, f"m{n}_share", 0, 100, errors)
        days = _number(sheet, f"m{n}_days", 0, 730, errors)
        made.append(MilestoneTerm(name=name[:LONGEST_LINE], share=share or 0, days=days or 0))
    return tuple(made)


def _lists(sheet: Sheet, errors: Errors) -> None:
    """Lists that the record bounds: tests, skills, helpers."""
    tests = tests_in(sheet.get("acceptance", ""))
    if len(tests) > MOST_REQUIREMENTS:
        errors["acceptance"] = said("drafting.too_many_lines", n=len(tests), most=MOST_REQUIREMENTS)
    _fits(errors, "acceptance", tests, LONGEST_LINE)
    skills = skills_in(sheet.get("skills", ""))
    if len(skills) > _MOST_SKILLS:
        errors["skills"] = said("drafting.too_many_skills", n=len(skills), most=_MOST_SKILLS)
    _fits(errors, "skills", skills, LONGEST_TITLE)
    helpers = [line.strip() for line in sheet.get("helpers", "").split("\n") if line.strip()]
    if len(helpers) > _MOST_HELPERS:
        errors["helpers"] = said("drafting.too_many_lines", n=len(helpers), most=_MOST_HELPERS)
    _fits(errors, "helpers", [line.partition(",")[0] for line in helpers], LONGEST_TITLE)
    _fits(errors, "helpers", [line.partition(",")[2] for line in helpers], LONGEST_LINE)


def _fits(errors: Errors, name: str, lines: list[str], most: int) -> None:
    long = next((place for place, line in enumerate(lines, 1) if len(line) > most), None)
    if long is not None:
        errors.setdefault(name, said("drafting.line_too_long", line=long, n=len(lines[long - 1]), most=most))
