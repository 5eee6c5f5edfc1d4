"""Anyone can recompute; whatever does not follow is named."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.cli import main
from portal.procurement.stage import candidate, ranked_rows
from portal.recompute import recompute
from tests.portal.forge import Alter, forge, kind_is
from tests.portal.town import PILOT, Town, reopened


@pytest.fixture(scope="session")
def awarded(ranked_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Town:
    target = tmp_path_factory.mktemp("awarded") / "data"
    shutil.copytree(ranked_town.office.folder.root, target)
    town = reopened(ranked_town, target)
    row = candidate(town.case())
    assert row is not None
    name = row.firm.removeprefix("firm:")
    town.prove(name)
    town.decide_eligibility(name)
    town.choose(name)
    town.award()
    town.office.publish()
    return town


def _other_proof(body: dict[str, Any]) -> None:
    first = body["proofs"][0]
    first["proposal"], first["offer"] = first["offer"], first["proposal"]


def _without_proofs(keepers: set[str]) -> Alter:
    """The packs of these keepers as they would be without proofs."""

    def alter(entry: dict[str, Any]) -> None:
        statement = entry["statement"]
        if statement["kind"] == "keeper-pack-registered" and statement["subject"] in keepers:
            statement["body"]["proofs"] = []

    return alter


def _raise_score(body: dict[str, Any]) -> None:
    if body["person"] == "person:fay":
        body["scores"][0]["scores"][0]["score"] = 4


def _swap(town: Town) -> Alter:
    first, second = (row.firm for row in ranked_rows(town.case())[:2])
    bids = {row.firm: row.bid for row in ranked_rows(town.case())}

    def change(body: dict[str, Any]) -> None:
        assert body["firm"] == first
        body["firm"], body["bid"] = second, bids[second]

    return kind_is("award-intended", change)


def _swap_ranks(body: dict[str, Any]) -> None:
    one, two = body["rows"][:2]
    one["rank"], two["rank"] = two["rank"], one["rank"]


def _one_bid_less(body: dict[str, Any]) -> None:
    body["count"] -= 1


def _cheaper(body: dict[str, Any]) -> None:
    body["price_minor"] -= 1


def _other_seats(body: dict[str, Any]) -> None:
    body["seats"] = [1, 2]


def _early(body: dict[str, Any]) -> None:
    body["standstill_ends"] = "2027-01-01T00:00:00.000Z"


def _no_day(body: dict[str, Any]) -> None:
    body["standstill_ends"] = "2027-02-30T00:00:00.000Z"


FORGERIES: dict[str, tuple[Callable[[Town], Alter], str]] = {
    "an altered score": (lambda _t: kind_is("scores-revealed", _raise_score), "scores-differ-from-commitment"),
    "a swapped winner": (_swap, "choice-not-first"),
    "a swapped ranking": (lambda _t: kind_is("ranking-published", _swap_ranks), "ranking-differs"),
    "a bid left out of the list": (lambda _t: kind_is("bids-closed", _one_bid_less), "close-list"),
    "a price nobody offered": (lambda _t: kind_is("bid-opened", _cheaper), "bid-differs"),
    "other keys than were released": (lambda _t: kind_is("offers-opened", _other_seats), "opening-seats"),
    "a standstill that ends on no day": (lambda _t: kind_is("award-intended", _no_day), "entry-time"),
    "a shortened standstill": (lambda _t: kind_is("award-intended", _early), "standstill-short"),
}


def test_an_honest_record_recomputes_without_a_difference(awarded: Town) -> None:
    found = recompute(str(awarded.office.folder.root))
    assert found.differences == []
    assert (found.pilots, found.rankings, found.rankings_equal, found.awards) == (1, 1, 1, 1)
    assert found.packs == found.packs_proven == len(awarded.packs)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_named(awarded: Town, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, reason = FORGERIES[name]
    forge(awarded.office.folder.root, tmp_path / "forged", make(awarded))
    found = recompute(str(tmp_path / "forged"))
    assert reason in {row.name for row in found.differences}
    assert {row.opportunity for row in found.differences} == {PILOT}
    assert main(["recompute", "--from", str(tmp_path / "forged")]) == 1
    assert reason in capsys.readouterr().err


PACKS: dict[str, tuple[Alter, str]] = {
    "a proof of another key": (kind_is("keeper-pack-registered", _other_proof), "drill-proof"),
    "a proof too few": (kind_is("keeper-pack-registered", lambda body: body["proofs"].pop()), "drill-proof-count"),
    "no proofs after somebody had proved": (_without_proofs({"keeper:mae"}), "drill-proof-missing"),
}


@pytest.mark.parametrize("name", PACKS)
def test_keys_that_nobody_proved_to_hold_are_named(open_town: Town, tmp_path: Path, name: str) -> None:
    alter, reason = PACKS[name]
    open_town.office.publish()
    forge(open_town.office.folder.root, tmp_path / "forged", alter)
    found = {(row.opportunity.partition(":")[0], row.name) for row in recompute(str(tmp_path / "forged")).differences}
    assert ("keeper", reason) in found


def test_packs_from_before_there_were_proofs_stand(open_town: Town, tmp_path: Path) -> None:
    open_town.office.publish()
    everybody = {f"keeper:{name}" for name in open_town.packs}
    forge(open_town.office.folder.root, tmp_path / "older", _without_proofs(everybody))
    found = recompute(str(tmp_path / "older"))
    assert not [row for row in found.differences if row.opportunity in everybody]
    assert (found.packs, found.packs_proven) == (len(everybody), 0)


def test_the_forger_who_changes_nothing_is_believed(awarded: Town, tmp_path: Path) -> None:
    forge(awarded.office.folder.root, tmp_path / "same", lambda _entry: None)
    assert recompute(str(tmp_path / "same")).differences == []


def test_a_missing_document_is_named(awarded: Town, tmp_path: Path) -> None:
    forge(awarded.office.folder.root, tmp_path / "forged", lambda _entry: None)
    opened = awarded.case().offers_opened
    assert opened is not None
    (tmp_path / "forged" / "log" / "document" / opened.document).unlink()
    assert "document-missing" in {row.name for row in recompute(str(tmp_path / "forged")).differences}


def test_recompute_imports_no_database_and_no_web(awarded: Town) -> None:
    script = (
        "import sys; from portal.cli import main; status = main(sys.argv[1:]);"
        "print([m for m in ('sqlalchemy', 'litestar', 'jinja2', 'weasyprint') if m in sys.modules]); sys.exit(status)"
    )
    arguments = ["recompute", "--from", str(awarded.office.folder.root), "--json"]
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    line, modules = done.stdout.splitlines()
    assert '"differences": []' in line
    assert modules == "[]"


def test_a_recorded_procurement_is_recomputed_to_the_award_it_had() -> None:
    """What an earlier release decided follows from its log for ever, whatever the rules of later ones are."""
    found = recompute(str(Path(__file__).parent.parent / "recorded" / "procurement"))
    assert found.differences == []
    assert (found.entries, found.rankings_equal, found.awards, found.packs_proven) == (43, 1, 1, 3)
