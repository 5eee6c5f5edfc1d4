"""The rules in words: every set that an agency has adopted, and one of them in full."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from policies import KINDS, Jurisdiction, RuleText
from portal.procurement.money import Money
from portal.projections.queries.parties import adoptions
from portal.web.addresses import subject_link
from portal.web.problems import missing
from portal.web.public.notice_parts import policy_href
from portal.web.public.query import Query
from portal.web.reading import Reading
from portal.web.views.frame import Link, Record, Shown, said
from portal.web.views.policies import Adoption, PoliciesPage, PolicyPage, PolicyRow, RuleGroup, RuleRow

PATH = "/policies"
# The rule files of a policy folder, under the heading that readers look for, in the order of a pilot's life.
_GROUPS = {
    "reservation": "gate",
    "tiers": "limits",
    "times": "time",
    "calendar": "time",
    "eligibility": "eligibility",
    "sealing": "keys",
    "evaluation": "evaluation",
    "award": "end",
    "payment": "other",
}


def policies(reading: Reading, _query: Query) -> PoliciesPage:
    """All adopted sets of rules, the latest adoption first."""
    reading.shows("policies")
    found: dict[str, list[Link]] = {}
    for digest, _, agency, name, *_ in reversed(adoptions(reading.shelf)):
        found.setdefault(digest, []).append(subject_link(agency, name))
    rows = []
    for digest, agencies in found.items():
        policy = reading.policy(digest)
        if policy is not None:
            rows.append(
                PolicyRow(
                    href=policy_href(digest),
                    title=policy.name,
                    about=policy.about,
                    rules=len({text.id for text in policy.rule_texts()}),
                    agencies=tuple(dict.fromkeys(agencies)),
                )
            )
    return PoliciesPage(path=PATH, rows=tuple(rows))


def adopted_policy(reading: Reading, name: str) -> tuple[Jurisdiction, list[Sequence[Any]]]:
    """Find rules by fingerprint or name, with the rows of their adoptions; what nobody adopted is not here."""
    reading.shows("policies")
    adopted = [row for row in adoptions(reading.shelf) if name in {row[0], row[1]}]
    policy = reading.policy(adopted[-1][0]) if adopted else None
    if policy is None:
        raise missing()
    return policy, adopted


def policy_page(reading: Reading, name: str) -> PolicyPage:
    """One set of rules, by its fingerprint or by its jurisdiction's name (then the one adopted last)."""
    policy, adopted = adopted_policy(reading, name)
    digest = policy.digest
    return PolicyPage(
        path=policy_href(digest),
        title=policy.name,
        about=policy.about,
        digest=digest,
        document=f"/log/document/{digest}",
        memo=f"{policy_href(digest)}/memo.pdf",
        groups=_groups(reading, policy),
        adoptions=tuple(
            Adoption(
                agency=subject_link(row[2], row[3]),
                when=reading.when(row[5], row[4]),
                resolution=row[6],
                records=(Record(int(row[7])),),
            )
            for row in adopted
            if row[0] == digest
        ),
    )


def _groups(reading: Reading, policy: Jurisdiction) -> tuple[RuleGroup, ...]:
    """Every statement of every period; the one that another outdoes today stands in its shade."""
    obeyed = {_key(text): text.wins for text in policy.rules(reading.at).texts()}
    groups: dict[str, list[RuleRow]] = {}
    named: set[str] = set()
    for text in policy.rule_texts():
        row = _row(text, policy, shaded=obeyed.get(_key(text)) is False, first=text.id not in named)
        named.add(text.id)
        groups.setdefault(_GROUPS.get(text.topic, "other"), []).append(row)
    return tuple(
        RuleGroup(code=code, rules=tuple(groups[code])) for code in dict.fromkeys(_GROUPS.values()) if code in groups
    )


def _key(text: RuleText) -> tuple[object, ...]:
    return (text.id, text.tiers, text.year, text.layer, text.since)


def _row(text: RuleText, policy: Jurisdiction, *, shaded: bool, first: bool) -> RuleRow:
    """A rule that is stated several times has its address at the first; the others get one of their own."""
    scope = "-".join(
        (*(tier.lower() for tier in text.tiers), *([str(text.year)] if text.year else []), text.layer, text.since)
    )
    return RuleRow(
        id=text.id if first else f"{text.id}--{scope}",
        title=text.title,
        text=text.text,
        figure=_figure(text, policy),
        standing=text.layer,
        since=date.fromisoformat(text.since),
        until=date.fromisoformat(text.until) if text.until else None,
        because=text.because,
        source=text.source,
        status=text.status,
        shaded=shaded,
    )


def _figure(text: RuleText, policy: Jurisdiction) -> Shown:
    """The figure beside the sentence, with what it counts; lists and words stand in the sentence alone."""
    if isinstance(text.figure, bool) or not isinstance(text.figure, int):
        return None
    counted = KINDS[text.id].value
    if counted == "money":
        return Money(text.figure, policy.currency)
    return said(f"rule_figures.{text.id if counted == 'whole' else counted}", n=text.figure)
