import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger.drillproof import check_drill_proof
from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.keeperkey import answer_drill, drill_challenge, public_of, released_key_matches
from ledger.keepers import MAX_NOTICES, KeeperPack
from tests.ledger.plain_sealing import made_up

PRIVATE = made_up("keeper")
PUBLIC = public_of(PRIVATE)


def test_a_pack_lasts_thirty_notices_with_a_key_for_each_label() -> None:
    pack = KeeperPack.generate("Ada Keeper")
    listed = pack.public_list
    assert len(listed) == 30
    assert all(sorted(pair) == ["offer", "proposal"] for pair in listed)
    assert len({key for pair in listed for key in pair.values()}) == 60


def test_a_pack_finds_the_private_key_of_each_of_its_keys_and_of_no_other() -> None:
    pack = KeeperPack.generate("Ada Keeper", 3)
    for pair in pack.public_list:
        for key in pair.values():
            released_key_matches(pack.private_for(bytes.fromhex(key)), bytes.fromhex(key))
    with pytest.raises(VerificationError) as caught:
        pack.private_for(PUBLIC)
    assert caught.value.reason == "key-not-in-pack"


def test_a_pack_proves_each_of_its_keys() -> None:
    pack, signer = KeeperPack.generate("Ada Keeper", 2), f"ed25519:{made_up('signing').hex()}"
    proofs = pack.proofs(signer)
    for publics, proved in zip(pack.public_list, proofs, strict=True):
        for label, public in publics.items():
            check_drill_proof(bytes.fromhex(public), signer, bytes.fromhex(proved[label]))


def test_a_pack_file_is_the_owners_alone_and_comes_back_the_same(tmp_path: Path) -> None:
    pack, path = KeeperPack.generate("Åsa Keeper", 2), tmp_path / "pack"
    pack.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeeperPack.load(path) == pack
    assert path.read_bytes() == pack.encode()


def test_a_pack_file_is_never_overwritten(tmp_path: Path) -> None:
    first, path = KeeperPack.generate("Ada", 1), tmp_path / "pack"
    first.save(path)
    with pytest.raises(FileExistsError):
        KeeperPack.generate("Ada", 1).save(path)
    assert KeeperPack.load(path) == first


def test_a_pack_prints_none_of_its_keys() -> None:
    pack = KeeperPack.generate("Ada", 1)
    shown = repr(pack) + str(pack)
    assert not any(key.hex() in shown or repr(key) in shown for pair in pack.privates for key in pair.values())


@pytest.mark.parametrize("notices", [-1, 0, MAX_NOTICES + 1])
def test_a_pack_for_no_notice_or_too_many_is_refused(notices: int) -> None:
    with pytest.raises(MalformedError) as caught:
        KeeperPack.generate("Ada", notices)
    assert caught.value.reason == "pack-size"


def test_the_largest_pack_is_written_and_read() -> None:
    pack = KeeperPack.generate("Ada", MAX_NOTICES)
    assert KeeperPack.parse(pack.encode()) == pack


def row(**change: object) -> dict[str, object]:
    return {"offer": made_up("offer").hex(), "proposal": made_up("proposal").hex(), **change}


BROKEN_PACKS = {
    "no keys": ({"keys": []}, "pack-file"),
    "101 notices": ({"keys": [row()] * 101}, "pack-file"),
    "another version": ({"version": "daylight-keeper-pack-v2"}, "pack-file"),
    "an unknown field": ({"note": ""}, "pack-file"),
    "a name that is a number": ({"name": 7}, "pack-file"),
    "keys that are no list": ({"keys": row()}, "pack-file"),
    "a third label": ({"keys": [row(names=made_up("names").hex())]}, "pack-file"),
    "one label only": ({"keys": [{"offer": made_up("offer").hex()}]}, "pack-file"),
    "a short key": ({"keys": [row(offer="00" * 31)]}, "pack-file"),
    "upper case": ({"keys": [row(offer=made_up("offer").hex().upper())]}, "pack-file"),
    "a line end within a key": ({"keys": [row(offer=made_up("offer").hex()[:-1] + "\n")]}, "pack-file"),
    "one key for both labels": ({"keys": [row(offer=made_up("proposal").hex())]}, "keeper-key-repeated"),
    "one key for two notices": ({"keys": [row(), row()]}, "keeper-key-repeated"),
}


@pytest.mark.parametrize(("change", "reason"), BROKEN_PACKS.values(), ids=BROKEN_PACKS)
def test_a_broken_pack_file_is_refused(change: dict[str, object], reason: str) -> None:
    fields = {"keys": [row()], "name": "Ada", "version": "daylight-keeper-pack-v1", **change}
    with pytest.raises(MalformedError) as caught:
        KeeperPack.parse(canonical.encode(fields) + b"\n")
    assert caught.value.reason == reason


def test_a_pack_file_has_one_spelling() -> None:
    good = KeeperPack.generate("Ada", 1).encode()
    for changed in (good[:-1], good + b"\n", b" " + good, good.replace(b":", b": ", 1), b""):
        with pytest.raises(MalformedError):
            KeeperPack.parse(changed)


def test_a_name_that_shows_other_than_it_says_is_not_written() -> None:
    with pytest.raises(MalformedError) as caught:
        KeeperPack("A\u202eda", KeeperPack.generate("Ada", 1).privates).encode()
    assert caught.value.reason == "json-character"


def test_a_keeper_proves_by_a_drill_that_the_key_opens() -> None:
    secret = made_up("drill")
    assert answer_drill(PRIVATE, drill_challenge(PUBLIC, secret, made_up("ephemeral"))) == secret


def test_another_keeper_cannot_answer_the_drill() -> None:
    share = drill_challenge(PUBLIC, made_up("drill"), made_up("ephemeral"))
    with pytest.raises(VerificationError) as caught:
        answer_drill(made_up("another keeper"), share)
    assert caught.value.reason == "sealed-unreadable"


@pytest.mark.parametrize(("secret", "ephemeral"), [(31, 32), (33, 32), (32, 31), (32, 33), (0, 32)])
def test_a_drill_of_another_length_is_not_made(secret: int, ephemeral: int) -> None:
    with pytest.raises(MalformedError) as caught:
        drill_challenge(PUBLIC, bytes(secret), b"\x01" * ephemeral)
    assert caught.value.reason == "drill-length"


@pytest.mark.parametrize("length", [0, 79, 81])
def test_a_drill_share_of_another_length_is_not_opened(length: int) -> None:
    with pytest.raises(MalformedError) as caught:
        answer_drill(PRIVATE, bytes(length))
    assert caught.value.reason == "drill-length"


def test_no_drill_is_sealed_to_an_inadmissible_key() -> None:
    with pytest.raises(MalformedError) as caught:
        drill_challenge(bytes(32), made_up("drill"), made_up("ephemeral"))
    assert caught.value.reason == "keeper-key-low-order"


@given(private=st.binary(max_size=40), share=st.binary(max_size=90))
def test_a_drill_answer_fails_with_errors_of_the_ledger_only(private: bytes, share: bytes) -> None:
    with pytest.raises(LedgerError):
        answer_drill(private, share)


@given(data=st.binary(max_size=300))
def test_any_bytes_are_no_pack_unless_written_back_unchanged(data: bytes) -> None:
    with pytest.raises(LedgerError):
        KeeperPack.parse(data)
