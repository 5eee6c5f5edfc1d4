"""Training partners: named in notices and bids, and nobody says for them that they agree."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from portal.commands.perform import Done
from portal.procurement.events import keys, opening, opportunity, partnering, party
from portal.procurement.partners import confirmations, confirmed_in, partner_named
from portal.projections import dump, rebuild
from portal.projections.queries.partners import namings_of, trainers
from portal.projections.shelf import Shelf
from portal.recompute import recompute
from tests.portal.forge import forge, kind_is
from tests.portal.town import OFFICERS, PILOT, Town, key_of, master_of, refusal_of, reopened, size_of

Copy = Callable[[Town], Town]
COLLEGE = "partner:ridge-college"
SCHOOL = "firm:evening-school"
RIDGE = master_of("ridge").signing_key.public.hex()
HOLLOW = master_of("hollow").signing_key.public.hex()


def _confirm(town: Town, by: str, partner: str = COLLEGE, bid: str | None = None, pilot: str = PILOT) -> Done:
    return town.act("partner-confirmed", pilot, partnering.PartnerConfirmed(bid=bid, partner=partner), by)


def _declared(partner: str | None) -> opening.Declarations:
    return opening.Declarations(
        place="harlan-county",
        months_present=40,
        staff=4,
        founded="2020-05-01",
        no_conflict=True,
        learner_places=1,
        training_partner=partner,
    )


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A pilot whose notice names the college, with a bid that names it by name and one that names a firm by id; opened."""
    town = Town.found(tmp_path_factory.mktemp("taught") / "data")
    college = party.PartnerRegistered(
        name="Ridge College", place="harlan-county", place_name="Harlan County", skills=["Web forms"]
    )
    town.act("partner-registered", COLLEGE, college, "college")
    town.firm("evening-school", training_partner=True)
    town.publish(training_partner=COLLEGE)
    town.bid("ridge", declarations=_declared("Ridge College"))
    town.bid("hollow", declarations=_declared(SCHOOL))
    town.bid("creek", declarations=_declared(None))
    town.declare_interests()
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    town.score()
    town.release("offer")
    open_offers(town.office, PILOT)
    yield town
    town.office.close()


@pytest.fixture
def town(taught: Town, copy_of: Copy) -> Town:
    return copy_of(taught)


def test_a_partner_confirms_the_notice_and_a_bid_that_writes_its_name(town: Town) -> None:
    assert partner_named(town.case(), None) == COLLEGE
    assert partner_named(town.case(), RIDGE) == "Ridge College"
    assert confirmed_in(town.case(), None) is None
    notice, bid = _confirm(town, "college").act, _confirm(town, "college", bid=RIDGE).act
    assert confirmations(town.case()) == {(COLLEGE, None): notice, (COLLEGE, RIDGE): bid}
    assert confirmed_in(town.case(), RIDGE) == bid
    assert confirmed_in(town.case(), HOLLOW) is None


def test_a_firm_that_trains_confirms_by_its_own_key(town: Town) -> None:
    assert _confirm(town, "evening-school", SCHOOL, HOLLOW).act.kind == "partner-confirmed"


def test_a_key_that_was_added_confirms_and_a_revoked_one_does_not(town: Town) -> None:
    body = keys.KeyAdded(beside=key_of("college").key_id, key=key_of("dean").key_id, label="Dean")
    town.act("key-added", COLLEGE, body, "college", "dean")
    town.act("key-revoked", COLLEGE, keys.KeyRevoked(key=key_of("college").key_id, why="Retired."), "dean")
    assert refusal_of(lambda: _confirm(town, "college")) == "key-revoked"
    assert _confirm(town, "dean").act.kind == "partner-confirmed"


