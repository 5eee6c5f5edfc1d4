"""The rules in words, with figure, standing, date, reason and source."""

from datetime import date
from typing import ClassVar, Literal

from msgspec import Struct

from portal.web.views.frame import Link, Moment, Page, Record, Shown


class PolicyRow(Struct, frozen=True, kw_only=True):
    """One set of rules: who adopted it and how many rules it has."""

    href: str
    title: str
    about: str
    rules: int
    agencies: tuple[Link, ...] = ()


class PoliciesPage(Page, frozen=True, kw_only=True):
    """All sets of rules."""

    template: ClassVar[str] = "pages/policies.html"
    section: ClassVar[str] = "policies"
    rows: tuple[PolicyRow, ...]


class RuleRow(Struct, frozen=True, kw_only=True):
    """
    One rule: its text, the figure, law or house, since when, why, and where it is written.

    `id` is also the anchor that refusals and facts boxes link to. `stricter` says that the other of law and house is in
    force because it is stricter, so this one only stands in the shade.
    """

    id: str
    title: str
    text: str
    figure: Shown
    standing: Literal["law", "house"]
    since: date
    until: date | None
    because: str
    source: Link | str
    status: str = ""
    shaded: bool = False


class RuleGroup(Struct, frozen=True, kw_only=True):
    """Rules that belong together; `code` is a key under `rule_groups` or a name out of the policy in `title`."""

    code: str
    rules: tuple[RuleRow, ...]
    title: str = ""


class Adoption(Struct, frozen=True, kw_only=True):
    """An agency adopted these rules, by which resolution and when."""

    agency: Link
    when: Moment
    resolution: str
    records: tuple[Record, ...] = ()


class PolicyPage(Page, frozen=True, kw_only=True):
    """One set of rules in force at a moment; `digest` and the document's address go into the proof panel; `memo` is the PDF for counsel."""

    template: ClassVar[str] = "pages/policy.html"
    section: ClassVar[str] = "policies"
    title: str
    about: str
    digest: str
    document: str
    memo: str = ""
    groups: tuple[RuleGroup, ...]
    adoptions: tuple[Adoption, ...]
