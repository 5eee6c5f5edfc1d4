"""Promised work."""

import msgspec

from ledger.entry import format_time
from portal.procurement.act import Act
from portal.procurement.events import plan
from portal.projections.applying.wording import keep_skills, keep_words
from portal.projections.shelf import Shelf


def plan_announced(shelf: Shelf, act: Act, body: plan.PlanAnnounced) -> set[str]:
    """A row for the promise."""
    shelf.run(
        "INSERT INTO {plan} (entry, learner_places, id, agency, title, need, skills, tier, quarter, money, place,"
        " place_name, at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (act.index, body.learner_places, act.subject, body.agency, *_promise(body), *[format_time(act.at)] * 2),
    )
    _find_by(shelf, act.index, body)
    return {"plans", body.agency}


def plan_changed(shelf: Shelf, act: Act, body: plan.PlanChanged) -> set[str]:
    """The promise as it now stands."""
    shelf.run(
        "UPDATE {plan} SET learner_places = ?, title = ?, need = ?, skills = ?, tier = ?, quarter = ?, money = ?,"
        " place = ?, place_name = ?, changed_entry = ?, changed_at = ? WHERE id = ?",
        (body.plan.learner_places, *_promise(body.plan), act.index, format_time(act.at), act.subject),
    )
    _find_by(shelf, shelf.number("SELECT entry FROM {plan} WHERE id = ?", (act.subject,)), body.plan)
    return {"plans", body.plan.agency}


def plan_dropped(shelf: Shelf, act: Act, body: plan.PlanDropped) -> set[str]:
    """The promise is taken back; its row stays."""
    shelf.run(
        "UPDATE {plan} SET dropped_entry = ?, dropped_reason = ?, changed_at = ? WHERE id = ?",
        (act.index, body.reason, format_time(act.at), act.subject),
    )
    row = shelf.row("SELECT agency FROM {plan} WHERE id = ?", (act.subject,))
    return {"plans", row[0]} if row else {"plans"}


def _promise(body: plan.PlanAnnounced) -> tuple[str, ...]:
    return (
        body.title,
        body.need,
        msgspec.json.encode(body.skills).decode(),
        body.tier,
        body.quarter,
        body.money,
        body.place,
        body.place_name,
    )


def _find_by(shelf: Shelf, item: int, body: plan.PlanAnnounced) -> None:
    keep_skills(shelf, "plan", item, body.skills)
    keep_words(shelf, "plan", item, (body.title, body.need, body.place_name, *body.skills))
