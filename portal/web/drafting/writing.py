"""One notice while it is written: the sheet, the answers in it, and the notice that follows from them."""

from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from policies import PolicyError, Rules
from portal.procurement.answers import Habits, NoticeAnswers
from portal.procurement.events.opportunity import Criterion, MilestoneTerm, OpportunityPublished
from portal.procurement.proposing import Setting, propose
from portal.web.drafting.given import WHEN, Errors, amount_text, missing_in, read_sheet
from portal.web.drafting.sheet import CRITERIA, STEPS, Sheet, is_changed
from portal.web.views.frame import said

_DATES: Final = ("closes", "questions_close", "objection_until", "opens_by")


class Writing(Struct, frozen=True, kw_only=True):
    """
    Everything that the form, the rules and the paper for the chief need to know.

    `people` are the names of the people in `setting`, as far as this desk knows them; `rules_href` the page of the rules,
    '' where they have none.
    """

    rules: Rules
    setting: Setting
    habits: Habits
    now: datetime
    sheet: Sheet
    answers: NoticeAnswers
    errors: Errors
    missing: tuple[str, ...]
    body: OpportunityPublished
    people: dict[str, str] = {}
    rules_href: str = ""

    def moment(self, instant: datetime) -> str:
        """An instant as a browser's field shows it, in the agency's zone."""
        return instant.astimezone(self.setting.region).strftime(WHEN)

    def name_of(self, person: str) -> str:
        """A person's name, else the pseudonym."""
        return self.people.get(person) or person.partition(":")[2].replace("-", " ").title()


def write(
    rules: Rules,
    setting: Setting,
    habits: Habits,
    sheet: Sheet,
    *,
    now: datetime,
    begins_from: str = "",
    follows: str | None = None,
    people: dict[str, str] | None = None,
    rules_href: str = "",
) -> Writing:
    """Read a sheet and complete it. Nothing is refused here; what is wrong stands in `errors` and `missing`."""
    answers, errors = read_sheet(sheet, setting.currency, setting.region)
    answers = msgspec.structs.replace(answers, begins_from=begins_from, follows=follows)
    try:
        body = propose(rules, setting, habits, answers, now=now)
    except PolicyError as error:  # a day that the calendar of the rules does not cover
        given = next((name for name in _DATES if getattr(answers, name) is not None), "")
        if not given:
            raise
        errors[given] = said("desk.as_it_is", sentence=f"{error.detail[:1].upper()}{error.detail[1:]}.")
        answers = msgspec.structs.replace(answers, **dict.fromkeys(_DATES))
        body = propose(rules, setting, habits, answers, now=now)
    return Writing(
        rules=rules,
        setting=setting,
        habits=habits,
        now=now.astimezone(UTC),
        sheet=sheet,
        answers=answers,
        errors=errors,
        missing=tuple(missing_in(sheet)),
        body=body,
        people=people or {},
        rules_href=rules_href,
    )


def values_of(writing: Writing) -> Sheet:
    """What every field of the filled-in part shows: the change where there is one, else the proposal."""
    body = writing.body
    made = {
        "title": body.title,
        "summary": body.summary,
        "tier": body.tier,
        "price_mode": body.price_mode,
        "floor": "" if body.floor_minor is None else amount_text(body.floor_minor, body.currency),
        "price_weight": str(body.price_weight),
        "wanted": writing.answers.wanted,
        "plan": body.plan or "",
        "evaluators": " ".join(sorted(body.evaluators)),
        "arrangement": body.sealing.arrangement,
        "keepers": " ".join(sorted(seat.keeper for seat in body.sealing.seats)),
        "needed_keys": str(body.sealing.k),
        "payment_days": str(body.payment_days),
        "licence": body.licence,
        "data_class": body.data_class,
        "skills": ", ".join(body.skills),
        "learner_places": str(body.learner_places),
        "training_partner": body.training_partner or "",
        "hours": str(body.hours),
        "rationale": writing.answers.rationale or body.rationale.split("\n", 1)[0],
        "second": "",
        **{name: writing.moment(datetime.fromisoformat(getattr(body, name))) for name in _DATES},
        **criteria_fields(body.criteria),
        **step_fields(body.milestones),
    }
    changed = dict(writing.sheet)
    for group, names in (("criteria", CRITERIA), ("steps", STEPS)):
        if is_changed(writing.sheet, group):
            changed |= {name: writing.sheet.get(name, "") for name in names}
    return made | changed


def criteria_fields(criteria: list[Criterion]) -> Sheet:
    """Criteria as the form's fields; what is left over is empty."""
    made = dict.fromkeys(CRITERIA, "")
    for n, row in enumerate(criteria, 1):
        made |= {f"c{n}_name": row.name, f"c{n}_weight": str(row.weight), f"c{n}_anchors": "\n".join(row.anchors)}
    return {name: made[name] for name in CRITERIA}


def step_fields(steps: list[MilestoneTerm]) -> Sheet:
    """Steps of payment as the form's fields; what is left over is empty."""
    made = dict.fromkeys(STEPS, "")
    for n, row in enumerate(steps, 1):
        made |= {f"m{n}_name": row.name, f"m{n}_share": str(row.share), f"m{n}_days": str(row.days)}
    return {name: made[name] for name in STEPS}
