"""What a firm sees of itself at its desk: its name, its keys, its bids as far as anybody knows them, and what waits."""

from datetime import date
from typing import ClassVar

from msgspec import Struct

from portal.web.views.desk import DeskPage, Item
from portal.web.views.frame import Link, Moment, Record
from portal.web.views.keys import KeyKind, RecoveryRow
from portal.web.views.parties import BidRow


class FirmKeyRow(Struct, frozen=True, kw_only=True):
    """
    One key that signs for the firm now.

    `credential` names the passkey to its device; `here` where this account made the key at this desk, so that the bid page on
    that device can be told of it. A key file is in neither place.
    """

    kind: KeyKind
    label: str
    since: Moment
    key: str
    credential: str = ""
    here: bool = False
    records: tuple[Record, ...] = ()


class FirmBidRow(Struct, frozen=True, kw_only=True):
    """One bid whose offer was opened: as the public sees it, and how it was judged."""

    row: BidRow
    judged: str = ""


class FirmDeskPage(DeskPage, frozen=True, kw_only=True):
    """The firm's own page. `entered` False while the record does not know the firm."""

    template: ClassVar[str] = "desk/firm.html"
    name: str
    firm: str
    entered: bool = False
    public: Link | None = None
    place: str = ""
    founded: date | None = None
    staff: int = 0
    skills: tuple[str, ...] = ()
    website: str = ""
    words: str = ""
    records: tuple[Record, ...] = ()
    keys: tuple[FirmKeyRow, ...] = ()
    recovering: tuple[RecoveryRow, ...] = ()
    mine: tuple[Item, ...] = ()
    others: tuple[Item, ...] = ()
    bids: tuple[FirmBidRow, ...] = ()
