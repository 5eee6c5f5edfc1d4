"""Pages by which people come in: sign in, accept an invitation, make and keep keys."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.desk import DemoPerson, DeskPage, FormPage, People
from portal.web.views.frame import Moment, Said, Shown


class SignInPage(DeskPage, frozen=True, kw_only=True):
    """
    Sign in: with a passkey, without one, or, in a demo, as anybody: `busy` has work, `people` are all.

    `refused` is why it did not work just now.
    """

    template: ClassVar[str] = "desk/sign_in.html"
    busy: tuple[DemoPerson, ...] = ()
    people: tuple[People, ...] = ()
    passkeys: bool = True
    refused: Said | None = None


class InvitationPage(DeskPage, frozen=True, kw_only=True):
    """An invitation to a desk: whose, in which role, until when. `action` is where the device's answer goes."""

    template: ClassVar[str] = "desk/invitation.html"
    action: str
    name: str
    email: str
    invited_as: str
    organisation: str
    until: Moment
    passkeys: bool = True
    renews: bool = False


class ToldPage(DeskPage, frozen=True, kw_only=True):
    """
    Something was done that goes on elsewhere: in a letter, or after a wait.

    `link` is set in demos alone, where no letter leaves.
    """

    template: ClassVar[str] = "desk/told.html"
    title: Said
    lead: Said
    notes: tuple[Said, ...] = ()
    link: str = ""


class RenewalRow(Struct, frozen=True, kw_only=True):
    """A desk that will open again: whose, since when asked, from when; `action` stops it."""

    name: str
    mine: bool
    asked: Moment
    opens: Moment
    action: str


class RenewalsPage(DeskPage, frozen=True, kw_only=True):
    """The desks that will open again and that this account may keep from it."""

    template: ClassVar[str] = "desk/renewals.html"
    rows: tuple[RenewalRow, ...] = ()


class SigningKeyPage(DeskPage, frozen=True, kw_only=True):
    """Make a key that signs acts; `first` when the account has none yet. `then` says what follows for this role."""

    template: ClassVar[str] = "desk/signing_key.html"
    first: bool
    then: Said
    passkeys: bool = True


class Step(Struct, frozen=True, kw_only=True):
    """A button of a row: posts to `action`; `name` is its words (`roster.do.NAME`)."""

    name: str
    action: str


class RosterRow(Struct, frozen=True, kw_only=True):
    """Somebody on a list: who, what stands in words, and what can be done."""

    who: Shown
    said: Said
    steps: tuple[Step, ...] = ()


class RosterPage(FormPage, frozen=True, kw_only=True):
    """A list of people or organisations above the form that adds one. `heading` is the list's own."""

    template: ClassVar[str] = "desk/roster.html"
    heading: Said
    rows: tuple[RosterRow, ...] = ()
    links: tuple[tuple[Said, str], ...] = ()


class SignInKey(Struct, frozen=True, kw_only=True):
    """One credential that opens the desk."""

    id: str
    label: str
    made: Moment
    may_remove: bool


class ActKey(Struct, frozen=True, kw_only=True):
    """
    One key that signs acts. `state` is `in-force`, `waiting` (not on record yet), `asked` (a recovery waits) or `ready`.

    `entry` is the record that made it the holder's, or that asked for it.
    """

    key: str
    label: str
    state: str
    made: Moment
    entry: int | None = None
    until: Moment | None = None
    may_revoke: bool = False
    may_recover: bool = False


class KeysPage(DeskPage, frozen=True, kw_only=True):
    """All keys of an account: those that open the desk, those that sign acts, and recoveries that wait."""

    template: ClassVar[str] = "desk/keys.html"
    entering: tuple[SignInKey, ...]
    acting: tuple[ActKey, ...]
    stoppable: tuple[ActKey, ...] = ()
    advised: bool = False
    codes: int = 0
    password: bool = False
    passkeys: bool = True


class PasswordPage(DeskPage, frozen=True, kw_only=True):
    """Choose a password and set up the codes of the moment; `picture` is the QR code as an address of its data."""

    template: ClassVar[str] = "desk/password.html"
    action: str
    totp: str
    picture: str
    refused: Said | None = None


class CodesPage(DeskPage, frozen=True, kw_only=True):
    """Recovery codes, shown this once."""

    template: ClassVar[str] = "desk/codes.html"
    codes: tuple[str, ...]
