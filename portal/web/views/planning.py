"""An agency's promises at its desk."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.desk import DeskPage
from portal.web.views.frame import PlanState


class PlanRow(Struct, frozen=True, kw_only=True):
    """One promise with what can be done about it; '' where it cannot any more."""

    title: str
    href: str
    state: PlanState
    quarter: str
    change: str = ""
    drop: str = ""
    publish: str = ""


class PlansDeskPage(DeskPage, frozen=True, kw_only=True):
    """Every promise of the agency, by quarter."""

    template: ClassVar[str] = "desk/plans.html"
    rows: tuple[PlanRow, ...]
    begin: str
