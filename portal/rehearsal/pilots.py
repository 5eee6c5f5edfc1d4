"""One pilot of the demo from the promise to the close: notice, questions, changes, sealed bids. `judging` goes on."""

from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec

from ledger.entry import format_time
from ledger.keys import SigningKey
from ledger.sealing import BidMaster, seal
from policies import Rules, load_jurisdiction, objection_end, opens_latest
from portal.commands.close_bids import close_bids
from portal.commands.library import Library
from portal.commands.office import module_digest
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import the_keeper
from portal.procurement.events import bid, opportunity, plan
from portal.procurement.events.opening import Declarations
from portal.procurement.money import exponent
from portal.procurement.papers import Answer, Offer, Proposal, encode_paper, sign_offer
from portal.procurement.verdicts import pinned
from portal.rehearsal.cast import Cast
from portal.rehearsal.content import AddendumText, BidText, FirmText, LonePlan, PilotText, PlanText, QuestionText
from portal.rehearsal.play import Script

_DAYS_A_MONTH = 30
DECOY = "decoy"


class Pilot:
    """One pilot's text with everything that follows from it: times in UTC, money in minor units, keys and subjects."""

    def __init__(self, cast: Cast, text: PilotText) -> None:
        self.cast = cast
        self.player = cast.player
        self.text = text
        self.notice = text.notice
        self.agency = cast.content.agencies[text.agency]
        self.zone = ZoneInfo(self.agency.zone)
        self.subject = f"opportunity:{text.id}"

    def utc(self, local: datetime) -> datetime:
        """A local moment of the files as an instant."""
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    def minor(self, units: int) -> int:
        """Whole units of the agency's currency in minor units."""
        return int(units * 10 ** exponent(self.agency.currency))

    def months_present(self, firm: FirmText, at: datetime) -> int:
        """What a firm says it has been here for, at a later moment than its registration."""
        return firm.months_present + (at - firm.registered).days // _DAYS_A_MONTH

    @property
    def rules(self) -> Rules:
        """The rules in force at publication."""
        return load_jurisdiction(self.agency.policy).rules(self.utc(self.text.times.published))

    @property
    def closes(self) -> datetime:
        """The close as the last addendum leaves it."""
        moved = [row.changes.closes for row in self.text.addenda if row.changes.closes is not None]
        return self.utc(moved[-1] if moved else self.text.times.closes)

    def case(self) -> Case:
        """The opportunity as the record has it."""
        return self.player.case(self.subject)

    def officers(self, names: tuple[str, str]) -> tuple[SigningKey, SigningKey]:
        """The keys of two officers, the author first."""
        return self.cast.person(names[0]), self.cast.person(names[1])

    def bidder(self, text: BidText) -> str:
        """The name under which a bid's secret is kept: `PILOT--FIRM`."""
        return f"{self.text.id}--{DECOY if text.decoy else text.firm}"

    def master(self, text: BidText) -> BidMaster:
        """The secret of one bid."""
        return self.player.master(self.bidder(text))

    def write(self, script: Script) -> None:
        """Write down everything up to the close."""
        times, title = self.text.times, self.notice.title
        write_plan(self.cast, script, self.text.id, self.text.agency, self.text.plan)
        script.add(self.utc(times.published), f"Published: {title}", self._publish)
        for number, question in enumerate(self.text.questions):
            self._ask(script, number, question)
        for addendum in self.text.addenda:
            script.add(self.utc(addendum.at), f"Changed: {title}", partial(self._amend, addendum))
        for row in self.text.bids:
            self._bids(script, row)
        if times.withdrawn is not None:
            script.add(self.utc(times.withdrawn), f"Withdrawn: {title}", self._withdraw_notice)
        else:
            script.add(self.closes + timedelta(seconds=2), f"Closed: {title}", self._close)

    def _publish(self) -> None:
        with self.player.office.store.reading() as connection:
            if Library(self.player.office.store, connection).case(self.subject) is not None:
                return
        signers = self.officers(self.agency.publish_by)
        self.player.act("opportunity-published", self.subject, self._notice(), *signers)

    def _notice(self) -> opportunity.OpportunityPublished:
        text, notice, times, rules = self.text, self.notice, self.text.times, self.rules
        closes = self.utc(times.closes)
        partner = notice.training_partner
        policy = load_jurisdiction(self.agency.policy)
        return opportunity.OpportunityPublished(
            agency=f"agency:{text.agency}",
            plan=f"plan:{text.id}",
            title=notice.title,
            summary=notice.summary,
            need=notice.need.strip(),
            outcome=notice.outcome.strip(),
            audience=notice.audience,
            existing=notice.existing,
            incumbent=notice.incumbent,
            helped_by=notice.helped_by,
            requirements=notice.requirements,
            acceptance=notice.acceptance,
            skills=notice.skills,
            learner_places=notice.learner_places,
            training_partner=partner if partner is None or ":" in partner else f"firm:{partner}",
            place=self.agency.place,
            place_name=self.agency.place_name,
            tier=notice.tier,
            price_mode=notice.price_mode,
            budget_minor=self.minor(notice.budget),
            floor_minor=None if notice.floor is None else self.minor(notice.floor),
            currency=self.agency.currency,
            tax=notice.tax,
            funding=notice.funding,
            cross_border=notice.cross_border,
            reservation=notice.reservation,
            criteria=self._criteria(),
            price_weight=notice.price_weight,
            milestones=notice.milestones,
            payment_days=self.agency.payment_days,
            licence=self.agency.licence,
            data_class=notice.data_class,
            hours=notice.hours,
            rationale=notice.rationale,
            requester=f"person:{text.requester}",
            evaluators=[f"person:{name}" for name in text.evaluators],
            questions_close=format_time(self.utc(times.questions_close)),
            closes=format_time(closes),
            objection_until=format_time(objection_end(rules, closes)),
            opens_by=format_time(opens_latest(rules, closes, self.zone)),
            sealing=opportunity.SealingTerms(
                arrangement=notice.arrangement,
                k=notice.k,
                seats=self._seats(),
                proposal_size=rules.sealing.proposal_bytes,
                offer_size=rules.sealing.offer_bytes,
                module=module_digest(),
            ),
            policy=opportunity.PinnedPolicy(jurisdiction=policy.id, digest=policy.digest),
        )

    def _criteria(self) -> list[opportunity.Criterion]:
        known = self.cast.content.criteria
        return [
            opportunity.Criterion(id=name, name=known[name].name, weight=weight, anchors=known[name].anchors)
            for name, weight in self.notice.weights.items()
        ]

    def _seats(self) -> list[opportunity.KeeperSeat]:
        seats = []
        with self.player.office.store.reading() as connection:
            library = Library(self.player.office.store, connection)
            for name in self.notice.keepers:
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

    def _ask(self, script: Script, number: int, question: QuestionText) -> None:
        key = self.player.key(f"question-{self.text.id}-{number}")

        def ask() -> None:
            self.player.act("question-asked", self.subject, bid.QuestionAsked(text=question.text), key)

        def answer() -> None:
            asked = next(row.asked for row in self.case().questions.values() if row.asked.author == key.key_id)
            body = bid.QuestionAnswered(question=asked.index, text=question.answer)
            self.player.act("question-answered", self.subject, body, self.cast.person(self.text.answers_by))

        script.add(self.utc(question.at), "A question", ask)
        if question.answered_at is not None:
            script.add(self.utc(question.answered_at), "An answer", answer)

    def _amend(self, addendum: AddendumText) -> None:
        changes = opportunity.NoticeChanges(
            existing=addendum.changes.existing, requirements=addendum.changes.requirements
        )
        if addendum.changes.closes is not None:
            closes = self.utc(addendum.changes.closes)
            changes = msgspec.structs.replace(
                changes,
                closes=format_time(closes),
                objection_until=format_time(objection_end(self.rules, closes)),
                opens_by=format_time(opens_latest(self.rules, closes, self.zone)),
            )
        body = opportunity.AddendumPublished(material=addendum.material, changes=changes, why=addendum.why)
        self.player.act("addendum-published", self.subject, body, *self.officers(self.agency.publish_by))

    def _bids(self, script: Script, text: BidText) -> None:
        at = self.utc(text.at)
        script.add(at, "A sealed bid", partial(self._submit, text, at, 0))
        if text.replaced_at is not None:
            again = self.utc(text.replaced_at)
            script.add(again, "A bid replaced", partial(self._submit, text, again, 1))
        for number, moment in enumerate(text.confirmed_at):
            confirmed = self.utc(moment)
            script.add(confirmed, "A bid confirmed", partial(self._confirm, text, number, confirmed))
        if text.withdrawn_at is not None:
            gone = self.utc(text.withdrawn_at)
            script.add(gone, "A bid withdrawn", partial(self._withdraw_bid, text, gone))

    def _submit(self, text: BidText, at: datetime, version: int) -> None:
        case, master = self.case(), self.master(text)
        origin = self.player.office.origin
        paper = encode_paper(self._proposal(text, master, first=text.replaced_at is not None and not version))
        proposal = seal(pinned(case, "proposal", origin), master, paper)
        price = text.replaced_price if version and text.replaced_price is not None else text.price
        offered = self._offer(case, text, sha256(proposal).hexdigest(), price, at)
        offer = seal(pinned(case, "offer", origin), master, encode_paper(offered))
        fields = {
            "terms": case.terms,
            "proposal": sha256(proposal).hexdigest(),
            "offer": sha256(offer).hexdigest(),
            "lot": master.lot_commitment.hex(),
        }
        body: bid.BidSealed | bid.BidReplaced = bid.BidSealed(**fields)
        if version:
            replaced = case.bids[master.signing_key.public.hex()].versions[0].statement_hash
            body = bid.BidReplaced(**fields, replaces=replaced)
        kind = "bid-replaced" if version else "bid-sealed"
        signed = self.player.signed(kind, self.subject, body, master.signing_key, step=str(version))
        self.player.submit(signed, proposal, offer)
        receipt = self.player.office.folder.people / "bids" / f"{self.bidder(text)}.receipt"
        if not receipt.exists():
            master.save(receipt, log=origin, terms=bytes.fromhex(case.terms))

    def _proposal(self, text: BidText, master: BidMaster, *, first: bool) -> Proposal:
        return Proposal(
            answers=[Answer(requirement=name, words=words) for name, words in text.answers.items()],
            approach=text.approach,
            team=f"{text.team} (First version.)" if first else text.team,
            learner_places=text.learner_places,
            lot=master.lot.hex(),
        )

    def _offer(self, case: Case, text: BidText, proposal: str, price: int | None, at: datetime) -> Offer:
        name = DECOY if text.decoy else text.firm
        profile = self.cast.content.firms.get(text.firm)
        offer = Offer(
            firm=f"firm:{name}",
            name=profile.name if profile else "Decoy",
            price_minor=self.minor(price if price is not None else self.notice.budget),
            currency=self.agency.currency,
            declarations=self._declarations(text, at),
            terms=case.terms,
            addenda=[act.leaf_hash for act in case.addenda if act.at <= at],
            bid=self.master(text).signing_key.public.hex(),
            proposal=proposal,
            decoy=text.decoy,
            contact=f"office@{name}.example",
            salt=self.player.derive("offer-salt", f"{self.bidder(text)} {format_time(at)}").hex(),
            key="ed25519:" + "0" * 64,
            signature="",
        )
        return sign_offer(offer, self.player.key(self.bidder(text)) if text.decoy else self.cast.firm(text.firm))

    def _declarations(self, text: BidText, at: datetime) -> Declarations:
        firm = self.cast.content.firms.get(text.firm)
        if firm is None:
            return Declarations(place="nowhere", months_present=0, staff=1, founded="2026-01-01", no_conflict=True)
        partner = text.training_partner
        return Declarations(
            place=firm.place,
            months_present=self.months_present(firm, at),
            staff=firm.staff,
            founded=firm.founded.isoformat(),
            no_conflict=True,
            learner_places=text.learner_places,
            training_partner=None if partner is None else f"firm:{partner}",
            skills=firm.skills,
        )

    def _version(self, case: Case, text: BidText, at: datetime) -> str:
        versions = case.bids[self.master(text).signing_key.public.hex()].versions
        return [act.statement_hash for act in versions if act.at <= at][-1]

    def _confirm(self, text: BidText, number: int, at: datetime) -> None:
        case = self.case()
        addendum = case.material_addenda()[number].leaf_hash
        body = bid.BidConfirmed(terms=case.terms, addendum=addendum, bid=self._version(case, text, at))
        self.player.act("bid-confirmed", self.subject, body, self.master(text).signing_key, step=str(number))

    def _withdraw_bid(self, text: BidText, at: datetime) -> None:
        case = self.case()
        body = bid.BidWithdrawn(terms=case.terms, bid=self._version(case, text, at))
        self.player.withdraw(self.player.signed("bid-withdrawn", self.subject, body, self.master(text).signing_key))

    def _close(self) -> None:
        if self.case().closed is None:
            close_bids(self.player.office, self.subject)

    def _withdraw_notice(self) -> None:
        ending = self.text.ending
        if ending is not None:
            body = opportunity.OpportunityWithdrawn(reason=ending.reason, why=ending.why)
            self.player.act("opportunity-withdrawn", self.subject, body, *self.officers(self.agency.award_by))


