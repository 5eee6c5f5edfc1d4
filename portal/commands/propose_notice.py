"""
Make a whole notice out of ten answers: what a busy manager knows, completed by the rules and the agency's habits.

Dates are the first that the rules allow, keepers and evaluators are those who are free to serve, criteria and milestones
are plain defaults. Everything proposed is shown and can be changed before it is signed.
"""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.entry import format_time
from policies import Rules, earliest_close, objection_end, opens_latest, questions_end, reserve
from portal.commands.library import Library
from portal.procurement.agency import Agency
from portal.procurement.decisions.lookups import the_log, the_policy
from portal.procurement.events.opportunity import (
    Criterion,
    HelpedBy,
    Helper,
    Incumbent,
    KeeperSeat,
    MilestoneTerm,
    OpportunityPublished,
    PinnedPolicy,
    Requirement,
    SealingTerms,
    Tier,
)
from portal.procurement.parties import Keeper
from portal.procurement.refusal import Refusal
from portal.projections.shelf import Shelf

_K, _N = 2, 3
_SUMMARY = 300
_SHARES = ((40, 30), (40, 60), (20, 90))


class NoticeAnswers(Struct, frozen=True, kw_only=True):
    """The ten answers of the form, and what a template or an earlier notice adds."""

    title: str
    need: str
    outcome: str
    audience: str
    existing: str
    incumbent: str
    budget_minor: int
    funding: str
    cross_border: Literal["no", "yes", "not-sure"]
    wanted: Literal["local", "open"]
    acceptance: str
    helpers: str
    skills: tuple[str, ...] = ("Web applications",)
    learner_places: int = 0
    hours: int = 2
    tier: Tier = "T0"
    closes: datetime | None = None
    kept_because: str = ""


DEFAULT_CRITERIA = (
    Criterion(
        id="need",
        name="Meets the need",
        weight=50,
        anchors=[
            "Does not answer the need as described.",
            "Answers part of the need; an important case is left out.",
            "Answers the need, with gaps we could close together.",
            "Answers the whole need and shows how, case by case.",
            "Answers the whole need and shows a better way we had not thought of.",
        ],
    ),
    Criterion(
        id="people",
        name="Works for everyone who uses it",
        weight=50,
        anchors=[
            "Would shut out people we serve.",
            "Works for people at ease with technology; others are not considered.",
            "Thinks of phones, slow lines and assistive technology.",
            "Says how it is tested with real people, also on old phones and with a screen reader.",
            "Tests early with our own residents and keeps a way without any screen.",
        ],
    ),
)


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
    adopted = agency.policy()
    rules = the_policy(library, adopted.document.sha256).rules(now)
    zone = ZoneInfo(agency.profile.zone)
    closes = answers.closes or earliest_close(rules, answers.tier, now, zone)
    reservation = reserve(rules, answers.wanted, answers.funding, answers.cross_border, answers.budget_minor)
    judges = evaluators_free(agency, requester, now)
    own_staff = "own-staff" in rules.tier(answers.tier).arrangements
    panel = judges[: rules.tier(answers.tier).panel_size]
    seats = seats_free(library, shelf, agency.id, {requester, *panel}, own_staff=own_staff)
    return OpportunityPublished(
        agency=agency.id,
        plan=None,
        title=answers.title,
        summary=_first_sentence(answers.outcome or answers.need),
        need=answers.need,
        outcome=answers.outcome,
        audience=answers.audience,
        existing=answers.existing,
        incumbent=_incumbent(answers.incumbent),
        helped_by=_helpers(answers.helpers),
        requirements=requirements_of(answers.acceptance),
        acceptance=answers.acceptance,
        skills=list(answers.skills),
        learner_places=answers.learner_places,
        training_partner=None,
        place=agency.profile.place,
        place_name=agency.profile.place_name,
        tier=answers.tier,
        price_mode="fixed",
        budget_minor=answers.budget_minor,
        floor_minor=None,
        currency=agency.profile.currency,
        tax=the_policy(library, adopted.document.sha256).tax,  # type: ignore[arg-type]  # live rules name one of the two
        funding=answers.funding,
        cross_border=answers.cross_border,
        reservation="local" if reservation.kind == "local" else "open",
        criteria=list(DEFAULT_CRITERIA),
        price_weight=0,
        milestones=milestones_for(answers.budget_minor, rules),
        payment_days=rules.payment.max_days or 30,
        licence="Open source for what is paid for; the firm keeps what it had before.",
        data_class="Names and contact details at most.",
        hours=answers.hours,
        rationale=_rationale(reservation.sentence, answers.kept_because),
        requester=requester,
        evaluators=panel,
        questions_close=format_time(questions_end(rules, closes, zone, answers.tier)),
        closes=format_time(closes),
        objection_until=format_time(objection_end(rules, closes)),
        opens_by=format_time(opens_latest(rules, closes, zone)),
        sealing=SealingTerms(
            arrangement="own-staff" if own_staff else "shared",
            k=_K,
            seats=seats,
            proposal_size=rules.sealing.proposal_bytes,
            offer_size=rules.sealing.offer_bytes,
            module=the_log(library).sealing_module,
        ),
        policy=PinnedPolicy(jurisdiction=adopted.jurisdiction, digest=adopted.document.sha256),
    )


