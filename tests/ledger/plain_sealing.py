"""
A second implementation of SPEC.md, "Sealed bids": slow, literal, and nothing of `ledger` in it.

It writes tests/vectors/sealing*.json (`python tests/ledger/plain_sealing.py`), so that our known answers do not come from
the code they judge. It can also play the dishonest sealer: each keyword of `Tricks` breaks one rule and keeps the others.
"""

import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"daylight-seal-v1"
VECTORS = Path(__file__).parent.parent / "vectors"


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    block = key.ljust(64, b"\x00")
    inner = sha256(bytes(byte ^ 0x36 for byte in block) + message)
    return sha256(bytes(byte ^ 0x5C for byte in block) + inner)


def extract(salt: bytes, material: bytes) -> bytes:
    return hmac_sha256(salt, material)


def expand(key: bytes, info: bytes, length: int = 32) -> bytes:
    blocks = [b""]
    while sum(map(len, blocks)) < length:
        blocks.append(hmac_sha256(key, blocks[-1] + info + bytes([len(blocks)])))
    return b"".join(blocks)[:length]


def x25519(scalar: bytes, coordinate: bytes) -> bytes:
    """RFC 7748, section 5, as printed there."""
    p = 2**255 - 19
    k = int.from_bytes(scalar, "little") & ~7 & ((1 << 255) - 1) | 1 << 254
    u = int.from_bytes(coordinate, "little") % 2**255
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % p, u * (da - cb) ** 2 % p
        x2, z2 = aa * bb % p, e * (aa + 121665 * e) % p
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")


def public_of(private: bytes) -> bytes:
    return x25519(private, (9).to_bytes(32, "little"))


def hpke_seal(recipient: bytes, ephemeral: bytes, info: bytes, plaintext: bytes) -> bytes:
    """RFC 9180, base mode, suite 0x0020, 0x0001, 0x0002, sequence number 0, no associated data."""
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"
    enc = public_of(ephemeral)
    agreed = x25519(ephemeral, recipient)
    eae = extract(b"", b"HPKE-v1" + kem + b"eae_prk" + agreed)
    shared = expand(eae, b"\x00\x20HPKE-v1" + kem + b"shared_secret" + enc + recipient)
    id_hash = extract(b"", b"HPKE-v1" + suite + b"psk_id_hash")
    info_hash = extract(b"", b"HPKE-v1" + suite + b"info_hash" + info)
    secret = extract(shared, b"HPKE-v1" + suite + b"secret")
    schedule = b"\x00" + id_hash + info_hash
    key = expand(secret, b"\x00\x20HPKE-v1" + suite + b"key" + schedule)
    nonce = expand(secret, b"\x00\x0cHPKE-v1" + suite + b"base_nonce" + schedule, 12)
    return enc + AESGCM(key).encrypt(nonce, plaintext, None)


EXP = [1]
for _ in range(254):
    doubled = EXP[-1] << 1 ^ EXP[-1]  # times x + 1, a generator
    EXP.append(doubled ^ 0x11B if doubled > 0xFF else doubled)
LOG = {value: exponent for exponent, value in enumerate(EXP)}


def times(left: int, right: int) -> int:
    return EXP[(LOG[left] + LOG[right]) % 255] if left and right else 0


def power(base: int, exponent: int) -> int:
    result = 1
    for _ in range(exponent):
        result = times(result, base)
    return result