def write_plan(cast: Cast, script: Script, name: str, agency: str, text: PlanText) -> None:
    """Write down how work is promised, and what becomes of a promise that has no notice."""
    profile = cast.content.agencies[agency]
    zone = ZoneInfo(profile.zone)
    officer = cast.person(profile.plan_by)
    promise = plan.PlanAnnounced(
        agency=f"agency:{agency}",
        title=text.title,
        need=text.need,
        skills=text.skills,
        tier=text.tier,
        quarter=text.quarter,
        money=text.money,
        place=profile.place,
        place_name=profile.place_name,
        learner_places=text.learner_places,
    )

    def act(kind: str, body: plan.PlanAnnounced | plan.PlanChanged | plan.PlanDropped) -> None:
        cast.player.act(kind, f"plan:{name}", body, officer)

    script.add(text.at.replace(tzinfo=zone), f"Promised: {text.title}", partial(act, "plan-announced", promise))
    if not isinstance(text, LonePlan):
        return
    if text.changed_at is not None:
        later = plan.PlanChanged(plan=_moved(promise, text.changed_quarter), why=text.changed_why)
        script.add(text.changed_at.replace(tzinfo=zone), f"Moved: {text.title}", partial(act, "plan-changed", later))
    if text.dropped_at is not None:
        gone = plan.PlanDropped(reason=text.dropped_reason, why=text.dropped_why)
        script.add(text.dropped_at.replace(tzinfo=zone), f"Dropped: {text.title}", partial(act, "plan-dropped", gone))


def _moved(promise: plan.PlanAnnounced, quarter: str) -> plan.PlanAnnounced:
    return plan.PlanAnnounced(
        **{name: getattr(promise, name) for name in promise.__struct_fields__ if name != "quarter"}, quarter=quarter
    )
