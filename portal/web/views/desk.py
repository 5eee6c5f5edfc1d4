"""What the pages of the desk show that every desk shares: the frame, what waits, the page on which an act is signed."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.bidding import Verdict
from portal.web.views.frame import Link, Moment, Page, Said, Shown, State
from portal.web.views.told import Told


class Item(Struct, frozen=True, kw_only=True):
    """One thing that waits for somebody: what, until when, where to do it; `late` when that moment is over."""

    said: Said
    href: str
    due: Moment | None = None
    late: bool = False


class DemoPerson(Struct, frozen=True, kw_only=True):
    """Somebody a demo visitor can be: in which role, how many things wait, the first of them in words."""

    account: str
    name: str
    post: str
    role: str
    waits: int
    first: Said | None


class People(Struct, frozen=True, kw_only=True):
    """A demo's people of one agency (`name`), or of one role elsewhere; `unfolded` where all are shown at once."""

    people: tuple[DemoPerson, ...]
    name: str = ""
    role: str = ""
    unfolded: bool = False


class DeskPage(Page, frozen=True, kw_only=True):
    """A page behind the desk's door. `token` is what its forms carry; `who` is the person signed in."""

    section: ClassVar[str] = "desk"
    token: str
    who: str = ""
    role: str = ""
    whose: str = ""
    demo: bool = False


class Begun(Struct, frozen=True, kw_only=True):
    """A form that somebody has begun: where it goes on, when it was kept, and where it is dropped or taken back."""

    title: str
    href: str
    saved: Moment
    drop: str = ""
    restore: str = ""
    signing: str = ""


class Unfinished(Struct, frozen=True, kw_only=True):
    """What an account has begun. `whom` and `script` let its device say what it kept while the session was gone."""

    rows: tuple[Begun, ...]
    dropped: tuple[Begun, ...]
    whom: str
    script: str


class Running(Struct, frozen=True, kw_only=True):
    """One pilot of the agency in the list of the first page: where it stands, and its next moment."""

    title: str
    href: str
    state: State
    turn: Said | None
    when: Moment | None = None


class DeskHomePage(DeskPage, frozen=True, kw_only=True):
    """What waits for me, what waits for others, and what I can begin."""

    template: ClassVar[str] = "desk/home.html"
    mine: tuple[Item, ...] = ()
    others: tuple[Item, ...] = ()
    begin: tuple[Item, ...] = ()
    unfinished: Unfinished | None = None
    running: tuple[Running, ...] = ()


class SigningDevice(Struct, frozen=True, kw_only=True):
    """A device that may sign this draft: its credential, the key the record knows it by, its owner's name for it."""

    id: str
    key: str
    label: str
    passkey: bool = True


class SignPage(DeskPage, frozen=True, kw_only=True):
    """
    One draft, to be signed: in words, as the exact text, and its fingerprint.

    `first` names who has signed already; `refused` is what the record would say now, so that nobody signs in vain.
    """

    template: ClassVar[str] = "desk/sign.html"
    draft: str
    kind: str
    said: Said
    subject: Link
    text: str
    fingerprint: str
    first: tuple[str, ...] = ()
    needed: int = 1
    refused: Said | None = None
    fix: str = ""
    may_sign: bool = True
    may_drop: bool = True
    dropped: bool = False
    demo_name: str = ""
    devices: tuple[SigningDevice, ...] = ()
    passkeys: bool = True
    operator: bool = False
    says: tuple["Fact", ...] = ()
    told: Told | None = None


class DonePage(DeskPage, frozen=True, kw_only=True):
    """The act is an entry now: its record, and where it shows."""

    template: ClassVar[str] = "desk/done.html"
    record: int
    said: Said
    subject: Link
    wants_codes: bool = False


class Option(Struct, frozen=True, kw_only=True):
    """One choice of a field; `text` is a name out of the record or of the rules, else `said` is ours."""

    value: str
    text: str = ""
    said: Said | None = None
    chosen: bool = False


class Field(Struct, frozen=True, kw_only=True):
    """
    One field of a form. `code` names its label and hint in the words (`forms.CODE`, `forms.CODE.hint`).

    `kind` is line, text, amount, day, choice, several, file, moment or shown; `error` is the sentence beside it when it was refused; `label`
    replaces the label where it is a name out of the record (a criterion, a bidder).
    """

    name: str
    code: str
    kind: str = "line"
    value: str = ""
    label: str = ""
    hint: str = ""
    options: tuple[Option, ...] = ()
    error: Said | None = None
    rows: int = 4
    most: int = 0
    accept: str = ""


class Mend(Struct, frozen=True, kw_only=True):
    """A button that mends a refusal: it sends the form again with one field changed."""

    name: str
    value: str
    said: Said


class Fact(Struct, frozen=True, kw_only=True):
    """One fact beside a form: its label (`facts.CODE` in the words) and its value."""

    code: str
    value: Shown


class Quote(Struct, frozen=True, kw_only=True):
    """Text that somebody else wrote and that the form is about: a question, a proposal's answer."""

    title: str
    text: str


class FormPage(DeskPage, frozen=True, kw_only=True):
    """
    A form that makes a draft of an act. `title` and `lead` are sentences; `refused` stands on top with what to do now.

    `checks` offers to look before it goes on; `told` is then what the act would say. `shown` are
    facts beside the form that its reader needs (what was proposed, what the rules say); `verdicts` the conditions of the
    pinned rules that it is about; `steps` where its reader looks before deciding.
    """

    template: ClassVar[str] = "desk/form.html"
    title: Said
    lead: Said | None = None
    action: str
    fields: tuple[Field, ...]
    submit: str = "prepare"
    refused: Said | None = None
    fix: str = ""
    mends: tuple[Mend, ...] = ()
    shown: tuple[Fact, ...] = ()
    quotes: tuple[Quote, ...] = ()
    checks: bool = False
    told: Told | None = None
    steps: tuple[Item, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    policy: str = ""


class PaperRow(Struct, frozen=True, kw_only=True):
    """A paper behind a proof: a file to take (`href`, empty when it is gone), or the words that were handed in."""

    name: str
    href: str = ""
    kilobytes: int = 0
    words: str = ""


class PapersPage(DeskPage, frozen=True, kw_only=True):
    """The papers behind a firm's proof. `read` once this officer's reading is on record; before it nothing is shown."""

    template: ClassVar[str] = "desk/papers.html"
    pilot: str
    firm: str
    action: str
    back: str
    read: bool = False
    none: bool = False
    papers: tuple[PaperRow, ...] = ()