def evaluators_free(agency: Agency, requester: str, now: datetime) -> list[str]:
    """Who may judge: appointed to evaluate now, and not the one who asks for the work."""
    found = [row.made.person for row in agency.appointments if row.holds(now) and "evaluate" in row.made.duties]
    return [person for person in dict.fromkeys(found) if person != requester]


def seats_free(library: Library, shelf: Shelf, agency: str, barred: set[str], *, own_staff: bool) -> list[KeeperSeat]:
    """Three keepers with fresh keys: of the agency's own staff, or each of another house."""
    seats: list[KeeperSeat] = []
    houses: set[str] = set()
    for (subject,) in shelf.rows("SELECT id FROM {keeper} ORDER BY entry"):
        keeper = library.keeper(subject)
        if keeper is None or keeper.profile.person in barred:
            continue
        house = keeper.profile.organisation
        wanted = house == agency if own_staff else house not in houses and not house.startswith("agency:")
        pair = _fresh(library, keeper)
        if wanted and pair is not None:
            houses.add(house)
            seats.append(KeeperSeat(keeper=keeper.id, organisation=house, proposal=pair[0], offer=pair[1]))
        if len(seats) == _N:
            return seats
    raise Refusal("keepers-missing", {"found": len(seats), "needed": _N}, fix="Ask the operator to admit more keepers.")


def _fresh(library: Library, keeper: Keeper) -> tuple[str, str] | None:
    used = library.keeper_keys_used(keeper.id)
    for pair in keeper.keys:
        if pair.proposal not in used and pair.offer not in used:
            return pair.proposal, pair.offer
    return None


def requirements_of(acceptance: str) -> list[Requirement]:
    """One requirement for each line of the acceptance test: what is tested is what bidders answer to."""
    lines = [line.strip(" -•\t") for line in acceptance.split("\n")]
    kept = [line[:_SUMMARY] for line in lines if line]
    return [Requirement(id=f"r{number}", text=line) for number, line in enumerate(kept[:20], 1)]


def milestones_for(budget_minor: int, rules: Rules) -> list[MilestoneTerm]:
    """One step where the rules allow it for so small a sum, else three."""
    single = rules.payment.single_below_minor
    if single is not None and budget_minor <= single:
        return [MilestoneTerm(name="Accepted", share=100, days=30)]
    names = ("Shown working to the people who will use it", "In use", "Handed over with instructions")
    return [
        MilestoneTerm(name=name, share=share, days=days) for name, (share, days) in zip(names, _SHARES, strict=True)
    ]


def _rationale(reserved: str, kept_because: str) -> str:
    """Why it is bought this way; with the public reason for words that the lint rules would have had otherwise."""
    kept = f"\nWording kept although a rule advises against it: {kept_because}" if kept_because else ""
    return f"A fixed price, judged on quality alone. {reserved}{kept}"


def _first_sentence(text: str) -> str:
    head = text.split("\n", 1)[0]
    end = head.find(". ")
    return (head if end < 0 else head[: end + 1])[:_SUMMARY]


def _incumbent(name: str) -> Incumbent:
    known = name.strip()
    return (
        Incumbent(answer="none") if known.casefold() in {"", "none", "nobody"} else Incumbent(answer="firm", name=known)
    )


def _helpers(text: str) -> HelpedBy:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines or (len(lines) == 1 and lines[0].casefold() in {"nobody", "none"}):
        return HelpedBy(answer="nobody")
    return HelpedBy(
        answer="named",
        who=[
            Helper(name=name.strip()[:120], role=(role.strip() or "Saw or helped write the notice")[:300])
            for name, _, role in (line.partition(",") for line in lines[:20])
        ],
    )
