"""
Recompute a published folder: every list, opening, median, ranking, draw and award, from public bytes alone.

1. Entry by entry the record is played again. Each act is decided once more against the record before it; a refusal is a
   difference, with its reason.
2. What the operator states and anyone can derive is derived: lists at close, verdicts on offers, each bid in clear, score
   commitments, the ranking, whose turn it was. A keeper's keys sign for themselves, so that she held them is checked too.
3. Nothing here needs a database or a web server: neither SQLAlchemy nor Litestar nor Jinja2 is imported.

It does not check signatures, hashes or the checkpoint: `python -m ledger verify` does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

import msgspec

from ledger.entry import Statement, leaf_hash, parse_entry
from ledger.errors import LedgerError
from ledger.folder import LogFolder
from ledger.tree import EMPTY_ROOT, TreeBuilder
from policies import Jurisdiction, PolicyError, from_document
from portal.procurement.act import Act, read_act
from portal.procurement.agency import Agency, fold_agency
from portal.procurement.case import Bid, Case, extend_case
from portal.procurement.decisions import decide
from portal.procurement.decisions.lookups import rules_of
from portal.procurement.decisions.scoring import proposal_verdicts
from portal.procurement.events.keys import RelyingPartyStated
from portal.procurement.events.opening import BidOpened, OffersOpened, ProposalsOpened, VerdictRow
from portal.procurement.events.party import KeeperPackRegistered, LogOpened
from portal.procurement.holders import KeyRing
from portal.procurement.offers import bids_opened
from portal.procurement.parties import (
    Firm,
    Keeper,
    Partner,
    fold_firm,
    fold_keeper,
    fold_log,
    fold_operator,
    fold_partner,
    fold_relying_party,
)
from portal.procurement.plan import Plan, fold_plan
from portal.procurement.refusal import Refusal
from portal.procurement.verdicts import judge_offer, judge_proposal, lots_of, open_one, opening_seats, parse_verdicts

_T = TypeVar("_T")


class FolderRecord:
    """
    A `portal.procurement.record.Record` that grows entry by entry, with documents from the folder.

    `expected` holds, for each opportunity, the bids in clear that follow from its published offers.
    """

    def __init__(self, folder: LogFolder) -> None:
        self._folder = folder
        self._acts: dict[str, list[Act]] = {}
        self._all: list[Act] = []
        self._folded: dict[str, object] = {}
        self._cases: dict[str, Case] = {}
        self._pack_keys: set[str] = set()
        self._proven = False
        self._used: dict[str, set[str]] = {}
        self.expected: dict[str, list[BidOpened]] = {}

    def add(self, act: Act) -> None:
        """Take the next entry in."""
        self._all.append(act)
        if act.subject.startswith("opportunity:"):
            case = extend_case(self._cases.get(act.subject), act)
            if act.subject not in self._cases:
                for seat in case.notice.sealing.seats:
                    self._used.setdefault(seat.keeper, set()).update((seat.proposal, seat.offer))
            self._cases[act.subject] = case
            return
        if isinstance(act.body, KeeperPackRegistered):
            self._pack_keys.update(key for pair in act.body.keys for key in (pair.proposal, pair.offer))
            self._proven = self._proven or bool(act.body.proofs)
        self._acts.setdefault(act.subject, []).append(act)
        self._folded.pop(act.subject, None)

    def _fold(self, subject: str, fold: Callable[[list[Act]], _T | None]) -> _T | None:
        if subject not in self._folded:
            self._folded[subject] = fold(self._acts.get(subject, []))
        return self._folded[subject]  # type: ignore[return-value]  # one fold for each kind of subject

    def log(self) -> LogOpened | None:
        """What entry 0 says."""
        return self._fold("log:self", fold_log)

    def operator_keys(self) -> KeyRing:
        """The keys by which agencies and keepers are admitted."""
        return fold_operator(self._acts.get("log:self", []))

    def relying_party(self, before: int | None = None) -> RelyingPartyStated | None:
        """Where passkeys sign, as stated last, or last before an entry."""
        return fold_relying_party(self._acts.get("log:self", []), before)

    def agency(self, subject: str) -> Agency | None:
        """The agency, folded."""
        return self._fold(subject, fold_agency)

    def firm(self, subject: str) -> Firm | None:
        """The firm, folded."""
        return self._fold(subject, fold_firm)

    def keeper(self, subject: str) -> Keeper | None:
        """The keeper, folded."""
        return self._fold(subject, fold_keeper)

    def partner(self, subject: str) -> Partner | None:
        """The training partner, folded."""
        return self._fold(subject, fold_partner)

    def plan(self, subject: str) -> Plan | None:
        """The plan, folded."""
        return self._fold(subject, fold_plan)

    def case(self, subject: str) -> Case | None:
        """The opportunity, folded; decisions never change it."""
        return self._cases.get(subject)

    def cases(self) -> list[Case]:
        """All opportunities, in the order of their publication."""
        return list(self._cases.values())

    def policy(self, digest: str) -> Jurisdiction | None:
        """The rules behind a digest, from the folder's document."""
        data = self.document(digest)
        try:
            return None if data is None else from_document(data)
        except PolicyError as error:
            raise Refusal(error.reason, {"digest": digest}) from error

    def document(self, sha256: str) -> bytes | None:
        """A document of the folder; one that is missing or altered is a difference of its own."""
        try:
            return self._folder.document(sha256)
        except LedgerError as error:
            raise Refusal(error.reason, {"document": sha256}) from error

    def keeper_key_seen(self, public: str) -> bool:
        """Whether any keeper registered this key before."""
        return public in self._pack_keys

    def packs_are_proven(self) -> bool:
        """Whether any pack so far carries proofs that its secrets were held."""
        return self._proven

    def keeper_keys_used(self, keeper: str) -> frozenset[str]:
        """The pack keys of a keeper that notices have taken."""
        return frozenset(self._used.get(keeper, ()))

    def entry_kind(self, index: int) -> str | None:
        """The kind of an entry; None beyond the end."""
        return self._all[index].kind if 0 <= index < len(self._all) else None

    def commitments_of(self, index: int) -> tuple[str, ...]:
        """The commitments of an entry; none beyond the end."""
        return self._all[index].commitments if 0 <= index < len(self._all) else ()


