"""Keys of people, firms, keepers and heads: added, revoked, lost and recovered; nobody gets in by another's door."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ledger.entry import format_time
from ledger.sealing import KeeperPack
from portal.commands.library import Library
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from portal.procurement.events import evaluation, keys, party, plan
from portal.procurement.holders import KeyRing
from portal.projections import dump, rebuild
from portal.recompute import recompute
from tests.portal.town import AGENCY, PILOT, START, Town, key_of, refusal_of, reopened, size_of

Copy = Callable[[Town], Town]
FIRM = "firm:ridge"
WEEK = timedelta(days=7)


def _add(town: Town, subject: str, old: str, new: str, *signers: str) -> Any:
    body = keys.KeyAdded(beside=key_of(old).key_id, key=key_of(new).key_id, label="Telephone")
    return town.act("key-added", subject, body, *(signers or (old, new)))


def _revoke(town: Town, subject: str, key: str, by: str) -> Any:
    return town.act("key-revoked", subject, keys.KeyRevoked(key=key_of(key).key_id, why="Lost."), by)


def _ask(town: Town, subject: str, new: str, **more: Any) -> Any:
    body = keys.RecoveryAsked(
        holder=more.get("holder", subject),
        key=key_of(new).key_id,
        label="New laptop",
        effective_at=more.get("effective_at", format_time(town.clock.now() + more.get("wait", WEEK))),
    )
    return town.act("recovery-asked", subject, body, *more.get("signers", (new, "operator")))


def _stop(town: Town, subject: str, asked: int, by: str) -> Any:
    return town.act("recovery-stopped", subject, keys.RecoveryStopped(asked=asked, why="That was not me."), by)


def _recover(town: Town, subject: str, asked: int, by: str) -> Any:
    return town.act("key-recovered", subject, keys.KeyRecovered(asked=asked), by)


def _announce(town: Town, by: str, name: str = "trees") -> Any:
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
    return town.act("plan-announced", f"plan:{name}", body, by)


def _ring(town: Town, subject: str) -> KeyRing:
    with town.office.store.reading() as connection:
        library = Library(town.office.store, connection)
        kind = subject.partition(":")[0]
        found = library.agency(subject) if kind == "agency" else library.firm(subject)
        assert found is not None
        return found.ring


@pytest.fixture
def town(open_town: Town, copy_of: Copy) -> Town:
    """A town of its own in which Ada has a second key, and Ridge's first key was revoked by its second."""
    made = copy_of(open_town)
    _add(made, AGENCY, "ada", "ada-phone")
    _add(made, FIRM, "ridge", "ridge-phone")
    _revoke(made, FIRM, "ridge", "ridge-phone")
    return made


# ---------------------------------------------------------------- what works


def test_a_new_key_may_do_what_the_old_one_may(town: Town) -> None:
    assert _announce(town, "ada-phone").act.kind == "plan-announced"
    assert _announce(town, "ada", "bridges").act.kind == "plan-announced"


@pytest.mark.parametrize(
    ("subject", "old"), [(AGENCY, "head"), (AGENCY, "eve"), ("firm:hollow", "hollow"), ("keeper:kim", "kim")]
)
def test_every_holder_adds_keys_and_revokes_old_ones(open_town: Town, copy_of: Copy, subject: str, old: str) -> None:
    town = copy_of(open_town)
    _add(town, subject, old, f"{old}-phone")
    _revoke(town, subject, old, f"{old}-phone")
    assert refusal_of(lambda: _add(town, subject, old, f"{old}-tablet")) == "key-revoked"
    _add(town, subject, f"{old}-phone", f"{old}-tablet")


def test_the_head_appoints_with_a_key_added_beside_the_first(town: Town) -> None:
    _add(town, AGENCY, "head", "head-phone")
    body = _appointment("person:ned", "ned", ["plan"])
    assert town.act("appointment-made", AGENCY, body, "head-phone").act.kind == "appointment-made"
    _revoke(town, AGENCY, "head", "head-phone")
    again = _appointment("person:ned", "ned", ["answer"])
    assert refusal_of(lambda: town.act("appointment-made", AGENCY, again, "head")) == "key-revoked"


