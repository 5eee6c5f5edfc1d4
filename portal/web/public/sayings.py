"""What an act says, as a sentence of `words.toml` (`acts.KIND`) with its figures; several of one kind as one sentence."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from portal.procurement.act import Act
from portal.procurement.events import (
    award,
    bid,
    evaluation,
    keys,
    opening,
    opportunity,
    partnering,
    party,
    plan,
    reading,
)
from portal.procurement.money import Money
from portal.projections.queries.opportunities import opportunity as opportunity_found
from portal.projections.queries.partners import firm_of_bid
from portal.projections.queries.plans import plan as plan_found
from portal.web.addresses import subject_link
from portal.web.printing import quarter
from portal.web.public.held_keys import held_figures
from portal.web.public.names import Names, digest_of_agency, reason_words
from portal.web.reading import Reading
from portal.web.views.frame import Record, Said, Shown, said

Figures = dict[str, Shown]
_NAMED: dict[str, Callable[[Names, str], Shown]] = {
    "firm": Names.firm,
    "keeper": Names.keeper,
    "partner": Names.training_partner,
}


def record_of(act: Act, *, light: bool = False) -> Record:
    """The record behind a line; `light` leaves the fingerprint out where many stand together."""
    return Record(act.index) if light else Record(act.index, act.leaf_hash, act.keys)


def records_of(acts: Sequence[Act]) -> tuple[Record, ...]:
    """The records behind a line that stands for several acts."""
    return tuple(record_of(act, light=len(acts) > 1) for act in acts)


class Sayings:
    """Says acts for one page; looks up what the acts name."""

    def __init__(self, reading: Reading, names: Names) -> None:
        self._reading = reading
        self._names = names
        self._about: dict[str, Figures] = {}

    def say(self, acts: Sequence[Act]) -> Said:
        """One sentence for one act, or for several of the same kind about the same subject."""
        first = acts[0]
        figures: Figures = {"n": len(acts), "kind": first.kind, **self._subject(first.subject)}
        for act in acts:
            figures |= self._body(act.body) | held_figures(self._reading, self._names, act)
            if isinstance(act.body, partnering.PartnerConfirmed):
                figures |= self._confirmed(act.subject, act.body)
        if len(acts) == 1 and isinstance(
            first.body,
            opening.BidsClosed | party.KeeperPackRegistered | party.FieldsErased | reading.ProposalsErased,
        ):
            figures["n"] = _count(first.body)
        return Said(f"acts.{first.kind}", figures)

    def _subject(self, subject: str) -> Figures:
        """What the subject itself contributes: its agency, firm or keeper."""
        if subject not in self._about:
            self._about[subject] = self._look_up(subject)
        return self._about[subject]

    def _look_up(self, subject: str) -> Figures:
        kind = subject.partition(":")[0]
        shelf = self._reading.shelf
        if kind == "agency":
            return {"agency": self._names.agency(subject)}
        if kind in _NAMED:
            return {kind: _NAMED[kind](self._names, subject)}
        if kind == "plan":
            promised = plan_found(shelf, subject)
            return {"agency": self._names.agency(promised.agency)} if promised else {}
        if kind == "opportunity":
            found = opportunity_found(shelf, subject, self._reading.moment)
            return {"agency": subject_link(found.agency, found.agency_name)} if found else {}
        return {}

    def _body(self, body: Struct) -> Figures:
        figures = _FIGURES.get(type(body))
        return figures(self, body) if figures is not None else {}

    def _registered_log(self, body: party.LogOpened) -> Figures:
        return {"operator": body.operator}

    def _address(self, body: keys.RelyingPartyStated) -> Figures:
        return {"address": body.rp_id}

    def _keeper(self, body: party.KeeperRegistered) -> Figures:
        return {"keeper": body.name, "organisation": body.organisation_name}

    def _rules(self, body: party.PolicyAdopted) -> Figures:
        policy = self._reading.policy(body.document.sha256)
        return {"rules": policy.name if policy else body.jurisdiction}

    def _promise(self, body: plan.PlanAnnounced) -> Figures:
        return {"agency": self._names.agency(body.agency), "quarter": quarter(body.quarter)}

    def _dropped(self, body: plan.PlanDropped) -> Figures:
        return {"why": self.reason(body.reason)}

    def _ended(self, body: opportunity.OpportunityWithdrawn | opportunity.OpportunityCancelled) -> Figures:
        return {"why": self.reason(body.reason)}

    def _published(self, body: opportunity.OpportunityPublished) -> Figures:
        return {"agency": self._names.agency(body.agency)}

    def _released(self, body: opening.KeyReleased | opening.OpeningConfirmed) -> Figures:
        return {"keeper": self._names.keeper(body.keeper)}

    def _opened(self, body: opening.BidOpened) -> Figures:
        return {"firm": self._names.firm(body.firm), "amount": Money(body.price_minor, body.currency)}

    def _firm(
        self, body: award.EligibilityProved | award.EligibilityDecided | evaluation.EvaluatorStoodAside
    ) -> Figures:
        return {"firm": self._names.firm(body.firm)}

    def _award(self, body: award.AwardIntended | award.AwardMade) -> Figures:
        return {"firm": self._names.firm(body.firm), "amount": Money(body.amount_minor, body.currency)}

    def _confirmed(self, subject: str, body: partnering.PartnerConfirmed) -> Figures:
        place = said("acts.named_in.notice")
        if body.bid is not None:
            place = said(
                "acts.named_in.bid", firm=self._names.firm(firm_of_bid(self._reading.shelf, subject, body.bid))
            )
        return {"partner": self._names.trainer(body.partner), "place": place}

    def _erased(self, body: reading.ProposalsErased) -> Figures:
        return {"ground": said(f"acts.erased_because.{body.ground}")}

    def reason(self, code: str, digest: str = "") -> str:
        """A coded reason in words; by the rules given, or by those of the first agency that this page says."""
        if not digest:
            agencies = [figures["agency"] for figures in self._about.values() if "agency" in figures]
            href = getattr(agencies[0], "href", "") if agencies else ""
            digest = digest_of_agency(self._reading, f"agency:{href.rpartition('/')[2]}") if href else ""
        return reason_words(self._reading, digest, code)


_FIGURES: dict[type, Callable[[Sayings, Any], Figures]] = {
    party.LogOpened: Sayings._registered_log,  # noqa: SLF001 -- the table of this class
    keys.RelyingPartyStated: Sayings._address,  # noqa: SLF001 -- as above
    party.KeeperRegistered: Sayings._keeper,  # noqa: SLF001 -- as above
    party.PolicyAdopted: Sayings._rules,  # noqa: SLF001 -- as above
    plan.PlanAnnounced: Sayings._promise,  # noqa: SLF001 -- as above
    plan.PlanDropped: Sayings._dropped,  # noqa: SLF001 -- as above
    opportunity.OpportunityPublished: Sayings._published,  # noqa: SLF001 -- as above
    opportunity.OpportunityWithdrawn: Sayings._ended,  # noqa: SLF001 -- as above
    opportunity.OpportunityCancelled: Sayings._ended,  # noqa: SLF001 -- as above
    opening.KeyReleased: Sayings._released,  # noqa: SLF001 -- as above
    opening.OpeningConfirmed: Sayings._released,  # noqa: SLF001 -- as above
    opening.BidOpened: Sayings._opened,  # noqa: SLF001 -- as above
    evaluation.EvaluatorStoodAside: Sayings._firm,  # noqa: SLF001 -- as above
    award.EligibilityProved: Sayings._firm,  # noqa: SLF001 -- as above
    award.EligibilityDecided: Sayings._firm,  # noqa: SLF001 -- as above
    award.AwardIntended: Sayings._award,  # noqa: SLF001 -- as above
    reading.ProposalsErased: Sayings._erased,  # noqa: SLF001 -- as above
    award.AwardMade: Sayings._award,  # noqa: SLF001 -- as above
}


def _count(
    body: opening.BidsClosed | party.KeeperPackRegistered | party.FieldsErased | reading.ProposalsErased,
) -> int:
    if isinstance(body, reading.ProposalsErased):
        return len(body.erased)
    return len(body.keys) if isinstance(body, party.KeeperPackRegistered) else body.count


def quote_of(act: Act) -> str:
    """The words somebody wrote into an act, if it has any."""
    body = act.body
    if isinstance(body, bid.QuestionAsked | bid.QuestionAnswered):
        return body.text
    if isinstance(
        body,
        opportunity.AddendumPublished
        | opportunity.OpportunityWithdrawn
        | opportunity.OpportunityCancelled
        | plan.PlanChanged
        | plan.PlanDropped
        | award.EligibilityDecided,
    ):
        return body.why
    if isinstance(body, award.AwardIntended | award.AwardMade | bid.ObjectionFiled):
        return body.words
    return ""
