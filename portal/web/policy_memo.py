"""
The memo for counsel on paper: lawyers settle the rules once for an agency, on two pages, not for each notice.

The same rules on the same day give the same bytes; no clock is read here.
"""

from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from policies import Jurisdiction, RuleText
from policies.wording import TIER_NAMES
from portal.documents.pdf import Attached, Printed, print_pdf
from portal.web.render import Renderer
from portal.web.views.frame import Site
from portal.web.views.policy_memo import MemoGroup, MemoValue, PolicyMemo

Paper = Literal["a4", "letter"]
_LETTER = {"US", "CA"}
# A memo is printed for an agency that has no portal yet: it names no operator and no address.
_NO_SITE = Site(operator="", purpose="live", origin="", address="")


def policy_memo(policy: Jurisdiction, day: date, path: str = "") -> PolicyMemo:
    """
    Say what the rules are on a day.

    Raises:
        PolicyError: `rule-not-in-force` for a day before the rules begin.
    """
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(policy.zone))
    texts = policy.rules(noon).texts()
    groups: dict[str, list[MemoValue]] = {}
    for text in texts:
        groups.setdefault(text.topic, []).append(_value(text))
    later = [one.effective_from for one in policy.statements if one.effective_from > day.isoformat()]
    return PolicyMemo(
        path=path,
        name=policy.name,
        about=policy.about,
        id=policy.id,
        digest=policy.digest,
        document=policy.document,
        country=policy.country,
        day=day,
        since=date.fromisoformat(policy.since),
        until_changed=bool(later),
        currency=policy.currency,
        tax=policy.tax,
        zone=policy.zone,
        live=policy.purpose == "live",
        groups=tuple(MemoGroup(code=code, values=tuple(values)) for code, values in groups.items()),
        values=len(texts),
        unsure=sum(text.status == "to-confirm" for text in texts),
        proposed=sum(text.status == "proposal" for text in texts),
    )


def _value(text: RuleText) -> MemoValue:
    """A size of pilot is named only where the value is not for all of them."""
    scope = tuple(TIER_NAMES[tier] for tier in text.tiers) if len(text.tiers) == 1 else ()
    return MemoValue(
        text=text.text,
        scope=scope,
        layer=text.layer,
        wins=bool(text.wins),
        source="" if text.source == "house" else text.source,
        status=text.status,
    )


def usual_sheet(country: str) -> Paper:
    """Tell which sheet of paper the country's printers hold."""
    return "letter" if country in _LETTER else "a4"


def print_memo(renderer: Renderer, view: PolicyMemo, paper: Paper) -> Printed:
    """
    Print the memo with the rules' own document attached.

    Raises:
        PaperError: `pdf-unavailable` when WeasyPrint's system libraries are missing.
    """
    rules = Attached(
        name="rules.json", description=renderer.say("policy_memo.file", name=view.name), data=view.document
    )
    dated = datetime(view.day.year, view.day.month, view.day.day, tzinfo=UTC)
    return print_pdf(renderer.paper(view, paper=paper), dated=dated, attachments=(rules,))


def print_policy_memo(policy: Jurisdiction, day: date) -> Printed:
    """
    Print the memo of rules that need not have been adopted, in the paper size of their country.

    Raises:
        PolicyError: `rule-not-in-force` for a day before the rules begin.
        PaperError: As `print_memo`.
    """
    return print_memo(Renderer(_NO_SITE), policy_memo(policy, day), usual_sheet(policy.country))
