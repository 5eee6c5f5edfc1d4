"""
`bid`: write, seal, submit, replace, confirm and withdraw a bid from the command line.

    daylight bid template --subject opportunity:ID > bid.json            what is asked, with empty answers
    daylight bid submit --subject opportunity:ID --bid bid.json --as firm.key --receipt bid.receipt
    daylight bid confirm --subject opportunity:ID --receipt bid.receipt  after a change to the terms
    daylight bid withdraw --subject opportunity:ID --receipt bid.receipt

Submitting again with the same receipt file replaces the bid. The receipt file is the bid's only key: keep it.
"""

import argparse
import json
import sys
from pathlib import Path
from secrets import token_hex
from typing import Any

import msgspec

from ledger.entry import sign
from ledger.keys import load_key
from ledger.sealing import BidMaster, Receipt
from portal.cli import UsageError, add_command
from portal.procurement.events.opening import Declarations
from portal.procurement.papers import MAX_WORDS, Answer, Proposal
from portal.procurement.refusal import Refusal
from portal.procurement.sealed_bid import OfferDraft, confirmations, seal_bid, withdrawal

_STEPS = {
    "template": "Print a bid file with everything the notice asks, to fill in.",
    "submit": "Seal the bid file on this machine and submit it; again with the same receipt file replaces it.",
    "confirm": "Confirm the bid after a change to the terms that matters.",
    "withdraw": "Take the bid back; its bytes are deleted at once.",
}


class BidFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the bidder fills in. `price_minor` may be null where the price is fixed; `milestone_prices` add up to it, or are none."""

    firm: str
    answers: dict[str, str]
    approach: str
    team: str
    learner_places: int
    price_minor: int | None
    milestone_prices: list[int] = []
    contact: str
    declarations: Declarations


def add(commands: Any) -> None:
    """Add the command of this module."""
    bid = add_command(
        commands,
        "bid",
        "Write, seal, submit, replace, confirm and withdraw a bid.",
        "daylight bid template --subject opportunity:book-septic-inspection > bid.json",
    )
    steps = bid.add_subparsers(title="steps", metavar="STEP", required=True)
    for name, run in (
        ("template", run_template),
        ("submit", run_submit),
        ("confirm", run_confirm),
        ("withdraw", run_withdraw),
    ):
        files = {"template": "", "submit": " --bid bid.json --as firm.key --receipt bid.receipt"}
        example = f"daylight bid {name} --subject opportunity:ID{files.get(name, ' --receipt bid.receipt')}"
        step = add_command(steps, name, _STEPS[name], example)
        step.add_argument("--subject", required=True, metavar="ID", help="the pilot: opportunity:ID")
        if name == "submit":
            step.add_argument("--bid", type=Path, required=True, metavar="FILE", help="the filled-in bid file")
            step.add_argument("--as", dest="key", type=Path, required=True, metavar="KEYFILE", help="the firm's key")
        if name != "template":
            step.add_argument(
                "--receipt", type=Path, required=True, metavar="FILE", help="the bid's secret; made if new"
            )
        step.set_defaults(run=run)


def run_template(options: argparse.Namespace) -> int:
    """Print the bid file to fill in; the texts of the requirements go to stderr beside it."""
    office, case = _case(options)
    notice = case.notice
    for requirement in notice.requirements:
        sys.stderr.write(f"{requirement.id}: {requirement.text} (at most {MAX_WORDS} words)\n")
    draft = BidFile(
        firm="firm:your-firm",
        answers={requirement.id: "" for requirement in notice.requirements},
        approach="",
        team="",
        learner_places=0,
        price_minor=None if notice.price_mode == "fixed" else notice.budget_minor,
        contact="",
        declarations=Declarations(
            place=notice.place, months_present=0, staff=1, founded="2020-01-01", no_conflict=True
        ),
    )
    sys.stdout.write(json.dumps(msgspec.to_builtins(draft), indent=2) + "\n")
    office.close()
    return 0


def run_submit(options: argparse.Namespace) -> int:
    """Seal here, then submit; the receipt file is written before anything is sent."""
    from portal.commands.library import Library  # noqa: PLC0415
    from portal.commands.submit_bid import submit_bid  # noqa: PLC0415

    file = _bid_file(options.bid)
    key = load_key(options.key)
    office, case = _case(options)
    with office.store.reading() as connection:
        firm = Library(office.store, connection).firm(file.firm)
    if firm is None:
        raise Refusal("firm-unknown", {"firm": file.firm}, fix="Register it first: daylight act firm-registered …")
    if not firm.holds(key.key_id):  # found at the opening too, when it would be too late
        raise Refusal("signer-not-firm", {"firm": file.firm, "author": key.key_id})
    if case.notice.price_mode == "priced" and file.price_minor is None:
        raise UsageError("this pilot asks for a price: fill in price_minor")
    master = _master(options, office.origin, bytes.fromhex(case.terms))
    proposal = Proposal(
        answers=[Answer(requirement=name, words=_counted(name, words)) for name, words in file.answers.items()],
        approach=file.approach,
        team=file.team,
        learner_places=file.learner_places,
        lot=master.lot.hex(),
    )
    draft = OfferDraft(
        firm=file.firm,
        name=firm.profile.name,
        price_minor=case.notice.budget_minor if file.price_minor is None else file.price_minor,
        milestone_prices=file.milestone_prices,
        currency=case.notice.currency,
        declarations=file.declarations,
        contact=file.contact,
        salt=token_hex(32),
        addenda=[act.leaf_hash for act in case.addenda],
    )
    sealed = seal_bid(case, office.origin, master, proposal, draft, firm=key)
    statement = office.statement(sealed.kind, options.subject, sealed.body, master.signing_key)
    done = submit_bid(office, sign(statement, master.signing_key), sealed.proposal, sealed.offer)
    office.publish()
    sys.stdout.write(f"record no. {done.index}: {sealed.kind}, closes {case.notice.closes}\n")
    sys.stderr.write(f"Keep {options.receipt}: with it alone you replace, confirm or withdraw this bid.\n")
    office.close()
    return 0


def run_confirm(options: argparse.Namespace) -> int:
    """Confirm every change that waits for it."""
    from portal.commands.perform import perform  # noqa: PLC0415

    office, case = _case(options)
    master = _held(options, office.origin, bytes.fromhex(case.terms))
    waiting = confirmations(case, master)
    for body in waiting:
        statement = office.statement("bid-confirmed", options.subject, body, master.signing_key)
        done = perform(office, sign(statement, master.signing_key))
        sys.stdout.write(f"record no. {done.index}: bid-confirmed\n")
    if not waiting:
        sys.stderr.write("Nothing to confirm: your bid stands as it is.\n")
    office.publish()
    office.close()
    return 0


def run_withdraw(options: argparse.Namespace) -> int:
    """Withdraw the bid."""
    from portal.commands.submit_bid import withdraw_bid  # noqa: PLC0415

    office, case = _case(options)
    master = _held(options, office.origin, bytes.fromhex(case.terms))
    statement = office.statement("bid-withdrawn", options.subject, withdrawal(case, master), master.signing_key)
    done = withdraw_bid(office, sign(statement, master.signing_key))
    office.publish()
    sys.stdout.write(f"record no. {done.index}: bid-withdrawn\n")
    office.close()
    return 0


def _case(options: argparse.Namespace) -> tuple[Any, Any]:
    from portal.cli.serving import clock_of  # noqa: PLC0415
    from portal.commands.library import Library  # noqa: PLC0415
    from portal.commands.office import Office  # noqa: PLC0415
    from portal.procurement.decisions.lookups import the_case  # noqa: PLC0415

    office = Office.open(options.data, clock_of(options.data))
    with office.store.reading() as connection:
        return office, the_case(Library(office.store, connection), options.subject)


def _master(options: argparse.Namespace, origin: str, terms: bytes) -> BidMaster:
    if options.receipt.exists():
        return _held(options, origin, terms)
    master = BidMaster.generate()
    master.save(options.receipt, log=origin, terms=terms)
    return master


def _held(options: argparse.Namespace, origin: str, terms: bytes) -> BidMaster:
    receipt = Receipt.parse(options.receipt.read_bytes())
    receipt.check_serves(origin, terms)
    return receipt.master


def _bid_file(path: Path) -> BidFile:
    try:
        return msgspec.json.decode(path.read_bytes(), type=BidFile)
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path}: {error}") from error


def _counted(name: str, words: str) -> str:
    count = len(words.split())
    if not count:
        raise UsageError(f"the answer to {name} is empty")
    if count > MAX_WORDS:
        raise UsageError(f"the answer to {name} has {count} words; at most {MAX_WORDS} are allowed")
    return words
