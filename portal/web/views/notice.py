"""The award notice on paper (PDF)."""

from typing import ClassVar

from portal.procurement.money import Money
from portal.web.views.frame import Moment, Page
from portal.web.views.opportunity import RankedRow, Reasons


class AwardNotice(Page, frozen=True, kw_only=True):
    """
    Everything the award notice prints. `path` is the record's address, which the QR code carries.

    `entry` are the canonical bytes of the award's entry and `receipt` its `.tlog-proof`; both are attached to the PDF.
    """

    template: ClassVar[str] = "notices/award.html"
    title: str
    summary: str
    agency: str
    agency_contact: str
    place: str
    firm: str
    amount: Money
    tax: str
    awarded: Moment
    published: Moment
    closed: Moment
    words: str
    bids: int
    ranking: tuple[RankedRow, ...]
    reasons: tuple[Reasons, ...]
    index: int
    fingerprint: str
    entry: bytes
    receipt: bytes
