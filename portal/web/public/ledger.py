"""The pages about the log itself: the latest snapshot, the records, one record with its proof, and its receipt."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from ledger.checkpoint import Checkpoint, vkey_lines
from ledger.documents import references_in_entry
from ledger.entry import Entry, parse_entry
from ledger.proof import make_proof
from portal.procurement.act import Act, read_act
from portal.procurement.events.party import KeeperPackRegistered
from portal.projections.queries.opportunities import opportunity
from portal.projections.queries.plans import plan
from portal.projections.queries.versions import size_read
from portal.web.addresses import subject_href, subject_link
from portal.web.problems import Problem, missing
from portal.web.public.names import Names
from portal.web.public.query import Query
from portal.web.public.sayings import Sayings
from portal.web.public.signers import signers_of
from portal.web.reading import Reading
from portal.web.views.frame import Link, Moment, Said
from portal.web.views.ledger import DocumentRow, LedgerPage, ProofPanel, RecordPage, RecordRow, Snapshot

PATH = "/ledger"
ROWS = 40


def ledger(reading: Reading, query: Query) -> LedgerPage:
    """The snapshot, and the records below one index, newest first."""
    reading.shows("ledger")
    total = size_read(reading.shelf)
    before = query.number("before")
    top = total if before is None else min(before, total)
    first = max(0, top - ROWS)
    names = Names(reading)
    sayings = Sayings(reading, names)
    acts = [read_act(data) for _, data in reading.door.store.entries(reading.connection, first, top)]
    return LedgerPage(
        path=PATH,
        snapshot=_snapshot(reading.checkpoint()),
        rows=tuple(
            RecordRow(
                index=act.index, when=Moment(act.at), said=sayings.say([act]), subject=_subject(reading, names, act)
            )
            for act in reversed(acts)
        ),
        vkeys=tuple(vkey_lines(reading.door.vkeys.read_bytes())),
        total=total,
        older=f"{PATH}?before={first}" if first > 0 else "",
        newer="" if top >= total else PATH if top + ROWS >= total else f"{PATH}?before={top + ROWS}",
    )


def record(reading: Reading, name: str) -> RecordPage:
    """The page of one entry."""
    index, data = _entry(reading, name)
    entry, act = parse_entry(data), read_act(data)
    names = Names(reading)
    size = size_read(reading.shelf)
    if index + 1 == size:
        reading.shows("ledger")
    return RecordPage(
        path=record_href(index),
        index=index,
        kind=act.kind,
        said=Sayings(reading, names).say([act]),
        when=Moment(act.at),
        subject=_subject(reading, names, act),
        signers=signers_of(reading, names, entry, act),
        links=_links(reading, names, act),
        documents=tuple(
            DocumentRow(
                href=f"/log/document/{each.sha256}",
                media_type=each.media_type,
                length=each.length,
                fingerprint=each.sha256,
            )
            for each in references_in_entry(data)
        ),
        commitments=len(act.commitments),
        proof=_proof(reading, entry, act),
        raw=msgspec.json.format(data, indent=1).decode(),
        note=_note(act),
        older=record_href(index - 1) if index else "",
        newer=record_href(index + 1) if index + 1 < size else "",
    )


def _note(act: Act) -> Said | None:
    """Whether a keeper's keys are everybody's to check, or the operator's word."""
    if not isinstance(act.body, KeeperPackRegistered):
        return None
    return Said("record.pack_proven" if act.body.proofs else "record.pack_stated", {"n": 2 * len(act.body.keys)})


def receipt(reading: Reading, name: str) -> bytes:
    """The `.tlog-proof` of one entry against the latest snapshot; `receipt-waiting` until one covers it."""
    index, data = _entry(reading, name)
    checkpoint = reading.checkpoint()
    if checkpoint is None or index >= checkpoint.size:
        raise Problem("receipt-waiting", 404, index=index)
    hashes = reading.door.store.inclusion_proof(reading.connection, index, checkpoint.size)
    return make_proof(index, data, hashes, checkpoint.note)


def record_href(index: int) -> str:
    """The page of an entry."""
    return f"{PATH}/entries/{index}"


def _entry(reading: Reading, name: str) -> tuple[int, bytes]:
    if not name.isascii() or not name.isdecimal() or str(int(name)) != name:
        raise missing()
    index = int(name)
    if index >= size_read(reading.shelf):
        raise missing()
    return index, reading.door.store.entry(reading.connection, index)


def _snapshot(checkpoint: Checkpoint | None) -> Snapshot | None:
    if checkpoint is None:
        return None
    return Snapshot(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        when=_signed_at(checkpoint),
        note=checkpoint.note.decode(),
    )


def _signed_at(checkpoint: Checkpoint) -> Moment:
    return Moment(datetime.fromtimestamp(checkpoint.time or 0, UTC))


def _proof(reading: Reading, entry: Entry, act: Act) -> ProofPanel | None:
    checkpoint = reading.checkpoint()
    if checkpoint is None or act.index >= checkpoint.size:
        return None
    hashes = reading.door.store.inclusion_proof(reading.connection, act.index, checkpoint.size)
    return ProofPanel(
        leaf_hash=act.leaf_hash,
        statement_hash=act.statement_hash,
        previous=entry.previous,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        path=tuple(each.hex() for each in hashes),
        when=_signed_at(checkpoint),
        receipt=f"{record_href(act.index)}.tlog-proof",
    )


def _subject(reading: Reading, names: Names, act: Act) -> Link | None:
    kind = act.subject.partition(":")[0]
    if kind == "agency":
        return names.agency(act.subject)
    if kind in {"firm", "partner"}:
        return names.trainer(act.subject)
    if kind == "opportunity":
        found = opportunity(reading.shelf, act.subject, reading.moment)
        return subject_link(act.subject, found.title) if found else None
    if kind == "plan":
        promised = plan(reading.shelf, act.subject)
        return subject_link(act.subject, promised.title) if promised else None
    return None


def _links(reading: Reading, names: Names, act: Act) -> tuple[Link, ...]:
    """Where the act leads: the agency, firm or plan that its body names."""
    links: list[Link] = []
    for field in ("agency", "firm", "partner", "plan"):
        value: Any = getattr(act.body, field, None)
        if not isinstance(value, str) or not subject_href(value):
            continue
        if field == "plan":
            promised = plan(reading.shelf, value)
            links += [subject_link(value, promised.title)] if promised else []
        else:
            links.append(names.agency(value) if field == "agency" else names.trainer(value))
    return tuple(links)