@dataclass(frozen=True)
class Difference:
    """Something the record states and the recomputation does not confirm."""

    opportunity: str
    name: str
    entry: int
    detail: str


@dataclass
class Recomputation:
    """What was played again, and what differs."""

    entries: int = 0
    pilots: int = 0
    rankings: int = 0
    awards: int = 0
    packs: int = 0
    packs_proven: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def rankings_equal(self) -> int:
        """How many rankings came out the same."""
        wrong = {row.opportunity for row in self.differences if row.name.startswith("ranking")}
        return self.rankings - len(wrong)


def recompute(place: str, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Recomputation:
    """
    Play a folder (or an address) again.

    Args:
        place: A folder with `log/` and `vkeys`, a log folder, or an http(s) address of one.
        progress: Told how many entries of how many are done.

    Raises:
        LedgerError: When the folder cannot be read as a log.
    """
    return replay(LogFolder.open(place), progress)[1]


def replay(
    folder: LogFolder, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> tuple[FolderRecord, Recomputation]:
    """
    Play a folder again, and keep the record that came out: for whoever decides by it, as a keeper does.

    Raises:
        LedgerError: When the folder cannot be read as a log.
    """
    record = FolderRecord(folder)
    found = Recomputation()
    size = folder.size()
    origin = ""
    builder, roots = TreeBuilder(), [EMPTY_ROOT]
    for entry in folder.entries():
        act = read_act(entry)
        origin = origin or parse_entry(entry).statement.log
        _play(record, act, origin, found)
        roots.append(_root(builder, entry))
        _seen(parse_entry(entry).statement, roots, act, found)
        found.entries += 1
        progress(found.entries, size)
    found.pilots = len(record.cases())
    return record, found


def _root(builder: TreeBuilder, entry: bytes) -> bytes:
    builder.extend([leaf_hash(entry)])
    return builder.root()


def _seen(statement: Statement, roots: list[bytes], act: Act, found: Recomputation) -> None:
    """A checkpoint that an author has seen must be of this log's own history before the entry."""
    seen = statement.seen
    if isinstance(seen, msgspec.UnsetType):
        return
    if not 0 < seen.size <= act.index or roots[seen.size].hex() != seen.root:
        found.differences.append(Difference(act.subject, "seen-unpublished", act.index, f"size {seen.size}"))


def _play(record: FolderRecord, act: Act, origin: str, found: Recomputation) -> None:
    before = len(found.differences)
    try:
        decide(record, act)
    except (Refusal, LedgerError) as refusal:  # the ledger refuses an instant that is no date
        found.differences.append(Difference(act.subject, refusal.reason, act.index, str(refusal)))
    found.rankings += act.kind == "ranking-published"
    found.awards += act.kind == "award-made"
    if isinstance(act.body, KeeperPackRegistered):
        found.packs += 1
        found.packs_proven += bool(act.body.proofs)
    if len(found.differences) == before:
        try:
            _derive(record, act, origin)
        except (Refusal, LedgerError) as refusal:
            found.differences.append(Difference(act.subject, refusal.reason, act.index, str(refusal)))
    record.add(act)


def _derive(record: FolderRecord, act: Act, origin: str) -> None:
    case = record.case(act.subject)
    if case is None:
        return
    if isinstance(act.body, ProposalsOpened):
        _proposals(record, case, act.body, origin)
    elif isinstance(act.body, OffersOpened):
        record.expected[case.id] = _offers(record, case, act.body, origin)
    elif isinstance(act.body, BidOpened) and act.body not in record.expected.get(case.id, []):
        raise Refusal("bid-differs", {"bid": act.body.bid, "price_minor": act.body.price_minor})


def _rows(record: FolderRecord, case: Case, document: str) -> list[tuple[Bid, VerdictRow]]:
    data = record.document(document)
    rows = parse_verdicts(data or b"")
    listed = case.listed_bids()
    if [row.bid for row in rows] != [bid.key for bid in listed]:
        raise Refusal("verdicts-list", {"listed": len(listed), "judged": len(rows)})
    return list(zip(listed, rows, strict=True))


def _proposals(record: FolderRecord, case: Case, body: ProposalsOpened, origin: str) -> None:
    """Proposals stay private, so the keepers vouch for valid ones; lot values and void bytes are everybody's to check."""
    rows = _rows(record, case, body.verdicts.sha256)
    committed = {bid.key: bid.seal.lot for bid, _ in rows}
    for key, lot in lots_of([row for _, row in rows]).items():
        if sha256(bytes.fromhex(lot)).hexdigest() != committed[key]:
            raise Refusal("lot-other", {"bid": key})
    for bid, row in rows:
        if row.verdict == "void" and row.reason != "unopened":
            envelope = record.document(row.envelope) or b""
            derived = judge_proposal(case, bid, open_one(case, "proposal", origin, bid, envelope))[0]
            if derived != row:
                raise Refusal("verdict-differs", {"bid": bid.key, "stated": row.reason, "derived": derived.reason})


def _offers(record: FolderRecord, case: Case, body: OffersOpened, origin: str) -> list[BidOpened]:
    """Open every offer again from its published bytes; what `bid-opened` must state of each."""
    if body.seats != opening_seats(case, "offer"):
        raise Refusal("opening-seats", {"stated": str(body.seats)})
    rows = _rows(record, case, body.verdicts.sha256)
    offers, lengths = [], {}
    for bid, row in rows:
        if row.reason == "unopened":
            continue
        envelope = record.document(bid.seal.offer) or b""
        lengths[bid.seal.offer] = len(envelope)
        derived, offer = judge_offer(bid, open_one(case, "offer", origin, bid, envelope))
        if derived != row:
            raise Refusal("verdict-differs", {"bid": bid.key, "stated": row.verdict, "derived": derived.verdict})
        if offer is not None:
            offers.append((bid, offer))
    scored = lots_of(proposal_verdicts(record, case))
    return bids_opened(case, rules_of(record, case), offers, record, lengths, scored=scored)
