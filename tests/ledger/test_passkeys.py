"""Passkeys sign acts: what a browser and its authenticator say is refused by name, or verified as it stands."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import batch, canonical, cbor, entry, keykinds, keys, passkeys
from ledger.passkeys import Assertion, RelyingParty
from tests.ledger import vectors
from tests.ledger.devices import PARTY, Passkey, RawKey

KINDS = ("ed25519", "es256", "rs256")
SEED = bytes(range(32))
CLERK = keys.SigningKey.from_seed(SEED)
KNOWN = vectors.load("passkey")
SITE = RelyingParty("pilots.example.org", ("https://pilots.example.org", "https://desk.pilots.example.org:8443"))


def make(author: str, **fields: Any) -> entry.Statement:
    usual = {"log": "log.example/test", "kind": "question-asked", "subject": "firm:a", "body": {"text": "Why?"}}
    return entry.make_statement(**(usual | {"author": author, "nonce": "0" * 32} | fields))


def verdict(
    device: Passkey, party: RelyingParty | None = PARTY, statement: entry.Statement | None = None
) -> str | None:
    made = make(device.key_id) if statement is None else statement
    return vectors.outcome(lambda: entry.verify_signed(device.sign(made), party))


@pytest.mark.parametrize("case", vectors.named(KNOWN["cases"]))
def test_a_signed_statement_is_verified_as_it_stands_or_refused_by_name(case: dict[str, Any]) -> None:
    data = case["signed"].encode()

    def read() -> None:
        party = None if case["party"] is None else passkeys.party_of(case["party"])
        verified = entry.verify_signed(entry.parse_signed(data), party)
        assert canonical.encode(verified.signed) == data

    assert vectors.outcome(read) == case["refused"]


@pytest.fixture(autouse=True)
def no_key_is_known_yet() -> None:
    """Each test loads its keys itself, so that it tests their loading too."""
    keykinds._loaded.cache_clear()
    keykinds._loaded_raw.cache_clear()


@pytest.fixture(params=KINDS)
def device(request: pytest.FixtureRequest) -> Passkey:
    return Passkey(SEED, request.param)


def test_an_act_signed_by_a_passkey_verifies_and_keeps_what_the_device_said(device: Passkey) -> None:
    signed = device.sign(make(device.key_id))
    verified = entry.verify_signed(signed, PARTY)
    assert verified.keys == (device.key_id,)
    assert entry.parse_signed(canonical.encode(signed)) == signed
    assert signed.signatures[0].assertion == Assertion(
        authenticator_data=device.authenticator_data,
        client_data=device.client_data(passkeys.challenge_of(verified.bytes)),
    )
    assert passkeys.challenge_of(verified.bytes) == hashlib.sha256(b"daylight-act-v1\0" + verified.bytes).digest()


def test_an_entry_with_an_assertion_reads_back_alone_and_among_others(device: Passkey) -> None:
    made = make(device.key_id)
    both = entry.attach_signature(device.sign(made), *entry.sign(made, CLERK).signatures)
    entry.verify_signed(both, PARTY)
    written = [
        entry.encode_entry(
            entry.Entry(
                index=index, previous="0" * 64, signatures=signatures, statement=made, time="2026-03-03T12:00:00.000Z"
            )
        )
        for index, signatures in enumerate([both.signatures, device.sign(made).signatures])
    ]
    assert batch.parse_entries(written) == [entry.parse_entry(each) for each in written]
    assert [each.signatures for each in batch.parse_entries(written)] == [both.signatures, device.sign(made).signatures]


def test_without_a_relying_party_no_passkey_signs(device: Passkey) -> None:
    assert verdict(device, None) == "relying-party-missing"


def test_every_byte_of_the_evidence_counts(device: Passkey) -> None:
    made = make(device.key_id)
    signature = device.sign_statement(made)
    evidence = signature.assertion
    assert isinstance(evidence, Assertion)
    parts = (evidence.authenticator_data, evidence.client_data, signature.signature)
    for part, data in enumerate(parts):
        for at in range(len(data)):
            changed = [*parts]
            changed[part] = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            forged = entry.Signature(
                assertion=Assertion(authenticator_data=changed[0], client_data=changed[1]),
                key=signature.key,
                signature=changed[2],
            )
            signed = entry.Signed(signatures=[forged], statement=made)
            assert vectors.outcome(lambda: entry.verify_signed(signed, PARTY)) is not None  # noqa: B023 -- called at once


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "made for a new key": ({"client": {"type": "webauthn.create"}}, "passkey-type"),
    "no type": ({"client": {"type": None}}, "passkey-type"),
    "no challenge": ({"client": {"challenge": None}}, "passkey-challenge"),
    "another challenge": ({"client": {"challenge": "A" * 43}}, "passkey-challenge"),
    "another site": ({"client": {"origin": "https://localhost:8000"}}, "passkey-origin"),
    "another port": ({"client": {"origin": "http://localhost:80"}}, "passkey-origin"),
    "origin with a path": ({"client": {"origin": "http://localhost:8000/"}}, "passkey-origin"),
    "no origin": ({"client": {"origin": None}}, "client-data-origin"),
    "a list of origins": ({"client": {"origin": ["http://localhost:8000"]}}, "client-data-origin"),
    "in a frame": ({"client": {"crossOrigin": True}}, "passkey-cross-origin"),
    "crossOrigin as a number": ({"client": {"crossOrigin": 0}}, "passkey-cross-origin"),
    "in a named frame": ({"client": {"topOrigin": "http://localhost:8000"}}, "passkey-cross-origin"),
    "another relying party": (
        {"party": RelyingParty("localhost2", ("https://localhost2",)), "client": {"origin": "http://localhost:8000"}},
        "passkey-rp",
    ),
    "nobody there": ({"flags": 0x04}, "passkey-user-presence"),
    "somebody, but who": ({"flags": 0x01}, "passkey-user-verification"),
    "a new key's data": ({"flags": 0x45}, "authenticator-data-attested"),
    "backed up, and cannot be": ({"flags": 0x15}, "authenticator-data-backup"),
    "bytes without extensions": ({"extensions": b"\xa0"}, "authenticator-data-length"),
    "extensions that are none": ({"flags": 0x85}, "authenticator-data-extensions"),
    "extensions that are no map": ({"flags": 0x85, "extensions": b"\x80"}, "authenticator-data-extensions"),
    "extensions and more": ({"flags": 0x85, "extensions": b"\xa0\0"}, "authenticator-data-extensions"),
    "very many extensions": (
        {"flags": 0x85, "extensions": b"\xa1\x01\x59" + (983).to_bytes(2) + bytes(983)},
        "authenticator-data-length",
    ),
}


@pytest.mark.parametrize(("fields", "reason"), LIES.values(), ids=LIES)
def test_an_assertion_that_says_anything_else_is_refused_though_its_device_signed_it(
    fields: dict[str, Any], reason: str
) -> None:
    assert verdict(dataclasses.replace(Passkey(SEED), **fields)) == reason


TRUTHS: dict[str, dict[str, Any]] = {
    "a counter": {"counter": 2**32 - 1},
    "a synced passkey": {"flags": 0x1D},
    "reserved flags": {"flags": 0x27},
    "extensions": {"flags": 0x85, "extensions": bytes.fromhex("a1636372640f")},
    "as many extensions as there may be": {
        "flags": 0x85,
        "extensions": b"\xa1\x01\x59" + (982).to_bytes(2) + bytes(982),
    },
    "no word about frames": {"client": {"crossOrigin": None}},
    "members that browsers make up": {"client": {"other_keys_can_be_added_here": "do not compare", "n": [1.5e300]}},
}


@pytest.mark.parametrize("fields", TRUTHS.values(), ids=TRUTHS)
def test_what_devices_truly_say_is_taken(fields: dict[str, Any]) -> None:
    assert verdict(dataclasses.replace(Passkey(SEED), **fields)) is None


CLIENT_DATA: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "client-data-json"),
    "a list": (b"[]", "client-data-json"),
    "Latin 1": (b'{"type":"webauthn.get","a":"\xe9"}', "client-data-json"),
    "byte order mark": (b"\xef\xbb\xbf{}", "client-data-json"),
    "no number": (b'{"a":NaN}', "client-data-json"),
    "deep": (b"[" * 4096, "client-data-json"),
    "two values": (b"{}{}", "client-data-json"),
    "a name twice": (b'{"type":"webauthn.get","type":"webauthn.get"}', "client-data-repeated"),
    "a name twice, spelled otherwise": (b'{"type":1,"t\\u0079pe":2}', "client-data-repeated"),
    "a name twice, further in": (b'{"a":[{"b":1,"b":1}]}', "client-data-repeated"),
    "too long": (b'{"a":"' + b"a" * 4089 + b'"}', "client-data-length"),
    "as long as it may be": (b'{"a":"' + b"a" * 4088 + b'"}', "passkey-type"),
}


@pytest.mark.parametrize(("data", "reason"), CLIENT_DATA.values(), ids=CLIENT_DATA)
def test_client_data_is_one_object_without_surprises(data: bytes, reason: str) -> None:
    device = Passkey(SEED)
    made = make(device.key_id)
    signed = entry.Signed(signatures=[device.assert_over(data)], statement=made)
    assert vectors.outcome(lambda: entry.verify_signed(signed, PARTY)) == reason


def test_padding_or_another_alphabet_is_another_challenge() -> None:
    device = Passkey(SEED)
    found = set()
    for number in range(40):
        made = make(device.key_id, nonce=f"{number:032x}")
        challenge = passkeys.challenge_of(entry.encode_statement(made))
        for spelling in (base64.urlsafe_b64encode, base64.b64encode):
            text = spelling(challenge).decode()
            found.add(text.isalnum())
            signed = dataclasses.replace(device, client={"challenge": text}).sign(made)
            assert vectors.outcome(lambda: entry.verify_signed(signed, PARTY)) == "passkey-challenge"  # noqa: B023 -- called at once


def test_an_assertion_over_another_statement_or_by_another_key_is_refused(device: Passkey) -> None:
    made, other = make(device.key_id), make(device.key_id, nonce="1" * 32)
    moved = entry.Signed(signatures=device.sign(made).signatures, statement=other)
    assert vectors.outcome(lambda: entry.verify_signed(moved, PARTY)) == "passkey-challenge"
    stranger = Passkey(bytes(32), "es256")
    claimed = make(stranger.key_id)
    taken = dataclasses.replace(Passkey(SEED, "es256")).sign_statement(claimed)
    forged = entry.Signature(assertion=taken.assertion, key=stranger.key_id, signature=taken.signature)
    assert vectors.outcome(
        lambda: entry.verify_signed(entry.Signed(signatures=[forged], statement=claimed), PARTY)
    ) == ("signature")


def test_a_passkey_cannot_sign_without_an_assertion_nor_a_raw_key_with_one() -> None:
    device, raw = Passkey(SEED), RawKey(SEED)
    made = make(device.key_id)
    honest = device.sign_statement(made)
    bare = entry.Signature(key=honest.key, signature=honest.signature)
    assert vectors.outcome(lambda: entry.verify_signed(entry.Signed(signatures=[bare], statement=made), PARTY)) == (
        "assertion-missing"
    )
    made = make(raw.key_id)
    both = entry.Signature(assertion=honest.assertion, key=raw.key_id, signature=bytes(64))
    assert vectors.outcome(lambda: entry.verify_signed(entry.Signed(signatures=[both], statement=made), PARTY)) == (
        "assertion-unexpected"
    )
    evidence = honest.assertion
    assert isinstance(evidence, Assertion)
    assert (
        vectors.outcome(lambda: passkeys.verify_assertion(raw.key_id, b"{}", bytes(64), evidence, PARTY))
        == "assertion-unexpected"
    )
    assert vectors.outcome(lambda: keykinds.verify_signature(device.key_id, b"", bytes(64))) == "assertion-missing"


def test_a_browser_without_passkeys_signs_with_a_raw_key() -> None:
    raw = RawKey(SEED)
    signed = entry.sign(make(raw.key_id), raw)
    verified = entry.verify_signed(signed)
    message = entry.signing_input(verified.bytes)
    signature = signed.signatures[0].signature
    order = keykinds._P256_ORDER
    for r, s in ((0, 1), (1, 0), (order, 1), (1, order)):
        wrong = r.to_bytes(32) + s.to_bytes(32)
        assert vectors.outcome(lambda: keykinds.verify_signature(raw.key_id, message, wrong)) == "signature"  # noqa: B023 -- called at once
    for at in range(64):
        wrong = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
        assert vectors.outcome(lambda: keykinds.verify_signature(raw.key_id, message, wrong)) == "signature"  # noqa: B023 -- called at once
    assert vectors.outcome(lambda: keykinds.verify_signature(raw.key_id, message, signature + b"\0")) == "signature"


def test_an_ecdsa_signature_of_a_passkey_has_one_spelling() -> None:
    device = Passkey(SEED, "es256")
    good = device.sign_statement(make(device.key_id)).signature
    signed = b"\x00"
    for wrong in (good + b"\0", good[:-1], b"\x30\x81" + good[1:], b"\x30\x06\x02\x01\x00\x02\x01\x01", b"not der!"):
        assert vectors.outcome(lambda: keykinds.verify_bytes(device.key_id, signed, wrong)) == "signature"  # noqa: B023 -- called at once


LENGTHS = {
    "ed25519": (64, 64),
    "es256": (64, 64),
    "passkey-ed25519": (64, 64),
    "passkey-es256": (8, 72),
    "passkey-rs256": (256, 256),
}
IDS = {
    "ed25519": CLERK.key_id,
    "es256": RawKey(SEED).key_id,
    **{f"passkey-{kind}": Passkey(SEED, kind).key_id for kind in KINDS},
}


@pytest.mark.parametrize("kind", LENGTHS)
def test_a_signature_has_the_length_of_its_kind(kind: str) -> None:
    least, most = LENGTHS[kind]
    for length in (least - 1, least, most, most + 1):
        expected = None if least <= length <= most else "signature-length"
        assert vectors.outcome(lambda: keykinds.check_length(IDS[kind], bytes(length))) == expected  # noqa: B023 -- called at once


@pytest.mark.parametrize("kind", IDS)
def test_a_key_id_of_any_kind_has_one_spelling(kind: str) -> None:
    key = IDS[kind]
    keykinds.check_key(key)
    name, _, digits = key.partition(":")
    for wrong in (key[:-1], key + "0", key + "\n", f"{name}:{digits.upper()}", f"x{key}", f"{name}{digits}", ""):
        assert vectors.outcome(lambda: keykinds.check_key(wrong)) == "key-id"  # noqa: B023 -- called at once


BAD_PUBLIC = {
    "low order": "passkey-ed25519:" + "00" * 32,
    "no point has this x": "es256:02" + "00" * 31 + "07",
    "x is the prime plus five": "es256:02ffffffff00000001000000000000000000000001000000000000000000000004",
    "no point, in a passkey": "passkey-es256:03" + "ff" * 32,
    "even modulus": "passkey-rs256:" + "80" * 256,
}


@pytest.mark.parametrize("key", BAD_PUBLIC.values(), ids=BAD_PUBLIC)
def test_a_public_key_that_is_none_is_refused_before_its_signature_is_looked_at(key: str) -> None:
    assert vectors.outcome(lambda: keykinds.check_key(key)) == "key-public"


@pytest.mark.parametrize(
    "key", ["passkey-rs256:7" + "f" * 511, "es256:04" + "11" * 64, "rs256:" + "8" * 512, "passkey-es256:00" + "11" * 32]
)
def test_keys_of_other_sizes_and_spellings_have_no_id(key: str) -> None:
    assert vectors.outcome(lambda: keykinds.check_key(key)) == "key-id"


PARTIES: dict[str, tuple[dict[str, Any], str | None]] = {
    "a site": (passkeys.body_of(SITE), None),
    "a machine of one's own": (passkeys.body_of(PARTY), None),
    "a name below localhost": ({"origins": ["http://desk.localhost"], "rp_id": "localhost"}, None),
    "eight origins": ({"origins": [f"https://a.b:{n}" for n in range(1, 9)], "rp_id": "a.b"}, None),
    "nine origins": ({"origins": [f"https://a.b:{n}" for n in range(1, 10)], "rp_id": "a.b"}, "relying-party-origins"),
    "no origin": ({"origins": [], "rp_id": "a.b"}, "relying-party-origins"),
    "one origin twice": ({"origins": ["https://a.b", "https://a.b"], "rp_id": "a.b"}, "relying-party-origins"),
    "another site's origin": ({"origins": ["https://b.b"], "rp_id": "a.b"}, "relying-party-origins"),
    "a name that ends alike": ({"origins": ["https://ca.b"], "rp_id": "a.b"}, "relying-party-origins"),
    "a name with an empty label": ({"origins": ["https://..a.b"], "rp_id": "a.b"}, "relying-party-origins"),
    "in clear": ({"origins": ["http://a.b"], "rp_id": "a.b"}, "relying-party-origins"),
    "the usual port": ({"origins": ["https://a.b:443"], "rp_id": "a.b"}, "relying-party-origins"),
    "the usual port in clear": ({"origins": ["http://localhost:80"], "rp_id": "localhost"}, "relying-party-origins"),
    "the largest port": ({"origins": ["https://a.b:65535"], "rp_id": "a.b"}, None),
    "no such port": ({"origins": ["https://a.b:65536"], "rp_id": "a.b"}, "relying-party-origins"),
    "a last label of letters and figures": ({"origins": ["https://a.1b"], "rp_id": "a.1b"}, None),
    "with a path": ({"origins": ["https://a.b/"], "rp_id": "a.b"}, "relying-party-origins"),
    "capitals": ({"origins": ["https://A.b"], "rp_id": "a.b"}, "relying-party-origins"),
    "an address": ({"origins": ["https://127.0.0.1"], "rp_id": "127.0.0.1"}, "relying-party-id"),
    "capitals in the id": ({"origins": ["https://a.b"], "rp_id": "A.b"}, "relying-party-id"),
    "a long id": ({"origins": ["https://a.b"], "rp_id": "a." * 127 + "a"}, "relying-party-id"),
    "no id": ({"origins": ["https://a.b"]}, "relying-party-body"),
    "more than that": ({"origins": ["https://a.b"], "rp_id": "a.b", "note": "x"}, "relying-party-body"),
    "id as a list": ({"origins": ["https://a.b"], "rp_id": ["a.b"]}, "relying-party-body"),
    "origins as text": ({"origins": "https://a.b", "rp_id": "a.b"}, "relying-party-body"),
    "an origin as a number": ({"origins": [1], "rp_id": "a.b"}, "relying-party-body"),
}


@pytest.mark.parametrize(("body", "reason"), PARTIES.values(), ids=PARTIES)
def test_a_relying_party_is_a_domain_and_its_own_origins(body: dict[str, Any], reason: str | None) -> None:
    assert vectors.outcome(lambda: passkeys.party_of(body)) == reason
    if reason is None:
        assert passkeys.body_of(passkeys.party_of(body)) == body


def test_a_party_s_every_origin_may_sign_and_no_other_party_s() -> None:
    for origin in SITE.origins:
        device = Passkey(SEED, party=SITE, client={"origin": origin})
        assert verdict(device, SITE) is None
        assert verdict(device, PARTY) == "passkey-origin"


CBOR = {
    "a1636372640f": True,
    "a0": True,
    "bf": False,
    "bfff": False,
    "a1": False,
    "a101": False,
    "a16163": False,
    "a14161": False,
    "a1016161": True,
    "a101f5": True,
    "a101fa00000000": True,
    "a101fa000000": False,
    "a101c101": False,
    "a1018101": True,
    "a10181a10181a0": False,
    "a10181a10101": True,
    "a10181a1018101": True,
    "a1014401020304": True,
    "a10144010203": False,
    "a1015affffffff": False,
    "bbffffffffffffffff": False,
    "9b00000000000000": False,
    "1c": False,
    "a11c01": False,
    "a1011c": False,
    "a1011f": False,
    "a1011b0000000000000001": True,
    "a1011b00000000000000": False,
    "a12001": True,
    "a10120": True,
    "a13bffffffffffffffff01": True,
    "b80101": False,
    "b8010101": True,
    "b900010101": True,
    "ba000000010101": True,
    "bb00000000000000010101": True,
    "": False,
}


@pytest.mark.parametrize(("data", "good"), CBOR.items())
def test_extensions_are_one_well_formed_map(data: str, *, good: bool) -> None:
    told = vectors.outcome(lambda: cbor.check_map(bytes.fromhex(data), 0, "bad-map"))
    assert told == (None if good else "bad-map")


@given(st.binary(max_size=60), st.binary(max_size=300), st.binary(min_size=8, max_size=256), st.sampled_from(list(IDS)))
def test_any_bytes_are_refused(authenticator: bytes, client: bytes, signature: bytes, kind: str) -> None:
    made = make(IDS[kind])
    evidence = Assertion(authenticator_data=authenticator, client_data=client)
    one = entry.Signature(assertion=evidence, key=IDS[kind], signature=signature)
    signed = entry.Signed(signatures=[one], statement=made)
    assert vectors.outcome(lambda: entry.verify_signed(signed, PARTY)) is not None
    assert vectors.outcome(lambda: cbor.check_map(authenticator, 0, "bad-map")) in {None, "bad-map"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=12), JSON, max_size=3))
def test_whatever_a_browser_adds_is_kept_and_verified_as_it_stands(extra: dict[str, Any]) -> None:
    device = Passkey(SEED)
    made = make(device.key_id)
    told = json.loads(device.client_data(passkeys.challenge_of(entry.encode_statement(made))))
    extra.pop("topOrigin", None)
    signed = entry.Signed(signatures=[device.assert_over(json.dumps(extra | told).encode())], statement=made)
    verified = entry.verify_signed(signed, PARTY)
    assert entry.parse_signed(canonical.encode(verified.signed)) == signed
