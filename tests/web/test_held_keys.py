"""Who signs with which key, on the pages of agencies, firms and records; a recovery that waits is not to be overlooked."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ledger.entry import Signed, format_time, sign
from portal.app import compose
from portal.commands.perform import perform
from portal.procurement.events import keys, party
from tests.ledger.devices import Passkey
from tests.portal.test_passkeys_sign import HERE
from tests.portal.town import AGENCY, Town, key_of
from tests.web import seen
from tests.web.made_site import ADDRESS, HTML, ask, live_and_end

DEVICE = Passkey(b"b" * 32, "es256", HERE)


class KeySite:
    """A town whose officer has a passkey, whose firm revoked a key, and where two have lost theirs."""

    def __init__(self, folder: Path) -> None:
        self.town = town = Town.found(folder)
        town.act("relying-party-stated", "log:self", keys.RelyingPartyStated(rp_id=HERE.rp_id, origins=list(HERE.origins)), "operator")  # fmt: skip
        beside = keys.KeyAdded(beside=key_of("ada").key_id, key=DEVICE.key_id, label="Blue telephone")
        statement = town.office.statement("key-added", AGENCY, beside, key_of("ada"))
        (own,) = sign(statement, key_of("ada")).signatures
        both = sorted([own, DEVICE.sign_statement(statement)], key=lambda each: each.key)
        self.added = perform(town.office, Signed(signatures=both, statement=statement)).index
        phone = keys.KeyAdded(beside=key_of("ridge").key_id, key=key_of("ridge-phone").key_id, label="Office")
        town.act("key-added", "firm:ridge", phone, "ridge", "ridge-phone")
        gone = keys.KeyRevoked(key=key_of("ridge").key_id, why="Lost on the train.")
        self.revoked = town.act("key-revoked", "firm:ridge", gone, "ridge-phone").index
        until = format_time(town.clock.now() + timedelta(days=9))
        self.asked = {
            holder: town.act("recovery-asked", subject, _asked(holder, name, until), name, "operator").index
            for subject, holder, name in (
                (AGENCY, "person:ben", "ben-new"),
                (AGENCY, AGENCY, "head-new"),
                ("firm:hollow", "firm:hollow", "hollow-new"),
            )
        }
        town.office.publish()
        self.app = compose(town.office, ADDRESS)

    def text(self, path: str) -> str:
        """What a visitor reads at an address."""
        answer = ask(self.app, "GET", path, HTML)
        assert answer.status_code == 200
        return seen.read(answer.text)


def _asked(holder: str, name: str, until: str) -> keys.RecoveryAsked:
    return keys.RecoveryAsked(holder=holder, key=key_of(name).key_id, label="New laptop", effective_at=until)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeySite]:
    made = KeySite(tmp_path_factory.mktemp("keys") / "data")
    yield made
    asyncio.run(live_and_end(made.app))
    made.town.office.close()


def test_an_agencys_page_lists_whose_keys_sign(site: KeySite) -> None:
    text = site.text("/agencies/harlan-county")
    assert "governing body key file" in text
    assert "ada passkey: Blue telephone" in text


def test_an_agencys_page_says_loudly_who_is_said_to_have_lost_all_keys(site: KeySite) -> None:
    text = site.text("/agencies/harlan-county")
    assert "A new key has been asked for" in text
    assert "in the name of ben, whose old ones are all said to be lost." in text
    assert "in the name of governing body" in text
    assert "in 9 days" in text
    assert "did not ask for this? Stop it now" in text
    assert text.index("A new key has been asked for") < text.index("Who may sign")


def test_a_firms_page_shows_the_key_it_revoked_and_why(site: KeySite) -> None:
    text = site.text("/firms/ridge")
    assert "key file: Office" in text
    assert "1 earlier key that signs no more" in text
    assert "revoked 1 Mar 2027 : Lost on the train." in text
    assert "asked for" not in text
    assert "a new key was asked for, because all old ones" in site.text("/firms/hollow")


def test_a_record_says_with_what_it_was_signed(site: KeySite) -> None:
    text = site.text(f"/ledger/entries/{site.added}")
    assert "An officer or evaluator of Harlan County (ada) added a key to sign with: Blue telephone." in text
    assert re.search(r"\(ada\) ?, with a passkey, on pilots\.example\.org", text)


def test_a_record_names_the_holder_of_what_is_asked_and_revoked(site: KeySite) -> None:
    assert "A key of Ridge Data was revoked: Lost on the train." in site.text(f"/ledger/entries/{site.revoked}")
    text = site.text(f"/ledger/entries/{site.asked['firm:hollow']}")
    assert "Hollow Data asked for a new key, having lost the old ones." in text
    assert "The key that was asked for" in text
    text = site.text(f"/ledger/entries/{site.asked[AGENCY]}")
    assert "The governing body of Harlan County asked for a new key" in text


def test_the_list_of_records_says_all_of_it(site: KeySite) -> None:
    text = site.text("/ledger")
    assert "The operator stated that people sign with passkeys on pilots.example.org." in text


def test_the_banner_goes_when_the_recovery_is_stopped_and_the_page_with_it(tmp_path: Path) -> None:
    site = KeySite(tmp_path / "data")
    asked = site.asked["firm:hollow"]
    site.town.act("recovery-stopped", "firm:hollow", keys.RecoveryStopped(asked=asked, why="Not me."), "hollow")
    assert "asked for" not in site.text("/firms/hollow")
    ended = party.AppointmentEnded(person="person:ben", why="Left.")
    site.town.act("appointment-ended", AGENCY, ended, "head")
    text = site.text("/agencies/harlan-county")
    assert "in the name of ben" not in text
    assert "at rest since the appointment ended" in text
    site.town.clock.advance_to(site.town.clock.now() + timedelta(days=9))
    assert "The wait ended on" in site.text("/agencies/harlan-county")
    last = site.asked[AGENCY]
    site.town.act("key-recovered", AGENCY, keys.KeyRecovered(asked=last), "head-new")
    text = site.text("/agencies/harlan-county")
    assert "The wait ended on" not in text
    assert "replaced after a loss" in text
    asyncio.run(live_and_end(site.app))
    site.town.office.close()


def test_nobody_writes_markup_into_a_label(tmp_path: Path) -> None:
    site = KeySite(tmp_path / "data")
    body = keys.KeyAdded(beside=key_of("creek").key_id, key=key_of("creek-2").key_id, label="<b>mine</b>")
    site.town.act("key-added", "firm:creek", body, "creek", "creek-2")
    page = ask(site.app, "GET", "/firms/creek", HTML).text
    assert "<b>mine" not in page
    assert "&lt;b&gt;mine" in page
    asyncio.run(live_and_end(site.app))
    site.town.office.close()
