"""Whatever a portal says, no key leaves the keeper's machine before everything holds there."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger import hpke
from ledger.entry import sign
from ledger.envelope import share_info
from ledger.source import DirectorySource
from portal.clock import SimulatedClock
from portal.commands.library import Library
from portal.commands.open_proposals import reference, verdict_documents
from portal.commands.perform import perform
from portal.keeper.confirming import confirm
from portal.keeper.home import Terms
from portal.keeper.looking import duties_of, look
from portal.keeper.registering import register
from portal.keeper.releasing import release, supply
from portal.keeper.sayings import refusal_lines
from portal.procurement.decisions.lookups import the_case
from portal.procurement.events.opening import ProposalsOpened, VerdictRow
from portal.procurement.refusal import Refusal
from portal.procurement.verdicts import judge_proposal, open_one, opening_seats
from tests.keeper.conftest import Served
from tests.keeper.hostile import Liar, signed_again
from tests.portal.forge import Alter, forge, kind_is
from tests.portal.town import PILOT, refusal_of, size_of

Start = Callable[[], Served]


def _fewer(body: dict[str, Any]) -> None:
    body["count"], body["list_sha256"] = 1, "ab" * 32


def _later(body: dict[str, Any]) -> None:
    body["objection_until"] = body["closes"]


def _released(site: Served) -> int:
    return sum(len(seats) for seats in site.town.case().released.values())


def _forged(site: Served, alter: Alter) -> DirectorySource:
    site.town.office.publish()
    target = site.folder / f"forged{len(list(site.folder.glob('forged*')))}"
    forge(site.town.office.folder.root, target, alter)
    return DirectorySource(target / "log")


def _refused(site: Served, liar: Liar, *, name: str = "kim") -> str:
    before = size_of(site.town)
    reason = refusal_of(lambda: release(site.tool(name, liar), PILOT, "proposal"))
    assert liar.heard == []
    assert (_released(site), size_of(site.town)) == (0, before)
    return reason


def test_a_list_that_does_not_follow_from_the_record(serve: Start) -> None:
    site = serve()
    alter = signed_again(_fewer, "bids-closed", site.town.office.operator)
    assert _refused(site, Liar(site.address, _forged(site, alter))) == "record-differs"


def test_terms_that_nobody_signed(serve: Start) -> None:
    site = serve()
    liar = Liar(site.address, _forged(site, kind_is("opportunity-published", _later)))
    assert _refused(site, liar) == "record-false"


def test_a_history_that_was_rewritten_since_she_looked(serve: Start) -> None:
    site = serve()
    look(site.tool("kim"))
    alter = signed_again(_fewer, "bids-closed", site.town.office.operator)
    assert _refused(site, Liar(site.address, _forged(site, alter))) == "record-forked"


def test_a_record_that_shrank_since_she_looked(serve: Start) -> None:
    site = serve()
    old = site.folder / "old"
    site.town.office.publish()
    shutil.copytree(site.town.office.folder.log, old)
    site.town.firm("later")
    look(site.tool("kim"))
    assert _refused(site, Liar(site.address, DirectorySource(old))) == "log-shrank"


def test_a_pilot_whose_dates_moved_forward_since_she_looked(serve: Start) -> None:
    site = serve()
    tool = site.tool("kim")
    look(tool)
    notes = tool.home.notes()
    seen = notes.terms[PILOT]
    notes.terms[PILOT] = Terms(
        terms=seen.terms, closes="2999-01-01T00:00:00.000Z", objection_until=seen.objection_until
    )
    tool.home.note(notes)
    assert _refused(site, Liar(site.address)) == "terms-changed"
    assert site.tool("kim").home.notes().terms[PILOT].closes.startswith("2999"), "what she saw first stays noted"
    assert duties_of(tool, look(tool))[0].state == "refused"


def test_a_portal_whose_clock_runs_ahead_of_hers(serve: Start) -> None:
    site = serve()
    liar = Liar(site.address)
    tool = site.tool("kim", liar)
    tool.clock = SimulatedClock(site.town.case().objection_until - timedelta(seconds=1))
    assert refusal_of(lambda: release(tool, PILOT, "proposal")) == "key-early"
    assert (liar.heard, _released(site)) == ([], 0)
    tool.clock = SimulatedClock(site.town.case().objection_until)
    release(tool, PILOT, "proposal")


def test_names_and_prices_before_the_proposals_were_scored(serve: Start) -> None:
    site = serve()
    liar = Liar(site.address)
    assert refusal_of(lambda: release(site.tool("kim", liar), PILOT, "offer")) == "proposals-not-opened"
    assert liar.heard == []


def test_a_sealed_bid_that_the_portal_has_lost_is_named_and_anyone_may_supply_it(serve: Start) -> None:
    site = serve()
    lost = [bid.seal.offer for bid in site.town.case().listed_bids()]
    kept = {name: site.town.office.vault.envelope(name) for name in lost}
    for name in lost:
        site.town.office.vault.delete_envelope(name)
    tool = site.tool("kim")
    with pytest.raises(Refusal, match="envelope-missing") as refused:
        release(tool, PILOT, "proposal")
    assert refused.value.figures == {"n": 2, "sha256": ", ".join(lost)}
    assert _released(site) == 0
    assert refusal_of(lambda: supply(tool, PILOT, b"something else")) == "envelope-unlisted"
    for data in kept.values():
        assert data is not None
        supply(tool, PILOT, data)
    assert {name: site.town.office.vault.envelope(name) for name in lost} == kept
    assert release(tool, PILOT, "proposal").kept == 4


def test_other_bytes_than_those_on_record(serve: Start) -> None:
    site = serve()
    liar = Liar(site.address)
    first, second = (bid.seal.proposal for bid in site.town.case().listed_bids())
    data = site.town.office.vault.envelope(second)
    assert data is not None
    liar.envelopes = {first: data, second: data[:-1] + bytes([data[-1] ^ 1])}
    assert _refused(site, liar) == "envelope-missing"


def test_kept_bytes_that_were_spoilt_on_her_disk_are_fetched_again(serve: Start) -> None:
    site = serve()
    tool = site.tool("kim")
    release(tool, PILOT, "proposal")
    name = site.town.case().listed_bids()[0].seal.proposal
    path = tool.home.envelopes(PILOT) / name
    path.write_bytes(b"spoilt")
    assert tool.home.kept(PILOT, name) is None
    other = site.tool("mae")
    shutil.copytree(tool.home.envelopes(PILOT), other.home.envelopes(PILOT))
    assert release(other, PILOT, "proposal").kept == 4
    assert other.home.kept(PILOT, name) is not None


def test_a_share_of_a_bid_handed_over_as_a_drill(serve: Start) -> None:
    site = serve()
    liar = Liar(site.address)
    context = bytes(32)

    def shares(keys: Any) -> list[bytes]:
        publics = [bytes.fromhex(public) for pair in keys for public in (pair.proposal, pair.offer)]
        return [hpke.seal(public, bytes([7]) * 32, share_info(context, 1, context), bytes(32)) for public in publics]

    liar.shares = shares
    with pytest.raises(Refusal, match="drill-not-ours") as refused:
        register(site.tool("kim", liar), 2)
    assert refused.value.figures["number"] == 1
    assert liar.heard == []


def test_a_drill_with_a_share_too_few(serve: Start) -> None:
    site = serve()
    liar = Liar(site.address)
    liar.shares = lambda keys: [bytes(80)] * (2 * len(keys) - 1)
    assert refusal_of(lambda: register(site.tool("kim", liar), 2)) == "drill-shares"
    assert liar.heard == []


def test_a_verdict_that_the_sealed_bytes_do_not_give(serve: Start) -> None:
    site = serve()
    town = site.town
    for name in ("kim", "mae"):
        release(site.tool(name), PILOT, "proposal")
    with town.office.store.reading() as connection:
        case = the_case(Library(town.office.store, connection), PILOT)
    rows = []
    for bid in case.listed_bids():
        envelope = town.office.vault.envelope(bid.seal.proposal)
        assert envelope is not None
        rows.append((bid, judge_proposal(case, bid, open_one(case, "proposal", town.office.origin, bid, envelope))[0]))
    loser = rows[0][0]
    rows[0] = (
        loser,
        VerdictRow(bid=loser.key, envelope=loser.seal.proposal, verdict="void", reason="unopened"),
    )
    verdicts, _ = verdict_documents(town.office, rows)
    body = ProposalsOpened(seats=opening_seats(case, "proposal"), verdicts=reference(verdicts))
    statement = town.office.statement("proposals-opened", PILOT, body, town.office.operator)
    perform(town.office, sign(statement, town.office.operator), documents=[verdicts])
    with pytest.raises(Refusal, match="verdicts-differ") as refused:
        confirm(site.tool("kim"), PILOT, "proposal")
    assert refused.value.figures["bid"] == loser.key
    assert town.case().confirmations == []


def test_a_portal_that_stops_answering_in_the_middle_gets_the_same_statement_again(serve: Start) -> None:
    site = serve()

    class Deaf(Liar):
        """Hears, and never answers."""

        def send(self, signed: Any) -> str:
            self.heard.append(signed)
            raise Refusal("portal-unreachable", {})

    deaf = Deaf(site.address)
    assert refusal_of(lambda: release(site.tool("kim", deaf), PILOT, "proposal")) == "portal-unreachable"
    liar = Liar(site.address)
    release(site.tool("kim", liar), PILOT, "proposal")
    assert "keeper.told.again" in site.said()
    assert deaf.heard == liar.heard
    before = size_of(site.town)
    release(site.tool("kim", liar), PILOT, "proposal")
    assert size_of(site.town) == before


def test_every_refusal_is_said_in_words(serve: Start) -> None:
    site = serve()
    look(site.tool("kim"))
    liar = Liar(site.address, DirectorySource(Path("/nowhere")))
    with pytest.raises(Exception, match="checkpoint-missing") as refused:
        look(site.tool("kim", liar))
    assert refusal_lines(refused.value)[0] == "This was refused: checkpoint-missing: /nowhere has no checkpoint"
    early = Refusal("terms-changed", {"closes": "2027-03-02T12:00:00.000Z", "before": "2027-03-03T12:00:00.000Z"})
    assert "2027-03-02 12:00 UTC" in refusal_lines(early)[0]
    assert len(refusal_lines(early)) == 2