def test_a_keeper_registers_a_pack_and_releases_with_an_added_key(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    _add(town, "keeper:kim", "kim", "kim-phone")
    _revoke(town, "keeper:kim", "kim", "kim-phone")
    lost, good = (_pack(key_of(name).key_id) for name in ("kim", "kim-phone"))
    assert (
        refusal_of(lambda: town.act("keeper-pack-registered", "keeper:kim", lost, "kim", "operator")) == "key-revoked"
    )
    assert refusal_of(lambda: town.act("keeper-pack-registered", "keeper:kim", lost, "kim-phone", "operator")) == (
        "drill-proof"
    )
    assert town.act("keeper-pack-registered", "keeper:kim", good, "kim-phone", "operator").index > 0


def _pack(signer: str) -> party.KeeperPackRegistered:
    pack = KeeperPack.generate("fresh", 1)
    keys = [party.PackKey(**pair) for pair in pack.public_list]
    proofs = [party.PackProof(**pair) for pair in pack.proofs(signer)]
    return party.KeeperPackRegistered(keys=keys, drill="00" * 32, proofs=proofs)


def test_scores_locked_in_with_one_key_are_shown_with_another(opened_town: Town, copy_of: Copy) -> None:
    town = copy_of(opened_town)
    _add(town, AGENCY, "eve", "eve-phone")
    stated = evaluation.ScoresCommitted(person="person:eve", commitment="00" * 32)
    town.act("scores-committed", PILOT, stated, "eve")
    _revoke(town, AGENCY, "eve", "eve-phone")
    shown = evaluation.ScoresRevealed(person="person:eve", salt="00" * 32, scores=[])
    assert refusal_of(lambda: town.act("scores-revealed", PILOT, shown, "eve")) == "key-revoked"
    # By the right person now: what is refused is the panel that is not full yet.
    assert refusal_of(lambda: town.act("scores-revealed", PILOT, shown, "eve-phone")) == "scores-still-open"
    assert refusal_of(lambda: town.act("scores-committed", PILOT, stated, "eve-phone")) == "scores-already-committed"


def test_a_bid_sealed_before_its_key_was_revoked_stands_and_one_sealed_after_is_ruled_out(
    open_town: Town, copy_of: Copy
) -> None:
    town = copy_of(open_town)
    _add(town, FIRM, "ridge", "ridge-phone")
    _revoke(town, FIRM, "ridge", "ridge-phone")
    _add(town, "firm:creek", "creek", "creek-phone")
    _revoke(town, "firm:creek", "creek", "creek-phone")
    town.bid("creek")
    opened = _opened(town)
    assert opened == {"firm:ridge": "", "firm:hollow": "", "firm:creek": "offer-key"}
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []


def test_a_bid_signed_with_an_added_key_is_the_firms(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    _add(town, "firm:creek", "creek", "creek-phone")
    town.bid("creek", signer=key_of("creek-phone"))
    assert _opened(town)["firm:creek"] == ""


def _opened(town: Town) -> dict[str, str]:
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    town.score()
    town.release("offer")
    open_offers(town.office, PILOT)
    return {act.body.firm: act.body.reason for act in town.case().opened.values()}  # type: ignore[attr-defined]


def test_an_appointment_is_the_persons_and_not_the_keys(town: Town) -> None:
    town.act("appointment-made", AGENCY, _appointment("person:ada", "ada-desk", ["plan"]), "head")
    for key in ("ada", "ada-phone", "ada-desk"):
        assert _announce(town, key, f"by-{key}").act.kind == "plan-announced"


def test_after_an_appointment_ended_only_the_key_that_is_named_again_signs(town: Town) -> None:
    """A stolen telephone must not come back to life because its owner is appointed again."""
    town.act("appointment-ended", AGENCY, party.AppointmentEnded(person="person:ada", why="Telephone stolen."), "head")
    assert refusal_of(lambda: _announce(town, "ada-phone")) == "appointment-ended"
    town.act("appointment-made", AGENCY, _appointment("person:ada", "ada", ["plan"]), "head")
    assert refusal_of(lambda: _announce(town, "ada-phone")) == "appointment-ended"
    assert refusal_of(lambda: _revoke(town, AGENCY, "ada", "ada-phone")) == "appointment-ended"
    assert _announce(town, "ada").act.kind == "plan-announced"
    _add(town, AGENCY, "ada", "ada-phone")
    assert _announce(town, "ada-phone", "bridges").act.kind == "plan-announced"


def test_the_head_revokes_an_officers_last_key_and_appoints_again(town: Town) -> None:
    _revoke(town, AGENCY, "ben", "head")
    assert refusal_of(lambda: _announce(town, "ben")) == "key-revoked"
    same = _appointment("person:ben", "ben", ["plan"])
    assert refusal_of(lambda: town.act("appointment-made", AGENCY, same, "head")) == "key-revoked"
    town.act("appointment-made", AGENCY, _appointment("person:ben", "ben-new", ["plan"]), "head")
    assert _announce(town, "ben-new").act.kind == "plan-announced"


def test_a_recovery_waits_seven_days_to_the_instant_and_ends_every_older_key(town: Town) -> None:
    asked = _ask(town, FIRM, "ridge-new").index
    other = _ask(town, FIRM, "ridge-other").index
    town.clock.advance_to(town.clock.now() + WEEK - timedelta(milliseconds=1))
    assert refusal_of(lambda: _recover(town, FIRM, asked, "ridge-new")) == "recovery-too-early"
    town.clock.advance_to(town.clock.now() + timedelta(milliseconds=1))
    _recover(town, FIRM, asked, "ridge-new")
    ring = _ring(town, FIRM)
    assert [row.key for row in ring.in_force(FIRM)] == [key_of("ridge-new").key_id]
    assert refusal_of(lambda: _stop(town, FIRM, other, "ridge-phone")) == "key-revoked"
    _stop(town, FIRM, other, "ridge-new")
    assert refusal_of(lambda: _recover(town, FIRM, other, "ridge-other")) == "recovery-stopped"
    assert refusal_of(lambda: _recover(town, FIRM, asked, "ridge-new")) == "recovery-completed"
    assert refusal_of(lambda: _stop(town, FIRM, asked, "ridge-new")) == "recovery-completed"


def test_any_key_of_the_holder_stops_a_recovery(town: Town) -> None:
    asked = _ask(town, AGENCY, "mallory", holder="person:ada").index
    assert refusal_of(lambda: _announce(town, "mallory")) == "key-not-yet"
    assert refusal_of(lambda: _stop(town, AGENCY, asked, "ben")) == "signer-not-holder"
    assert refusal_of(lambda: _stop(town, AGENCY, asked, "head")) == "signer-not-holder"
    assert refusal_of(lambda: _stop(town, AGENCY, asked, "mallory")) == "key-not-yet"
    _stop(town, AGENCY, asked, "ada-phone")
    town.clock.advance_to(town.clock.now() + WEEK)
    assert refusal_of(lambda: _recover(town, AGENCY, asked, "mallory")) == "recovery-stopped"
    assert refusal_of(lambda: _announce(town, "mallory")) == "appointment-missing"
    assert _announce(town, "ada").act.kind == "plan-announced"


def test_ending_an_appointment_ends_the_persons_recovery(town: Town) -> None:
    asked = _ask(town, AGENCY, "ada-new", holder="person:ada").index
    town.act("appointment-ended", AGENCY, party.AppointmentEnded(person="person:ada", why="Left."), "head")
    town.clock.advance_to(town.clock.now() + WEEK)
    assert refusal_of(lambda: _recover(town, AGENCY, asked, "ada-new")) == "recovery-stopped"
    refused = refusal_of(lambda: _ask(town, AGENCY, "ada-new", holder="person:ada"))
    assert refused == "holder-without-key"


def test_the_head_who_lost_every_key_recovers(town: Town) -> None:
    asked = _ask(town, AGENCY, "head-new").index
    town.clock.advance_to(town.clock.now() + WEEK)
    _recover(town, AGENCY, asked, "head-new")
    assert town.act("appointment-made", AGENCY, _appointment("person:ned", "ned", ["plan"]), "head-new").index
    again = _appointment("person:ned", "ned", ["answer"])
    assert refusal_of(lambda: town.act("appointment-made", AGENCY, again, "head")) == "key-revoked"


def test_the_heads_own_key_may_be_an_officers_and_an_added_one_is_both(town: Town) -> None:
    town.act("appointment-made", AGENCY, _appointment("person:hal", "head", ["plan"]), "head")
    _add(town, AGENCY, "head", "head-phone")
    assert _announce(town, "head-phone").act.kind == "plan-announced"
    assert town.act("appointment-made", AGENCY, _appointment("person:ned", "ned", ["plan"]), "head-phone").index
    # Another key of the officer alone must not take the governing body's key away.
    town.act("appointment-made", AGENCY, _appointment("person:hal", "hal", ["plan"]), "head")
    assert refusal_of(lambda: _revoke(town, AGENCY, "head", "hal")) == "signer-not-holder"


def test_two_keys_of_one_person_are_one_person_on_a_notice(town: Town) -> None:
    notice = town.notice()
    again = lambda *who: town.act("opportunity-published", "opportunity:again", notice, *who)  # noqa: E731 -- said twice
    assert refusal_of(lambda: again("ada", "ada-phone")) == "signature-same-person"
    assert again("ada-phone", "ben").act.kind == "opportunity-published"


def test_two_keepers_who_share_a_key_are_one_keeper(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    _add(town, "keeper:kim", "kim", "shared")
    _add(town, "keeper:lou", "lou", "shared")
    refused = refusal_of(lambda: town.act("opportunity-published", "opportunity:again", town.notice(), "ada", "ben"))
    assert refused == "keepers-repeated"


def test_a_keeper_who_adds_an_evaluators_key_is_that_evaluator(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    _add(town, "keeper:kim", "kim", "eve")
    refused = refusal_of(lambda: town.act("opportunity-published", "opportunity:again", town.notice(), "ada", "ben"))
    assert refused == "keepers-conflicted"


def test_a_training_partner_enters_its_name_and_adds_a_key(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    body = party.PartnerRegistered(name="Ridge College", place="harlan-county", place_name="Harlan County")
    town.act("partner-registered", "partner:ridge-college", body, "college")
    assert refusal_of(lambda: town.act("partner-registered", "partner:ridge-college", body, "other")) == (
        "partner-already-registered"
    )
    _add(town, "partner:ridge-college", "college", "college-phone")
    _revoke(town, "partner:ridge-college", "college", "college-phone")
    assert refusal_of(lambda: _add(town, "partner:ridge-college", "college", "x")) == "key-revoked"


# ---------------------------------------------------------------- what is refused


def _appointment(person: str, key: str, duties: list[Any]) -> party.AppointmentMade:
    return party.AppointmentMade(
        person=person,
        key=key_of(key).key_id,
        duties=duties,
        limit_minor=5_000_000,
        begins=format_time(START),
        ends="2029-01-01T00:00:00.000Z",
        resolution="Resolution 14",
    )


def _appoint(town: Town, key: str) -> Any:
    body = msgspec.structs.replace(_appointment("person:ned", "ned", ["plan"]), key=key)
    return town.act("appointment-made", AGENCY, body, "head")


def _steal(town: Town) -> Any:
    """The new key signs, and a stranger in the old one's place."""
    body = keys.KeyAdded(beside=key_of("ada").key_id, key=key_of("mallory").key_id, label="Mine now")
    return town.act("key-added", AGENCY, body, "mallory", "ben")


REFUSED: dict[str, tuple[Callable[[Town], object], str]] = {
    "a key nobody knows adds one": (lambda t: _add(t, AGENCY, "mallory", "mallory-phone"), "key-unknown"),
    "a stranger signs in the old key's place": (_steal, "key-signers"),
    "the old key signs alone": (lambda t: _add(t, AGENCY, "ada", "x", "ada"), "signature-second-missing"),
    "the registrar signs for the new key": (lambda t: _add(t, AGENCY, "ada", "x", "ada", "operator"), "key-signers"),
    "a firm adds a key to another firm": (lambda t: _add(t, "firm:hollow", "ridge-phone", "x"), "key-unknown"),
    "a revoked key adds one": (lambda t: _add(t, FIRM, "ridge", "x"), "key-revoked"),
    "an officer adds a colleague's key": (lambda t: _add(t, AGENCY, "ada", "ben"), "key-of-another-person"),
    "an officer adds the head's key": (lambda t: _add(t, AGENCY, "ada", "head"), "key-of-another-person"),
    "the head adds an officer's key": (lambda t: _add(t, AGENCY, "head", "ada"), "key-of-another-person"),
    "a key is added twice": (lambda t: _add(t, AGENCY, "ada", "ada-phone"), "key-already-held"),
    "a revoked key is added again": (lambda t: _add(t, FIRM, "ridge-phone", "ridge"), "key-revoked"),
    "about a firm that is not there": (lambda t: _add(t, "firm:nobody", "ridge", "x"), "firm-unknown"),
    "about a keeper that is not there": (lambda t: _add(t, "keeper:nobody", "ridge", "x"), "keeper-unknown"),
    "about a partner that is not there": (lambda t: _add(t, "partner:nobody", "ridge", "x"), "partner-unknown"),
    "about an agency that is not there": (lambda t: _add(t, "agency:nobody", "ridge", "x"), "agency-unknown"),
    "the head appoints a key that is no key": (
        lambda t: _appoint(t, "ed25519:" + "00" * 32),
        "key-public",
    ),
    "the head appoints a passkey that is no point": (
        lambda t: _appoint(t, "passkey-es256:02" + "ff" * 32),
        "key-public",
    ),
    "a key with a line break": (lambda t: _appoint(t, key_of("x").key_id + "\n"), "body-malformed"),
    "a key of a kind nobody knows": (lambda t: _appoint(t, "rsa:" + "ab" * 32), "body-malformed"),
    "about a pilot": (lambda t: _add(t, PILOT, "ada", "x"), "subject-wrong"),
    "the last key revokes itself": (lambda t: _revoke(t, "firm:hollow", "hollow", "hollow"), "key-last"),
    "the head's last key revokes itself": (lambda t: _revoke(t, AGENCY, "head", "head"), "key-last"),
    "an officer revokes a colleague's key": (lambda t: _revoke(t, AGENCY, "ben", "ada"), "signer-not-holder"),
    "an officer revokes the head's key": (lambda t: _revoke(t, AGENCY, "head", "ada"), "signer-not-holder"),
    "the operator revokes an officer's key": (lambda t: _revoke(t, AGENCY, "ada", "operator"), "key-unknown"),
    "a stranger revokes a firm's key": (lambda t: _revoke(t, FIRM, "ridge-phone", "mallory"), "key-unknown"),
    "a revoked key revokes the other": (lambda t: _revoke(t, FIRM, "ridge-phone", "ridge"), "key-revoked"),
    "a key is revoked twice": (lambda t: _revoke(t, FIRM, "ridge", "ridge-phone"), "key-revoked"),
    "a key nobody has is revoked": (lambda t: _revoke(t, FIRM, "x", "ridge-phone"), "key-unknown"),
    "a recovery without the registrar": (lambda t: _ask(t, FIRM, "x", signers=("x",)), "signature-second-missing"),
    "a recovery vouched for by a firm": (lambda t: _ask(t, FIRM, "x", signers=("x", "hollow")), "signer-not-registrar"),
    "a recovery the new key did not sign": (
        lambda t: _ask(t, FIRM, "x", signers=("operator", "hollow")),
        "signer-not-registrar",
    ),
    "a recovery that waits a millisecond less than a week": (
        lambda t: _ask(t, FIRM, "x", wait=WEEK - timedelta(milliseconds=1)),
        "recovery-too-short",
    ),
    "a recovery for nobody": (lambda t: _ask(t, AGENCY, "x", holder="person:zoe"), "holder-unknown"),
    "a recovery for another subject's holder": (lambda t: _ask(t, FIRM, "x", holder="firm:hollow"), "holder-unknown"),
    "a recovery with a colleague's key": (
        lambda t: _ask(t, AGENCY, "ben", holder="person:ada"),
        "key-of-another-person",
    ),
    "a recovery with a key one has": (lambda t: _ask(t, AGENCY, "ada-phone", holder="person:ada"), "key-already-held"),
    "a recovery with a revoked key": (lambda t: _ask(t, FIRM, "ridge"), "key-revoked"),
    "stopping what nobody asked": (lambda t: _stop(t, FIRM, 0, "ridge-phone"), "recovery-unknown"),
    "completing what nobody asked": (lambda t: _recover(t, FIRM, 0, "ridge-phone"), "recovery-unknown"),
}


@pytest.fixture(scope="module")
def still(open_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """As `town`, once for all that is refused there."""
    target = tmp_path_factory.mktemp("still") / "data"
    shutil.copytree(open_town.office.folder.root, target)
    made = reopened(open_town, target)
    _add(made, AGENCY, "ada", "ada-phone")
    _add(made, FIRM, "ridge", "ridge-phone")
    _revoke(made, FIRM, "ridge", "ridge-phone")
    yield made
    made.office.close()


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_hand_on_a_key_is_refused_and_nothing_is_appended(still: Town, name: str) -> None:
    work, reason = REFUSED[name]
    before = size_of(still)
    assert refusal_of(lambda: work(still)) == reason
    assert size_of(still) == before


def test_while_a_recovery_waits_its_key_is_nobody_elses(town: Town) -> None:
    asked = _ask(town, AGENCY, "ada-new", holder="person:ada").index
    size = size_of(town)
    refused = {
        "key-not-yet": [
            lambda: _announce(town, "ada-new"),
            lambda: _add(town, AGENCY, "ada", "ada-new"),
            lambda: _add(town, AGENCY, "ada-new", "x"),
            lambda: _revoke(town, AGENCY, "ada-new", "ada"),
        ],
        "recovery-pending": [lambda: _ask(town, AGENCY, "ada-new", holder="person:ada")],
        "key-of-another-person": [
            lambda: _ask(town, AGENCY, "ada-new", holder="person:ben"),
            lambda: _add(town, AGENCY, "ben", "ada-new"),
            lambda: town.act("appointment-made", AGENCY, _appointment("person:ned", "ada-new", ["plan"]), "head"),
        ],
        "signer-not-holder": [lambda: _recover(town, AGENCY, asked, "ada")],
    }
    for reason, works in refused.items():
        assert [refusal_of(work) for work in works] == [reason] * len(works)
    assert size_of(town) == size
    # The head may appoint the person with that key at once; the recovery then only ends the older keys.
    town.act("appointment-made", AGENCY, _appointment("person:ada", "ada-new", ["plan"]), "head")
    assert _announce(town, "ada-new").act.kind == "plan-announced"
    town.clock.advance_to(town.clock.now() + WEEK)
    _recover(town, AGENCY, asked, "ada-new")
    assert refusal_of(lambda: _announce(town, "ada", "bridges")) == "key-revoked"
    assert _announce(town, "ada-new", "bridges").act.kind == "plan-announced"


def test_recomputing_and_rebuilding_agree(town: Town) -> None:
    asked = _ask(town, AGENCY, "ada-new", holder="person:ada").index
    stopped = _ask(town, FIRM, "ridge-new").index
    _stop(town, FIRM, stopped, "ridge-phone")
    town.clock.advance_to(town.clock.now() + WEEK)
    _recover(town, AGENCY, asked, "ada-new")
    town.act("appointment-ended", AGENCY, party.AppointmentEnded(person="person:ben", why="Left."), "head")
    with town.office.store.reading() as connection:
        before = dump(connection)
    rebuild(town.office.store)
    with town.office.store.reading() as connection:
        assert dump(connection) == before
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []


LOG = "log:self"


def _registrar(town: Town, name: str = "rae") -> Any:
    """A registrar's own key stands beside the operator's."""
    operator = town.office.operator.key_id
    body = keys.KeyAdded(beside=operator, key=key_of(name).key_id, label="Rae's passkey")
    return town.act("key-added", LOG, body, "operator", name)


def _admit(town: Town, by: str, name: str = "alder") -> Any:
    head = key_of(f"{name}-head").key_id
    body = party.AgencyRegistered(
        name=name, place="harlan-county", place_name="Harlan County", zone="America/New_York", currency="USD",
        contact="clerk@x.example", head=head,
    )  # fmt: skip
    return town.act("agency-registered", f"agency:{name}", body, by)


def test_a_registrar_admits_with_a_key_of_her_own_and_everybody_works_that_out_again(town: Town) -> None:
    assert refusal_of(lambda: _admit(town, "rae")) == "signer-not-registrar"
    _registrar(town)
    _admit(town, "rae")
    keeper = party.KeeperRegistered(
        name="Pia", organisation="bar", organisation_name="Bar Association", key=key_of("pia").key_id
    )
    town.act("keeper-registered", "keeper:pia", keeper, "rae")
    _ask(town, FIRM, "new-ridge", signers=("new-ridge", "rae"))
    _admit(town, "operator", "birch")
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []
    with town.office.store.reading() as connection:
        before = dump(connection)
    rebuild(town.office.store)
    with town.office.store.reading() as connection:
        assert dump(connection) == before


REGISTRARS: dict[str, tuple[Callable[[Town], Any], str]] = {
    "she revokes the operator's own": (
        lambda t: t.act("key-revoked", LOG, keys.KeyRevoked(key=t.office.operator.key_id, why="Mine now."), "rae"),
        "key-operators",
    ),
    "the operator revokes its own": (
        lambda t: t.act("key-revoked", LOG, keys.KeyRevoked(key=t.office.operator.key_id, why="Gone."), "operator"),
        "key-operators",
    ),
    "she states where passkeys sign": (
        lambda t: t.act(
            "relying-party-stated",
            LOG,
            keys.RelyingPartyStated(origins=["https://evil.example"], rp_id="evil.example"),
            "rae",
        ),
        "signer-not-registrar",
    ),
    "she changes the module that seals": (
        lambda t: t.act("sealing-module-stated", LOG, party.SealingModuleStated(module="0" * 64, why="Mine."), "rae"),
        "signer-not-registrar",
    ),
    "a stranger adds a key": (lambda t: _add(t, LOG, "eve", "eve2"), "key-unknown"),
    "she gives her key away without the new one": (
        lambda t: _add(t, LOG, "rae", "x", "rae", "operator"),
        "key-signers",
    ),
    "both who admit sign a recovery": (
        lambda t: _ask(t, FIRM, "x", signers=("rae", "operator")),
        "signer-not-registrar",
    ),
    "she revokes an officer's key": (lambda t: _revoke(t, AGENCY, "ada", "rae"), "key-unknown"),
}


@pytest.mark.parametrize("what", REGISTRARS)
def test_with_a_registrars_key_nothing_else_is_done(town: Town, what: str) -> None:
    work, expected = REGISTRARS[what]
    _registrar(town)
    before = size_of(town)
    assert refusal_of(lambda: work(town)) == expected
    assert size_of(town) == before


def test_a_registrars_lost_key_admits_nobody_any_more(town: Town) -> None:
    _registrar(town)
    _revoke(town, LOG, "rae", "operator")
    assert refusal_of(lambda: _admit(town, "rae")) == "key-revoked"
    assert refusal_of(lambda: _registrar(town)) == "key-revoked"
    _admit(town, "operator")
