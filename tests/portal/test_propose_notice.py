"""Ten answers make a notice that the rules take as it is."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from ledger.entry import parse_time
from portal.commands.judge import judge
from portal.commands.library import Library
from portal.commands.propose_notice import propose_notice
from portal.procurement.answers import NoticeAnswers, below, scaled
from portal.procurement.events.opportunity import OpportunityPublished
from portal.procurement.proposing import first_sentence, requirements_of, title_of
from portal.procurement.refusal import Refusal
from portal.projections.shelf import Shelf
from tests.portal.town import AGENCY, Town, key_of

ANSWERS = NoticeAnswers(
    title="Count the trees",
    need="Nobody knows how many trees the county has. After a storm we count from memory.",
    outcome="A clerk sees every tree on a map. Crews add what they find.",
    audience="Two clerks, four crews.",
    existing="A paper list of 1998.",
    incumbent="none",
    budget_minor=900_000,
    funding="own-money",
    cross_border="no",
    wanted="local",
    acceptance="A crew adds a tree from a phone.\n- A clerk prints a street.",
    helpers="nobody",
)


def _propose(town: Town, answers: NoticeAnswers, requester: str = "person:ada") -> OpportunityPublished:
    with town.office.store.reading() as connection:
        library = Library(town.office.store, connection)
        agency = library.agency(AGENCY)
        assert agency is not None
        return propose_notice(library, Shelf(connection), agency, requester, answers, now=town.clock.now())


def _staffed(town: Town) -> Town:
    for name in ("oak", "ash", "elm"):
        town.appoint(name, ["plan"], None)
        town.keeper(name, AGENCY, person=f"person:{name}")
    return town


def test_ten_answers_make_a_notice_that_two_officers_can_sign(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = _staffed(copy_of(open_town))
    body = _propose(town, ANSWERS)
    keys = [key_of("ada").key_id, key_of("ben").key_id]
    assert judge(town.office, "opportunity-published", "opportunity:trees", body, keys) is None
    assert [row.text for row in body.requirements] == ["A crew adds a tree from a phone.", "A clerk prints a street."]
    assert body.summary == "A clerk sees every tree on a map."
    assert (body.reservation, body.sealing.arrangement) == ("local", "own-staff")
    town.act("opportunity-published", "opportunity:trees", body, "ada", "ben")


def test_not_sure_proposes_a_pilot_open_to_all(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = _staffed(copy_of(open_town))
    body = _propose(town, msgspec.structs.replace(ANSWERS, funding="not-sure"))
    assert body.reservation == "open"
    keys = [key_of("ada").key_id, key_of("ben").key_id]
    assert judge(town.office, "opportunity-published", "opportunity:trees", body, keys) is None


def test_what_the_rules_refuse_is_told_before_anybody_signs(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = _staffed(copy_of(open_town))
    body = _propose(town, msgspec.structs.replace(ANSWERS, budget_minor=1_000_001))
    keys = [key_of("ada").key_id, key_of("ben").key_id]
    refused = judge(town.office, "opportunity-published", "opportunity:trees", body, keys)
    assert refused is not None
    assert (refused.reason, bool(refused.fix)) == ("tier-ceiling", True)


def test_without_keepers_of_its_own_staff_others_are_proposed_and_without_any_it_says_so(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(open_town)
    assert _propose(town, ANSWERS).sealing.arrangement == "shared"
    for number in range(5):
        town.publish(f"opportunity:filler-{number}")
    with pytest.raises(Refusal) as refused:
        _propose(town, ANSWERS)
    assert (refused.value.reason, refused.value.figures["found"]) == ("keepers-missing", 0)


def test_the_one_who_asks_neither_judges_nor_keeps_a_key(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = _staffed(copy_of(open_town))
    body = _propose(town, ANSWERS, requester="person:eve")
    assert "person:eve" not in body.evaluators
    own = _propose(town, ANSWERS, requester="person:oak").sealing
    assert (own.arrangement, [seat.keeper for seat in own.seats if seat.keeper == "keeper:oak"]) == ("shared", [])


def test_helpers_and_an_incumbent_are_named(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = _staffed(copy_of(open_town))
    body = _propose(
        town, msgspec.structs.replace(ANSWERS, incumbent="Old Firm", helpers="Jo Hill, read a draft\nA club")
    )
    assert (body.incumbent.answer, body.incumbent.name) == ("firm", "Old Firm")
    assert [(row.name, row.role) for row in body.helped_by.who] == [
        ("Jo Hill", "read a draft"),
        ("A club", "Saw or helped write the notice"),
    ]


def test_the_close_is_the_first_that_the_rules_allow_or_the_one_asked_for(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = _staffed(copy_of(open_town))
    first = parse_time(_propose(town, ANSWERS).closes)
    asked = first + timedelta(days=7)
    later = _propose(town, msgspec.structs.replace(ANSWERS, closes=asked))
    assert parse_time(later.closes) == asked
    assert parse_time(later.opens_by) > asked


def test_a_requirement_for_each_line_and_none_for_empty_ones() -> None:
    assert [row.id for row in requirements_of("\n - One\n\n• Two \n")] == ["r1", "r2"]


@pytest.mark.parametrize(
    ("weights", "whole", "made"),
    [([50, 50], 100, [50, 50]), ([1, 1, 1], 100, [34, 33, 33]), ([0, 0], 80, [40, 40]), ([30, 30], 100, [50, 50])],
)
def test_weights_keep_their_proportion_and_add_up(weights: list[int], whole: int, made: list[int]) -> None:
    assert scaled(weights, whole) == made


@pytest.mark.parametrize(
    ("weights", "most", "made"),
    [
        ([80, 20], [50, 50], [50, 50]),
        ([70, 20, 10], [50, 50, 50], [50, 29, 21]),
        ([90, 10], [40, 40], [90, 10]),
        ([100], [100], [100]),
        ([47, 40, 13], [50, 50, 10], [48, 42, 10]),
        ([20, 20, 60], [50, 50, 10], [45, 45, 10]),
    ],
)
def test_no_weight_is_above_the_most_where_the_others_can_take_it(
    weights: list[int], most: list[int], made: list[int]
) -> None:
    assert below(weights, most) == made
    assert sum(below(weights, most)) == sum(weights)


def test_a_title_is_the_first_sentence_of_the_outcome_cut_between_words() -> None:
    assert title_of("A clerk sees every tree. Crews add some.") == "A clerk sees every tree"
    long = title_of("word " * 60)
    assert len(long) <= 120
    assert long.endswith("word…")
    assert first_sentence("\n One line\nAnother. ") == "One line"
    assert title_of("") == ""
