"""A firm's key in the browser: a passkey made on the bid page, asked for when a bid is sent, carried by its card."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ledger.bidkey import Receipt
from portal.commands.state_party import state_party
from portal.procurement.events import opening
from portal.recompute import recompute
from tests.browser.bidders import NAME, NUMBERS, SECRETS, Rig
from tests.browser.test_page_types import violations

ALGORITHMS = {"ed25519": -8, "es256": -7, "rs256": -257}
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def stated(rig: Rig) -> Rig:
    """The record states where passkeys sign: here."""
    state_party(rig.town.office, rig.address, "localhost")
    return rig


def device(rig: Rig, **changes: Any) -> tuple[Page, Any, str]:
    """A page on a device with an authenticator of its own."""
    page = rig.page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, **changes}})
    return rig.open(page), devtools, made["authenticatorId"]


def carried(devtools: Any, authenticator: str) -> list[dict[str, Any]]:
    """What is synced to the owner's other devices."""
    return list(devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"])


def register(page: Page, name: str = "Quill Ltd") -> None:
    """Fill the whole form in and register with a passkey."""
    for field, value in {**NUMBERS, **SECRETS}.items():
        page.locator(f"#{field}").fill(value)
    page.locator("#place").select_option("harlan-county")
    page.locator("summary", has_text="no key yet").click()
    page.locator("#firm_name").fill(name)
    page.locator("#register-passkey").click()
    page.locator("#firm-name", has_text="is registered").wait_for()
    page.locator("#no_conflict").check()


def opened(rig: Rig, receipt: Receipt) -> opening.BidOpened:
    """The bid as it stands in the record after the opening, which anyone computes again."""
    rig.town.to_ranking()
    rig.town.office.publish()
    assert recompute(str(rig.town.office.folder.root)).differences == []
    body = rig.town.case().opened[receipt.master.signing_key.public.hex()].body
    assert isinstance(body, opening.BidOpened)
    return body


@pytest.mark.parametrize("kind", ALGORITHMS)
def test_a_new_firm_makes_a_passkey_registers_and_bids_in_one_sitting(stated: Rig, kind: str) -> None:
    page = stated.page()
    only = json.dumps({"type": "public-key", "alg": ALGORITHMS[kind]})
    page.add_init_script(
        "const make = CredentialsContainer.prototype.create;"
        f"CredentialsContainer.prototype.create = function (o) {{ o.publicKey.pubKeyCredParams = [{only}]; return make.call(this, o); }};"
    )
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    stated.open(page)
    register(page)
    assert violations(page) == []
    receipt = Receipt.parse(stated.send(page).read_bytes())
    body = opened(stated, receipt)
    assert (body.firm, body.status) == ("firm:quill-ltd", "valid")
    with stated.town.office.store.reading() as connection:
        key = stated.town.office.store.entry(connection, body_index(stated)).decode()
    assert f"passkey-{kind}:" in key


def body_index(rig: Rig) -> int:
    """The entry by which the new firm registered."""
    from portal.commands.library import Library  # noqa: PLC0415

    with rig.town.office.store.reading() as connection:
        firm = Library(rig.town.office.store, connection).firm("firm:quill-ltd")
    assert firm is not None
    return int(firm.registered.index)


def test_the_next_time_the_device_knows_its_firm(stated: Rig) -> None:
    page, _, _ = device(stated)
    register(page)
    page.locator("#forget").click()
    page.locator("#forget-yes").click()
    expect(page.locator("#firm-name")).to_contain_text("You bid as Quill Ltd")


def test_a_receipt_brings_the_passkey_s_card_to_another_device(stated: Rig) -> None:
    page, devtools, authenticator = device(stated)
    register(page)
    first = stated.send(page)
    (credential,) = carried(devtools, authenticator)
    other, devtools, authenticator = device(stated)
    devtools.send("WebAuthn.addCredential", {"authenticatorId": authenticator, "credential": credential})
    other.locator("#any-file").set_input_files(first)
    other.locator("#replace").click()
    other.locator("#firm-name", has_text="You bid as Quill Ltd").wait_for()
    other.locator("#answer-1").fill("Better words.")
    receipt = Receipt.parse(stated.send(other).read_bytes())
    (bid,) = stated.town.case().bids.values()
    assert [act.kind for act in bid.versions] == ["bid-sealed", "bid-replaced"]
    assert opened(stated, receipt).status == "valid"


def test_a_card_alone_signs_nothing(stated: Rig) -> None:
    page, _, _ = device(stated)
    register(page)
    card = stated.save_from(page, lambda: page.locator("#save-card").click())
    assert "secret" not in card.read_text()
    other, _, _ = device(stated)
    other.set_default_timeout(30_000)
    stated.write(other)
    other.locator("#key").set_input_files(card)
    other.locator("#firm-name", has_text="You bid as Quill Ltd").wait_for()
    other.locator("button[type=submit]").click()
    other.locator("#summary", has_text="asskey").wait_for()
    assert stated.town.case().bids == {}
    assert other.locator("#approach").input_value() == SECRETS["approach"]


def test_an_owner_who_is_not_verified_signs_nothing(stated: Rig) -> None:
    page, devtools, authenticator = device(stated)
    register(page)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.set_default_timeout(30_000)
    page.locator("button[type=submit]").click()
    page.locator("#summary", has_text="The passkey was not used").wait_for()
    assert stated.town.case().bids == {}


def test_where_the_record_states_no_address_no_passkey_is_offered(rig: Rig) -> None:
    page, _, _ = device(rig)
    page.locator("summary", has_text="no key yet").click()
    assert page.locator("#register-passkey").is_hidden()
    assert page.locator("#register").is_visible()
    page.goto(f"{rig.address}/opportunities/{NAME}")
