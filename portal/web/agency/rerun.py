"""
After a pilot on which nobody bid: what the rules know that could bring bids the next time, each taken with one click.

Nothing is proposed that the rules would refuse, and nothing that the new notice does already.
"""

from datetime import datetime, timedelta
from typing import Final

from policies import PolicyError, first_close_from
from portal.procurement.money import Money
from portal.procurement.proposing import reserved
from portal.web.agency.writing_desk import Written
from portal.web.drafting.given import amount_text
from portal.web.drafting.sheet import setting
from portal.web.drafting.writing import Writing
from portal.web.views.drafting import Fix, Remark
from portal.web.views.frame import Moment, Shown, said

_LONGER: Final = timedelta(days=7)
_MANY: Final = 5


def hints_for(made: Written) -> tuple[Remark, ...]:
    """What could bring bids; nothing for a notice that follows no such pilot, or one that its agency ended with a reason."""
    if not made.again or made.source is None or made.source.ended is not None:
        return ()
    writing, before = made.writing, made.source.notice
    body, rules = writing.body, writing.rules
    found: list[Remark] = []
    if body.reservation == "local" and reserved(rules, writing.answers).kind == "local":
        found.append(_hint("open", setting(wanted="open")))
    if "closes" not in writing.sheet:
        found += _longer(writing)
    ceiling = rules.tier(body.tier).ceiling_minor
    if body.budget_minor <= before.budget_minor and ceiling is not None and body.budget_minor < ceiling:
        amount = Money(ceiling, body.currency)
        found.append(_hint("more", setting(budget=amount_text(ceiling, body.currency)), amount=amount))
    if len(body.requirements) > _MANY:
        found.append(
            Remark(field="acceptance", reason="hint-fewer", said=said("drafting.hints.fewer", n=len(body.requirements)))
        )
    if not made.source.questions:
        found.append(Remark(field="", reason="hint-ask", said=said("drafting.hints.ask")))
    return tuple(found)


def _longer(writing: Writing) -> list[Remark]:
    """A week more to bid, where the calendar of the rules reaches so far."""
    try:
        later = first_close_from(
            writing.rules, datetime.fromisoformat(writing.body.closes) + _LONGER, writing.setting.region
        )
    except PolicyError:
        return []
    return [_hint("longer", setting(closes=writing.moment(later)), when=Moment(later, writing.setting.zone))]


def _hint(key: str, sends: str, **shown: Shown) -> Remark:
    return Remark(
        field="",
        reason=f"hint-{key}",
        said=said(f"drafting.hints.{key}", **shown),
        fixes=(Fix(sends=sends, said=said(f"drafting.hints.{key}_do", **shown)),),
    )
