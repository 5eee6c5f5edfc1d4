"""The form of a notice: ten answers, what was filled in for them, and what the rules say to it."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.desk import DeskPage, Field
from portal.web.views.frame import Link, Moment, Said, Shown


class Fix(Struct, frozen=True, kw_only=True):
    """A button that mends: it sends the form again with what `sends` changes (see `portal.web.drafting.sheet.mended`)."""

    sends: str
    said: Said


class Remark(Struct, frozen=True, kw_only=True):
    """
    One thing to mend, beside its field.

    `reason` is the stable code, for programs; `field` is the name of the field it stands beside; `rule` links to the rule and `text` is the rule's own sentence, both
    absent where the answer is wrong by itself. `fixes` are the buttons that put it right; `help` says how in words.
    """

    field: str
    said: Said
    reason: str
    help: str = ""
    rule: Link | None = None
    text: str = ""
    fixes: tuple[Fix, ...] = ()


class Entry(Struct, frozen=True, kw_only=True):
    """One field with what is to be mended about it. `kind` adds to those of `Field`: number, moment, select, checks."""

    field: Field
    remarks: tuple[Remark, ...] = ()
    suffix: str = ""
    least: int = 0
    most: int = 0
    ticked: tuple[str, ...] = ()


class Part(Struct, frozen=True, kw_only=True):
    """Fields of a row that belong together: a criterion, a step of payment. `head` is its heading, '' for none."""

    entries: tuple[Entry, ...]
    head: Said | None = None
    code: str = ""


class Filled(Struct, frozen=True, kw_only=True):
    """
    One row of what was filled in: its value in words, where it comes from, and the fields that change it.

    `proposed` is what the fields show as proposed, to be sent back with them; `changed` when somebody changed it, with
    the button that takes the proposal again in `back`.
    """

    code: str
    value: tuple[Shown, ...]
    source: Said
    parts: tuple[Part, ...]
    proposed: str
    rule: Link | None = None
    changed: bool = False
    back: Fix | None = None

    @property
    def wrong(self) -> bool:
        """Whether anything here has to be mended."""
        return any(entry.remarks or entry.field.error for part in self.parts for entry in part.entries)


class NoticeForm(Struct, frozen=True, kw_only=True):
    """
    The whole form. `hidden` are fields that are carried along; `remarks` all that is to be mended, in order.

    `override` asks for the public reason to keep a wording, where one was found. `missing` counts answers that are not there yet. `ready` when the rules would take the notice as it stands.
    `if_nobody` says what happens if nobody bids; `signers` who has to act, and `hours` how long it takes in all.
    """

    action: str
    entries: tuple[Entry, ...]
    override: Entry | None
    filled: tuple[Filled, ...]
    hidden: tuple[tuple[str, str], ...]
    remarks: tuple[Remark, ...]
    missing: int
    checked: bool
    ready: bool
    zone: str
    source: Said | None = None
    if_nobody: tuple[Said, ...] = ()


class NoticePage(DeskPage, frozen=True, kw_only=True):
    """
    The form at the desk. `draft` is the name under which it is kept; `saved` when it was kept last.

    `hints` are what could bring bids where nobody bid before; `stale` when the page was older than the session, so that
    nothing was kept by it. `whom` tells this account's device copies from other people's, and nothing else about it.
    """

    template: ClassVar[str] = "desk/notice.html"
    form: NoticeForm
    draft: str
    whom: str
    script: str
    saved: Moment | None = None
    hints: tuple[Remark, ...] = ()
    stale: bool = False


class SignedOutPage(DeskPage, frozen=True, kw_only=True):
    """Whoever sent the form is not signed in any more: what was sent is `carried`, to be sent again after signing in."""

    template: ClassVar[str] = "desk/signed_out.html"
    action: str
    carried: tuple[tuple[str, str], ...]


class OpenFilePage(DeskPage, frozen=True, kw_only=True):
    """Where a practice file is opened; `broken` when the last one was none."""

    template: ClassVar[str] = "desk/open_file.html"
    action: str
    broken: bool = False
