"""What a bidder sees: may we bid, the bid itself, what the server can print of it, and how it was judged."""

from typing import ClassVar, Literal

from markupsafe import Markup
from msgspec import Struct

from portal.procurement.money import Money
from portal.web.views.frame import Link, Moment, Page, Record, Said, State
from portal.web.views.opportunity import MilestoneRow


class Verdict(Struct, frozen=True, kw_only=True):
    """One condition: the rule's sentence, whether it is met, and how to mend it; `met` None before anything is said."""

    rule: str
    met: bool | None
    sentence: str
    fix: str


class FirmSaid(Struct, frozen=True, kw_only=True):
    """What a visitor said about the firm, as text, so that a form comes back filled in."""

    place: str = ""
    months: str = ""
    founded: str = ""
    staff: str = ""
    turnover: str = ""


class EligiblePage(Page, frozen=True, kw_only=True):
    """
    "May we bid?": each condition yes, no, or how to mend it. Works without script; nothing is kept.

    `wrong` names the fields that could not be read; `allowed` None before all is said. `open` for a pilot without
    conditions.
    """

    template: ClassVar[str] = "pages/eligible.html"
    section: ClassVar[str] = "opportunities"
    title: str
    pilot: Link
    bid: str
    open: bool
    areas: tuple[tuple[str, str], ...]
    currency: str
    asks_turnover: bool
    policy: str
    said: FirmSaid
    wrong: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    allowed: bool | None


class Script(Struct, frozen=True):
    """A script of a page: where it lies, what a browser holds it to, and its SHA-256 for people."""

    href: str
    integrity: str
    fingerprint: str


class BidPage(Page, frozen=True, kw_only=True):
    """
    The page on which a bid is written and sealed; the same for everybody, so that it can be checked from outside.

    `lives` from the close on, for whoever has a receipt file; `mattered` is when the terms last changed in a way that asks
    bidders to confirm; `fallback` is the label that bidders may open themselves.
    `terms`, `rules` (what a device judges conditions by) and `says` (the script's sentences) are JSON for the script. `module_stated` is whether the sealing
    module is the one the record names. `scripts` are all that the page runs, the one that is started last.
    """

    template: ClassVar[str] = "pages/bid.html"
    section: ClassVar[str] = "opportunities"
    title: str
    summary: str
    pilot: Link
    agency: Link
    state: State
    lives: bool
    fallback: str
    closes: Moment
    opens: Moment
    price: Money
    price_mode: Literal["fixed", "priced"]
    milestones: tuple[MilestoneRow, ...]
    tax: str
    hours: int
    requirements: tuple[tuple[str, str], ...]
    learner_places: int
    training_partner: str | None
    skills: tuple[str, ...]
    areas: tuple[tuple[str, str], ...]
    conditions: bool
    rules: str
    sentences: tuple[tuple[str, Said], ...]
    policy: str
    keepers: int
    needed: int
    mattered: Moment | None
    module: str
    module_stated: bool
    scripts: tuple[Script, ...]
    qr: Markup
    address: str
    terms: str
    says: str
    records: tuple[Record, ...]


class AskPage(Page, frozen=True, kw_only=True):
    """A question, asked in public by a key that the visitor's device makes and forgets; `terms` and `says` are JSON."""

    template: ClassVar[str] = "pages/ask.html"
    section: ClassVar[str] = "opportunities"
    pilot: Link
    agency: Link
    open: bool
    until: Moment
    terms: str
    says: str


class GivenScore(Struct, frozen=True, kw_only=True):
    """One evaluator's level and words on a bid; `apart` is what she added where her score lay far from the others'."""

    evaluator: str
    level: int
    words: str
    apart: str = ""


class OwnScore(Struct, frozen=True, kw_only=True):
    """
    One criterion: this bid's median, the best bid's, and the middle of all bids, in hundredths of a level.

    `words` are what each evaluator gave and said; `reason` is the agency's sentence, once it has chosen.
    """

    name: str
    weight: int
    own: int
    best: int
    middle: int
    words: tuple[GivenScore, ...]
    reason: str


class JudgedPage(Page, frozen=True, kw_only=True):
    """
    How one bid was judged: public facts only, beside the best bid, which is the chosen one once there is a choice.

    `parts` are the parts of this bid's price, by their names, where it named them. Points are (quality, price, total) in hundredths. `short` are the points missing to the best bid; `would` the sentences
    on what would have been enough by itself to stand equal or better. `tied` are the firms that stood equal, `tie` what decided between them. `challenge` is the end of the time to challenge.
    """

    template: ClassVar[str] = "pages/judged.html"
    section: ClassVar[str] = "opportunities"
    title: str
    pilot: Link
    agency: Link
    firm: Link
    price: Money
    rank: int
    of: int
    best: Link | None
    is_best: bool
    is_chosen: bool
    decided: bool
    parts: tuple[tuple[str, Money], ...]
    best_price: Money | None
    points: tuple[int, int, int] | None
    best_points: tuple[int, int, int] | None
    short: int
    best_parts: tuple[tuple[str, Money], ...] = ()
    tied: tuple[str, ...] = ()
    tie: Said | None = None
    price_weight: int
    reason: str
    scores: tuple[OwnScore, ...]
    price_reason: str
    would: tuple[Said, ...]
    challenge: Moment | None
    pdf: str
    records: tuple[Record, ...]


class Paper(Page, frozen=True, kw_only=True):
    """
    What a bidder prints. `path` is the address that the QR code carries; `entry` and `receipt` are attached.

    `index` is the record the paper is about; `dated` its time, so that the same paper has the same bytes.
    """

    title: str
    agency: str
    dated: Moment
    index: int
    fingerprint: str
    entry: bytes
    receipt: bytes


class JudgedPaper(Paper, frozen=True, kw_only=True):
    """How a bid was judged, on paper."""

    template: ClassVar[str] = "notices/judged.html"
    judged: JudgedPage


class ReceiptPaper(Paper, frozen=True, kw_only=True):
    """What the server can print of a bid: that it came, when, and its fingerprints. It knows no secret to print."""

    template: ClassVar[str] = "notices/receipt.html"
    kind: str
    bid: str
    statement: str
    closes: Moment
    opens: Moment
