"""One recorded process as steps: notice, bid acts, opening, ranking, award. What its award was is not looked at here."""

from functools import partial
from hashlib import sha256
from typing import Literal
from zoneinfo import ZoneInfo

from ledger.entry import format_time
from ledger.keys import SigningKey
from ledger.sealing import BidMaster, seal
from policies import objection_end, opens_latest, standstill_end
from portal.commands.close_bids import close_bids
from portal.commands.library import Library
from portal.commands.office import module_digest
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from portal.commands.publish_ranking import publish_ranking
from portal.exchange.ocds_in import Process, RecordedBid
from portal.procurement.case import Case, seat_number
from portal.procurement.decisions.lookups import the_keeper
from portal.procurement.events import award, bid, evaluation, opening, opportunity
from portal.procurement.events.typed import typed
from portal.procurement.money import Money
from portal.procurement.papers import Offer, Proposal, encode_paper, sign_offer
from portal.procurement.stage import candidate
from portal.procurement.verdicts import pinned
from portal.rehearsal.play import Script
from portal.rehearsal.registry import FOUNDED, KEEPERS, POLICY, UNRECORDED, Registry

_UTC = ZoneInfo("UTC")
_K = 2


class Recorded:
    """One process of the file, played. What its award was is not looked at here."""

    def __init__(self, registry: Registry, process: Process) -> None:
        self.registry = registry
        self.player = registry.player
        self.process = process
        self.subject = registry.directory.opportunity(process)
        self.agency = registry.directory.agencies[process.buyer.id]

    def write(self, script: Script) -> None:
        """Write down the notice, the bid acts, and what follows from the close."""
        process = self.process
        script.add(process.opens, f"Published: {process.title}", self._publish)
        acts: dict[str, int] = {}
        for row in sorted(process.bids, key=lambda row: row.at):
            version = acts.get(row.tenderer.id, 0)
            acts[row.tenderer.id] = version + 1
            script.add(row.at, "A bid", partial(self._submit, row, version))
        after = (self._close, self._open_proposals, self._open_offers, self._rank, self._choose, self._award)
        for run in after:
            script.add(process.closes, f"Closed: {process.title}", run)

    def _case(self) -> Case:
        return self.player.case(self.subject)

    def _publish(self) -> None:
        with self.player.office.store.reading() as connection:
            if Library(self.player.office.store, connection).case(self.subject) is not None:
                return
        self.player.act("opportunity-published", self.subject, self._notice(), *self._officers())

    def _officers(self) -> list[SigningKey]:
        return [self.player.key(name) for name in self.registry.officers(self.agency)]

    def _notice(self) -> opportunity.OpportunityPublished:
        process = self.process
        rules = POLICY.rules(process.opens)
        ceiling = max([process.value_minor or 0, *(row.amount_minor for row in process.bids)])
        as_recorded = "As recorded."
        return opportunity.OpportunityPublished(
            agency=self.agency,
            plan=None,
            title=process.title,
            summary=f"Re-enacted from the public record {process.ocid}.",
            need=process.text,
            outcome=as_recorded,
            audience=as_recorded,
            existing=as_recorded,
            incumbent=opportunity.Incumbent(answer="none"),
            helped_by=opportunity.HelpedBy(answer="nobody"),
            requirements=[],
            acceptance=as_recorded,
            skills=["as recorded"],
            learner_places=0,
            training_partner=None,
            place=UNRECORDED,
            place_name="Not recorded",
            tier="T0",
            price_mode="priced",
            budget_minor=ceiling,
            floor_minor=None,
            currency=process.currency,
            tax="excluded",
            funding=UNRECORDED,
            cross_border="not-sure",
            reservation="open",
            criteria=[],
            price_weight=100,
            milestones=[opportunity.MilestoneTerm(name="As recorded", share=100, days=0)],
            payment_days=0,
            licence=as_recorded,
            data_class=as_recorded,
            hours=1,
            rationale="The lowest price wins; of equal bids the earliest. So it was when this was bought.",
            requester="person:re-enactment",
            evaluators=[],
            questions_close=format_time(process.opens),
            closes=format_time(process.closes),
            objection_until=format_time(objection_end(rules, process.closes)),
            opens_by=format_time(opens_latest(rules, process.closes, _UTC)),
            sealing=opportunity.SealingTerms(
                arrangement="shared",
                k=_K,
                seats=self._seats(),
                proposal_size=rules.sealing.proposal_bytes,
                offer_size=rules.sealing.offer_bytes,
                module=module_digest(),
            ),
            policy=opportunity.PinnedPolicy(jurisdiction=POLICY.id, digest=POLICY.digest),
        )

    def _seats(self) -> list[opportunity.KeeperSeat]:
        seats = []
        with self.player.office.store.reading() as connection:
            library = Library(self.player.office.store, connection)
            for name in KEEPERS:
                keeper = the_keeper(library, f"keeper:{name}")
                used = library.keeper_keys_used(keeper.id)
                pair = next(row for row in keeper.keys if row.proposal not in used)
                seats.append(
                    opportunity.KeeperSeat(
                        keeper=keeper.id,
                        organisation=keeper.profile.organisation,
                        proposal=pair.proposal,
                        offer=pair.offer,
                    )
                )
        return seats

    def _master(self, tenderer: str) -> BidMaster:
        return self.player.master(f"{self.subject} {tenderer}")

    def _submit(self, row: RecordedBid, version: int) -> None:
        case, master, origin = self._case(), self._master(row.tenderer.id), self.player.office.origin
        paper = Proposal(
            answers=[], approach=f"Bid act {row.id} of the record.", team="", learner_places=0, lot=master.lot.hex()
        )
        proposal = seal(pinned(case, "proposal", origin), master, encode_paper(paper))
        offer = seal(pinned(case, "offer", origin), master, encode_paper(self._offer(case, row, master, proposal)))
        fields = {
            "terms": case.terms,
            "proposal": sha256(proposal).hexdigest(),
            "offer": sha256(offer).hexdigest(),
            "lot": master.lot_commitment.hex(),
        }
        if version:
            replaced = case.bids[master.signing_key.public.hex()].versions[version - 1].statement_hash
            body: bid.BidSealed | bid.BidReplaced = bid.BidReplaced(**fields, replaces=replaced)
        else:
            body = bid.BidSealed(**fields)
        kind = "bid-replaced" if version else "bid-sealed"
        signed = self.player.signed(kind, self.subject, body, master.signing_key, step=row.id)
        self.player.submit(signed, proposal, offer)

    def _offer(self, case: Case, row: RecordedBid, master: BidMaster, proposal: bytes) -> Offer:
        firm = self.registry.directory.firms[row.tenderer.id]
        key = self.player.key(firm)
        offer = Offer(
            firm=firm,
            name=self.registry.directory.names[row.tenderer.id],
            price_minor=row.amount_minor,
            currency=self.process.currency,
            declarations=opening.Declarations(
                place=UNRECORDED, months_present=0, staff=1, founded=FOUNDED, no_conflict=True
            ),
            terms=case.terms,
            addenda=[],
            bid=master.signing_key.public.hex(),
            proposal=sha256(proposal).hexdigest(),
            decoy=False,
            contact="none",
            salt=self.player.derive("offer-salt", f"{self.subject} {row.id}").hex(),
            key=key.key_id,
            signature="",
        )
        return sign_offer(offer, key)

    def _close(self) -> None:
        if self._case().closed is None:
            close_bids(self.player.office, self.subject)

    def _release(self, label: Literal["proposal", "offer"]) -> None:
        case = self._case()
        for name in KEEPERS[:_K]:
            seat = case.notice.sealing.seats[seat_number(case.notice, f"keeper:{name}") - 1]
            private = self.registry.private(name, seat.proposal if label == "proposal" else seat.offer)
            body = opening.KeyReleased(keeper=seat.keeper, label=label, private=private)
            self.player.act("keeper-key-released", self.subject, body, self.player.key(f"keeper:{name} key"))

    def _open_proposals(self) -> None:
        if self._case().proposals_opened is None:
            self._release("proposal")
            open_proposals(self.player.office, self.subject)

    def _open_offers(self) -> None:
        if self._case().offers_opened is None:
            self._release("offer")
            open_offers(self.player.office, self.subject)

    def _rank(self) -> None:
        if self._case().ranking is None:
            publish_ranking(self.player.office, self.subject)

    def _choose(self) -> None:
        case = self._case()
        row = candidate(case)
        if case.chosen is not None or row is None or case.ranking is None:
            return
        opened = typed(case.opened[row.bid], opening.BidOpened)
        ranks = {found.bid: found.rank for found in typed(case.ranking, evaluation.RankingPublished).rows}
        ends = standstill_end(POLICY.rules(case.published.at), self.player.clock.now(), _UTC, case.notice.tier)
        body = award.AwardIntended(
            bid=row.bid,
            firm=row.firm,
            amount_minor=opened.price_minor,
            currency=opened.currency,
            standstill_ends=format_time(ends),
            reasons=[_reason(typed(act, opening.BidOpened), ranks) for act in case.opened.values()],
            words="The lowest price of the opened bids; of equal ones the earliest.",
        )
        self.player.act("award-intended", self.subject, body, *self._officers())

    def _award(self) -> None:
        case = self._case()
        if case.awarded is not None or case.chosen is None:
            return
        chosen = typed(case.chosen, award.AwardIntended)
        body = award.AwardMade(
            bid=chosen.bid,
            firm=chosen.firm,
            amount_minor=chosen.amount_minor,
            currency=chosen.currency,
            words="Computed from the opened bids, without looking at the recorded award.",
        )
        self.player.act("award-made", self.subject, body, *self._officers())


def _reason(opened: opening.BidOpened, ranks: dict[str, int]) -> award.BidReasons:
    asked = Money(amount_minor=opened.price_minor, currency=opened.currency)
    rank = ranks[opened.bid]
    words = f"{asked} asked: rank {rank} of {len(ranks)} by price." if rank else f"Not ranked: {opened.reason}."
    return award.BidReasons(bid=opened.bid, reasons=[award.CriterionReason(criterion="price", words=words)])