def share_of(secret: bytes, polynomial: bytes, number: int) -> bytes:
    """Sum over j of coefficient j times number to the j, byte by byte."""
    share = bytearray(secret)
    for at, coefficient in enumerate(polynomial):
        share[at % 32] ^= times(coefficient, power(number, at // 32 + 1))
    return bytes(share)


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True)
class Tricks:
    """What a dishonest sealer does otherwise; an empty one is honest."""

    body_seed: bytes | None = None
    length: int | None = None
    padding: bytes = b"\x00"
    polynomial: bytes | None = None
    shares: dict[int, bytes] = field(default_factory=dict)
    ephemerals: dict[int, bytes] = field(default_factory=dict)
    keepers: dict[int, bytes] = field(default_factory=dict)
    key: bytes | None = None
    commitment: bytes | None = None
    numbers: tuple[int, int] | None = None
    nonce: bytes = bytes(12)
    aad: bytes | None = None
    share_info: bytes = b" share"


HONEST = Tricks()


@dataclass(frozen=True)
class Notice:
    log: str
    terms: bytes
    label: str
    size: int
    k: int
    privates: tuple[bytes, ...]

    @property
    def publics(self) -> list[bytes]:
        return [public_of(private) for private in self.privates]

    def described(self) -> dict[str, object]:
        return {
            "log": self.log,
            "terms": self.terms.hex(),
            "label": self.label,
            "size": self.size,
            "k": self.k,
            "keepers": [public.hex() for public in self.publics],
            "released": [private.hex() for private in self.privates],
        }


def master_parts(master: bytes) -> dict[str, bytes]:
    prk = extract(MAGIC, master)
    bid = Ed25519PrivateKey.from_private_bytes(expand(prk, b"bid")).public_key().public_bytes_raw()
    lot = expand(prk, b"lot")
    return {
        "bid": bid,
        "proposal": expand(prk, b"proposal"),
        "offer": expand(prk, b"offer"),
        "lot": lot,
        "lot_commitment": sha256(lot),
    }


def seal(notice: Notice, bid: bytes, seed: bytes, text: bytes, tricks: Tricks = HONEST) -> dict[str, object]:
    """Everything on the way to an envelope, and the envelope."""
    fields = {"bid": bid.hex(), "label": notice.label, "log": notice.log, "terms": notice.terms.hex()}
    ctx = sha256(canonical(fields))
    prk = extract(ctx, MAGIC + seed + sha256(text))
    key = tricks.key or expand(prk, b"key")
    polynomial = tricks.polynomial or expand(prk, b"poly", 32 * (notice.k - 1))
    commitment = tricks.commitment or expand(extract(ctx, key), b"commit")
    shares, sealed, ephemerals = [], [], []
    for number, public in enumerate(notice.publics, 1):
        ephemerals.append(tricks.ephemerals.get(number) or expand(prk, b"eph" + bytes([number])))
        shares.append(tricks.shares.get(number) or share_of(key, polynomial, number))
        info = MAGIC + tricks.share_info + ctx + bytes([number]) + commitment
        sealed.append(hpke_seal(tricks.keepers.get(number, public), ephemerals[-1], info, shares[-1]))
    length = len(text) if tricks.length is None else tricks.length
    body = (tricks.body_seed or seed) + length.to_bytes(4, "big") + text
    body += tricks.padding * (notice.size - len(body))
    aad = ctx + commitment if tricks.aad is None else tricks.aad
    ciphertext = AESGCM(key).encrypt(tricks.nonce, body, aad)
    numbers = bytes(tricks.numbers or (notice.k, len(notice.privates)))
    envelope = MAGIC + ctx + commitment + numbers + b"".join(sealed) + ciphertext
    return {
        "ctx": ctx,
        "prk": prk,
        "content_key": key,
        "polynomial": polynomial,
        "ephemerals": ephemerals,
        "shares": shares,
        "commitment": commitment,
        "envelope": envelope,
        "envelope_sha256": sha256(envelope),
    }


def made_up(name: str) -> bytes:
    """32 bytes that look drawn and are the same on every run."""
    return sha256(b"daylight vectors: " + name.encode())


def notice_of(n: int, k: int, *, label: str = "proposal", size: int = 96, name: str = "septic") -> Notice:
    privates = tuple(made_up(f"{name} {label} keeper {number}") for number in range(1, n + 1))
    return Notice("daylight.example/harlan", made_up(f"{name} terms"), label, size, k, privates)


def written(value: object) -> object:
    """Bytes as hexadecimal, all the way down."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [written(inner) for inner in value]
    if isinstance(value, dict):
        return {key: written(inner) for key, inner in value.items()}
    return value


def honest_vectors() -> list[dict[str, object]]:
    texts = {
        "the empty text is as long as any other": (notice_of(3, 2), b""),
        "two of three, a short text": (
            notice_of(3, 2, size=256),
            "Septic inspection, 30 % of sites in May — naïve £".encode(),
        ),
        "the offer label has other keys and another seed": (notice_of(3, 2, label="offer"), b'{"decoy":true}'),
        "a text that fills the pinned size": (notice_of(3, 2, size=64), b"x" * 28),
        "one of two: every share is the content key": (notice_of(2, 1), b"one of two"),
        "four of five: three coefficients a byte": (notice_of(5, 4), b"four of five"),
        "nine of sixteen: the largest number of keepers": (notice_of(16, 9), b"nine of sixteen"),
        "text is bytes, not characters": (notice_of(3, 2), bytes(range(0xC0, 0xD0))),
    }
    master = made_up("master")
    parts = master_parts(master)
    return [
        {
            "why": why,
            "spec": "seal-7 to seal-14",
            **notice.described(),
            "master": master,
            "bid": parts["bid"],
            "seed": parts[notice.label],
            "text": text,
            **seal(notice, parts["bid"], parts[notice.label], text),
        }
        for why, (notice, text) in texts.items()
    ]


def dishonest_tricks() -> dict[str, tuple[Tricks, str]]:
    """Each sealer's trick, and the reason for which it is void."""
    other = made_up("other")
    void = "envelope-not-rederivable"
    return {
        "the polynomial is not the derived one, though all shares lie on it": (Tricks(polynomial=other), void),
        "share 1 is wrong: keepers 2 and 3 could open": (Tricks(shares={1: other}), void),
        "share 3 is wrong: keepers 1 and 2 could open": (Tricks(shares={3: other}), void),
        "ephemeral 2 is not the derived one, its share is right": (Tricks(ephemerals={2: other}), void),
        "share 1 is sealed to someone else": (Tricks(keepers={1: public_of(other)}), void),
        "share 2 is sealed to the twin of its keeper's key, with the top bit set": (Tricks(keepers={2: b"twin"}), void),
        "shares are sealed as drill shares": (Tricks(share_info=b" drill"), void),
        "the content key is not the derived one": (Tricks(key=other), void),
        "the commitment is to another key": (Tricks(commitment=other), void),
        "the body holds another seed": (Tricks(body_seed=other), void),
        "the body claims one byte less": (Tricks(length=9), void),
        "the body claims one byte more": (Tricks(length=11), void),
        "the body claims as much as four bytes can say": (Tricks(length=2**32 - 1), void),
        "the padding is not zero": (Tricks(padding=b"\x01"), void),
        "the nonce is not zero": (Tricks(nonce=b"\x01" * 12), void),
        "the associated data is empty": (Tricks(aad=b""), void),
        "it names one keeper more": (Tricks(numbers=(2, 4)), "envelope-keepers"),
        "it names a lower threshold": (Tricks(numbers=(1, 3)), "envelope-keepers"),
    }


def twin(public: bytes) -> bytes:
    return public[:31] + bytes([public[31] | 0x80])


def void_vectors() -> list[dict[str, object]]:
    notice, text, master = notice_of(3, 2), b"ten bytes!", made_up("master")
    bid, seed = master_parts(master)["bid"], master_parts(master)["proposal"]
    honest = seal(notice, bid, seed, text)["envelope"]
    assert isinstance(honest, bytes)
    cases: dict[str, tuple[bytes, str]] = {}
    for why, (tricks, reason) in dishonest_tricks().items():
        used = Tricks(keepers={2: twin(notice.publics[1])}) if tricks.keepers == {2: b"twin"} else tricks
        envelope = seal(notice, bid, seed, text, used)["envelope"]
        assert isinstance(envelope, bytes)
        cases[why] = envelope, reason
    elsewhere = {
        "sealed for another bid key": (notice, made_up("another bid")),
        "sealed for another notice": (notice_of(3, 2, name="parking"), bid),
        "sealed for the other label": (notice_of(3, 2, label="offer"), bid),
        "sealed in another log": (Notice("demo.example/x", notice.terms, "proposal", 96, 2, notice.privates), bid),
    }
    for why, (other, other_bid) in elsewhere.items():
        envelope = seal(other, other_bid, seed, text)["envelope"]
        assert isinstance(envelope, bytes)
        cases[why] = envelope, "envelope-context"
        cases[f"{why}, the context field overwritten"] = honest[:48] + envelope[48:], "envelope-not-rederivable"
    cases["of the next version"] = MAGIC[:-1] + b"2" + honest[16:], "envelope-version"
    cases["one byte short"] = honest[:-1], "envelope-length"
    cases["one byte long"] = honest + b"\x00", "envelope-length"
    cases["empty"] = b"", "envelope-length"
    cases["shares 1 and 2 change places"] = (
        honest[:82] + honest[162:242] + honest[82:162] + honest[242:],
        ("envelope-not-rederivable"),
    )
    return [
        {"why": why, "spec": "seal-17, seal-18", **notice.described(), "bid": bid, "envelope": envelope, "void": reason}
        for why, (envelope, reason) in cases.items()
    ]


def edwards_times(scalar: int) -> tuple[int, int]:
    """That many times the base point of edwards25519 (RFC 8032, 5.1), one addition after the other."""
    p, d = 2**255 - 19, -121665 * pow(121666, -1, 2**255 - 19)
    base = 15112221349535400772501151409588531511454012693041857206046113283949847762202, 4 * pow(5, -1, p) % p
    total, step = (0, 1), base
    while scalar:
        if scalar & 1:
            total = _added(total, step, p, d)
        step, scalar = _added(step, step, p, d), scalar >> 1
    return total


def _added(one: tuple[int, int], other: tuple[int, int], p: int, d: int) -> tuple[int, int]:
    (x1, y1), (x2, y2) = one, other
    t = d * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + t, -1, p) % p, (y1 * y2 + x1 * x2) * pow(1 - t, -1, p) % p


