"""Opened proposals lie under a key of their own: deleting it erases them, and the record stays valid."""

from collections.abc import Callable
from pathlib import Path

from portal.commands.erase_proposals import erase_proposals
from portal.commands.open_proposals import lock_proposals, read_proposals
from portal.procurement.stage import candidate
from portal.recompute import recompute
from portal.vault import Vault
from tests.portal.town import PILOT, Town, master_of, refusal_of

Copy = Callable[[Town], Town]


def test_after_the_opening_no_proposal_lies_in_the_vault_as_it_was_sealed(opened_town: Town, copy_of: Copy) -> None:
    town = copy_of(opened_town)
    vault = town.office.vault
    names = [bid.seal.proposal for bid in town.case().listed_bids()]
    sealed = [vault.envelope(name) for name in names]
    assert len(names) == 2
    assert None not in sealed
    kept = [path.read_bytes() for path in vault.folder.rglob("*") if path.is_file()]
    assert [data for data in sealed if data in kept] == []
    assert len(read_proposals(town.office, PILOT)) == 2
    lock_proposals(town.office, PILOT)
    assert [vault.envelope(name) for name in names] == sealed


def test_without_its_key_a_proposal_is_gone_from_every_copy(opened_town: Town, copy_of: Copy) -> None:
    town = copy_of(opened_town)
    name = town.case().listed_bids()[0].seal.proposal
    (town.office.vault.folder / "locked-keys" / name).unlink()
    assert town.office.vault.envelope(name) is None
    assert refusal_of(lambda: read_proposals(town.office, PILOT)) == "envelope-missing"
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []


def test_a_crash_while_locking_loses_nothing(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    name = vault.put_envelope(b"sealed")
    vault.lock_envelope(name)
    key = (vault.folder / "locked-keys" / name).read_bytes()
    # The power failed before the plain bytes went, or before the locked ones came.
    vault._envelopes.create(name, b"sealed")
    vault.lock_envelope(name)
    assert not (vault.folder / "envelopes" / name).exists()
    (vault.folder / "locked" / name).unlink()
    vault._envelopes.create(name, b"sealed")
    vault.lock_envelope(name)
    assert vault.envelope(name) == b"sealed"
    assert (vault.folder / "locked-keys" / name).read_bytes() == key


def test_locked_bytes_that_were_changed_are_as_good_as_lost(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    name = vault.put_envelope(b"sealed")
    vault.lock_envelope(name)
    path = vault.folder / "locked" / name
    data = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    assert vault.envelope(name) is None
    assert vault.put_envelope(b"sealed") == name
    assert vault.envelope(name) == b"sealed"


def test_losing_proposals_are_erased_after_the_award_and_not_before(ranked_town: Town, copy_of: Copy) -> None:
    town = copy_of(ranked_town)
    assert refusal_of(lambda: erase_proposals(town.office, PILOT)) == "proposals-needed"
    row = candidate(town.case())
    assert row is not None
    name = row.firm.removeprefix("firm:")
    town.prove(name)
    town.decide_eligibility(name)
    town.choose(name)
    assert refusal_of(lambda: erase_proposals(town.office, PILOT)) == "proposals-needed"
    town.award()
    assert erase_proposals(town.office, PILOT) == 1
    left = {bid.key for bid in town.case().listed_bids() if town.office.vault.envelope(bid.seal.proposal) is not None}
    assert left == {master_of(name).signing_key.public.hex()}
    assert erase_proposals(town.office, PILOT) == 0
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []
