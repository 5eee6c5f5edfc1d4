"""Pages by which people come in: sign in, accept an invitation, make and keep keys."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.desk import DeskPage, Person
from portal.web.views.frame import Link, Moment, Said


class SignInPage(DeskPage, frozen=True, kw_only=True):
    """Sign in: with a passkey, without one, or, in a demo, as anybody. `refused` is why it did not work just now."""

    template: ClassVar[str] = "desk/sign_in.html"
    people: tuple[Person, ...] = ()
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


class SigningKeyPage(DeskPage, frozen=True, kw_only=True):
    """Make a key that signs acts; `first` when the account has none yet. `then` says what follows for this role."""

    template: ClassVar[str] = "desk/signing_key.html"
    first: bool
    then: Said
    passkeys: bool = True


class KeyRow(Struct, frozen=True, kw_only=True):
    """One key of an account. `state` is `in-force`, `not-on-record` or `revoked`."""

    id: str
    label: str
    kind: str
    made: Moment
    fingerprint: str = ""
    state: str = ""
    record: Link | None = None
    may_remove: bool = False
