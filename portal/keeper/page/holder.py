"""
Holds the ring while the page is open: locked or unlocked, by passkey, by the backup file or by the words.

1. A ring in clear on the disk is open from the start; a locked one is forgotten again after a quarter of an hour unused.
2. Whatever the ring becomes (keys registered, keys deleted) is written back in the form in which it lay there.
"""

from __future__ import annotations

import secrets
import threading
from time import monotonic
from typing import TYPE_CHECKING, Final

from portal.keeper import locks
from portal.keeper.paper import ring_of, sheets_in
from portal.keeper.ring import Ring, replace_secret
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.keeper.home import Home

IDLE_S: Final = 900.0


class Holder:
    """The ring of one home. `now` is a clock of seconds that only goes forward."""

    def __init__(self, home: Home, now: Callable[[], float] = monotonic) -> None:
        self.home = home
        self._now = now
        self._door = threading.RLock()
        self._ring: Ring | None = None
        self._unlocked: locks.Unlocked | None = None
        self._used = now()
        self.salt = secrets.token_bytes(32)
        """What a first passkey is asked with."""

    @property
    def exists(self) -> bool:
        """Whether there is a ring in the home."""
        return self.home.ring.exists()

    @property
    def locked(self) -> bool:
        """Whether the ring on the disk needs a passkey."""
        return self.exists and locks.is_locked(self.home.ring.read_bytes())

    @property
    def by_passkey(self) -> bool:
        """Whether the ring was opened by a passkey, so that it can be locked again after a change."""
        return self._unlocked is not None

    def ring(self) -> Ring:
        """
        The open ring.

        Raises:
            Refusal: `ring-missing` or `ring-locked`.
        """
        with self._door:
            if not self.exists:
                raise Refusal("ring-missing", {})
            if not self.locked:
                return Ring.parse(self.home.ring.read_bytes())
            if self._ring is not None and self._now() - self._used > IDLE_S:
                self.forget()
            if self._ring is None:
                raise Refusal("ring-locked", {})
            self._used = self._now()
            return self._ring

    def forget(self) -> None:
        """Lock: the ring is no longer here in clear."""
        with self._door:
            self._ring = self._unlocked = None

    def asks_for(self) -> tuple[str, list[str], str]:
        """Whose ring lies locked on the disk, which passkeys open it, and the salt to ask them with (hex)."""
        return locks.asks_for(self.home.ring.read_bytes())

    def unlock(self, credential: str, answer: bytes) -> None:
        """Open the ring with what a passkey answered; raises as `locks.unlock`."""
        with self._door:
            self._unlocked = locks.unlock(self.home.ring.read_bytes(), credential, answer)
            self._take(self._unlocked.ring)

    def unlock_with(self, data: bytes) -> None:
        """
        Open the ring with the content of a backup file.

        Raises:
            Refusal: `ring-other` when it is another keeper's.
            MalformedError: `ring-file`.
        """
        self._take_other(Ring.parse(data))

    def unlock_with_words(self, signing: str, opening: str) -> None:
        """Open the ring with its words; raises as `unlock_with`, or `words-wrong`."""
        self._take_other(ring_of(self.asks_for()[0], sheets_in(signing), sheets_in(opening)))

    def _take_other(self, ring: Ring) -> None:
        keeper = self.asks_for()[0]
        if ring.keeper != keeper:
            raise Refusal("ring-other", {"keeper": keeper, "given": ring.keeper})
        with self._door:
            self._unlocked = None
            self._take(ring)

    def _take(self, ring: Ring) -> None:
        self._ring, self._used = ring, self._now()

    def make(self, keeper: str) -> None:
        """Draw a new ring, where there is none; raises as `restore`, or `keeper-name`."""
        self.restore(Ring.make(keeper))

    def restore(self, ring: Ring) -> None:
        """
        Put a ring that came back into an empty home.

        Raises:
            Refusal: `ring-there`.
        """
        if self.exists:
            raise Refusal("ring-there", {})
        ring.save(self.home.ring)

    def lock(self, passkey: locks.Passkey) -> None:
        """
        Lock the ring on the disk with a passkey, or let another passkey open it too.

        Raises:
            Refusal: `passkey-first` when it is open, but not by a passkey that locks it.
            MalformedError: `passkey-known`.
        """
        with self._door:
            ring = self.ring()
            if not self.locked:
                self._unlocked = locks.lock(ring, passkey, self.salt)
                self.salt = secrets.token_bytes(32)
            elif self._unlocked is None:
                raise Refusal("passkey-first", {})
            else:
                self._unlocked = locks.another(self._unlocked, passkey)
            replace_secret(self.home.ring, locks.encode_locked(self._unlocked))
            self._take(ring)

    def save(self, ring: Ring) -> None:
        """
        Write back what the ring has become.

        Raises:
            Refusal: `passkey-first` when it is locked and was not opened by a passkey; nothing is written then.
        """
        with self._door:
            if not self.locked:
                replace_secret(self.home.ring, ring.encode())
                return
            if self._unlocked is None:
                raise Refusal("passkey-first", {})
            self._unlocked = locks.renewed(self._unlocked, ring)
            replace_secret(self.home.ring, locks.encode_locked(self._unlocked))
            self._take(ring)
