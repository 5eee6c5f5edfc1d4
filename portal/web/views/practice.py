"""Practice mode: the form without an account, and the paper that goes to a chief."""

from typing import ClassVar

from msgspec import Struct

from portal.procurement.events.opportunity import OpportunityPublished
from portal.web.views.drafting import NoticeForm, Remark
from portal.web.views.frame import Link, Moment, Page, Said
from portal.web.views.told import ToldLine


class Choice(Struct, frozen=True, kw_only=True):
    """Rules to practise with: those of an agency on record, or a set that comes with the portal."""

    href: str
    name: str
    about: str


class PracticePage(Page, frozen=True, kw_only=True):
    """
    Practice. Without a `form` the reader first chooses whose rules are to speak.

    `rules` is where they can be read in words; `desk` opens the same start at an officer's desk.
    """

    template: ClassVar[str] = "pages/practice.html"
    section: ClassVar[str] = "how"
    agencies: tuple[Choice, ...] = ()
    sets: tuple[Choice, ...] = ()
    form: NoticeForm | None = None
    name: str = ""
    rules: Link | None = None
    script: str = ""
    desk: str = ""
    broken: bool = False


class PracticePaper(Page, frozen=True, kw_only=True):
    """
    A practised notice on paper, for whoever decides whether it goes ahead. It is published nowhere.

    `sheet` is the practice file, attached; `fingerprint` that of the file, so that paper and file can be matched.
    """

    template: ClassVar[str] = "notices/practice.html"
    name: str
    body: OpportunityPublished
    asked: tuple[ToldLine, ...]
    lines: tuple[ToldLine, ...]
    remarks: tuple[Remark, ...]
    missing: int
    signers: tuple[Said, ...]
    if_nobody: tuple[Said, ...]
    made: Moment
    file: bytes
    fingerprint: str
