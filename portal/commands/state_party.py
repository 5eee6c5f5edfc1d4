"""State at which address passkeys sign, when it is another than the one stated last."""

from ledger.entry import sign
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import Done, perform
from portal.procurement.events.keys import RelyingPartyStated


def state_party(office: Office, origin: str, host: str) -> Done | None:
    """
    Append `relying-party-stated` for the site's public address; nothing when the record names it already.

    Passkeys belong to a host: after a change of host nobody's old passkeys sign here any more.
    """
    body = RelyingPartyStated(origins=[origin], rp_id=host)
    if stated_party(office) == body:
        return None
    return perform(
        office, sign(office.statement("relying-party-stated", "log:self", body, office.operator), office.operator)
    )


def stated_party(office: Office) -> RelyingPartyStated | None:
    """What the record states."""
    with office.store.reading() as connection:
        return Library(office.store, connection).relying_party()


def recorded_address(office: Office) -> str:
    """
    The public address that the record states, so that a start which names none changes nothing; else empty.

    An address on this machine does not count: it follows the port.
    """
    stated = stated_party(office)
    return stated.origins[0] if stated is not None and stated.rp_id != "localhost" else ""
