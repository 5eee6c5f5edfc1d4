"""People sign acts with passkeys and browsers' keys, judged by the address that the record states at that entry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from ledger.auditor import main as audit
from ledger.entry import Signature, Signed, Statement, encode_statement, sign
from ledger.keykinds import signing_input
from ledger.passkeys import RelyingParty
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import Done, party_for, perform
from portal.procurement.events import keys, party, plan
from portal.recompute import recompute
from tests.ledger.devices import Passkey, RawKey
from tests.portal.town import AGENCY, Town, key_of, refusal_of, size_of

Copy = Callable[[Town], Town]
HERE = RelyingParty("pilots.example.org", ("https://pilots.example.org",))
ELSEWHERE = RelyingParty("pilots.example.net", ("https://pilots.example.net",))
KINDS = {
    "a passkey of the newest kind": Passkey(b"a" * 32, "ed25519", HERE),
    "a passkey of the usual kind": Passkey(b"b" * 32, "es256", HERE),
    "a passkey of an old computer": Passkey(b"c" * 32, "rs256", HERE),
    "a browser's own key": RawKey(b"d" * 32),
}
Device = Passkey | RawKey


def _state(town: Town, where: RelyingParty) -> Done:
    body = keys.RelyingPartyStated(rp_id=where.rp_id, origins=list(where.origins))
    return town.act("relying-party-stated", "log:self", body, "operator")


def _signature(device: Device, statement: Statement) -> Signature:
    if isinstance(device, Passkey):
        return device.sign_statement(statement)
    return Signature(key=device.key_id, signature=device.sign(signing_input(encode_statement(statement))))


def _appoint(town: Town, device: Device, person: str = "person:ned") -> Done:
    body = party.AppointmentMade(
        person=person,
        key=device.key_id,
        duties=["plan"],
        limit_minor=None,
        begins="2027-01-01T00:00:00.000Z",
        ends="2029-01-01T00:00:00.000Z",
        resolution="Resolution 14",
    )
    return town.act("appointment-made", AGENCY, body, "head")


def _plan(town: Town, device: Device, name: str = "trees") -> Signed:
    body = plan.PlanAnnounced(
        agency=AGENCY,
        title="Tree inventory",
        need="Nobody knows how many trees the county has.",
        skills=["GIS"],
        tier="T0",
        quarter="2027-q3",
        money="secured",
        place="harlan-county",
        place_name="Harlan County",
    )
    by_ada = town.office.statement("plan-announced", f"plan:{name}", body, key_of("ada"))
    statement = msgspec.structs.replace(by_ada, author=device.key_id)
    return Signed(signatures=[_signature(device, statement)], statement=statement)


@pytest.mark.parametrize("device", KINDS.values(), ids=KINDS)
def test_an_officer_signs_and_an_auditor_believes_it(open_town: Town, copy_of: Copy, device: Device) -> None:
    town = copy_of(open_town)
    _state(town, HERE)
    _appoint(town, device)
    done = perform(town.office, _plan(town, device))
    assert done.act.author == device.key_id
    town.office.publish()
    folder = town.office.folder
    assert audit(["verify", str(folder.log), "--vkeys", str(folder.vkeys)]) == 0
    assert recompute(str(folder.root)).differences == []


def test_a_passkey_is_added_beside_a_key_file(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    _state(town, HERE)
    device = KINDS["a passkey of the usual kind"]
    body = keys.KeyAdded(beside=key_of("ada").key_id, key=device.key_id, label="Telephone")
    statement = town.office.statement("key-added", AGENCY, body, key_of("ada"))
    (own,) = sign(statement, key_of("ada")).signatures
    both = sorted([own, _signature(device, statement)], key=lambda each: each.key)
    perform(town.office, Signed(signatures=both, statement=statement))
    assert perform(town.office, _plan(town, device)).act.kind == "plan-announced"


WRONG: dict[str, tuple[Passkey, str]] = {
    "made for another site": (Passkey(b"b" * 32, "es256", ELSEWHERE), "passkey-origin"),
    "nobody touched it": (Passkey(b"b" * 32, "es256", HERE, flags=0x04), "passkey-user-presence"),
    "nobody was asked who she is": (Passkey(b"b" * 32, "es256", HERE, flags=0x01), "passkey-user-verification"),
    "signing in instead of signing": (
        Passkey(b"b" * 32, "es256", HERE, client={"challenge": "A" * 43}),
        "passkey-challenge",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_passkey_that_signed_something_else_is_refused_and_nothing_is_appended(
    open_town: Town, copy_of: Copy, name: str
) -> None:
    town = copy_of(open_town)
    device, reason = WRONG[name]
    _state(town, HERE)
    _appoint(town, device)
    before = size_of(town)
    assert refusal_of(lambda: perform(town.office, _plan(town, device))) == reason
    assert size_of(town) == before


def test_no_passkey_signs_before_its_address_is_stated(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    device = KINDS["a passkey of the usual kind"]
    _appoint(town, device)
    assert refusal_of(lambda: perform(town.office, _plan(town, device))) == "relying-party-missing"
    _state(town, HERE)
    assert perform(town.office, _plan(town, device)).index > 0


def test_a_key_that_only_signs_in_is_nobodys(open_town: Town, copy_of: Copy) -> None:
    """Sign-in credentials are never in the record, so an act signed by one is a stranger's."""
    town = copy_of(open_town)
    _state(town, HERE)
    before = size_of(town)
    signed = _plan(town, Passkey(b"sign-in".ljust(32), "es256", HERE))
    assert refusal_of(lambda: perform(town.office, signed)) == "appointment-missing"
    assert size_of(town) == before


