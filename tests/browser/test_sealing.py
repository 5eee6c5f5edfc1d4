"""The sealing module in a real browser: its envelopes, keys and signatures equal Python's byte for byte."""

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, Route

from ledger.entry import make_statement, sign, verify_signed
from ledger.keys import SigningKey
from ledger.sealing import BidMaster, Pinned, seal
from portal.procurement.events.opening import Declarations
from portal.procurement.papers import Offer, sign_offer

VECTORS = Path(__file__).parents[1] / "vectors"
SEALING: dict[str, Any] = json.loads((VECTORS / "sealing.json").read_text("utf-8"))
SHARES: dict[str, Any] = json.loads((VECTORS / "sealing_shares.json").read_text("utf-8"))
DRILL: dict[str, Any] = json.loads((VECTORS / "sealing_keys.json").read_text("utf-8"))["drill"]
JSON_CASES: dict[str, Any] = json.loads((VECTORS / "canonical.json").read_text("utf-8"))["cases"]
ADDRESS = "http://localhost:9/"
SEAL = """async (given) => {
  const m = await import('/seal.js');
  const master = await m.openMaster(m.unhex(given.master));
  const sealed = await m.seal(given, master, m.unhex(given.text));
  return {...sealed, envelope: m.hex(sealed.envelope), bid: m.hex(master.key.public), seed: m.hex(master[given.label])};
}"""


@pytest.fixture(scope="module")
def module(browser: Browser) -> Iterator[Page]:
    """An empty page at a secure address, with the module beside it and nothing else to reach."""
    source = resources.files("portal.web").joinpath("static/seal.js").read_bytes()
    context = browser.new_context()

    def answer(route: Route) -> None:
        if route.request.url == f"{ADDRESS}seal.js":
            route.fulfill(body=source, content_type="text/javascript")
        else:
            route.fulfill(
                body="<!doctype html><title>empty</title>",
                content_type="text/html",
                headers={"content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'none'"},
            )

    context.route("**/*", answer)
    page = context.new_page()
    page.goto(ADDRESS)
    yield page
    context.close()


@pytest.mark.parametrize("case", SEALING["envelopes"], ids=lambda case: case["why"])
def test_an_envelope_is_the_published_one(module: Page, case: dict[str, Any]) -> None:
    made = module.evaluate(SEAL, case)
    assert made == {
        "bid": case["bid"],
        "contentKey": case["content_key"],
        "envelope": case["envelope"],
        "hash": case["envelope_sha256"],
        "seed": case["seed"],
    }


@pytest.mark.parametrize("size", [0, 1, 4060])
def test_an_envelope_equals_python_s_at_both_ends_of_its_size(module: Page, size: int) -> None:
    case = SEALING["envelopes"][0] | {"size": 4096, "label": "offer", "text": "ab" * size}
    keepers = tuple(bytes.fromhex(key) for key in case["keepers"])
    pinned = Pinned(case["log"], bytes.fromhex(case["terms"]), "offer", 4096, case["k"], keepers)
    expected = seal(pinned, BidMaster(bytes.fromhex(case["master"])), b"\xab" * size)
    assert module.evaluate(SEAL, case)["envelope"] == expected.hex()


def test_a_text_that_does_not_fit_is_refused_and_never_cut(module: Page) -> None:
    case = SEALING["envelopes"][0] | {"text": "00" * 61}
    assert "text-too-long" in module.evaluate(f"(given) => ({SEAL})(given).catch((error) => error.message)", case)


def test_the_master_gives_the_published_secrets(module: Page) -> None:
    told = module.evaluate(
        """async (secret) => {
          const m = await import('/seal.js');
          const made = await m.openMaster(m.unhex(secret));
          return {bid: m.hex(made.key.public), proposal: m.hex(made.proposal), offer: m.hex(made.offer),
                  lot: m.hex(made.lot), lot_commitment: m.hex(made.lotCommitment)};
        }""",
        SEALING["master"]["master"],
    )
    assert told == {name: SEALING["master"][name] for name in told}


