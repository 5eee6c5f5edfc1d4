"""What the table of acts says of one kind of entry."""

from typing import Literal

from msgspec import Struct

from portal.procurement.events.party import Duty

Role = Literal[
    "registrar",
    "head",
    "officer",
    "second-officer",
    "firm",
    "keeper",
    "operator",
    "bid-key",
    "one-time-key",
    "evaluator",
    "holder",
    "new-key",
    "partner",
]


class Kind(Struct, frozen=True, kw_only=True):
    """
    One row of the table; `duty` is what an officer's appointment must hold.

    `also` lists further kinds of subject: a key is a firm's as well as an agency's or a keeper's.
    """

    name: str
    body: type[Struct]
    subject: str
    also: tuple[str, ...] = ()
    signers: tuple[Role, ...]
    summary: str
    duty: Duty | None = None

    @property
    def subjects(self) -> tuple[str, ...]:
        """Every kind of subject that such an entry may be about."""
        return (self.subject, *self.also)