def test_after_the_address_changed_only_the_new_one_counts(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    _state(town, HERE)
    old, new = Passkey(b"b" * 32, "es256", HERE), Passkey(b"e" * 32, "es256", ELSEWHERE)
    _appoint(town, old)
    _appoint(town, new)
    perform(town.office, _plan(town, old))
    _state(town, ELSEWHERE)
    assert refusal_of(lambda: perform(town.office, _plan(town, old, "bridges"))) == "passkey-origin"
    perform(town.office, _plan(town, new, "bridges"))
    town.office.publish()
    folder = town.office.folder
    assert audit(["verify", str(folder.log), "--vkeys", str(folder.vkeys)]) == 0


def test_an_address_that_changes_while_an_act_is_on_its_way_refuses_it(open_town: Town, copy_of: Copy) -> None:
    """Verified by the old address, decided after the new one is on record: judged again, and refused."""
    town = copy_of(open_town)
    _state(town, HERE)
    device = Passkey(b"b" * 32, "es256", HERE)
    _appoint(town, device)
    signed = _plan(town, device)
    assert party_for(town.office, signed) == HERE
    transact = town.office.transact

    def first_the_address(work: Callable[[Any], Any]) -> Any:
        town.office.transact = transact  # type: ignore[method-assign]  # what another thread does in between
        _state(town, ELSEWHERE)
        return transact(work)

    town.office.transact = first_the_address  # type: ignore[method-assign]  # as above
    before = size_of(town)
    assert refusal_of(lambda: perform(town.office, signed)) == "passkey-origin"
    assert size_of(town) == before + 1


def test_the_current_address_is_what_the_library_tells(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    with _library(town.office) as library:
        assert library.passkeys_at() is None
    _state(town, HERE)
    with _library(town.office) as library:
        assert library.passkeys_at() == HERE
        assert library.read == {}
        library.passkeys_at(pinned=True)
        assert library.read == {"log:self": size_of(town) - 1}


@contextmanager
def _library(office: Office) -> Iterator[Library]:
    with office.store.reading() as connection:
        yield Library(office.store, connection)
