"""
A whole notice out of ten answers: completed by the rules, by who is free to serve, and by how the agency usually buys.

1. Nothing here is decided: whatever is proposed can be changed, and the rules judge the notice as it then stands.
2. Dates follow the close, amounts follow the budget, weights follow the price; a change of one moves the others with it
   unless they were changed too.
3. Pure: the same answers, rules and moment give the same notice, at the desk and in practice.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.entry import format_time
from policies import (
    Reservation,
    Rules,
    add_working_days,
    earliest_close,
    objection_end,
    opens_latest,
    questions_end,
    reserve,
)
from portal.procurement.answers import Habits, NoticeAnswers, weighed
from portal.procurement.events.opportunity import (
    Arrangement,
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
)
from portal.procurement.money import exponent

LONGEST_TITLE: Final = 120
LONGEST_LINE: Final = 300
MOST_REQUIREMENTS: Final = 20
_NOBODY: Final = frozenset({"", "none", "nobody", "no one", "no-one"})
_STEPS: Final = (
    ("Shown working to the people who will use it", 40, 30),
    ("In use", 40, 60),
    ("Handed over with instructions", 20, 90),
)
_FLOOR_PERCENT: Final = 60
_WHOLE: Final = 100
_PAYMENT_DAYS: Final = 30
_SIGNING_DAYS: Final = 1


class Candidate(Struct, frozen=True, kw_only=True):
    """A keeper with a fresh pair of keys. `person` is there where she works for the agency itself."""

    keeper: str
    name: str
    house: str
    house_name: str
    person: str | None
    proposal: str
    offer: str


class Setting(Struct, frozen=True, kw_only=True):
    """Where a notice is written: the agency, who is free to serve, and the rules that will be pinned."""

    agency: str
    place: str
    place_name: str
    zone: str
    currency: str
    tax: str
    requester: str
    judges: tuple[str, ...]
    keepers: tuple[Candidate, ...]
    module: str
    policy: PinnedPolicy

    @property
    def region(self) -> ZoneInfo:
        """The zone in which days count."""
        return ZoneInfo(self.zone)


def propose(
    rules: Rules, setting: Setting, habits: Habits, answers: NoticeAnswers, *, now: datetime
) -> OpportunityPublished:
    """The notice that follows from the answers. It may break a rule: `judge_notice` says so."""
    zone = setting.region
    closes = answers.closes or first_close(rules, answers.tier, now, zone)
    reservation = reserved(rules, answers)
    panel = answers.evaluators if answers.evaluators is not None else panel_of(rules, setting, answers)
    return OpportunityPublished(
        agency=setting.agency,
        plan=answers.plan,
        title=answers.title or title_of(answers.outcome),
        summary=answers.summary or first_sentence(answers.outcome if answers.title else answers.need),
        need=answers.need,
        outcome=answers.outcome,
        audience=answers.audience,
        existing=answers.existing,
        incumbent=incumbent_of(answers.incumbent),
        helped_by=helpers_of(answers.helpers),
        requirements=requirements_of(answers.acceptance),
        acceptance=answers.acceptance,
        skills=list(answers.skills or habits.skills),
        learner_places=habits.learner_places if answers.learner_places is None else answers.learner_places,
        training_partner=answers.training_partner,
        place=setting.place,
        place_name=setting.place_name,
        tier=answers.tier,
        price_mode=answers.price_mode,
        budget_minor=answers.budget_minor,
        floor_minor=floor_of(setting.currency, answers),
        currency=setting.currency,
        tax=setting.tax,  # type: ignore[arg-type]  # live rules name one of the two
        funding=answers.funding,
        cross_border=answers.cross_border,
        reservation="local" if reservation.kind == "local" else "open",
        criteria=list(criteria_of(rules, habits, answers)),
        price_weight=price_weight_of(rules, answers),
        milestones=list(answers.milestones or milestones_of(rules, habits, answers.budget_minor)),
        payment_days=payment_days_of(rules) if answers.payment_days is None else answers.payment_days,
        licence=answers.licence or habits.licence,
        data_class=answers.data_class or habits.data_class,
        hours=habits.hours if answers.hours is None else answers.hours,
        rationale=rationale_of(answers, reservation, price_weight_of(rules, answers)),
        requester=setting.requester,
        evaluators=list(panel),
        # Never before now: a close that comes too early is refused as that, not for the order of its dates.
        questions_close=format_time(
            answers.questions_close or max(questions_end(rules, closes, zone, answers.tier), now)
        ),
        closes=format_time(closes),
        objection_until=format_time(answers.objection_until or objection_end(rules, closes)),
        opens_by=format_time(answers.opens_by or opens_latest(rules, closes, zone)),
        sealing=sealing_of(rules, setting, answers, {setting.requester, *panel}),
        policy=setting.policy,
        follows=answers.follows,
    )


def first_close(rules: Rules, tier: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The first close that still holds when the second officer signs on the next working day."""
    signed = add_working_days(rules.calendar, now, _SIGNING_DAYS, zone) - timedelta(milliseconds=1)
    return earliest_close(rules, tier, signed, zone)


