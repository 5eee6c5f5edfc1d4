"""Earlier notices from which an officer can begin a new one."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.desk import DeskPage
from portal.web.views.frame import State


class EarlierRow(Struct, frozen=True, kw_only=True):
    """One notice: where it is read, and where a copy of it begins (`start`)."""

    title: str
    href: str
    agency: str
    state: State
    start: str


class EarlierPage(DeskPage, frozen=True, kw_only=True):
    """The agency's own notices, the newest first, and other agencies' pilots that ended with an award."""

    template: ClassVar[str] = "desk/earlier.html"
    own: tuple[EarlierRow, ...]
    others: tuple[EarlierRow, ...]
