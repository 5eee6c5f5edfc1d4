"""State the sealing module that this portal serves, when it is not the one stated last."""

from ledger.entry import sign
from portal.commands.library import Library
from portal.commands.office import Office, module_digest
from portal.commands.perform import Done, perform
from portal.procurement.events.party import SealingModuleStated


def state_module(office: Office) -> Done | None:
    """
    Append `sealing-module-stated` after an upgrade; nothing when the record names this module already.

    Monitors fetch the module from outside and compare it with the record (sealing.md flaw 25).
    """
    with office.store.reading() as connection:
        log = Library(office.store, connection).log()
    digest = module_digest()
    if log is None or log.sealing_module == digest:
        return None
    body = SealingModuleStated(module=digest, why="The portal was upgraded.")
    return perform(
        office, sign(office.statement("sealing-module-stated", "log:self", body, office.operator), office.operator)
    )
