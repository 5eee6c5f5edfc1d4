from pathlib import Path

from portal.procurement.stage import candidate, stage
from portal.recompute import recompute
from tests.portal.town import PILOT, Town


def test_a_pilot_goes_from_notice_to_award(tmp_path: Path) -> None:
    town = Town.found(tmp_path)
    town.publish()
    for name in ("ridge", "hollow", "creek"):
        town.bid(name)
    town.bid("hollow", proposal={"team": "Three developers."})
    assert stage(town.case(), town.clock.now()) == "open"
    town.to_ranking()
    assert stage(town.case(), town.clock.now()) == "ranked"
    first = candidate(town.case())
    assert first is not None
    name = first.firm.removeprefix("firm:")
    town.prove(name)
    town.decide_eligibility(name)
    town.choose(name)
    assert stage(town.case(), town.clock.now()) == "chosen"
    town.award()
    assert stage(town.case(PILOT), town.clock.now()) == "awarded"
    checkpoint = town.office.publish()
    assert checkpoint.size == town.case().acts[-1].index + 1
    found = recompute(str(tmp_path))
    assert (found.differences, found.pilots, found.rankings_equal, found.awards) == ([], 1, 1, 1)
