"""A pilot from its notice to its end, bids and evaluation apart."""

import msgspec

from ledger.entry import format_time
from portal.procurement.act import Act
from portal.procurement.case import changed_fields
from portal.procurement.events import award, bid, opening, opportunity
from portal.projections.applying.bids import recount
from portal.projections.applying.partners import named
from portal.projections.applying.standing import agency_of, settle
from portal.projections.applying.wording import keep_skills, keep_words
from portal.projections.shelf import Shelf

_DEADLINES = ("questions_close", "closes", "objection_until", "opens_by")
_SHOWN = ("summary", "learner_places", *_DEADLINES)


def opportunity_published(shelf: Shelf, act: Act, body: opportunity.OpportunityPublished) -> set[str]:
    """A row for the pilot, its seats, deadlines, skills and words; its plan is kept."""
    columns = {
        "entry": act.index,
        "id": act.subject,
        "agency": body.agency,
        "plan": body.plan,
        "follows": body.follows,
        "title": body.title,
        "summary": body.summary,
        "skills": msgspec.json.encode(body.skills).decode(),
        "place": body.place,
        "place_name": body.place_name,
        "tier": body.tier,
        "price_mode": body.price_mode,
        "budget_minor": body.budget_minor,
        "currency": body.currency,
        "tax": body.tax,
        "reservation": body.reservation,
        "learner_places": body.learner_places,
        "hours": body.hours,
        "payment_days": body.payment_days,
        "policy": body.policy.digest,
        "at": format_time(act.at),
        "changed_at": format_time(act.at),
        "decided": "",
        "decided_at": "",
        **dict.fromkeys(("listed", "own_keys", "locked", "candidates", "questions"), 0),
        **{name: getattr(body, name) for name in _DEADLINES},
    }
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    shelf.run(f"INSERT INTO {{opportunity}} ({names}) VALUES ({marks})", columns.values())  # noqa: S608 -- names above
    shelf.run_many(
        "INSERT INTO {seat} (number, opportunity, keeper, organisation, proposal, offer) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (number, act.subject, seat.keeper, seat.organisation, seat.proposal, seat.offer)
            for number, seat in enumerate(body.sealing.seats, 1)
        ],
    )
    for name in _DEADLINES:
        _keep_deadline(shelf, act.subject, name, getattr(body, name))
    keep_skills(shelf, "opportunity", act.index, body.skills)
    _keep_notice_words(
        shelf, act.index, (body.title, body.summary, body.need, body.outcome, body.place_name), body.skills
    )
    touched = {"opportunities", body.agency} | named(shelf, act, body.training_partner)
    if body.plan is not None:
        shelf.run(
            "UPDATE {plan} SET opportunity = ?, changed_at = ? WHERE id = ?",
            (act.subject, format_time(act.at), body.plan),
        )
        touched |= {body.plan, "plans"}
    if body.follows is not None:
        touched.add(body.follows)
    return touched


def addendum_published(shelf: Shelf, act: Act, body: opportunity.AddendumPublished) -> set[str]:
    """The changed fields, in place; a material change makes every standing bid unconfirmed."""
    changes = changed_fields(body.changes)
    for name in _SHOWN:
        if name in changes:
            shelf.run(f"UPDATE {{opportunity}} SET {name} = ? WHERE id = ?", (changes[name], act.subject))  # noqa: S608 -- names above
    for name in _DEADLINES:
        if name in changes:
            _keep_deadline(shelf, act.subject, name, str(changes[name]))
    found = [str(changes[name]) for name in ("summary", "need", "outcome") if name in changes]
    if found:
        item = shelf.number("SELECT entry FROM {opportunity} WHERE id = ?", (act.subject,))
        kept = [row[0] for row in shelf.rows("SELECT word FROM {word} WHERE item = ?", (item,))]
        keep_words(shelf, "opportunity", item, [*found, *kept])
    shelf.run(
        "INSERT INTO {addendum} (entry, material, opportunity, leaf) VALUES (?, ?, ?, ?)",
        (act.index, int(body.material), act.subject, act.leaf_hash),
    )
    shelf.run("UPDATE {opportunity} SET changed_at = ? WHERE id = ?", (format_time(act.at), act.subject))
    if body.material:
        shelf.run("UPDATE {bid} SET unconfirmed = unconfirmed + 1 WHERE opportunity = ?", (act.subject,))
    recount(shelf, act.subject)
    return {"opportunities", *agency_of(shelf, act.subject)}


