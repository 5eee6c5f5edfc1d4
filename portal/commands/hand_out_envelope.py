"""Give a seated keeper the bytes of a listed envelope: after the close, and to nobody else."""

from ledger.entry import parse_time
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.open_proposals import envelope_of
from portal.commands.perform import refuse_unless
from portal.procurement.case import seat_number
from portal.procurement.decisions.lookups import running, the_case, the_keeper
from portal.procurement.drills import LASTS, Asked, check_asked


def hand_out_envelope(office: Office, asked: Asked, key: str, signature: bytes) -> bytes:
    """
    The envelope that a keeper asks for.

    Nothing is appended: that keepers fetch everything is part of every opening.

    Raises:
        MalformedError, VerificationError: The signature is not the key's.
        Refusal: `asked-elsewhere`, `asked-late`, `signer-not-keeper`, `keeper-not-seated`, `not-closed`, `procedure-ended`,
            `envelope-unlisted`, or `envelope-missing` when the portal has lost it.
    """
    check_asked(asked, key, signature)
    refuse_unless(asked.log == office.origin, "asked-elsewhere", log=asked.log)
    now = office.clock.now()
    refuse_unless(abs(now - parse_time(asked.at)) <= LASTS, "asked-late", at=asked.at, now=now.isoformat())
    with office.store.reading() as connection:
        library = Library(office.store, connection)
        keeper = the_keeper(library, asked.keeper)
        case = running(the_case(library, asked.opportunity))
    refuse_unless(keeper.holds(key), "signer-not-keeper", keeper=keeper.id, author=key)
    seat_number(case.notice, keeper.id)
    refuse_unless(case.closed is not None, "not-closed", closes=case.notice.closes)
    listed = {name for bid in case.listed_bids() for name in (bid.seal.proposal, bid.seal.offer)}
    refuse_unless(asked.envelope in listed, "envelope-unlisted", sha256=asked.envelope)
    return envelope_of(office, asked.envelope)
