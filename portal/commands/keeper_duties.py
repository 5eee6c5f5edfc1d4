"""
What a keeper does with her pack: see where its keys are used, check for herself, keep the envelopes, release.

She trusts neither the portal's clock nor its list: the instant comes from her own machine, the list is recomputed, and
every listed envelope is fetched, hashed and stored before a key comes out (sealing.md 14, 15).
"""

from pathlib import Path
from typing import NamedTuple

from ledger.durable import DurableFolder
from ledger.entry import sign
from ledger.keys import SigningKey
from ledger.sealing import KeeperPack
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.open_proposals import envelope_of
from portal.commands.perform import Done, perform
from portal.procurement.case import Case, list_digest
from portal.procurement.decisions.lookups import the_case
from portal.procurement.events.opening import BidsClosed, KeyReleased, Label
from portal.procurement.refusal import Refusal
from portal.projections.shelf import Shelf


class KeyDuty(NamedTuple):
    """One key of a pack that a notice has taken."""

    opportunity: str
    label: str
    keeper: str
    state: str
    not_before: str


def duties_of(office: Office, pack: KeeperPack) -> list[KeyDuty]:
    """Where the keys of a pack are used, in the order of publication."""
    publics = {public for pair in pack.public_list for public in pair.values()}
    found = []
    with office.store.reading() as connection:
        library = Library(office.store, connection)
        for (opportunity,) in Shelf(connection).rows("SELECT id FROM {opportunity} ORDER BY entry"):
            case = the_case(library, opportunity)
            for number, seat in enumerate(case.notice.sealing.seats, 1):
                for label, public in (("proposal", seat.proposal), ("offer", seat.offer)):
                    if public in publics:
                        out = any(name == label and number in keys for name, keys in case.released.items())
                        state = "released" if out else "ended" if case.ended or case.awarded else "held"
                        found.append(KeyDuty(opportunity, label, seat.keeper, state, case.notice.objection_until))
    return found


def release_key(
    office: Office, pack: KeeperPack, key: SigningKey, opportunity: str, label: Label, *, keep: Path
) -> tuple[Done, int]:
    """
    Check, keep the envelopes, release.

    Raises:
        Refusal: `keeper-not-seated`, `close-list` when the stated list is not the recomputed one, `envelope-missing`
            while the bytes of a listed bid are not to be had; else as the decision.
        VerificationError: `key-not-in-pack`.
    """
    with office.store.reading() as connection:
        case = the_case(Library(office.store, connection), opportunity)
    seat = next((row for row in case.notice.sealing.seats if _in_pack(pack, row.proposal)), None)
    if seat is None:
        raise Refusal("keeper-not-seated", {"opportunity": opportunity})
    _check_list(case)
    folder = DurableFolder(keep)
    names = [bid.seal.proposal if label == "proposal" else bid.seal.offer for bid in case.listed_bids()]
    for name in names:
        folder.create(name, envelope_of(office, name))
    folder.settle()
    private = pack.private_for(bytes.fromhex(seat.proposal if label == "proposal" else seat.offer))
    body = KeyReleased(keeper=seat.keeper, label=label, private=private.hex())
    signed = sign(office.statement("keeper-key-released", opportunity, body, key), key)
    return perform(office, signed), len(names)


def _in_pack(pack: KeeperPack, public: str) -> bool:
    return any(public in pair.values() for pair in pack.public_list)


def _check_list(case: Case) -> None:
    if case.closed is None or not isinstance(case.closed.body, BidsClosed):
        raise Refusal("not-closed", {"closes": case.notice.closes})
    decided = [act for act in case.objections_decided.values() if act.index > case.closed.index]
    stated = decided[-1].body if decided else case.closed.body
    if getattr(stated, "list_sha256", "") != list_digest(case.listed_bids()):
        raise Refusal("close-list", {"count": len(case.listed_bids())})
