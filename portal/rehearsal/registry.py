"""Who takes part in a re-enactment: the file's buyers and tenderers under names of the log, officers, three keepers."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from hashlib import sha256

from ledger.entry import DocumentReference, format_time
from ledger.sealing import KeeperPack
from policies import load_jurisdiction
from portal.commands.perform import Document
from portal.exchange.ocds_in import Process, RecordedParty
from portal.procurement.events import party
from portal.rehearsal.play import Player, Script

POLICY = load_jurisdiction("historical")
KEEPERS = ("first", "second", "third")
UNRECORDED = "unrecorded"
FOUNDED = "1970-01-01"
_PACK = 100
_NO_LIMIT = 2**53 - 1
_FOR_EVER = "9000-01-01T00:00:00.000Z"
_DUTIES: list[party.Duty] = ["publish", "choose", "award"]


class Directory:
    """The names of a file's agencies, firms and processes in the log, given in the order of the file."""

    def __init__(self, processes: list[Process]) -> None:
        self.processes = processes
        self.agencies = _slugs("agency", (process.buyer for process in processes))
        tenderers = [row.tenderer for process in processes for row in process.bids]
        self.firms = _slugs("firm", tenderers)
        self.names = {row.id: row.name for row in reversed(tenderers)}
        self._opportunities = _slugs(
            "opportunity", (RecordedParty(id=process.ocid, name=process.title) for process in processes)
        )

    def opportunity(self, process: Process) -> str:
        """The subject of a process."""
        return self._opportunities[process.ocid]


def _slugs(kind: str, rows: Iterable[RecordedParty]) -> dict[str, str]:
    slugs: dict[str, str] = {}
    taken: set[str] = set()
    for row in rows:
        if row.id in slugs:
            continue
        slug = re.sub("[^a-z0-9]+", "-", row.id.lower()).strip("-")[:60]
        if not slug or slug in taken:
            slug = f"{slug}-{sha256(row.id.encode()).hexdigest()[:12]}".strip("-")
        taken.add(slug)
        slugs[row.id] = f"{kind}:{slug}"
    return slugs


class Registry:
    """Who takes part in a re-enactment: the file's buyers with two officers each, three keepers, the file's tenderers."""

    def __init__(self, player: Player, directory: Directory) -> None:
        self.player = player
        self.directory = directory
        needed = len(directory.processes)
        sizes = [min(_PACK, needed - first) for first in range(0, needed, _PACK)]
        self.packs = {name: [self._pack(name, part, size) for part, size in enumerate(sizes)] for name in KEEPERS}

    def _pack(self, name: str, part: int, size: int) -> KeeperPack:
        drawn = tuple(
            {label: self.player.derive("pack", f"{name} {part} {number} {label}") for label in ("proposal", "offer")}
            for number in range(size)
        )
        return KeeperPack(name, drawn)

    def private(self, name: str, public: str) -> str:
        """The private key (hex) of a seat."""
        for pack in self.packs[name]:
            if any(public in pair.values() for pair in pack.public_list):
                return pack.private_for(bytes.fromhex(public)).hex()
        raise KeyError(public)

    def write(self, script: Script, start: datetime) -> None:
        """Write down the registrations; a firm registers at the moment of its first bid."""
        seen: set[str] = set()
        for process in self.directory.processes:
            if process.buyer.id not in seen:
                seen.add(process.buyer.id)
                script.add(start, f"{process.buyer.name} is admitted", partial(self._agency, process, start))
        for name in KEEPERS:
            script.add(start, f"The {name} keeper is admitted", partial(self._keeper, name))
        first: dict[str, datetime] = {}
        for process in self.directory.processes:
            for row in process.bids:
                first[row.tenderer.id] = min(row.at, first.get(row.tenderer.id, row.at))
        for tenderer, at in first.items():
            script.add(at, f"{self.directory.names[tenderer]} registers", partial(self._firm, tenderer))

    def officers(self, agency: str) -> tuple[str, str]:
        """The names under which two officers' keys are derived."""
        return f"{agency} first officer", f"{agency} second officer"

    def _agency(self, process: Process, start: datetime) -> None:
        subject, buyer, player = self.directory.agencies[process.buyer.id], process.buyer, self.player
        head = player.key(f"{subject} head")
        profile = party.AgencyRegistered(
            name=buyer.name,
            place=UNRECORDED,
            place_name="Not recorded",
            zone="UTC",
            currency=process.currency,
            head=head.key_id,
            contact="None: this agency is re-enacted from a public record.",
        )
        player.act("agency-registered", subject, profile, player.key("operator"))
        document = Document(POLICY.document, "application/json")
        adopted = party.PolicyAdopted(
            jurisdiction=POLICY.id,
            document=DocumentReference(length=len(document.data), media_type=document.media_type, sha256=POLICY.digest),
            resolution="Rules of the record, for the re-enactment only.",
        )
        player.act("policy-adopted", subject, adopted, head, documents=[document])
        for number, name in enumerate(self.officers(subject), 1):
            body = party.AppointmentMade(
                person=f"person:re-enacting-officer-{number}",
                key=player.key(name).key_id,
                duties=_DUTIES,
                limit_minor=_NO_LIMIT,
                begins=format_time(start),
                ends=_FOR_EVER,
                resolution="The record does not name its officers.",
            )
            player.act("appointment-made", subject, body, head, step=name)

    def _keeper(self, name: str) -> None:
        player, subject = self.player, f"keeper:{name}"
        key = player.key(f"{subject} key")
        body = party.KeeperRegistered(
            name=f"The {name} keeper of this re-enactment",
            organisation=f"re-enactment-{name}",
            organisation_name="Re-enactment",
            key=key.key_id,
        )
        player.act("keeper-registered", subject, body, player.key("operator"))
        for part, pack in enumerate(self.packs[name]):
            keys = [party.PackKey(**pair) for pair in pack.public_list]
            drill = sha256(player.derive("drill", f"{name} {part}")).hexdigest()
            proofs = [party.PackProof(**pair) for pair in pack.proofs(key.key_id)]
            registered = party.KeeperPackRegistered(keys=keys, drill=drill, proofs=proofs)
            signers = (key, player.key("operator"))
            player.act("keeper-pack-registered", subject, registered, *signers, step=str(part))

    def _firm(self, tenderer: str) -> None:
        subject = self.directory.firms[tenderer]
        body = party.FirmRegistered(
            name=self.directory.names[tenderer],
            place=UNRECORDED,
            place_name="Not recorded",
            founded=FOUNDED,
            staff=1,
            words="Re-enacted from a public record, which says nothing of place, age or size; the figures here are fillers.",
        )
        self.player.act("firm-registered", subject, body, self.player.key(subject))
