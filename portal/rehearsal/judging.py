"""One pilot of the demo from the close to its end: opening, scores, ranking, proof, choice, award, or another end."""

from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from ledger.entry import format_time
from policies import standstill_end
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals, read_proposals
from portal.commands.publish_ranking import publish_ranking
from portal.procurement.apart import scores_apart, unexplained
from portal.procurement.case import Case, list_digest, seat_number
from portal.procurement.decisions.scoring import scores_commitment
from portal.procurement.events import award, bid, evaluation, opening, opportunity
from portal.procurement.events.typed import typed
from portal.procurement.money import Money
from portal.procurement.stage import candidate
from portal.rehearsal.content import BidText, EligibilityText, ObjectionText
from portal.rehearsal.pilots import Pilot
from portal.rehearsal.play import Script

Label = Literal["proposal", "offer"]
_BEFORE_OPENING = timedelta(minutes=25)
_BETWEEN_KEEPERS = timedelta(minutes=6)
_UNTIL_CONFIRMED = timedelta(minutes=18)
_EMPTY = "The paper answers nothing that was asked."


class Judging:
    """The second half of a pilot. Each method is a step and does nothing when the case shows that it happened."""

    def __init__(self, pilot: Pilot) -> None:
        self.pilot = pilot
        self.text = pilot.text
        self.player = pilot.player
        self.subject = pilot.subject

    def write(self, script: Script) -> None:
        """Write down everything from the declarations of interests to the end."""
        times, title, utc = self.text.times, self.pilot.notice.title, self.pilot.utc
        stations = [
            (times.proposals_opened, f"Opened: {title}", self._open_proposals),
            (times.offers_opened, f"Names and prices: {title}", self._open_offers),
            (times.ranked, f"Ranked: {title}", self._rank),
            (times.chosen, f"Chosen: {title}", self._choose),
            (times.awarded, f"Awarded: {title}", self._award),
            (times.cancelled, f"Cancelled: {title}", self._cancel),
        ]
        self._interests(script)
        for objection in self.text.objections:
            self._objection(script, objection)
        self._keepers(script, "proposal", times.proposals_opened)
        self._keepers(script, "offer", times.offers_opened)
        self._panel(script)
        for local, label, run in stations:
            if local is not None:
                script.add(utc(local), label, run)
        for proof in self.text.eligibility:
            script.add(utc(proof.at), f"Proof: {title}", partial(self._prove, proof))
            script.add(utc(proof.decided_at), f"Proof judged: {title}", partial(self._decide, proof))

    def _interests(self, script: Script) -> None:
        named = {row.person: row.firms for row in self.text.interests}
        start = self.pilot.utc(self.text.times.published) + timedelta(hours=25)
        for number, person in enumerate(self.text.evaluators):
            at = start + timedelta(minutes=13 * number)
            script.add(at, "Interests declared", partial(self._declare, person, named.get(person, [])))

    def _declare(self, person: str, firms: list[str]) -> None:
        secret: dict[str, object] = {f"firm_{number}": f"firm:{firm}" for number, firm in enumerate(firms, 1)}
        self.player.act(
            "interests-declared",
            self.subject,
            evaluation.InterestsDeclared(person=f"person:{person}"),
            self.player.key(person),
            secret=secret or {"firm_1": "none"},
        )

    def _objection(self, script: Script, text: ObjectionText) -> None:
        key = next(self.pilot.master(row).signing_key for row in self.text.bids if row.firm == text.firm)

        def file() -> None:
            statement = self.pilot.case().bids[key.public.hex()].current.statement_hash
            body = bid.ObjectionFiled(statement=statement, words=text.words)
            self.player.act("objection-filed", self.subject, body, key)

        def decide() -> None:
            case = self.pilot.case()
            listed = case.listed_bids()
            filed = next(act for act in case.objections.values() if act.author == key.key_id)
            body = bid.ObjectionDecided(
                objection=filed.index, accepted=False, why=text.why, count=len(listed), list_sha256=list_digest(listed)
            )
            self.player.act("objection-decided", self.subject, body, self.player.key("operator"))

        script.add(self.pilot.utc(text.at), "An objection to the list", file)
        script.add(self.pilot.utc(text.decided_at), "An objection decided", decide)

    def _keepers(self, script: Script, label: Label, opened: datetime | None) -> None:
        if opened is None:
            return
        notice = self.pilot.notice
        turn = len(self.text.id) % len(notice.keepers)
        present = [name for name in notice.keepers[turn:] + notice.keepers[:turn] if name not in notice.absent]
        at = self.pilot.utc(opened)
        for number, name in enumerate(present[: notice.k]):
            script.add(
                at - _BEFORE_OPENING + _BETWEEN_KEEPERS * number,
                "A keeper's key",
                partial(self._release, name, label),
            )
            if len(present) >= notice.k:
                confirmed = at + _UNTIL_CONFIRMED + _BETWEEN_KEEPERS * number
                script.add(confirmed, "An opening confirmed", partial(self._confirm, name, label))

    def _release(self, name: str, label: Label) -> None:
        case = self.pilot.case()
        seat = case.notice.sealing.seats[seat_number(case.notice, f"keeper:{name}") - 1]
        public = seat.proposal if label == "proposal" else seat.offer
        private = self.pilot.cast.packs[name].private_for(bytes.fromhex(public))
        body = opening.KeyReleased(keeper=seat.keeper, label=label, private=private.hex())
        self.player.act("keeper-key-released", self.subject, body, self.pilot.cast.keeper(name))

    def _confirm(self, name: str, label: Label) -> None:
        case = self.pilot.case()
        opened = case.proposals_opened if label == "proposal" else case.offers_opened
        if opened is not None:
            body = opening.OpeningConfirmed(keeper=f"keeper:{name}", label=label, verdicts=opened.document)
            self.player.act("opening-confirmed", self.subject, body, self.pilot.cast.keeper(name))

    def _open_proposals(self) -> None:
        case = self.pilot.case()
        if case.proposals_opened is None and len(case.released.get("proposal", {})) >= case.notice.sealing.k:
            open_proposals(self.player.office, self.subject)

    def _open_offers(self) -> None:
        if self.pilot.case().offers_opened is None:
            open_offers(self.player.office, self.subject)

    def _panel(self, script: Script) -> None:
        times, utc = self.text.times, self.pilot.utc
        if times.scores_committed is None:
            return
        for number, person in enumerate(self.text.evaluators):
            at = utc(times.scores_late.get(person, times.scores_committed)) + timedelta(minutes=17 * number - 45)
            script.add(at, "Scores locked in", partial(self._commit_scores, number))
            if times.scores_revealed is not None:
                shown = utc(times.scores_revealed) + timedelta(minutes=4 * number)
                script.add(shown, "Scores shown", partial(self._show_scores, number))
                said = utc(times.scores_revealed) + timedelta(minutes=90 + 7 * number)
                script.add(said, "Scores that lie apart explained", partial(self._explain_scores, person))

    def _scores(self, number: int) -> evaluation.ScoresRevealed:
        person = self.text.evaluators[number]
        by_key = {self._key_of(row): row for row in self.text.bids}
        criteria = list(self.pilot.notice.weights)
        rows = [
            evaluation.BidScores(
                bid=read.bid, scores=[_score(by_key[read.bid], criterion, number) for criterion in criteria]
            )
            for read in read_proposals(self.player.office, self.subject)
        ]
        salt = self.player.derive("scores", f"{self.subject} {person}").hex()
        return evaluation.ScoresRevealed(person=f"person:{person}", salt=salt, scores=rows)

    def _key_of(self, text: BidText) -> str:
        return self.pilot.master(text).signing_key.public.hex()

    def _commit_scores(self, number: int) -> None:
        shown = self._scores(number)
        stated = scores_commitment(self.subject, shown.person, shown.salt, shown.scores)
        body = evaluation.ScoresCommitted(person=shown.person, commitment=stated)
        self.player.act("scores-committed", self.subject, body, self.player.key(self.text.evaluators[number]))

    def _show_scores(self, number: int) -> None:
        key = self.player.key(self.text.evaluators[number])
        self.player.act("scores-revealed", self.subject, self._scores(number), key)

    def _explain_scores(self, person: str) -> None:
        case, texts = self.pilot.case(), {self._key_of(row): row for row in self.text.bids}
        reasons = [
            evaluation.ScoreReason(
                bid=row.bid, criterion=row.criterion, words=texts[row.bid].apart[row.criterion][person]
            )
            for row in unexplained(case, scores_apart(case, self.pilot.rules))
            if row.person == f"person:{person}"
        ]
        if reasons:
            body = evaluation.ScoresExplained(person=f"person:{person}", reasons=reasons)
            self.player.act("scores-explained", self.subject, body, self.player.key(person))

    def _rank(self) -> None:
        if self.pilot.case().ranking is None:
            publish_ranking(self.player.office, self.subject)

    def _turn(self, case: Case, proof: EligibilityText) -> bool:
        row = candidate(case)
        return row is not None and row.firm == f"firm:{proof.firm}"

    def _prove(self, text: EligibilityText) -> None:
        case = self.pilot.case()
        if f"firm:{text.firm}" in case.proofs or not self._turn(case, text):
            return
        firm = self.pilot.cast.content.firms[text.firm]
        present = text.months_present
        body = award.EligibilityProved(
            firm=f"firm:{text.firm}",
            place=firm.place,
            months_present=self.pilot.months_present(firm, self.pilot.utc(text.at)) if present is None else present,
            staff_with_affiliates=firm.staff if text.staff_with_affiliates is None else text.staff_with_affiliates,
            founded=firm.founded.isoformat(),
            turnover_minor=self.pilot.minor(text.turnover),
            register_number=text.register_number,
        )
        papers: dict[str, object] = {"paper_1": f"Register extract {text.register_number}", "paper_2": "Lease"}
        self.player.act("eligibility-proved", self.subject, body, self.pilot.cast.firm(text.firm), secret=papers)

    def _decide(self, text: EligibilityText) -> None:
        case = self.pilot.case()
        if f"firm:{text.firm}" in case.eligibility or not self._turn(case, text):
            return
        body = award.EligibilityDecided(firm=f"firm:{text.firm}", accepted=text.accepted, why=text.why)
        officer = self.pilot.cast.person(self.pilot.agency.verify_by)
        self.player.act("eligibility-decided", self.subject, body, officer)

    def _choose(self) -> None:
        case = self.pilot.case()
        row = candidate(case)
        if case.chosen is not None or row is None or self.text.choice is None:
            return
        opened = typed(case.opened[row.bid], opening.BidOpened)
        agency, tier = self.pilot.agency, case.notice.tier
        ends = standstill_end(self.pilot.rules, self.player.clock.now(), self.pilot.zone, tier)
        body = award.AwardIntended(
            bid=row.bid,
            firm=row.firm,
            amount_minor=opened.price_minor,
            currency=opened.currency,
            standstill_ends=format_time(ends),
            reasons=[self._reasons(case, typed(act, opening.BidOpened)) for act in case.opened.values()],
            words=self.text.choice.words.replace("{firm}", opened.name),
        )
        self.player.act("award-intended", self.subject, body, *self.pilot.officers(agency.choose_by))

    def _reasons(self, case: Case, opened: opening.BidOpened) -> award.BidReasons:
        text = next(row for row in self.text.bids if f"firm:{row.firm}" == opened.firm)
        reasons = [award.CriterionReason(criterion=name, words=words) for name, words in text.reasons.items()]
        if case.notice.price_weight:
            reasons.append(award.CriterionReason(criterion="price", words=_price_reason(case, opened)))
        return award.BidReasons(bid=opened.bid, reasons=reasons)

    def _award(self) -> None:
        case = self.pilot.case()
        if case.awarded is not None or case.chosen is None or self.text.award is None:
            return
        chosen = typed(case.chosen, award.AwardIntended)
        body = award.AwardMade(
            bid=chosen.bid,
            firm=chosen.firm,
            amount_minor=chosen.amount_minor,
            currency=chosen.currency,
            words=self.text.award.words,
        )
        self.player.act("award-made", self.subject, body, *self.pilot.officers(self.pilot.agency.award_by))

    def _cancel(self) -> None:
        if self.text.ending is not None:
            body = opportunity.OpportunityCancelled(reason=self.text.ending.reason, why=self.text.ending.why)
            self.player.act(
                "opportunity-cancelled", self.subject, body, *self.pilot.officers(self.pilot.agency.award_by)
            )


def _score(text: BidText, criterion: str, number: int) -> evaluation.CriterionScore:
    if text.decoy:
        return evaluation.CriterionScore(criterion=criterion, score=0, words=_EMPTY)
    level, words = text.scores[criterion][number]
    return evaluation.CriterionScore(criterion=criterion, score=level, words=words)


def _price_reason(case: Case, opened: opening.BidOpened) -> str:
    notice = case.notice
    ranking = typed(case.ranking, evaluation.RankingPublished) if case.ranking else None
    points = next((row.price for row in ranking.rows if row.bid == opened.bid), 0) if ranking else 0
    asked = Money(amount_minor=opened.price_minor, currency=opened.currency)
    ceiling = Money(amount_minor=notice.budget_minor, currency=notice.currency)
    floor = Money(amount_minor=notice.floor_minor or 0, currency=notice.currency)
    return (
        f"{asked} asked. Between the ceiling of {ceiling} (no points) and the floor of {floor} (all points) "
        f"that earns {points // 100}.{points % 100:02d} of {notice.price_weight} points."
    )
