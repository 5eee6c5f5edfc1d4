"""
Play acts through the real commands on a simulated clock, each exactly once, however often the rehearsal is started.

1. Keys, nonces and salts come from one secret of the rehearsal: the same step always signs the same statement.
2. A statement whose hash is in the record is left alone. What the operator states by itself (the close, the openings, the
   ranking) is left alone when the case shows that it happened.
3. Steps run in the order of their moments; the clock stands still inside a step.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from ledger.commitments import GROUP, Opening, commitment
from ledger.entry import Signed, sign, verify_signed
from ledger.keys import SigningKey
from ledger.sealing import BidMaster
from portal.clock import SimulatedClock
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import Document, perform
from portal.commands.submit_bid import submit_bid, withdraw_bid
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import the_case

_DOMAIN = b"daylight-rehearsal-v1\x00"
_PUBLISH_EVERY = timedelta(days=7)
Progress = Callable[[int, int], None]
"""Told after each step how many are done and how many there are."""


def silent(_done: int, _all: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, order=True)
class Step:
    """One thing that happens at a moment; `order` keeps what shares a moment in the order it was written down."""

    at: datetime
    order: int
    label: str = field(compare=False)
    run: Callable[[], None] = field(compare=False)


class Script:
    """The steps of a rehearsal, gathered from all its parts and played by moment."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def add(self, at: datetime, label: str, run: Callable[[], None]) -> None:
        """Write down a step."""
        self._steps.append(Step(at, len(self._steps), label, run))

    def until(self, moment: datetime) -> list[Step]:
        """The steps up to and including the moment, in the order in which they happen."""
        return sorted(step for step in self._steps if step.at <= moment)

    def all(self) -> list[Step]:
        """Every step, in the order in which they happen."""
        return sorted(self._steps)


class Player:
    """The rehearsal's hands: derives keys, signs, performs what is not yet in the record."""

    def __init__(self, office: Office, clock: SimulatedClock, secret: bytes) -> None:
        self.office = office
        self.clock = clock
        self._secret = secret
        self._keys: dict[str, SigningKey] = {}

    def derive(self, use: str, name: str) -> bytes:
        """Thirty-two bytes for one use of one name."""
        return sha256(_DOMAIN + self._secret + f"\x00{use}\x00{name}".encode()).digest()

    def key(self, name: str) -> SigningKey:
        """The key of a person, firm, keeper or head, by the name its file carries; `operator` is the office's own."""
        if name == "operator":
            return self.office.operator
        if name not in self._keys:
            self._keys[name] = SigningKey.from_seed(self.derive("key", name), name)
        return self._keys[name]

    def master(self, name: str) -> BidMaster:
        """The bid master of one bidder for one notice."""
        return BidMaster(self.derive("master", name))

    def commit(self, kind: str, step: str, fields: Mapping[str, object]) -> tuple[list[str], list[Opening]]:
        """Commit as `ledger.commitments.commit` does, with salts and decoys that a second start finds again."""
        openings = [
            Opening(path=path, salt=self.derive("salt", f"{step} {path}").hex(), value=value)
            for path, value in fields.items()
        ]
        found = [commitment(kind, opening) for opening in openings]
        decoys = [self.derive("decoy", f"{step} {number}").hex() for number in range(-len(found) % GROUP)]
        return sorted(found + decoys), openings

    def signed(
        self,
        kind: str,
        subject: str,
        body: Struct,
        *signers: SigningKey,
        step: str = "",
        commitments: Iterable[str] = (),
    ) -> Signed:
        """The statement of a step, signed; its nonce follows from kind, subject, author and step."""
        nonce = self.derive("nonce", f"{kind} {subject} {signers[0].key_id} {step}").hex()[:32]
        statement = self.office.statement(kind, subject, body, signers[0], commitments=commitments, nonce=nonce)
        return sign(statement, *signers)

    def present(self, signed: Signed) -> bool:
        """Whether the statement is in the record already."""
        with self.office.store.reading() as connection:
            return self.office.store.index_of_statement(connection, verify_signed(signed).hash) is not None

    def act(
        self,
        kind: str,
        subject: str,
        body: Struct,
        *signers: SigningKey,
        step: str = "",
        documents: Sequence[Document] = (),
        secret: Mapping[str, object] | None = None,
    ) -> None:
        """
        Perform an act unless it is in the record.

        Args:
            secret: Fields that the statement commits to and the vault keeps.
        """
        commitments: list[str] = []
        openings: list[Opening] = []
        if secret is not None:
            commitments, openings = self.commit(kind, f"{subject} {signers[0].name} {step}", secret)
        signed = self.signed(kind, subject, body, *signers, step=step, commitments=commitments)
        if not self.present(signed):
            perform(self.office, signed, documents=documents, openings=openings)

    def submit(self, signed: Signed, proposal: bytes, offer: bytes) -> None:
        """Submit a sealed bid unless it is in the record."""
        if not self.present(signed):
            submit_bid(self.office, signed, proposal, offer)

    def withdraw(self, signed: Signed) -> None:
        """Withdraw a bid unless that is in the record."""
        if not self.present(signed):
            withdraw_bid(self.office, signed)

    def case(self, subject: str) -> Case:
        """An opportunity as the record has it."""
        with self.office.store.reading() as connection:
            return the_case(Library(self.office.store, connection), subject)

    def play(self, steps: Sequence[Step], progress: Progress, ends: datetime) -> None:
        """Run the steps in order; publish about once a simulated week, and when it ends."""
        published: datetime | None = None
        for number, step in enumerate(steps, 1):
            if published is not None and step.at - published >= _PUBLISH_EVERY:
                self.office.publish()
                published = step.at
            published = published or step.at
            self.clock.advance_to(step.at)
            step.run()
            progress(number, len(steps))
        self.clock.advance_to(ends)
        self.office.publish()