def opportunity_withdrawn(shelf: Shelf, act: Act, body: opportunity.OpportunityWithdrawn) -> set[str]:
    """The end before the close."""
    return _ended(shelf, act, body.reason)


def opportunity_cancelled(shelf: Shelf, act: Act, body: opportunity.OpportunityCancelled) -> set[str]:
    """The end after the close."""
    return _ended(shelf, act, body.reason)


def question_asked(shelf: Shelf, act: Act, _body: bid.QuestionAsked) -> set[str]:
    """One question more."""
    shelf.run("UPDATE {opportunity} SET questions = questions + 1 WHERE id = ?", (act.subject,))
    return set()


def content_key_published(shelf: Shelf, act: Act, body: opening.ContentKeyPublished) -> set[str]:
    """A bidder opened her own bid: the opening has not failed."""
    if body.label == "proposal":
        shelf.run("UPDATE {opportunity} SET own_keys = own_keys + 1 WHERE id = ?", (act.subject,))
    return {"opportunities", *agency_of(shelf, act.subject)}


def proposals_opened(shelf: Shelf, act: Act, _body: opening.ProposalsOpened) -> set[str]:
    """The opening."""
    shelf.run("UPDATE {opportunity} SET opened_entry = ? WHERE id = ?", (act.index, act.subject))
    settle(shelf, act)
    return {"opportunities", *agency_of(shelf, act.subject)}


def award_intended(shelf: Shelf, act: Act, body: award.AwardIntended) -> set[str]:
    """The choice; it is not final, and a later one takes its place."""
    agency = agency_of(shelf, act.subject)
    shelf.run("DELETE FROM {award} WHERE opportunity = ?", (act.subject,))
    shelf.run(
        "INSERT INTO {award} (entry, amount_minor, opportunity, agency, bid, firm, currency, at, standstill_ends)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            act.index,
            body.amount_minor,
            act.subject,
            "".join(agency),
            body.bid,
            body.firm,
            body.currency,
            format_time(act.at),
            body.standstill_ends,
        ),
    )
    shelf.run(
        "UPDATE {opportunity} SET chosen_entry = ?, standstill_ends = ? WHERE id = ?",
        (act.index, body.standstill_ends, act.subject),
    )
    _keep_deadline(shelf, act.subject, "standstill_ends", body.standstill_ends)
    settle(shelf, act)
    return {"opportunities", "awards", "firms", body.firm, *agency}


def award_made(shelf: Shelf, act: Act, body: award.AwardMade) -> set[str]:
    """The award is final; no deadline is left."""
    shelf.run(
        "UPDATE {award} SET awarded_entry = ?, awarded_at = ? WHERE opportunity = ?",
        (act.index, format_time(act.at), act.subject),
    )
    shelf.run("UPDATE {opportunity} SET awarded_entry = ? WHERE id = ?", (act.index, act.subject))
    shelf.run("DELETE FROM {deadline} WHERE opportunity = ?", (act.subject,))
    settle(shelf, act)
    return {"opportunities", "awards", "firms", body.firm, *agency_of(shelf, act.subject)}


def _ended(shelf: Shelf, act: Act, reason: str) -> set[str]:
    shelf.run(
        "UPDATE {opportunity} SET ended_entry = ?, ended_kind = ?, ended_reason = ? WHERE id = ?",
        (act.index, act.kind, reason, act.subject),
    )
    shelf.run("DELETE FROM {deadline} WHERE opportunity = ?", (act.subject,))
    settle(shelf, act)
    touched = {"opportunities", *agency_of(shelf, act.subject)}
    chosen = shelf.row("SELECT firm FROM {award} WHERE opportunity = ?", (act.subject,))
    return touched | {"awards", "firms", chosen[0]} if chosen else touched


def _keep_deadline(shelf: Shelf, subject: str, name: str, at: str) -> None:
    shelf.run("DELETE FROM {deadline} WHERE opportunity = ? AND name = ?", (subject, name))
    shelf.run("INSERT INTO {deadline} (opportunity, name, at) VALUES (?, ?, ?)", (subject, name, at))


def _keep_notice_words(shelf: Shelf, item: int, texts: tuple[str, ...], skills: list[str]) -> None:
    keep_words(shelf, "opportunity", item, (*texts, *skills))
