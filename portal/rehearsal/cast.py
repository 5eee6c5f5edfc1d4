"""
Who takes part in the demo: agencies with rules and officers, keepers with drilled packs, firms. And their key files.

The files under DATA/people/ are what these people would hold at home. With them a newcomer can act as anybody in the
demo; without them nobody can read a bid before it opens.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from ledger.entry import DocumentReference, format_time
from ledger.keys import SigningKey
from ledger.sealing import LABELS, KeeperPack, answer_drill, drill_challenge
from policies import load_jurisdiction
from portal.commands.perform import Document
from portal.procurement.events import party
from portal.procurement.money import exponent
from portal.rehearsal.content import AgencyText, Content, FirmText, KeeperText, PersonText
from portal.rehearsal.play import Player, Script

PACK_NOTICES = 16
_WHO = """\
Key files of the demo's invented people. Nobody else has them, and no live portal would hold them.

NAME.key              an officer or evaluator; sign as one of them with `daylight act KIND --as people/NAME.key`
AGENCY-head.key       an agency's governing body, which appoints officers
FIRM.key              a firm
partner-NAME.key      a training partner
keeper-NAME.key       a key keeper's signing key, and keeper-NAME.pack the keys that open bids; be that keeper with
                      daylight keeper make --keeper keeper:NAME --pack people/keeper-NAME.pack --as people/keeper-NAME.key
                      --portal http://localhost:8000 --vkeys vkeys, then daylight keeper list --moment "$(cat moment)"
