"""What each form of the page does; each gives the address to go on to."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.errors import MalformedError
from portal.keeper.locks import Passkey
from portal.keeper.paper import ring_of, sheets_in
from portal.keeper.ring import Ring
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.keeper.page.desk import KeeperDesk
    from portal.procurement.events.opening import Label


class Form(NamedTuple):
    """The fields of a form, and what its address says beyond its name."""

    fields: dict[str, str]
    rest: tuple[str, ...] = ()

    def get(self, name: str) -> str:
        """A field without what surrounds it; '' when it is not there."""
        return self.fields.get(name, "").strip()


def _pilot(form: Form) -> str:
    return f"opportunity:{form.rest[0]}" if form.rest else ""


def _label(form: Form) -> Label:
    label = form.rest[1] if len(form.rest) > 1 else ""
    if label == "proposal":
        return "proposal"
    if label == "offer":
        return "offer"
    raise MalformedError("form-malformed", "which half")


def _octets(text: str) -> bytes:
    """Bytes that the page's script gave: base64url without its equals signs."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise MalformedError("form-malformed", "not base64url") from error


def make(desk: KeeperDesk, form: Form) -> str:
    """Draw a new ring; then its owner is led to the backup."""
    desk.holder.make(form.get("keeper"))
    return "keys"


def restore(desk: KeeperDesk, form: Form) -> str:
    """Bring a ring back from the content of its backup file."""
    desk.holder.restore(Ring.parse(form.get("backup").encode() + b"\n"))
    return ""


def restore_words(desk: KeeperDesk, form: Form) -> str:
    """Bring a ring back from its words."""
    ring = ring_of(form.get("named"), sheets_in(form.get("signing")), sheets_in(form.get("opening")))
    desk.holder.restore(ring)
    return ""


def unlock(desk: KeeperDesk, form: Form) -> str:
    """Open the ring with what a passkey answered."""
    desk.holder.unlock(form.get("credential"), _octets(form.get("answer")))
    return ""


def unlock_file(desk: KeeperDesk, form: Form) -> str:
    """Open the ring with the content of its backup file."""
    desk.holder.unlock_with(form.get("backup").encode() + b"\n")
    return ""


def unlock_words(desk: KeeperDesk, form: Form) -> str:
    """Open the ring with its words."""
    desk.holder.unlock_with_words(form.get("signing"), form.get("opening"))
    return ""


def lock(desk: KeeperDesk, form: Form) -> str:
    """Lock the ring with a passkey, after its owner has said that she has a backup."""
    if not desk.holder.locked and form.get("backed_up") != "yes":
        raise Refusal("backup-first", {})
    desk.holder.lock(Passkey(form.get("credential"), form.get("label")[:60], _octets(form.get("answer"))))
    return "keys"


def forget(desk: KeeperDesk, _form: Form) -> str:
    """Lock the page."""
    desk.holder.forget()
    return ""


def look(desk: KeeperDesk, _form: Form) -> str:
    """Look into the record."""
    desk.look()
    return "run"


def release(desk: KeeperDesk, form: Form) -> str:
    """Release a key, after every check."""
    desk.release(_pilot(form), _label(form))
    return "run"


def confirm(desk: KeeperDesk, form: Form) -> str:
    """Confirm an opening, after deriving it."""
    desk.confirm(_pilot(form), _label(form))
    return "run"


def register(desk: KeeperDesk, _form: Form) -> str:
    """Register the next keys."""
    desk.register()
    return "run"


def delete(desk: KeeperDesk, form: Form) -> str:
    """Delete what a finished pilot left."""
    if form.get("sure") != "yes":
        raise Refusal("not-confirmed", {})
    desk.delete(_pilot(form))
    return "run"


POSTS: Final[dict[str, Callable[[KeeperDesk, Form], str]]] = {
    "make": make,
    "restore": restore,
    "restore-words": restore_words,
    "unlock": unlock,
    "unlock-file": unlock_file,
    "unlock-words": unlock_words,
    "lock": lock,
    "forget": forget,
    "look": look,
    "release": release,
    "confirm": confirm,
    "register": register,
    "delete": delete,
}