REFUSED: dict[str, tuple[Callable[[Town], object], str]] = {
    "somebody else signs for the partner": (lambda t: _confirm(t, "ridge"), "signer-not-partner"),
    "the agency signs for the partner": (lambda t: _confirm(t, "ada"), "signer-not-partner"),
    "the operator signs for the partner": (lambda t: _confirm(t, "operator"), "signer-not-partner"),
    "a partner that nobody named": (lambda t: _confirm(t, "evening-school", SCHOOL), "partner-not-named"),
    "a partner in another's bid": (lambda t: _confirm(t, "college", bid=HOLLOW), "partner-not-named"),
    "a bid that names nobody": (
        lambda t: _confirm(t, "college", bid=master_of("creek").signing_key.public.hex()),
        "partner-not-named",
    ),
    "a bid that nobody made": (lambda t: _confirm(t, "college", bid="00" * 32), "partner-not-named"),
    "a firm that trains nobody": (lambda t: _confirm(t, "ridge", "firm:ridge", RIDGE), "training-partner-unknown"),
    "a firm nobody registered": (lambda t: _confirm(t, "ridge", "firm:ghost"), "firm-unknown"),
    "a partner nobody registered": (lambda t: _confirm(t, "college", "partner:ghost"), "partner-unknown"),
    "an agency as a partner": (lambda t: _confirm(t, "ada", "agency:harlan-county"), "body-malformed"),
    "a pilot nobody published": (lambda t: _confirm(t, "college", pilot="opportunity:x"), "opportunity-unknown"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nobody_confirms_what_is_not_theirs_and_nothing_is_appended(taught: Town, name: str) -> None:
    work, reason = REFUSED[name]
    before = size_of(taught)
    assert refusal_of(lambda: work(taught)) == reason
    assert size_of(taught) == before


def test_a_partner_confirms_once_in_each_place(town: Town) -> None:
    _confirm(town, "college")
    before = size_of(town)
    assert refusal_of(lambda: _confirm(town, "college")) == "partner-confirmed-already"
    assert size_of(town) == before


def test_nothing_is_confirmed_after_a_cancellation(town: Town) -> None:
    body = opportunity.OpportunityCancelled(reason="no-need", why="The board closed the office.")
    town.act("opportunity-cancelled", PILOT, body, *OFFICERS)
    assert refusal_of(lambda: _confirm(town, "college")) == "procedure-ended"


def test_a_sealed_bid_confirms_nothing(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    college = party.PartnerRegistered(name="Ridge College", place="harlan-county", place_name="Harlan County")
    town.act("partner-registered", COLLEGE, college, "college")
    assert refusal_of(lambda: _confirm(town, "college", bid=RIDGE)) == "partner-not-named"


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("partner:ghost", "partner-unknown"),
        ("firm:ridge", "training-partner-unknown"),
        ("Ridge College", "firm-unknown"),
    ],
)
def test_a_notice_names_only_who_is_on_record(open_town: Town, named: str, reason: str) -> None:
    before = size_of(open_town)
    publish = lambda: open_town.publish("opportunity:taught", training_partner=named)  # noqa: E731 -- said once
    assert refusal_of(publish) == reason
    assert size_of(open_town) == before


def test_the_tables_say_who_is_named_where_and_what_was_confirmed(town: Town) -> None:
    _confirm(town, "college", bid=RIDGE)
    _confirm(town, "evening-school", SCHOOL, HOLLOW)
    with town.office.store.reading() as connection:
        shelf = Shelf(connection)
        rows = {row.id: (row.named, row.confirmed) for row in trainers(shelf)}
        assert rows == {COLLEGE: (2, 1), SCHOOL: (1, 1)}
        found = namings_of(shelf, COLLEGE, "Ridge College", "2027-03-01T00:00:00.000Z")
        assert [(row.bid, row.firm, row.confirmed_entry is not None) for row in found] == [
            (RIDGE, "firm:ridge", True),
            ("", None, False),
        ]
        before = dump(connection)
    rebuild(town.office.store)
    with town.office.store.reading() as connection:
        assert dump(connection) == before
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []


def test_a_confirmation_that_was_forged_for_another_bid_is_named(town: Town, tmp_path: Any) -> None:
    _confirm(town, "college", bid=RIDGE)
    town.office.publish()

    def elsewhere(body: dict[str, Any]) -> None:
        body["bid"] = HOLLOW

    forge(town.office.folder.root, tmp_path / "forged", kind_is("partner-confirmed", elsewhere))
    assert [row.name for row in recompute(str(tmp_path / "forged")).differences] == ["partner-not-named"]


def test_the_record_opens_again_with_its_partners(town: Town) -> None:
    _confirm(town, "college")
    again = reopened(town, town.office.folder.root)
    assert confirmed_in(again.case(), None) is not None
    again.office.close()