bids/PILOT--FIRM.receipt   what a bidder keeps: with it a bid is replaced, confirmed, withdrawn
secret                what all of these were derived from; the demo needs it to go on where it stopped
"""


class Cast:
    """Everybody's keys, and the steps by which they enter the record."""

    def __init__(self, player: Player, content: Content) -> None:
        self.player = player
        self.content = content
        self.packs = {name: self._pack(name) for name in content.keepers}

    def head(self, agency: str) -> SigningKey:
        """The key of an agency's governing body."""
        return self.player.key(f"{agency}-head")

    def person(self, name: str) -> SigningKey:
        """An officer's or evaluator's key."""
        return self.player.key(name)

    def firm(self, name: str) -> SigningKey:
        """A firm's key."""
        return self.player.key(name)

    def keeper(self, name: str) -> SigningKey:
        """A keeper's signing key; the pack's keys are others."""
        return self.player.key(f"keeper-{name}")

    def _pack(self, name: str) -> KeeperPack:
        drawn = tuple(
            {label: self.player.derive("pack", f"{name} {number} {label}") for label in LABELS}
            for number in range(PACK_NOTICES)
        )
        return KeeperPack(f"keeper-{name}", drawn)

    def write_files(self, folder: Path) -> None:
        """Write the key files that are not there yet, readable by their owner only."""
        (folder / "bids").mkdir(parents=True, exist_ok=True)
        guide = folder / "README.txt"
        if not guide.exists():
            guide.write_text(_WHO, encoding="utf-8")
        keys = [self.head(agency) for agency in self.content.agencies]
        keys += [self.person(name) for name in self.content.people]
        keys += [self.firm(name) for name in self.content.firms]
        keys += [self.keeper(name) for name in self.content.keepers]
        for key in keys:
            path = folder / f"{key.name}.key"
            if not path.exists():
                key.save(path)
        for pack in self.packs.values():
            path = folder / f"{pack.name}.pack"
            if not path.exists():
                pack.save(path)

    def write(self, script: Script) -> None:
        """Write down how everybody enters the record."""
        for agency in self.content.agencies.values():
            self._admit(script, agency)
        for place, keeper in enumerate(self.content.keepers.values()):
            self._seat(script, keeper, place)
        for firm in self.content.firms.values():
            script.add(firm.registered, f"{firm.name} registers", partial(self._register, firm))

    def _admit(self, script: Script, agency: AgencyText) -> None:
        people = [row for row in self.content.people.values() if row.agency == agency.id]
        script.add(agency.registered, f"{agency.name} is admitted", partial(self._register_agency, agency))
        script.add(agency.adopted, f"{agency.name} adopts its rules", partial(self._adopt, agency))
        for number, person in enumerate(people):
            at = agency.appointed + timedelta(minutes=2 * number)
            script.add(at, f"{agency.name} appoints", partial(self._appoint, agency, person))

    def _register_agency(self, agency: AgencyText) -> None:
        body = party.AgencyRegistered(
            name=agency.name,
            place=agency.place,
            place_name=agency.place_name,
            zone=agency.zone,
            currency=agency.currency,
            head=self.head(agency.id).key_id,
            contact=agency.contact,
            website=agency.website,
        )
        self.player.act("agency-registered", f"agency:{agency.id}", body, self.player.key("operator"))

    def _adopt(self, agency: AgencyText) -> None:
        policy = load_jurisdiction(agency.policy)
        document = Document(policy.document, "application/json")
        body = party.PolicyAdopted(
            jurisdiction=policy.id,
            document=DocumentReference(length=len(document.data), media_type=document.media_type, sha256=policy.digest),
            resolution=agency.resolution,
        )
        self.player.act("policy-adopted", f"agency:{agency.id}", body, self.head(agency.id), documents=[document])

    def _appoint(self, agency: AgencyText, person: PersonText) -> None:
        limit = None if person.limit is None else person.limit * 10 ** exponent(agency.currency)
        body = party.AppointmentMade(
            person=f"person:{person.id}",
            key=self.person(person.id).key_id,
            duties=person.duties,
            limit_minor=limit,
            begins=format_time(agency.appointed),
            ends=format_time(agency.appointed_until),
            resolution=agency.appointment_resolution,
        )
        self.player.act(
            "appointment-made",
            f"agency:{agency.id}",
            body,
            self.head(agency.id),
            step=person.id,
            secret={"name": person.name, "post": person.post},
        )

    def _seat(self, script: Script, keeper: KeeperText, place: int) -> None:
        at = datetime(2026, 9, 25, 9, tzinfo=UTC) + timedelta(minutes=25 * place)
        script.add(at, f"{keeper.name} is admitted", partial(self._register_keeper, keeper))
        script.add(at + timedelta(minutes=18), f"{keeper.name} drills", partial(self._register_pack, keeper))

    def _register_keeper(self, keeper: KeeperText) -> None:
        body = party.KeeperRegistered(
            name=keeper.name,
            organisation=keeper.organisation,
            organisation_name=keeper.organisation_name,
            key=self.keeper(keeper.id).key_id,
            person=keeper.person,
        )
        self.player.act("keeper-registered", f"keeper:{keeper.id}", body, self.player.key("operator"))

    def _register_pack(self, keeper: KeeperText) -> None:
        pack = self.packs[keeper.id]
        body = party.KeeperPackRegistered(
            keys=[party.PackKey(**pair) for pair in pack.public_list],
            drill=self._drill(keeper.id, pack),
            proofs=[party.PackProof(**pair) for pair in pack.proofs(self.keeper(keeper.id).key_id)],
        )
        signers = (self.keeper(keeper.id), self.player.key("operator"))
        self.player.act("keeper-pack-registered", f"keeper:{keeper.id}", body, *signers)

    def _drill(self, name: str, pack: KeeperPack) -> str:
        answers = sha256()
        for number, (keys, publics) in enumerate(zip(pack.privates, pack.public_list, strict=True)):
            for label in LABELS:
                use = f"{name} {number} {label}"
                asked, ephemeral = self.player.derive("drill", use), self.player.derive("drill-ephemeral", use)
                share = drill_challenge(bytes.fromhex(publics[label]), asked, ephemeral)
                answers.update(answer_drill(keys[label], share))
        return answers.hexdigest()

    def _register(self, firm: FirmText) -> None:
        body = party.FirmRegistered(
            name=firm.name,
            place=firm.place,
            place_name=firm.place_name,
            founded=firm.founded.isoformat(),
            staff=firm.staff,
            skills=firm.skills,
            words=firm.words,
            website=firm.website,
            training_partner=firm.training_partner,
        )
        self.player.act("firm-registered", f"firm:{firm.id}", body, self.firm(firm.id))
