"""Pages that hang on no subject: how it works, and problems."""

from typing import ClassVar

from portal.web.views.frame import Link, Page, Said


class HowPage(Page, frozen=True, kw_only=True):
    """How it works, what is public when, privacy, accessibility, and how to check the whole record."""

    template: ClassVar[str] = "pages/how.html"
    section: ClassVar[str] = "how"


class ProblemPage(Page, frozen=True, kw_only=True):
    """
    Something could not be done: what happened, why (the rule, linked), what to do now.

    `reason` is the stable code; it is shown small, for whoever reports the problem. `problems.REASON` in `words.toml`
    has the sentence, `problems.unknown` where there is none.
    """

    template: ClassVar[str] = "pages/problem.html"
    status: int
    reason: str
    what: Said
    fix: Said | str
    rule: Link | None = None
