"""
What the record says for a new notice: whose it is, who is free to serve, and how the agency bought last time.

The proposal itself is pure: `portal.procurement.proposing`.
"""

from datetime import datetime

from portal.commands.library import Library
from portal.procurement.agency import Agency
from portal.procurement.answers import HOUSE_HABITS, Habits, NoticeAnswers, habits_from
from portal.procurement.decisions.lookups import the_log, the_policy
from portal.procurement.events.opportunity import OpportunityPublished, PinnedPolicy
from portal.procurement.events.party import PackKey
from portal.procurement.parties import Keeper
from portal.procurement.proposing import Candidate, Setting, propose
from portal.procurement.refusal import Refusal
from portal.projections.shelf import Shelf


def propose_notice(
    library: Library, shelf: Shelf, agency: Agency, requester: str, answers: NoticeAnswers, *, now: datetime
) -> OpportunityPublished:
    """
    The notice that follows from the answers.

    Args:
        requester: The person (pseudonym) who asks for the work; she neither judges nor keeps a key.

    Raises:
        Refusal: `policy-unknown`, or `keepers-missing` when too few keepers with fresh keys are free to serve.
    """
    setting = setting_of(library, shelf, agency, requester, now)
    rules = the_policy(library, setting.policy.digest).rules(now)
    body = propose(rules, setting, last_habits(library, shelf, agency.id), answers, now=now)
    found, needed = len(body.sealing.seats), rules.sealing.keepers_least
    if answers.keepers is None and found < needed:
        raise Refusal(
            "keepers-missing", {"found": found, "needed": needed}, fix="Ask the operator to admit more keepers."
        )
    return body


def setting_of(library: Library, shelf: Shelf, agency: Agency, requester: str, now: datetime) -> Setting:
    """Everything about the agency that a notice names; `policy-unknown` when it has adopted no rules."""
    adopted = agency.policy()
    profile = agency.profile
    return Setting(
        agency=agency.id,
        place=profile.place,
        place_name=profile.place_name,
        zone=profile.zone,
        currency=profile.currency,
        tax=the_policy(library, adopted.document.sha256).tax,
        requester=requester,
        judges=tuple(judges_of(agency, now)),
        keepers=tuple(keepers_with_keys(library, shelf)),
        module=the_log(library).sealing_module,
        policy=PinnedPolicy(jurisdiction=adopted.jurisdiction, digest=adopted.document.sha256),
    )


def judges_of(agency: Agency, now: datetime) -> list[str]:
    """Who may judge: everybody appointed to evaluate now, in the order of the record."""
    found = [row.made.person for row in agency.appointments if row.holds(now) and "evaluate" in row.made.duties]
    return list(dict.fromkeys(found))


def keepers_with_keys(library: Library, shelf: Shelf) -> list[Candidate]:
    """Every keeper whose pack still holds a fresh pair, in the order of the record."""
    found = []
    for subject, house_name in shelf.rows("SELECT id, organisation_name FROM {keeper} ORDER BY entry"):
        keeper = library.keeper(subject)
        pair = _fresh(library, keeper) if keeper is not None else None
        if keeper is not None and pair is not None:
            found.append(
                Candidate(
                    keeper=keeper.id,
                    name=keeper.profile.name,
                    house=keeper.profile.organisation,
                    house_name=house_name,
                    person=keeper.profile.person,
                    proposal=pair.proposal,
                    offer=pair.offer,
                )
            )
    return found


def _fresh(library: Library, keeper: Keeper) -> PackKey | None:
    used = library.keeper_keys_used(keeper.id)
    return next((pair for pair in keeper.keys if pair.proposal not in used and pair.offer not in used), None)


def last_habits(library: Library, shelf: Shelf, agency: str) -> Habits:
    """How the agency bought last time; the plain habits of the house before its first notice."""
    row = shelf.row("SELECT id FROM {opportunity} WHERE agency = ? ORDER BY entry DESC LIMIT 1", (agency,))
    case = library.case(row[0]) if row is not None else None
    return HOUSE_HABITS if case is None else habits_from(case.notice, "last")