def reserved(rules: Rules, answers: NoticeAnswers) -> Reservation:
    """For whom the pilot is published, and why."""
    return reserve(rules, answers.wanted, answers.funding, answers.cross_border, answers.budget_minor)


def panel_of(rules: Rules, setting: Setting, answers: NoticeAnswers) -> tuple[str, ...]:
    """Who scores: as many as this size of pilot needs, of those who are appointed to score and did not ask for it."""
    free = [person for person in setting.judges if person != setting.requester]
    return tuple(free[: rules.tier(answers.tier).panel_size])


def arrangement_of(rules: Rules, setting: Setting, answers: NoticeAnswers, barred: set[str]) -> Arrangement:
    """Who keeps the keys: the simplest that the rules allow and that has enough keepers, else the first they allow."""
    allowed = arrangements_for(rules, answers.tier, answers.price_mode)
    needed = max(rules.sealing.keepers_least, 2)
    for each in allowed:
        if len(keepers_free(setting, each, barred)) >= needed:
            return each
    return allowed[0] if allowed else "shared"


def arrangements_for(rules: Rules, tier: str, price_mode: str) -> list[Arrangement]:
    """The arrangements that these rules allow at this size and that this portal can keep, the simplest first."""
    known: tuple[Arrangement, ...] = ("own-staff", "shared")
    own = price_mode in rules.sealing.own_staff_price_modes
    return [each for each in known if each in rules.tier(tier).arrangements and (own or each != "own-staff")]


def keepers_free(setting: Setting, arrangement: str, barred: set[str]) -> list[Candidate]:
    """Keepers who may serve: of the agency's own staff, or each of another house, and none of the people barred."""
    found: list[Candidate] = []
    houses: set[str] = set()
    for each in setting.keepers:
        own = each.house == setting.agency
        if each.person in barred or (arrangement == "own-staff") != own:
            continue
        if not own and (each.house in houses or each.house.startswith("agency:")):
            continue
        houses.add(each.house)
        found.append(each)
    return found


def sealing_of(rules: Rules, setting: Setting, answers: NoticeAnswers, barred: set[str]) -> SealingTerms:
    """Seats for the keepers chosen or proposed, and how many of them open."""
    arrangement = answers.arrangement or arrangement_of(rules, setting, answers, barred)
    if answers.keepers is None:
        chosen = keepers_free(setting, arrangement, barred)[: max(rules.sealing.keepers_least, 2)]
    else:
        chosen = [each for each in setting.keepers if each.keeper in answers.keepers]
    return SealingTerms(
        arrangement=arrangement,
        k=rules.sealing.threshold_least if answers.needed_keys is None else answers.needed_keys,
        seats=[
            KeeperSeat(keeper=each.keeper, organisation=each.house, proposal=each.proposal, offer=each.offer)
            for each in chosen
        ],
        proposal_size=rules.sealing.proposal_bytes,
        offer_size=rules.sealing.offer_bytes,
        module=setting.module,
    )


def criteria_of(rules: Rules, habits: Habits, answers: NoticeAnswers) -> tuple[Criterion, ...]:
    """The criteria; proposed ones leave room for the price, and none of them weighs more than the rules allow."""
    if answers.criteria:
        return answers.criteria
    return tuple(weighed(rules, habits.criteria, _WHOLE - price_weight_of(rules, answers)))


def price_weight_of(rules: Rules, answers: NoticeAnswers) -> int:
    """What the price weighs: nothing where it is fixed, else as little as the rules allow."""
    if answers.price_weight is not None:
        return answers.price_weight
    return rules.evaluation.price_weight_least if answers.price_mode == "priced" else 0


def floor_of(currency: str, answers: NoticeAnswers) -> int | None:
    """The price that earns all points for price, where firms name it: well below the ceiling, in whole units."""
    if answers.price_mode == "fixed" or answers.floor_minor is not None:
        return answers.floor_minor
    unit: int = 10 ** exponent(currency)
    return answers.budget_minor * _FLOOR_PERCENT // _WHOLE // unit * unit


def milestones_of(rules: Rules, habits: Habits, budget_minor: int) -> tuple[MilestoneTerm, ...]:
    """One step where the rules allow it for so small a sum, else the agency's usual ones if they fit, else three."""
    single = rules.payment.single_below_minor
    if single is not None and budget_minor <= single:
        return (MilestoneTerm(name="Accepted", share=_WHOLE, days=30),)
    usual = habits.milestones
    fits = (
        usual
        and max(row.share for row in usual) <= rules.payment.milestone_share_most
        and usual[-1].share <= rules.payment.last_share_most
    )
    return usual if fits else tuple(MilestoneTerm(name=name, share=share, days=days) for name, share, days in _STEPS)


def payment_days_of(rules: Rules) -> int:
    """Within how many days the firm is paid: as soon as the rules demand."""
    return _PAYMENT_DAYS if rules.payment.max_days is None else rules.payment.max_days


def rationale_of(answers: NoticeAnswers, reservation: Reservation, price_weight: int) -> str:
    """Why it is bought this way, with what this notice began from and why its wording stays as it is."""
    how = (
        "A fixed price, judged on quality alone."
        if answers.price_mode == "fixed"
        else f"Firms name a price up to a published ceiling; it weighs {price_weight} of {_WHOLE}."
    )
    kept = f"Wording kept although a rule advises against it: {answers.kept_because}" if answers.kept_because else ""
    own = answers.rationale or f"{how} {reservation.sentence}"
    return "\n".join(part for part in (own, answers.begins_from, kept) if part)


def title_of(outcome: str) -> str:
    """A title out of the outcome's first sentence, cut between words where it is too long."""
    sentence = first_sentence(outcome, most=10 * LONGEST_TITLE).rstrip(". ")
    return _cut(sentence, LONGEST_TITLE)


def first_sentence(text: str, most: int = LONGEST_LINE) -> str:
    """The first sentence of a text, cut between words where it is too long."""
    head = text.strip().split("\n", 1)[0].strip()
    end = head.find(". ")
    return _cut(head if end < 0 else head[: end + 1], most)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    whole, _, _ = text[:most].rpartition(" ")
    return (whole or text[: most - 1]).rstrip(",;:- ") + "…"


def requirements_of(acceptance: str) -> list[Requirement]:
    """One requirement for each line of the acceptance test: what is tested is what bidders answer to."""
    return [Requirement(id=f"r{number}", text=line) for number, line in enumerate(tests_in(acceptance), 1)]


def tests_in(acceptance: str) -> list[str]:
    """The lines of an acceptance test without their bullets."""
    lines = [line.strip(" -•*\t") for line in acceptance.split("\n")]
    return [line for line in lines if line]


def incumbent_of(name: str) -> Incumbent:
    """Who does the work today; "none" is an answer."""
    known = name.strip()
    if known.rstrip(".").casefold() in _NOBODY:
        return Incumbent(answer="none")
    return Incumbent(answer="firm", name=known)


def helpers_of(text: str) -> HelpedBy:
    """Who outside the agency helped, one a line: name, comma, what they did."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines or (len(lines) == 1 and lines[0].rstrip(".").casefold() in _NOBODY):
        return HelpedBy(answer="nobody")
    return HelpedBy(
        answer="named",
        who=[
            Helper(name=name.strip(), role=role.strip() or "Saw or helped write the notice")
            for name, _, role in (line.partition(",") for line in lines)
        ],
    )