@pytest.mark.parametrize("case", SHARES["shamir"], ids=lambda case: f"{case['k']}-of-{len(case['shares'])}")
def test_shares_are_the_published_ones(module: Page, case: dict[str, Any]) -> None:
    made = module.evaluate(
        """async (g) => {
          const m = await import('/seal.js');
          return m.split(m.unhex(g.secret), g.shares.length, m.unhex(g.polynomial)).map(m.hex);
        }""",
        case,
    )
    assert made == case["shares"]


def test_a_drill_share_is_the_published_one(module: Page) -> None:
    made = module.evaluate(
        """async (g) => {
          const m = await import('/seal.js');
          return m.hex(await m.sealTo(m.unhex(g.public), m.unhex(g.ephemeral), m.bytes('daylight-seal-v1 drill'), m.unhex(g.secret)));
        }""",
        DRILL,
    )
    assert made == DRILL["share"]


def test_a_low_order_keeper_key_is_sealed_to_by_nobody(module: Page) -> None:
    refused = module.evaluate(
        """async () => {
          const m = await import('/seal.js');
          const zero = new Uint8Array(32);
          return m.sealTo(zero, m.random(32), zero, zero).then(() => 'sealed', (error) => error.name);
        }"""
    )
    assert refused == "OperationError"


@pytest.mark.parametrize("name", [name for name, case in JSON_CASES.items() if "json" in case])
def test_json_has_the_one_spelling_or_none(module: Page, name: str) -> None:
    case = JSON_CASES[name]
    told = module.evaluate(
        """async (text) => {
          const m = await import('/seal.js');
          try { return m.canonical(JSON.parse(text)); } catch (error) { return null; }
        }""",
        case["json"],
    )
    # A browser's own parser has rounded or merged before we look, so what matters is that it never spells it the same.
    assert (told == case["json"]) is (case["refused"] is None)


def test_a_statement_is_signed_as_python_signs_it(module: Page) -> None:
    key = SigningKey.from_seed(bytes(range(32)))
    body = {"text": 'Können Sie das?\nJa: "sofort" \\o/'}
    made = make_statement(
        log="a.example/log",
        kind="question-asked",
        subject="opportunity:a",
        body=body,
        author=key.key_id,
        nonce="0" * 32,
    )
    told = module.evaluate(
        """async (g) => {
          const m = await import('/seal.js');
          const key = await m.signingKey(m.unhex(g.seed));
          return m.signStatement('a.example/log', 'question-asked', 'opportunity:a', g.body, key, '0'.repeat(32));
        }""",
        {"seed": bytes(range(32)).hex(), "body": body},
    )
    assert told["signed"] == msgspec.to_builtins(sign(made, key))
    assert told["hash"] == verify_signed(sign(made, key)).hash.hex()


def test_an_offer_is_signed_as_python_signs_it(module: Page) -> None:
    key = SigningKey.from_seed(bytes(range(32)))
    offer = Offer(
        firm="firm:a",
        name="Ä & Söhne",
        price_minor=2_400_000,
        currency="USD",
        declarations=Declarations(
            place="harlan-county", months_present=3, staff=2, founded="2020-01-01", no_conflict=True
        ),
        terms="ab" * 32,
        addenda=["cd" * 32],
        bid="ef" * 32,
        proposal="12" * 32,
        decoy=False,
        contact="a@b.example",
        salt="34" * 32,
        key=key.key_id,
        signature="",
    )
    plain = msgspec.to_builtins(offer)
    given = {name: value for name, value in plain.items() if name not in {"key", "signature"}}
    told = module.evaluate(
        """async (g) => {
          const m = await import('/seal.js');
          return m.signOffer(g.offer, await m.signingKey(m.unhex(g.seed)));
        }""",
        {"seed": bytes(range(32)).hex(), "offer": given},
    )
    assert told == msgspec.to_builtins(sign_offer(offer, key))