def drill_proof(private: bytes, signer: str) -> bytes:
    """seal-29."""

    def scalar_of(secret: bytes) -> int:
        return int.from_bytes(secret, "little") & ~7 & ((1 << 255) - 1) | 1 << 254

    def encoded(x: int, y: int) -> bytes:
        return (y | (x & 1) << 255).to_bytes(32, "little")

    told = json.dumps({"key": public_of(private).hex(), "signer": signer}, separators=(",", ":"))
    message = MAGIC + b" drill proof\x00" + told.encode()
    once = scalar_of(
        hashlib.sha512(hashlib.sha512(MAGIC + b" drill once\x00" + private + message).digest()[:32]).digest()[:32]
    )
    point, half = encoded(*edwards_times(scalar_of(private))), encoded(*edwards_times(once))
    challenge = int.from_bytes(hashlib.sha512(half + point + message).digest(), "little")
    order = 2**252 + 27742317777372353535851937790883648493
    return half + ((once + challenge * scalar_of(private)) % order).to_bytes(32, "little")


def proof_vectors() -> list[dict[str, object]]:
    signer = "ed25519:" + made_up("keeper's signing key").hex()
    rows = [
        {
            "spec": "seal-29",
            "private": private,
            "public": public_of(private),
            "signer": signer,
            "proof": drill_proof(private, signer),
        }
        for private in [made_up("keeper"), made_up("keeper 2"), made_up("keeper 3"), made_up("keeper 4")]
    ]
    signs = {edwards_times(int.from_bytes(row["private"], "little") & (2**254 - 8) | 2**254)[0] & 1 for row in rows}  # type: ignore[arg-type]
    if signs != {0, 1}:
        raise AssertionError(signs)
    return rows


