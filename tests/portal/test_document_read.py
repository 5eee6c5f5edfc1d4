"""Reading a proposal or a withheld proof is an act: recorded before the bytes are shown, once, and only for who may."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.commitments import commit
from portal.commands.erase_proposals import erase_proposals
from portal.commands.open_proposals import read_proposals
from portal.commands.perform import Done, perform
from portal.commands.read_documents import read_proposals_as, read_withheld, unread_proposals
from portal.procurement.events import award, opportunity, reading
from portal.procurement.readings import erased, readings
from portal.procurement.stage import candidate
from portal.recompute import recompute
from tests.portal.forge import forge, kind_is
from tests.portal.town import OFFICERS, PILOT, Town, master_of, refusal_of, size_of

Copy = Callable[[Town], Town]
RIDGE = master_of("ridge").signing_key.public.hex()


def _read(town: Town, reader: str, document: str | None = None, by: str = "operator", what: Any = "proposal") -> Done:
    envelope = document or town.case().bids[RIDGE].seal.proposal
    body = reading.DocumentRead(document=envelope, reader=f"person:{reader}", what=what)
    return town.act("document-read", PILOT, body, by)


def _proof(town: Town, paper: str = "Lease of 3 May 2021") -> Done:
    row = candidate(town.case())
    assert row is not None
    body = award.EligibilityProved(
        firm=row.firm,
        place="harlan-county",
        months_present=40,
        staff_with_affiliates=4,
        founded="2020-05-01",
        turnover_minor=None,
        register_number="NC-1",
    )
    commitments, openings = commit("eligibility-proved", {"paper_1": paper})
    signed = town.signed("eligibility-proved", PILOT, body, row.firm.removeprefix("firm:"), commitments=commitments)
    return perform(town.office, signed, openings=openings)


def test_an_evaluator_reads_each_proposal_once_on_record_and_often_on_the_page(
    opened_town: Town, copy_of: Copy
) -> None:
    town = copy_of(opened_town)
    before = size_of(town)
    shown = read_proposals_as(town.office, PILOT, "person:eve")
    assert shown == read_proposals(town.office, PILOT)
    assert size_of(town) == before + 2
    read_proposals_as(town.office, PILOT, "person:eve")
    assert size_of(town) == before + 2
    read_proposals_as(town.office, PILOT, "person:fay")
    assert [row.reader for row in readings(town.case())] == ["person:eve"] * 2 + ["person:fay"] * 2
    assert {row.document for row in readings(town.case())} == {bid.seal.proposal for bid in town.case().bids.values()}
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []


def test_what_cannot_be_recorded_is_not_shown(opened_town: Town, copy_of: Copy) -> None:
    town = copy_of(opened_town)
    before = size_of(town)
    assert refusal_of(lambda: read_proposals_as(town.office, PILOT, "person:ada")) == "document-read-early"
    assert refusal_of(lambda: read_proposals_as(town.office, PILOT, "person:nobody")) == "document-reader"
    assert size_of(town) == before


def test_an_officer_reads_proposals_after_the_ranking(ranked_town: Town, copy_of: Copy) -> None:
    town = copy_of(ranked_town)
    assert [row.number for row in read_proposals_as(town.office, PILOT, "person:ada")] == [1, 2]
    assert [row.reader for row in readings(town.case())] == ["person:ada"] * 2
    assert refusal_of(lambda: read_proposals_as(town.office, PILOT, "person:eve")) == "document-read-late"


def test_an_officer_who_checks_proofs_reads_what_they_withhold(ranked_town: Town, copy_of: Copy) -> None:
    town = copy_of(ranked_town)
    row = candidate(town.case())
    assert row is not None
    assert refusal_of(lambda: read_withheld(town.office, PILOT, row.firm, "person:ada")) == "proof-missing"
    proof = _proof(town)
    before = size_of(town)
    assert refusal_of(lambda: read_withheld(town.office, PILOT, row.firm, "person:eve")) == "document-reader"
    assert size_of(town) == before
    opened = {one["path"]: one["value"] for one in read_withheld(town.office, PILOT, row.firm, "person:ada")}
    assert opened["paper_1"] == "Lease of 3 May 2021"
    read_withheld(town.office, PILOT, row.firm, "person:ada")
    assert size_of(town) == before + 1
    assert readings(town.case())[-1].document == proof.act.statement_hash


def test_an_auditor_reads_everything_after_the_award_and_nothing_before(ranked_town: Town, copy_of: Copy) -> None:
    town, auditor = copy_of(ranked_town), "auditor:4f00aa"
    before = size_of(town)
    assert refusal_of(lambda: read_proposals_as(town.office, PILOT, auditor)) == "document-read-early"
    proof = _proof(town)
    firm = next(iter(town.case().proofs))
    assert refusal_of(lambda: read_withheld(town.office, PILOT, firm, auditor)) == "document-read-early"
    assert size_of(town) == before + 1
    name = firm.removeprefix("firm:")
    town.decide_eligibility(name)
    town.choose(name)
    assert refusal_of(lambda: read_withheld(town.office, PILOT, firm, auditor)) == "document-read-early"
    town.award()
    assert unread_proposals(town.office, PILOT, auditor) == (2, 2)
    assert [row.number for row in read_proposals_as(town.office, PILOT, auditor)] == [1, 2]
    assert unread_proposals(town.office, PILOT, auditor) == (2, 0)
    assert {one["path"] for one in read_withheld(town.office, PILOT, firm, auditor)} >= {"paper_1"}
    assert readings(town.case())[-1] == reading.DocumentRead(
        document=proof.act.statement_hash, reader=auditor, what="withheld"
    )
    erase_proposals(town.office, PILOT)
    assert unread_proposals(town.office, PILOT, "auditor:another") == (1, 1)
    gone = next(iter(erased(town.case())))
    assert refusal_of(lambda: _read(town, "another", gone)) == "proposal-erased"
    assert len(read_proposals_as(town.office, PILOT, "auditor:another")) == 1
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []


REFUSED: dict[str, tuple[Callable[[Town], object], str]] = {
    "the reader states it": (lambda t: _read(t, "eve", by="eve"), "signer-not-registrar"),
    "an officer states it": (lambda t: _read(t, "eve", by="ada"), "signer-not-registrar"),
    "a person nobody appointed": (lambda t: _read(t, "zoe"), "document-reader"),
    "an officer before the ranking": (lambda t: _read(t, "ben"), "document-read-early"),
    "a proposal nobody sealed": (lambda t: _read(t, "eve", "00" * 32), "document-unknown"),
    "an offer": (lambda t: _read(t, "eve", t.case().bids[RIDGE].seal.offer), "document-unknown"),
    "sealed interests": (
        lambda t: _read(t, "eve", t.case().interests["person:fay"][0].statement_hash, what="withheld"),
        "document-unknown",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_reading_is_refused_and_nothing_is_appended(opened_town: Town, name: str) -> None:
    work, reason = REFUSED[name]
    before = size_of(opened_town)
    assert refusal_of(lambda: work(opened_town)) == reason
    assert size_of(opened_town) == before


def test_the_same_reading_is_stated_once(opened_town: Town, copy_of: Copy) -> None:
    town = copy_of(opened_town)
    _read(town, "eve")
    assert refusal_of(lambda: _read(town, "eve")) == "document-read-already"


def test_nothing_is_read_before_the_opening_or_after_a_cancellation(
    open_town: Town, opened_town: Town, copy_of: Copy
) -> None:
    assert refusal_of(lambda: _read(open_town, "eve")) == "document-read-early"
    town = copy_of(opened_town)
    body = opportunity.OpportunityCancelled(reason="no-need", why="The board closed the office.")
    town.act("opportunity-cancelled", PILOT, body, *OFFICERS)
    assert refusal_of(lambda: _read(town, "eve")) == "procedure-ended"


def test_a_reading_that_was_forged_onto_somebody_else_is_named(opened_town: Town, copy_of: Copy, tmp_path: Any) -> None:
    town = copy_of(opened_town)
    read_proposals_as(town.office, PILOT, "person:eve")
    town.office.publish()

    def somebody(body: dict[str, Any]) -> None:
        body["reader"] = "person:ada"

    forge(town.office.folder.root, tmp_path / "forged", kind_is("document-read", somebody))
    assert {row.name for row in recompute(str(tmp_path / "forged")).differences} == {"document-read-early"}
