"""
Procurement rules as data, and the pure functions that judge by them.

- A jurisdiction is a folder of small TOML files; an agency adopts it once and every pilot pins its digest.
- Law and house are apart in the files; the stricter of the two is obeyed, and pages show both.
- Evaluators take rules, facts and a moment and answer with findings. None reads a clock, a file or a database.
"""

from policies.addenda import AddendumFacts, judge_addendum
from policies.calendars import Calendar, add_working_days, working_days_between
from policies.deadlines import (
    answer_due,
    earliest_close,
    eligibility_due,
    first_close_from,
    objection_end,
    opens_latest,
    questions_end,
    standstill_end,
)
from policies.eligibility import Condition, FirmFacts, judge_eligibility, months_between
from policies.errors import PolicyError, PolicyFileError
from policies.figures import Code, Holiday
from policies.files import available, load_jurisdiction
from policies.findings import Finding
from policies.jurisdiction import Jurisdiction, from_document
from policies.kinds import ACTS, ARRANGEMENTS, KINDS, PRICE_MODES, TIERS, TOPICS
from policies.live_use import judge_live_use
from policies.notice_facts import Criterion, NoticeFacts
from policies.notice_scoring import SOCIAL
from policies.notice_times import judge_moved_times
from policies.notices import judge_notice
from policies.reservation import Reservation, reserve
from policies.rules import Rules, RuleText, TierRules
from policies.scoring import (
    criterion_points,
    divide_half_even,
    median_hundredths,
    price_points,
    quality_points,
    reaches_quality,
    spread,
    total_points,
)
from policies.statements import Statement

__all__ = [
    "ACTS",
    "ARRANGEMENTS",
    "KINDS",
    "PRICE_MODES",
    "SOCIAL",
    "TIERS",
    "TOPICS",
    "AddendumFacts",
    "Calendar",
    "Code",
    "Condition",
    "Criterion",
    "Finding",
    "FirmFacts",
    "Holiday",
    "Jurisdiction",
    "NoticeFacts",
    "PolicyError",
    "PolicyFileError",
    "Reservation",
    "RuleText",
    "Rules",
    "Statement",
    "TierRules",
    "add_working_days",
    "answer_due",
    "available",
    "criterion_points",
    "divide_half_even",
    "earliest_close",
    "eligibility_due",
    "first_close_from",
    "from_document",
    "judge_addendum",
    "judge_eligibility",
    "judge_live_use",
    "judge_moved_times",
    "judge_notice",
    "load_jurisdiction",
    "median_hundredths",
    "months_between",
    "objection_end",
    "opens_latest",
    "price_points",
    "quality_points",
    "questions_end",
    "reaches_quality",
    "reserve",
    "spread",
    "standstill_end",
    "total_points",
    "working_days_between",
]
