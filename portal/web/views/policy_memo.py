"""The memo for counsel: a set of rules on two pages, with what adopting it means and where to sign."""

from datetime import date
from typing import ClassVar, Literal

from msgspec import Struct

from portal.web.views.frame import Page


class MemoValue(Struct, frozen=True, kw_only=True):
    """
    One value as it stands in the rules.

    `scope` names the sizes of pilot it is for, where it is not for all. `wins` says that it is obeyed; the other of law
    and house stands beside it so that counsel sees what is outdone.
    """

    text: str
    scope: tuple[str, ...]
    layer: Literal["law", "house"]
    wins: bool
    source: str
    status: str


class MemoGroup(Struct, frozen=True, kw_only=True):
    """The values of one file of the rules; `code` is a key under `policy_memo.topics`."""

    code: str
    values: tuple[MemoValue, ...]


class PolicyMemo(Page, frozen=True, kw_only=True):
    """
    Everything the memo prints. `path` is empty for rules that nobody has adopted; `document` are the rules' own bytes,
    which are attached.

    `unsure` counts values of law that counsel must confirm, `proposed` those of the house that wait for a resolution.
    """

    template: ClassVar[str] = "notices/policy_memo.html"
    name: str
    about: str
    id: str
    digest: str
    document: bytes
    country: str
    day: date
    since: date
    until_changed: bool
    currency: str
    tax: str
    zone: str
    live: bool
    groups: tuple[MemoGroup, ...]
    values: int
    unsure: int
    proposed: int
