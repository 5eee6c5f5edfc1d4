"""The first page: what this is, three doors, what is open, what is promised, what was awarded."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.awards import AwardRow
from portal.web.views.frame import Link, Moment, Page
from portal.web.views.opportunities import OpportunityRow
from portal.web.views.plans import PlanRow


class Counts(Struct, frozen=True, kw_only=True):
    """How much there is, in whole numbers: the line under the first sentence."""

    open: int
    planned: int
    awarded: int
    agencies: int
    firms: int


class HomePage(Page, frozen=True, kw_only=True):
    """At most six rows of each list; `next_close` is the nearest deadline with its pilot, if one is open."""

    template: ClassVar[str] = "pages/home.html"
    section: ClassVar[str] = "home"
    counts: Counts
    open: tuple[OpportunityRow, ...]
    promised: tuple[PlanRow, ...]
    awards: tuple[AwardRow, ...]
    next_close: tuple[Link, Moment] | None = None