def key_vectors() -> dict[str, object]:
    p = 2**255 - 19
    refused = {
        "zero": (0, "keeper-key-low-order"),
        "one": (1, "keeper-key-low-order"),
        "p - 1": (p - 1, "keeper-key-low-order"),
        "order eight, the smaller": (
            325606250916557431795983626356110631294008115727848805560023387167927233504,
            "keeper-key-low-order",
        ),
        "order eight, the larger": (
            39382357235489614581723060781553021112529911719440698176882885853963445705823,
            "keeper-key-low-order",
        ),
        "p, a second spelling of zero": (p, "keeper-key-not-canonical"),
        "p + 9, a second spelling of the base point": (p + 9, "keeper-key-not-canonical"),
        "2^255 - 1": (2**255 - 1, "keeper-key-not-canonical"),
        "the base point with the top bit set": (9 + 2**255, "keeper-key-not-canonical"),
        "all bits set": (2**256 - 1, "keeper-key-not-canonical"),
    }
    rows = [
        {"why": why, "spec": "seal-3", "public": value.to_bytes(32, "little").hex(), "refused": reason}
        for why, (value, reason) in refused.items()
    ]
    rows += [
        {"why": why, "spec": "seal-3", "public": public.hex(), "refused": "keeper-key-length"}
        for why, public in {"empty": b"", "31 bytes": bytes(31), "33 bytes": made_up("x") + b"\x00"}.items()
    ]
    rows += [
        {"why": why, "spec": "seal-3", "public": public.hex(), "refused": ""}
        for why, public in {
            "a key": public_of(made_up("keeper")),
            "the largest canonical coordinate that is not of low order": (p - 2).to_bytes(32, "little"),
            "the base point": (9).to_bytes(32, "little"),
        }.items()
    ]
    private, secret, ephemeral = made_up("keeper"), made_up("drill secret"), made_up("drill ephemeral")
    drill = {
        "private": private,
        "public": public_of(private),
        "secret": secret,
        "ephemeral": ephemeral,
        "share": hpke_seal(public_of(private), ephemeral, MAGIC + b" drill", secret),
    }
    return {"keeper_keys": rows, "drill": drill, "drill_proofs": proof_vectors()}


def shamir_vectors() -> list[dict[str, object]]:
    secret = made_up("shamir")
    rows = []
    for n, k in ((2, 1), (3, 2), (5, 3), (16, 9), (255, 2)):
        polynomial = b"".join(made_up(f"coefficient {j}") for j in range(1, k))
        shares = [share_of(secret, polynomial, number) for number in range(1, n + 1)]
        rows.append({"spec": "seal-9", "k": k, "secret": secret, "polynomial": polynomial, "shares": shares})
    return rows


def main() -> None:
    master = made_up("master")
    about = "Written by tests/ledger/plain_sealing.py, a second implementation of SPEC.md; all bytes in hexadecimal."
    files = {
        "sealing.json": {
            "about": about,
            "master": {"spec": "seal-5", "master": master, **master_parts(master)},
            "envelopes": honest_vectors(),
            "void": void_vectors(),
        },
        "sealing_keys.json": {"about": about, **key_vectors()},
        "sealing_shares.json": {"about": about, "shamir": shamir_vectors()},
    }
    for name, content in files.items():
        text = json.dumps(written(content), indent=1, ensure_ascii=False) + "\n"
        (VECTORS / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}: {len(text)} characters\n")


if __name__ == "__main__":
    main()
