"""
A whole small town for tests: an agency with officers, evaluators and keepers, and firms that bid through real commands.

Every key comes from a name, so that a story reads the same each time. Nothing here stands in for our own code: acts go
through `perform`, envelopes are sealed, keys are released.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ledger import canonical
from ledger.commitments import commit
from ledger.entry import DocumentReference, Signed, format_time, sign
from ledger.errors import LedgerError
from ledger.keys import SigningKey
from ledger.sealing import BidMaster, KeeperPack, seal
from policies import (
    PolicyError,
    earliest_close,
    load_jurisdiction,
    objection_end,
    opens_latest,
    questions_end,
    standstill_end,
)
from portal.clock import SimulatedClock
from portal.commands.close_bids import close_bids
from portal.commands.library import Library
from portal.commands.office import Office, module_digest
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals, read_proposals
from portal.commands.perform import Document, Done, perform
from portal.commands.publish_ranking import publish_ranking
from portal.commands.submit_bid import submit_bid
from portal.procurement.case import Case
from portal.procurement.decisions.scoring import scores_commitment
from portal.procurement.events import award, bid, evaluation, opening, opportunity, party
from portal.procurement.papers import Answer, Offer, Proposal, encode_paper, sign_offer
from portal.procurement.refusal import Refusal
from portal.procurement.verdicts import pinned

START = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
AGENCY = "agency:harlan-county"
PILOT = "opportunity:book-a-septic-inspection"
POLICY = load_jurisdiction("blue-ridge-county")
OFFICERS = ("ada", "ben")
EVALUATORS = ("eve", "fay", "gus")
FIRMS = ("ridge", "hollow", "creek")


def key_of(name: str) -> SigningKey:
    """The key that a name stands for."""
    return SigningKey.from_seed(sha256(name.encode()).digest(), name)


def master_of(name: str) -> BidMaster:
    """The bid master that a name stands for."""
    return BidMaster(sha256(b"master " + name.encode()).digest())


@dataclass
class Town:
    """The rig. `masters` holds each bidder's master; `packs` each keeper's private keys."""

    office: Office
    clock: SimulatedClock
    packs: dict[str, KeeperPack] = field(default_factory=dict)
    texts: dict[tuple[str, str], bytes] = field(default_factory=dict)

    @classmethod
    def found(cls, data: Path, purpose: party.Purpose = "live") -> "Town":
        """An agency with its rules, officers, evaluators, three keepers from three organisations, and three firms."""
        clock = SimulatedClock(START)
        office = Office.create(
            data, purpose=purpose, operator_name="Test operator", origin="test.example/log", clock=clock
        )
        town = cls(office, clock)
        town.register()
        return town

    def act(
        self, kind: str, subject: str, body: msgspec.Struct, *names: str, author: SigningKey | None = None, **more: Any
    ) -> Done:
        """Perform one act signed by the named keys, the first of them its author."""
        return perform(
            self.office, self.signed(kind, subject, body, *names, author=author, **more), **more.pop("with_", {})
        )

    def signed(
        self, kind: str, subject: str, body: msgspec.Struct, *names: str, author: SigningKey | None = None, **more: Any
    ) -> Signed:
        """The signed statement that `act` performs."""
        keys = [author] if author else [self.office.operator if n == "operator" else key_of(n) for n in names]
        statement = self.office.statement(kind, subject, body, keys[0], commitments=more.get("commitments", ()))
        return sign(statement, *keys)

    def register(self) -> None:
        """Everybody who takes part."""
        profile = party.AgencyRegistered(
            name="Harlan County",
            place="harlan-county",
            place_name="Harlan County",
            zone="America/New_York",
            currency="USD",
            head=key_of("head").key_id,
            contact="pilots@harlan.example",
        )
        self.act("agency-registered", AGENCY, profile, "operator")
        document = Document(POLICY.document, "application/json")
        adopted = party.PolicyAdopted(
            jurisdiction=POLICY.id,
            document=DocumentReference(len(document.data), document.media_type, POLICY.digest),
            resolution="Resolution 12 of 2027",
        )
        signed = self.signed("policy-adopted", AGENCY, adopted, "head")
        perform(self.office, signed, documents=[document])
        for name in OFFICERS:
            duties = ["plan", "publish", "answer", "addendum", "choose", "award", "cancel", "verify"]
            self.appoint(name, duties, 5_000_000)
        for name in EVALUATORS:
            self.appoint(name, ["evaluate"], None)
        for place, name in enumerate(("kim", "lou", "mae")):
            self.keeper(name, ("bar-association", "harlan-library", "ridge-college")[place])
        for name in FIRMS:
            self.firm(name)

    def appoint(self, name: str, duties: list[Any], limit: int | None, **more: Any) -> Done:
        """An appointment by the agency's head."""
        body = party.AppointmentMade(
            person=f"person:{name}",
            key=key_of(name).key_id,
            duties=duties,
            limit_minor=limit,
            begins=more.get("begins", format_time(START - timedelta(days=1))),
            ends=more.get("ends", "2029-01-01T00:00:00.000Z"),
            resolution="Resolution 13 of 2027",
        )
        commitments, openings = commit("appointment-made", {"name": name.title(), "post": "clerk"})
        signed = self.signed("appointment-made", AGENCY, body, "head", commitments=commitments)
        return perform(self.office, signed, openings=openings)

    def keeper(self, name: str, organisation: str, person: str | None = None, notices: int = 6) -> None:
        """A keeper with a pack of keys."""
        body = party.KeeperRegistered(
            name=name.title(),
            organisation=organisation,
            organisation_name=organisation,
            key=key_of(name).key_id,
            person=person,
        )
        self.act("keeper-registered", f"keeper:{name}", body, "operator")
        pack = KeeperPack.generate(name, notices)
        self.packs[name] = pack
        keys = [party.PackKey(**pair) for pair in pack.public_list]
        self.act(
            "keeper-pack-registered",
            f"keeper:{name}",
            party.KeeperPackRegistered(keys=keys, drill="00" * 32, proofs=self.proofs(name)),
            name,
            "operator",
        )

    def proofs(self, name: str) -> list[party.PackProof]:
        """That this keeper holds the secrets of her pack."""
        return [party.PackProof(**pair) for pair in self.packs[name].proofs(key_of(name).key_id)]

    def firm(self, name: str, place: str = "harlan-county", **more: Any) -> Done:
        """A firm that registers by its own key."""
        body = party.FirmRegistered(
            name=f"{name.title()} Data", place=place, place_name=place, founded="2020-05-01", staff=4, **more
        )
        return self.act("firm-registered", f"firm:{name}", body, name)

    def notice(self, **changes: Any) -> opportunity.OpportunityPublished:
        """A notice that the rules allow, published now; `changes` replace fields."""
        now = self.clock.now()
        rules = POLICY.rules(now)
        closes = earliest_close(rules, changes.get("tier", "T1"), now, ZONE)
        seats = []
        with self.office.store.reading() as connection:
            library = Library(self.office.store, connection)
            for name, pack in list(self.packs.items())[:3]:
                keeper = library.keeper(f"keeper:{name}")
                assert keeper is not None
                used = library.keeper_keys_used(keeper.id)
                pair = next(p for p in pack.public_list if p["proposal"] not in used)
                seats.append(opportunity.KeeperSeat(keeper=keeper.id, organisation=keeper.profile.organisation, **pair))
        fields: dict[str, Any] = {
            "agency": AGENCY,
            "plan": None,
            "title": "Book a septic inspection",
            "summary": "Residents book a septic inspection online instead of by telephone.",
            "need": "Three clerks take four hundred calls a month.",
            "outcome": "A resident books in five minutes.",
            "audience": "Residents with a septic tank, and two inspectors.",
            "existing": "A paper calendar.",
            "incumbent": opportunity.Incumbent(answer="none"),
            "helped_by": opportunity.HelpedBy(answer="nobody"),
            "requirements": [
                opportunity.Requirement(id="booking", text="Residents choose a day and get a confirmation."),
                opportunity.Requirement(id="calendar", text="Inspectors see their day on a phone."),
            ],
            "acceptance": "Ten residents book without help.",
            "skills": ["Web applications"],
            "learner_places": 1,
            "training_partner": None,
            "place": "harlan-county",
            "place_name": "Harlan County",
            "tier": "T1",
            "price_mode": "fixed",
            "budget_minor": 2_400_000,
            "floor_minor": None,
            "currency": "USD",
            "tax": POLICY.tax,
            "funding": "own-money",
            "cross_border": "no",
            "reservation": "local",
            "criteria": [
                opportunity.Criterion(
                    id="approach", name="Approach", weight=50, anchors=[f"Level {n}." for n in range(5)]
                ),
                opportunity.Criterion(id="team", name="Team", weight=50, anchors=[f"Level {n}." for n in range(5)]),
            ],
            "price_weight": 0,
            "milestones": [
                opportunity.MilestoneTerm(name="First screens", share=40, days=30),
                opportunity.MilestoneTerm(name="In use", share=40, days=60),
                opportunity.MilestoneTerm(name="Handed over", share=20, days=90),
            ],
            "payment_days": 14,
            "licence": "Open source, Apache-2.0",
            "data_class": "Names and addresses",
            "hours": 3,
            "rationale": "A fixed price: we know what it is worth to us.",
            "requester": "person:ada",
            "evaluators": [f"person:{name}" for name in EVALUATORS],
            "closes": format_time(closes),
            "questions_close": format_time(questions_end(rules, closes, ZONE, changes.get("tier", "T1"))),
            "objection_until": format_time(objection_end(rules, closes)),
            "opens_by": format_time(opens_latest(rules, closes, ZONE)),
            "sealing": opportunity.SealingTerms(
                arrangement="shared",
                k=2,
                seats=seats,
                proposal_size=rules.sealing.proposal_bytes,
                offer_size=rules.sealing.offer_bytes,
                module=module_digest(),
            ),
            "policy": opportunity.PinnedPolicy(jurisdiction=POLICY.id, digest=POLICY.digest),
        }
        return opportunity.OpportunityPublished(**{**fields, **changes})

    def publish(self, subject: str = PILOT, *officers: str, **changes: Any) -> Done:
        """Publish a notice by two officers."""
        return self.act("opportunity-published", subject, self.notice(**changes), *(officers or OFFICERS))

    def case(self, subject: str = PILOT) -> Case:
        """The opportunity as the record has it."""
        with self.office.store.reading() as connection:
            case = Library(self.office.store, connection).case(subject)
        assert case is not None
        return case

    def proposal(self, name: str, **changes: Any) -> Proposal:
        """What a bidder answers."""
        fields: dict[str, Any] = {
            "answers": [
                Answer(requirement=r.id, words=f"{name} answers {r.id}.") for r in self.case().notice.requirements
            ],
            "approach": f"The approach of bidder {sha256(name.encode()).hexdigest()[:6]}.",
            "team": "Two developers and one learner.",
            "learner_places": 1,
            "lot": master_of(name).lot.hex(),
        }
        return Proposal(**{**fields, **changes})

    def offer(self, name: str, proposal: bytes, subject: str = PILOT, **changes: Any) -> Offer:
        """What a bidder offers, signed by the firm."""
        case = self.case(subject)
        fields: dict[str, Any] = {
            "firm": f"firm:{name}",
            "name": f"{name.title()} Data",
            "price_minor": case.notice.budget_minor,
            "currency": case.notice.currency,
            "declarations": opening.Declarations(
                place="harlan-county",
                months_present=40,
                staff=4,
                founded="2020-05-01",
                no_conflict=True,
                learner_places=1,
            ),
            "terms": case.terms,
            "addenda": [act.leaf_hash for act in case.addenda],
            "bid": master_of(name).signing_key.public.hex(),
            "proposal": sha256(proposal).hexdigest(),
            "decoy": False,
            "contact": f"office@{name}.example",
            "salt": sha256(b"salt " + name.encode()).hexdigest(),
            "key": key_of(name).key_id,
            "signature": "",
        }
        signer = changes.pop("signer", key_of(name))
        if "called" in changes:
            changes["name"] = changes.pop("called")
        if "proposal_override" in changes:
            changes["proposal"] = changes.pop("proposal_override")
        return sign_offer(Offer(**{**fields, **changes}), signer)

    def envelopes(
        self, name: str, subject: str = PILOT, proposal: Mapping[str, Any] | None = None, **offer: Any
    ) -> tuple[bytes, bytes]:
        """The two sealed envelopes of a bid."""
        case = self.case(subject)
        master = master_of(name)
        text = encode_paper(self.proposal(name, **(proposal or {})))
        first = seal(pinned(case, "proposal", self.office.origin), master, text)
        self.texts[(name, "proposal")] = text
        text = encode_paper(self.offer(name, first, subject, **offer))
        self.texts[(name, "offer")] = text
        return first, seal(pinned(case, "offer", self.office.origin), master, text)

    def bid(self, name: str, subject: str = PILOT, proposal: Mapping[str, Any] | None = None, **offer: Any) -> Done:
        """Submit a sealed bid, or replace the one that stands."""
        first, second = self.envelopes(name, subject, proposal, **offer)
        master = master_of(name)
        fields = {
            "terms": self.case(subject).terms,
            "proposal": sha256(first).hexdigest(),
            "offer": sha256(second).hexdigest(),
            "lot": master.lot_commitment.hex(),
        }
        before = self.case(subject).bids.get(master.signing_key.public.hex())
        body: msgspec.Struct = bid.BidSealed(**fields)
        kind = "bid-sealed"
        if before is not None:
            kind, body = "bid-replaced", bid.BidReplaced(**fields, replaces=before.current.statement_hash)
        return submit_bid(self.office, self.signed(kind, subject, body, author=master.signing_key), first, second)

    def declare_interests(self, subject: str = PILOT, **interests: str) -> None:
        """Every evaluator declares; `eve="firm:creek"` is an interest."""
        for person in self.case(subject).notice.evaluators:
            name = person.removeprefix("person:")
            fields = {"firm_1": interests[name]} if name in interests else {"none": "none"}
            commitments, openings = commit("interests-declared", fields)
            body = evaluation.InterestsDeclared(person=person)
            signed = self.signed("interests-declared", subject, body, name, commitments=commitments)
            perform(self.office, signed, openings=openings)

    def close(self, subject: str = PILOT) -> Done:
        """Go to the close and state the list."""
        self.clock.advance_to(self.case(subject).closes)
        return close_bids(self.office, subject)

    def release(self, label: Any, subject: str = PILOT, names: tuple[str, ...] = ("kim", "mae")) -> None:
        """Keepers release their keys, once the objection time is over."""
        case = self.case(subject)
        self.clock.advance_to(case.objection_until)
        for name in names:
            seat = next(s for s in case.notice.sealing.seats if s.keeper == f"keeper:{name}")
            private = self.packs[name].private_for(bytes.fromhex(getattr(seat, label)))
            body = opening.KeyReleased(keeper=f"keeper:{name}", label=label, private=private.hex())
            self.act("keeper-key-released", subject, body, name)

    def score(
        self,
        level: Callable[[str, str, str], int] = lambda _who, _bid, _criterion: 3,
        subject: str = PILOT,
        *,
        locked: tuple[str, ...] | None = None,
        shown: tuple[str, ...] | None = None,
    ) -> None:
        """Everybody, or those named, locks scores in; then they, or those named, show them."""
        drafts = {}
        for person in self.case(subject).notice.evaluators:
            name = person.removeprefix("person:")
            if locked is not None and name not in locked:
                continue
            drafts[name] = body = self.judgement(name, level, subject)
            stated = scores_commitment(subject, person, body.salt, body.scores)
            self.act("scores-committed", subject, evaluation.ScoresCommitted(person=person, commitment=stated), name)
        for name, draft in drafts.items():
            if shown is None or name in shown:
                self.act("scores-revealed", subject, draft, name)

    def judgement(
        self, name: str, level: Callable[[str, str, str], int], subject: str = PILOT
    ) -> evaluation.ScoresRevealed:
        """What an evaluator gives each bid, in the drawn order once the proposals are open."""
        case = self.case(subject)
        order = [row.bid for row in read_proposals(self.office, subject)] if case.proposals_opened else list(case.bids)
        scores = [
            evaluation.BidScores(
                bid=key,
                scores=[
                    evaluation.CriterionScore(criterion=c.id, score=level(name, key, c.id), words="Clear and short.")
                    for c in case.notice.criteria
                ],
            )
            for key in order
        ]
        salt = sha256(b"scores " + name.encode()).hexdigest()
        return evaluation.ScoresRevealed(person=f"person:{name}", salt=salt, scores=scores)

    def to_ranking(self, subject: str = PILOT, **interests: str) -> None:
        """From an open pilot with bids to its ranking."""
        self.declare_interests(subject, **interests)
        self.close(subject)
        self.release("proposal", subject)
        open_proposals(self.office, subject)
        self.score(subject=subject)
        self.release("offer", subject)
        open_offers(self.office, subject)
        publish_ranking(self.office, subject)

    def prove(self, name: str, subject: str = PILOT, **changes: Any) -> Done:
        """The firm whose turn it is proves eligibility."""
        fields: dict[str, Any] = {
            "firm": f"firm:{name}",
            "place": "harlan-county",
            "months_present": 40,
            "staff_with_affiliates": 4,
            "founded": "2020-05-01",
            "turnover_minor": 40_000_000,
            "register_number": "NC-0042",
        }
        return self.act("eligibility-proved", subject, award.EligibilityProved(**{**fields, **changes}), name)

    def decide_eligibility(self, name: str, subject: str = PILOT, *, accepted: bool = True) -> Done:
        """An officer decides about the proof."""
        body = award.EligibilityDecided(firm=f"firm:{name}", accepted=accepted, why="As the papers show.")
        return self.act("eligibility-decided", subject, body, "ada")

    def choice(self, name: str, subject: str = PILOT, **changes: Any) -> award.AwardIntended:
        """A choice with a reason per criterion for every bidder."""
        case = self.case(subject)
        opened = {act.body.firm: act.body for act in case.opened.values() if isinstance(act.body, opening.BidOpened)}
        ends = standstill_end(POLICY.rules(case.published.at), self.clock.now(), ZONE, case.notice.tier)
        criteria = [c.id for c in case.notice.criteria] + (["price"] if case.notice.price_weight else [])
        fields: dict[str, Any] = {
            "bid": opened[f"firm:{name}"].bid,
            "firm": f"firm:{name}",
            "amount_minor": opened[f"firm:{name}"].price_minor,
            "currency": "USD",
            "standstill_ends": format_time(ends),
            "reasons": [
                award.BidReasons(
                    bid=row.bid, reasons=[award.CriterionReason(criterion=c, words="As scored.") for c in criteria]
                )
                for row in opened.values()
            ],
            "words": "The clearest plan for inspectors.",
        }
        return award.AwardIntended(**{**fields, **changes})

    def choose(self, name: str, subject: str = PILOT, **changes: Any) -> Done:
        """Two officers choose."""
        return self.act("award-intended", subject, self.choice(name, subject, **changes), *OFFICERS)

    def award(self, subject: str = PILOT, **changes: Any) -> Done:
        """Two officers award what was chosen, when standstill is over."""
        chosen = self.case(subject).chosen
        assert chosen is not None
        body = chosen.body
        assert isinstance(body, award.AwardIntended)
        self.clock.advance_to(datetime.fromisoformat(body.standstill_ends))
        fields: dict[str, Any] = {
            "bid": body.bid,
            "firm": body.firm,
            "amount_minor": body.amount_minor,
            "currency": body.currency,
            "words": "Awarded.",
        }
        return self.act("award-made", subject, award.AwardMade(**{**fields, **changes}), *OFFICERS)


def canonical_text(value: object) -> str:
    """Canonical JSON as text, for searching."""
    return canonical.encode(value).decode()


def reopened(town: Town, data: Path) -> Town:
    """The same town over a copied data folder, at the same moment."""
    clock = SimulatedClock(town.clock.now())
    return Town(Office.open(data, clock), clock, dict(town.packs), dict(town.texts))


def refusal_of(work: Callable[[], object]) -> str:
    """The reason with which something is refused; a test fails when it is not."""
    try:
        work()
    except (Refusal, LedgerError, PolicyError) as error:
        return error.reason
    raise AssertionError("not refused")


def size_of(town: Town) -> int:
    """How many entries the record has."""
    with town.office.store.reading() as connection:
        return town.office.store.head(connection).size
