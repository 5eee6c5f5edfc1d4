"""What a keeper of keys sees at the portal's desk: public halves of her keys and where they stand. No secret comes here."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.desk import DeskPage
from portal.web.views.frame import Link, Said


class SeatRow(Struct, frozen=True, kw_only=True):
    """One pilot that has taken a pair of her keys; `hand_in` is where a signed statement is taken, '' when none is."""

    pilot: Link
    opening: str
    proposal: str
    offer: str
    stands: tuple[Said, ...]
    hand_in: str = ""


class KeeperPage(DeskPage, frozen=True, kw_only=True):
    """
    Which of her keys pilots have taken, which are left, and the commands of her own tool.

    `few` says that fewer than five are left.
    """

    template: ClassVar[str] = "desk/keeper.html"
    left: int
    few: bool
    seats: tuple[SeatRow, ...]
    unused: tuple[str, ...]
    commands: tuple[tuple[str, str], ...]
    """Pairs of what a command is for (a key under `desk.keeper.do`) and the command itself."""


class HandInPage(DeskPage, frozen=True, kw_only=True):
    """Where a signed release or confirmation is handed in, as a file or pasted."""

    template: ClassVar[str] = "desk/hand_in.html"
    pilot: Link
    action: str
    text: str = ""
    refused: Said | None = None
    fix: str = ""
