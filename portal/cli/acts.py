"""
`act`: put one act into the record, signed with key files.

    daylight act --list                                   every kind, who may, its fields and an example
    daylight act KIND --subject ID --body FILE --as KEY   one signature
    daylight act KIND … --as KEY --with KEY2              two signatures at once
    daylight act KIND … --as KEY --draft OUT              the statement with the first signature
    daylight act sign OUT --as KEY2                       the second signature, and into the record
    daylight act sign OUT --as KEY --draft SIGNED         one signature more, into a file: for the desk, without a network
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ledger.entry import Signed, add_signature, parse_signed, parse_statement, sign
from ledger.keys import SigningKey, load_key
from portal.cli import UsageError, add_command
from portal.procurement.kinds import KINDS, Kind
from portal.settings import DataFolder

BODY_LIMIT = 1_000_000
ANONYMOUS = {"bid-key", "one-time-key", "evaluator"}
"""Whose statements name no checkpoint: one that was shown to a single visitor would give her away."""


def add(commands: Any) -> None:
    """Add the command of this module."""
    act = add_command(
        commands,
        "act",
        "Put one signed act into the record, or list the kinds of acts.",
        "daylight act plan-announced --subject plan:septic --body plan.json --as people/ada.key",
    )
    act.add_argument("kind", nargs="?", help="a kind from --list, or `sign` to add the second signature to a draft")
    act.add_argument("draft_in", nargs="?", type=Path, metavar="DRAFT", help="with `sign`: the draft")
    act.add_argument("--list", action="store_true", help="print kinds, who may, fields and an example each")
    act.add_argument("--json", action="store_true", help="with --list, or for the result: print JSON")
    act.add_argument("--subject", metavar="ID", help="what the act is about, e.g. opportunity:book-septic")
    act.add_argument("--body", metavar="FILE", help="the body as JSON; - reads standard input")
    act.add_argument("--as", dest="first", type=Path, metavar="KEYFILE", help="the author's key file")
    act.add_argument("--with", dest="second", type=Path, metavar="KEYFILE", help="the second signer's key file")
    act.add_argument("--draft", type=Path, metavar="OUT", help="write the statement with the first signature instead")
    act.add_argument("--proposal", type=Path, metavar="FILE", help="sealed bids: the proposal's envelope")
    act.add_argument("--offer", type=Path, metavar="FILE", help="sealed bids: the offer's envelope")
    act.add_argument(
        "--document", type=Path, action="append", default=[], metavar="FILE", help="a document it refers to"
    )
    act.add_argument("--media-type", default="application/json", help="of the documents (default application/json)")
    act.add_argument("--withheld", type=Path, metavar="FILE", help="JSON object of fields to commit to, not to publish")
    act.add_argument("--receipt", type=Path, metavar="OUT", help="write the record's signed receipt here")
    act.set_defaults(run=run_act)


def run_act(options: argparse.Namespace) -> int:
    """List kinds, add a second signature, or perform an act."""
    if options.list:
        return _list(as_json=options.json)
    if options.kind is None:
        raise UsageError("name a kind, or --list; see `daylight act --help`")
    if options.first is None:
        raise UsageError("--as KEYFILE is missing: whose act is it?")
    first = load_key(options.first)
    if options.kind == "sign":
        if options.draft_in is None:
            raise UsageError("name the draft: daylight act sign DRAFT --as KEYFILE")
        signed = _signed_draft(_bounded(options.draft_in), first)
        return _kept(options.draft, signed) if options.draft is not None else _perform(options, signed)
    for name in ("subject", "body"):
        if getattr(options, name) is None:
            raise UsageError(f"--{name} is missing; see `daylight act --list`")
    return _new(options, first)


def _new(options: argparse.Namespace, first: SigningKey) -> int:
    from ledger.canonical import encode  # noqa: PLC0415
    from ledger.commitments import commit  # noqa: PLC0415
    from ledger.entry import make_statement  # noqa: PLC0415
    from portal.procurement.act import read_body  # noqa: PLC0415

    body = _json(options.body)
    read_body(options.kind, body)
    withheld = _json(str(options.withheld)) if options.withheld else {}
    commitments, openings = commit(options.kind, withheld)
    statement = make_statement(
        log=_origin(options.data),
        kind=options.kind,
        subject=options.subject,
        body=body,
        author=first.key_id,
        commitments=commitments,
        seen=None if ANONYMOUS & set(KINDS[options.kind].signers) else _seen(options.data),
    )
    keys = [first] if options.second is None else [first, load_key(options.second)]
    signed = sign(statement, *keys)
    if options.draft is not None:
        if openings:
            raise UsageError("--withheld and --draft do not go together: the openings would be lost")
        with options.draft.open("xb") as file:
            file.write(encode(signed))
        sys.stderr.write(f"Draft in {options.draft}. Next: daylight act sign {options.draft} --as SECOND_KEYFILE\n")
        return 0
    return _perform(options, signed, openings)


def _perform(options: argparse.Namespace, signed: Signed, openings: Any = ()) -> int:
    from portal.cli.serving import clock_of  # noqa: PLC0415 -- the database is loaded only to write
    from portal.commands.office import Office  # noqa: PLC0415
    from portal.commands.perform import Document, perform  # noqa: PLC0415
    from portal.commands.submit_bid import submit_bid, withdraw_bid  # noqa: PLC0415

    office = Office.open(options.data, clock_of(options.data))
    kind = signed.statement.kind
    if kind in {"bid-sealed", "bid-replaced"}:
        if options.proposal is None or options.offer is None:
            raise UsageError(
                "a sealed bid needs --proposal and --offer: the envelopes that `python -m ledger seal` made"
            )
        done = submit_bid(office, signed, options.proposal.read_bytes(), options.offer.read_bytes())
    elif kind == "bid-withdrawn":
        done = withdraw_bid(office, signed)
    else:
        documents = [Document(path.read_bytes(), options.media_type) for path in options.document]
        done = perform(office, signed, documents=documents, openings=openings)
    if options.receipt is not None:
        options.receipt.write_bytes(office.receipt(done))
    office.publish()
    told = {"index": done.index, "kind": kind, "leaf_hash": done.act.leaf_hash, "subject": done.act.subject}
    sys.stdout.write(json.dumps(told) + "\n" if options.json else f"record no. {done.index}: {kind}\n")
    office.close()
    return 0


def _seen(data: Path) -> Any:
    """The newest checkpoint published from this folder: proof that the statement is not older."""
    from ledger.entry import Seen  # noqa: PLC0415
    from ledger.note import split_note  # noqa: PLC0415
    from ledger.treehead import parse_tree_head  # noqa: PLC0415

    path = DataFolder(data).log / "checkpoint"
    if not path.exists():
        return None
    head = parse_tree_head(split_note(path.read_bytes())[0])
    return Seen(root=head.root.hex(), size=head.size) if head.size else None


def _origin(data: Path) -> str:
    from ledger.checkpoint import load_signer  # noqa: PLC0415
    from portal.procurement.refusal import Refusal  # noqa: PLC0415

    folder = DataFolder(data)
    if not folder.exists():
        raise Refusal("data-missing", {"data": str(data)}, fix="`daylight init` or `daylight demo` makes one.")
    return load_signer(folder.log_secret).origin


def _signed_draft(data: bytes, key: SigningKey) -> Signed:
    """A draft with one signature more; a bare statement, as a desk gives it, gets its first."""
    bare = b'"signatures"' not in data[:40]
    return sign(parse_statement(data), key) if bare else add_signature(parse_signed(data), key)


def _kept(path: Path, signed: Signed) -> int:
    from ledger.canonical import encode  # noqa: PLC0415

    with path.open("xb") as file:
        file.write(encode(signed))
    sys.stderr.write(f"Signed in {path}; nothing is on record yet. Bring it to the desk, or to the second signer.\n")
    return 0


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(BODY_LIMIT)


def _json(name: str) -> Any:
    data = sys.stdin.buffer.read(BODY_LIMIT) if name == "-" else _bounded(Path(name))
    try:
        found = json.loads(data, parse_constant=_no_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{name} is no JSON object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _subjects(row: Kind) -> str:
    return " or ".join(f"{subject}:…" for subject in row.subjects)


def _list(*, as_json: bool) -> int:
    from portal.procurement.examples import example_of, fields_of  # noqa: PLC0415

    rows = [
        {
            "kind": row.name,
            "summary": row.summary,
            "who": list(row.signers),
            "duty": row.duty,
            "subject": _subjects(row),
            "fields": dict(fields_of(row.name)),
            "example": example_of(row.name),
        }
        for row in KINDS.values()
    ]
    if as_json:
        sys.stdout.write(json.dumps(rows) + "\n")
        return 0
    for row in KINDS.values():
        duty = f' with the duty "{row.duty}"' if row.duty else ""
        sys.stdout.write(f"\n{row.name}: {row.summary}\n  who      {' and '.join(row.signers)}{duty}\n")
        sys.stdout.write(f"  subject  {_subjects(row)}\n")
        for name, words in fields_of(row.name):
            sys.stdout.write(f"    {name}: {words}\n")
        sys.stdout.write(f"  example  {json.dumps(example_of(row.name))}\n")
    return 0
