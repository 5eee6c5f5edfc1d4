"""What the page that follows an opening shows: where it stands in one sentence, and every step with who did what."""

from typing import ClassVar, Literal

from msgspec import Struct

from portal.web.views.frame import Link, Moment, Page, Record, Said, State

Tense = Literal["past", "now", "future"]


class Seat(Struct, frozen=True, kw_only=True):
    """One keeper of this pilot and the key that is wanted of her; `given` None means that it has not come."""

    name: str
    organisation: str
    given: Moment | None = None
    records: tuple[Record, ...] = ()


class Step(Struct, frozen=True, kw_only=True):
    """
    One step of the opening. `when` is the moment of a past step, else until or from when; None while that is not fixed.

    `more` are further sentences; `seats` the keepers, where the step waits for their keys.
    """

    said: Said
    tense: Tense
    when: Moment | None = None
    more: tuple[Said, ...] = ()
    seats: tuple[Seat, ...] = ()
    records: tuple[Record, ...] = ()


class OpeningPage(Page, frozen=True, kw_only=True):
    """
    The opening of one pilot's bids.

    `live` pages follow the record while they are open in a browser that runs the script; all others are loaded again.
    `over` says that nothing more will happen here.
    """

    template: ClassVar[str] = "pages/opening.html"
    section: ClassVar[str] = "opportunities"
    pilot: Link
    agency: Link
    state: State
    headline: Said
    next: Said | None
    steps: tuple[Step, ...]
    last: Moment
    live: bool
    over: bool
    says: str = ""
    """The script's own sentences, as JSON."""
