"""A keeper's key signs for itself, and everybody can check it: what holds, and all that must not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import drillproof, hpke
from ledger.drillproof import check_drill_proof, drill_statement, prove_drill
from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.keeperkey import answer_drill, drill_challenge, load_private, public_of
from tests.ledger.plain_sealing import made_up, twin

PRIVATE = made_up("keeper")
PUBLIC = public_of(PRIVATE)
SIGNER = "ed25519:" + made_up("signing").hex()
PROOF = prove_drill(PRIVATE, SIGNER)
ORDER = 2**252 + 27742317777372353535851937790883648493


def refusal(public: bytes, signer: str, proof: bytes) -> str:
    with pytest.raises(LedgerError) as caught:
        check_drill_proof(public, signer, proof)
    return caught.value.reason


def test_a_proof_holds_for_its_key_and_signer_alone() -> None:
    check_drill_proof(PUBLIC, SIGNER, PROOF)
    assert refusal(PUBLIC, SIGNER.replace("ed25519:", "es256:"), PROOF) == "drill-proof"
    assert refusal(public_of(made_up("keeper 2")), SIGNER, PROOF) == "drill-proof"


@pytest.mark.parametrize("place", range(64))
def test_a_proof_with_any_byte_flipped_is_refused(place: int) -> None:
    flipped = bytes(byte ^ (number == place) for number, byte in enumerate(PROOF))
    assert refusal(PUBLIC, SIGNER, flipped) == "drill-proof"


def test_a_second_spelling_of_a_proof_is_refused() -> None:
    more = (int.from_bytes(PROOF[32:], "little") + ORDER).to_bytes(32, "little")
    assert refusal(PUBLIC, SIGNER, PROOF[:32] + more) == "drill-proof"


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_proof_of_another_length_is_refused(length: int) -> None:
    assert refusal(PUBLIC, SIGNER, PROOF.ljust(65, b"\x00")[:length]) == "drill-proof-length"


@pytest.mark.parametrize(
    ("public", "reason"),
    {
        "a twin of the key": (twin(PUBLIC), "keeper-key-not-canonical"),
        "a key that everybody opens": (bytes(32), "keeper-key-low-order"),
        "minus one, which the map does not take": ((2**255 - 20).to_bytes(32, "little"), "keeper-key-low-order"),
        "a coordinate that is on the twist": ((2).to_bytes(32, "little"), "drill-proof"),
    }.items(),
    ids=lambda given: given[0] if isinstance(given, tuple) else None,
)
def test_a_key_that_is_none_has_no_proof(public: str, reason: tuple[bytes, str]) -> None:
    assert public
    assert refusal(reason[0], SIGNER, PROOF) == reason[1]


def test_who_has_no_key_of_32_bytes_proves_nothing() -> None:
    with pytest.raises(MalformedError) as caught:
        prove_drill(PRIVATE[:31], SIGNER)
    assert caught.value.reason == "released-key-length"


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=70))
def test_every_key_proves_itself_and_no_random_bytes_do(private: bytes, junk: bytes) -> None:
    public = public_of(private)
    check_drill_proof(public, SIGNER, prove_drill(private, SIGNER))
    assert refusal(public, SIGNER, junk) in {"drill-proof", "drill-proof-length"}


def test_no_one_time_value_serves_two_messages() -> None:
    """With one value under two messages anybody would compute the key: s1 - s2 = (h1 - h2) times the secret."""
    signers = [f"ed25519:{number:064x}" for number in range(50)]
    assert len({prove_drill(PRIVATE, signer)[:32] for signer in signers}) == 50
    assert prove_drill(PRIVATE, SIGNER) == PROOF


def test_a_proof_opens_nothing_and_answers_no_drill() -> None:
    share = drill_challenge(PUBLIC, made_up("secret"), made_up("ephemeral"))
    assert answer_drill(PRIVATE, share) == made_up("secret")
    with pytest.raises(VerificationError):
        hpke.open_sealed(load_private(PRIVATE), drill_statement(PUBLIC, SIGNER), share)
    assert PRIVATE not in PROOF
    assert drill_statement(PUBLIC, SIGNER).startswith(b"daylight-seal-v1 drill proof\x00")
    assert len(PROOF) == drillproof.PROOF_LENGTH
