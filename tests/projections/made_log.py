"""A log written act by act, without the decisions: what projections must read, whoever admitted it."""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec

from ledger.entry import make_statement, sign, verify_signed
from ledger.keys import SigningKey
from ledger.store import LedgerStore, open_engine
from policies import load_jurisdiction
from portal.procurement.act import Act, body_of, read_act
from portal.procurement.events import award, bid, evaluation, opening, opportunity, party, plan
from portal.procurement.kinds import KINDS
from portal.projections import create, project

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
NAMES = {kind.body: kind.name for kind in KINDS.values()}
HEX = "ab" * 32


def hex_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def instant(days: float) -> str:
    return (START + timedelta(days=days)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class MadeLog:
    """Appends one act a minute and projects it, as a command would."""

    def __init__(self, place: object, origin: str = "test.example/log") -> None:
        self.store = LedgerStore(open_engine(place), origin)  # type: ignore[arg-type]
        self.store.create()
        with self.store.writing() as connection:
            create(connection)
        self.at = START
        self.operator = SigningKey.generate("operator")
        self.keys: dict[str, SigningKey] = {}

    @classmethod
    def over(cls, store: LedgerStore, operator: SigningKey) -> "MadeLog":
        """Go on in a store that exists."""
        log = cls.__new__(cls)
        log.store, log.at, log.operator, log.keys = store, START, operator, {"operator": operator}
        return log

    def key(self, name: str) -> SigningKey:
        return self.keys.setdefault(name, SigningKey.generate(name))

    def act(self, subject: str, body: msgspec.Struct, *, by: str = "operator", at: datetime | None = None) -> Act:
        self.at = max(self.at + timedelta(minutes=1), at or self.at)
        key = self.key(by)
        statement = make_statement(
            log=self.store.origin, kind=NAMES[type(body)], subject=subject, body=body_of(body), author=key.key_id
        )
        verified = verify_signed(sign(statement, key))
        with self.store.writing() as connection:
            for data in _references(body):
                self.store.add_document(connection, data, "application/json")
            (made,) = self.store.append(connection, [verified], self.at)
            act = read_act(made.entry)
            project(connection, [act])
        return act

    def acts(self, subject: str) -> list[Act]:
        with self.store.reading() as connection:
            return [read_act(data) for _, data in self.store.entries_of(connection, subject)]


def _references(body: msgspec.Struct) -> list[bytes]:
    if isinstance(body, party.PolicyAdopted):
        return [POLICY.document]
    if isinstance(body, opening.ProposalsOpened | opening.OffersOpened | opening.BidOpened):
        return [DOCUMENT]
    return []


DOCUMENT = b"[]"
POLICY = load_jurisdiction("blue-ridge-county")
RULES = party.DocumentReference(
    length=len(POLICY.document), media_type="application/json", sha256=sha256(POLICY.document).hexdigest()
)
REFERENCE = party.DocumentReference(length=2, media_type="application/json", sha256=sha256(DOCUMENT).hexdigest())


def agency(name: str = "Harlan County") -> party.AgencyRegistered:
    return party.AgencyRegistered(
        name=name,
        place="us-ky-harlan",
        place_name="Harlan, Kentucky",
        zone="America/New_York",
        currency="USD",
        head="ed25519:" + HEX,
        contact="clerk@harlan.example",
    )


def firm(name: str = "Blue Ridge Data") -> party.FirmRegistered:
    return party.FirmRegistered(
        name=name,
        place="us-ky-harlan",
        place_name="Harlan, Kentucky",
        founded="2019-05-01",
        staff=4,
        skills=["GIS & mapping"],
    )


def promise(title: str = "Count parking spaces") -> plan.PlanAnnounced:
    return plan.PlanAnnounced(
        agency="agency:harlan",
        title=title,
        need="Nobody knows how many there are.",
        skills=["GIS & mapping", "sensors"],
        tier="T0",
        quarter="2026-q2",
        money="secured",
        place="us-ky-harlan",
        place_name="Harlan, Kentucky",
        learner_places=1,
    )


def notice(title: str = "Book a septic inspection", **changes: object) -> opportunity.OpportunityPublished:
    seat = opportunity.KeeperSeat(keeper="keeper:ada", organisation="agency:harlan", proposal=HEX, offer=HEX)
    fields: dict[str, object] = {
        "agency": "agency:harlan",
        "plan": None,
        "title": title,
        "summary": "Residents book an inspection without a phone call.",
        "need": "The office telephone is busy all morning.",
        "outcome": "A resident books in two minutes.",
        "audience": "Home owners with a septic tank.",
        "existing": "A paper calendar.",
        "incumbent": opportunity.Incumbent(answer="none"),
        "helped_by": opportunity.HelpedBy(answer="nobody"),
        "requirements": [opportunity.Requirement(id="phone", text="Works on a phone.")],
        "acceptance": "Ten residents have booked.",
        "skills": ["web forms", "Żółw accessibility"],
        "learner_places": 1,
        "training_partner": None,
        "place": "us-ky-harlan",
        "place_name": "Harlan, Kentucky",
        "tier": "T0",
        "price_mode": "fixed",
        "budget_minor": 950_000,
        "floor_minor": None,
        "currency": "USD",
        "tax": "excluded",
        "funding": "general-fund",
        "cross_border": "no",
        "reservation": "local",
        "criteria": [opportunity.Criterion(id="fit", name="Fit", weight=100, anchors=["none", "a", "b", "c", "full"])],
        "price_weight": 0,
        "milestones": [opportunity.MilestoneTerm(name="Works", share=100, days=30)],
        "payment_days": 30,
        "licence": "Apache-2.0",
        "data_class": "public",
        "hours": 6,
        "rationale": "Small and local.",
        "requester": "person:r1",
        "evaluators": ["person:e1", "person:e2"],
        "questions_close": instant(5),
        "closes": instant(10),
        "objection_until": instant(11),
        "opens_by": instant(15),
        "sealing": opportunity.SealingTerms(
            arrangement="own-staff", k=1, seats=[seat, seat], proposal_size=4096, offer_size=4096, module=HEX
        ),
        "policy": opportunity.PinnedPolicy(jurisdiction=POLICY.id, digest=POLICY.digest),
    }
    return opportunity.OpportunityPublished(**{**fields, **changes})  # type: ignore[arg-type]


def sealed(name: str) -> bid.BidSealed:
    return bid.BidSealed(terms=HEX, proposal=hex_of(name + "p"), offer=hex_of(name + "o"), lot=hex_of(name + "l"))


def opened(key: str, firm_id: str, price: int = 900_000) -> opening.BidOpened:
    return opening.BidOpened(
        bid=key,
        firm=firm_id,
        name="Blue Ridge Data",
        price_minor=price,
        currency="USD",
        declarations=opening.Declarations(
            place="us-ky-harlan", months_present=40, staff=4, founded="2019-05-01", no_conflict=True, learner_places=1
        ),
        envelope=REFERENCE,
        rest=HEX,
        status="valid",
    )


def ranking(*rows: tuple[str, str, int]) -> evaluation.RankingPublished:
    return evaluation.RankingPublished(
        rows=[
            evaluation.RankRow(bid=key, firm=firm_id, quality=7500, price=0, total=7500, rank=rank)
            for key, firm_id, rank in rows
        ],
        method="points",
    )


def intended(key: str, firm_id: str) -> award.AwardIntended:
    reason = award.CriterionReason(criterion="fit", words="Clear.")
    return award.AwardIntended(
        bid=key,
        firm=firm_id,
        amount_minor=950_000,
        currency="USD",
        standstill_ends=instant(30),
        reasons=[award.BidReasons(bid=key, reasons=[reason])],
        words="It fits best.",
    )


def made(key: str, firm_id: str) -> award.AwardMade:
    return award.AwardMade(bid=key, firm=firm_id, amount_minor=950_000, currency="USD", words="Final.")


def nonce() -> str:
    return secrets.token_hex(4)


def whole_life(log: MadeLog, name: str = "opportunity:septic") -> None:
    """One pilot from promise to award, with another bidder who withdraws."""
    log.act("agency:harlan", agency(), by="registrar")
    log.act("agency:harlan", party.PolicyAdopted(jurisdiction=POLICY.id, document=RULES, resolution="2026-1"))
    log.act("firm:blue-ridge", firm(), by="blue-ridge")
    log.act("plan:septic", promise("Book a septic inspection"))
    log.act(name, notice(plan="plan:septic"))
    log.act(name, bid.QuestionAsked(text="Which calendar?"), by="q1")
    log.act(name, sealed("one"), by="bid-one")
    log.act(name, sealed("two"), by="bid-two")
    log.act(name, bid.BidWithdrawn(terms=HEX, bid=HEX), by="bid-two")
    key = log.key("bid-one").key_id.removeprefix("ed25519:")
    log.act(name, opening.BidsClosed(terms=HEX, count=1, list_sha256=HEX), at=START + timedelta(days=10))
    log.act(name, opening.ProposalsOpened(seats=[1], verdicts=REFERENCE))
    log.act(name, evaluation.ScoresCommitted(person="person:e1", commitment=HEX))
    log.act(name, opening.OffersOpened(seats=[1], verdicts=REFERENCE))
    log.act(name, opened(key, "firm:blue-ridge"))
    log.act(name, ranking((key, "firm:blue-ridge", 1)))
    log.act(name, award.EligibilityDecided(firm="firm:blue-ridge", accepted=True, why="All shown."))
    log.act(name, intended(key, "firm:blue-ridge"))
    log.act(name, made(key, "firm:blue-ridge"))
