"""What a reader of texts that are not public sees: which pilots there are to read, and one pilot's proposals."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.desk import DeskPage
from portal.web.views.frame import Link, Said


class ReadableRow(Struct, frozen=True, kw_only=True):
    """One pilot of which something may be read; `proposals` and `papers` are addresses, empty where there is nothing."""

    pilot: Link
    agency: str
    proposals: str
    papers: str


class ReadablePage(DeskPage, frozen=True, kw_only=True):
    """The pilots of which this account may read what is not public, newest first."""

    template: ClassVar[str] = "desk/readable.html"
    rows: tuple[ReadableRow, ...]


class ReadProposalRow(Struct, frozen=True, kw_only=True):
    """One proposal by its number in the drawn order; `answers` are (what was asked, the answer)."""

    number: int
    approach: str
    answers: tuple[tuple[str, str], ...]
    team: str
    learner_places: int


class ProposalsPage(DeskPage, frozen=True, kw_only=True):
    """
    A pilot's proposals, shown once the record says that this reader read them; `gone` says what was erased, and why.

    `left` is how many are still here, whether or not they are shown yet.
    """

    template: ClassVar[str] = "desk/proposals.html"
    pilot: Link
    action: str
    read: bool
    left: int
    proposals: tuple[ReadProposalRow, ...]
    gone: tuple[Said, ...] = ()
