"""Opened proposals lie under a key of their own: deleting it erases them, and the record stays valid."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.auditor import main as audit
from ledger.entry import format_time
from portal.cli import main
from portal.commands.erase_proposals import erase_proposals
from portal.commands.open_proposals import lock_proposals, read_proposals
from portal.commands.perform import Done
from portal.procurement import readings
from portal.procurement.events import opportunity, reading
from portal.procurement.events.bid import BidWithdrawn
from portal.procurement.stage import candidate
from portal.recompute import recompute
from portal.vault import Vault
from tests.portal.bidder_acts import own_version
from tests.portal.forge import forge, kind_is
from tests.portal.town import OFFICERS, PILOT, Town, master_of, refusal_of, size_of

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
    sealed = town.office.vault.envelope(readings.erasable(town.case())[0])
    assert sealed is not None
    bids = [proposal.bid for proposal in read_proposals(town.office, PILOT)]
    chosen = bids.index(master_of(name).signing_key.public.hex()) + 1
    before = size_of(town)
    erasure = erase_proposals(town.office, PILOT)
    assert (erasure.were_here, size_of(town)) == (1, before + 1)
    assert erasure.done is not None
    body = erasure.done.act.body
    assert body == reading.ProposalsErased(erased=readings.erasable(town.case()), ground="award-final")
    left = {bid.key for bid in town.case().listed_bids() if town.office.vault.envelope(bid.seal.proposal) is not None}
    assert left == {master_of(name).signing_key.public.hex()}
    # A crash after the statement, before the bytes went: the next run ends the work and states nothing twice.
    town.office.vault.put_envelope(sealed)
    assert erase_proposals(town.office, PILOT) == (None, 1)
    assert erase_proposals(town.office, PILOT) == (None, 0)
    assert size_of(town) == before + 1
    assert [row.number for row in read_proposals(town.office, PILOT)] == [chosen]
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []


def _cancelled(town: Town) -> Town:
    body = opportunity.OpportunityCancelled(reason="no-need", why="The board closed the office.")
    town.act("opportunity-cancelled", PILOT, body, *OFFICERS)
    return town


def _erase(town: Town, *names: str, ground: Any = "pilot-ended", by: str = "operator") -> Done:
    return town.act("proposals-erased", PILOT, reading.ProposalsErased(erased=list(names), ground=ground), by)


def test_all_proposals_go_when_a_pilot_ended_without_an_award(opened_town: Town, copy_of: Copy, tmp_path: Path) -> None:
    town = _cancelled(copy_of(opened_town))
    one, other = readings.erasable(town.case())
    assert refusal_of(lambda: _erase(town, one, by="ada")) == "signer-not-registrar"
    assert refusal_of(lambda: _erase(town, one, ground="award-final")) == "erasure-ground"
    assert refusal_of(lambda: _erase(town, "00" * 32)) == "document-unknown"
    assert refusal_of(lambda: _erase(town, one, one)) == "proposal-erased"
    _erase(town, one)
    assert refusal_of(lambda: _erase(town, one)) == "proposal-erased"
    assert erase_proposals(town.office, PILOT).were_here == 2
    assert list(readings.erased(town.case())) == [one, other]
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []
    forge(
        town.office.folder.root,
        tmp_path / "forged",
        kind_is("proposals-erased", lambda body: body.update(erased=[one])),
    )
    assert "proposal-erased" in {row.name for row in recompute(str(tmp_path / "forged")).differences}


def test_nothing_is_stated_of_a_pilot_without_proposals(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    for name in ("ridge", "hollow"):
        key = master_of(name).signing_key
        body: Any = BidWithdrawn(terms=town.case().terms, bid=own_version(town, name))
        town.act("bid-withdrawn", PILOT, body, author=key)
    body = opportunity.OpportunityWithdrawn(reason="no-need", why="The board closed the office.")
    town.act("opportunity-withdrawn", PILOT, body, *OFFICERS)
    before = size_of(town)
    assert refusal_of(lambda: erase_proposals(town.office, PILOT)) == "nothing-kept"
    assert size_of(town) == before


def test_the_operator_erases_from_the_command_line(
    opened_town: Town, copy_of: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    town = _cancelled(copy_of(opened_town))
    town.office.publish()
    before, data = size_of(town), str(town.office.folder.root)
    town.office.folder.moment.write_text(format_time(town.clock.now()), encoding="ascii")
    town.office.close()
    assert main(["erase-proposals", PILOT, "--data", data]) == 0
    assert capsys.readouterr().out == f"{PILOT}: 2 proposals erased; record no. {before} says so\n"
    assert main(["erase-proposals", PILOT, "--data", data]) == 0
    assert capsys.readouterr().out == f"{PILOT}: 0 proposals erased; the record says so already\n"
    assert main(["erase-proposals", "opportunity:none", "--data", data]) == 1
    assert audit(["verify", data]) == 0
