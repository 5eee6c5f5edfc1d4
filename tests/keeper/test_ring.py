"""A keeper's secrets: made, kept, written as words, locked, and deleted for good."""

from pathlib import Path

import pytest

from ledger.errors import MalformedError, VerificationError
from ledger.keeperkey import public_of
from ledger.keepers import KeeperPack
from ledger.keys import SigningKey
from portal.keeper import locks, paper
from portal.keeper.ring import MOST_HELD, Ring, replace_secret
from tests.portal.town import refusal_of

NAME = "keeper:law-school"
FIXED = Ring(NAME, bytes(range(32)), bytes(range(32, 64)))
SALT = bytes([9]) * 32
ANSWER = bytes([5]) * 32
PASSKEY = locks.Passkey("cGFzc2tleS1udW1iZXItb25l", "laptop", ANSWER)


def test_the_same_secret_gives_the_same_keys_for_ever() -> None:
    first, second = FIXED.pairs[:2]
    assert first[1].proposal == "03f4c8a09a00520a402d64a9170378dd901280cf384c143addb3cc502422d634"
    assert second[1].proposal == "5326120bd14781d82db23813709820550b37dadcebb5441184dd43d8479fc52b"
    assert len({first[1].proposal, first[1].offer, second[1].proposal, second[1].offer}) == 4
    again = Ring.parse(FIXED.encode())
    assert [public for _, public in again.pairs] == [public for _, public in FIXED.pairs]


def test_two_rings_have_nothing_in_common() -> None:
    one, two = Ring.make(NAME), Ring.make(NAME)
    assert one.key.key_id != two.key.key_id
    assert not {p.proposal for _, p in one.pairs} & {p.proposal for _, p in two.pairs}


def test_a_ring_prints_no_secret() -> None:
    assert repr(FIXED).startswith("<portal.keeper.ring.Ring object at ")
    assert repr(locks.lock(FIXED, PASSKEY, SALT)).startswith("<portal.keeper.locks.Unlocked object at ")


def test_a_file_is_written_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    FIXED.save(tmp_path / "ring")
    assert (tmp_path / "ring").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        FIXED.save(tmp_path / "ring")
    replace_secret(tmp_path / "ring", b"another\n")
    assert (tmp_path / "ring").read_bytes() == b"another\n"
    assert (tmp_path / "ring").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["ring"]


WRONG = {
    "nothing": b"",
    "no line end": FIXED.encode()[:-1],
    "another version": FIXED.encode().replace(b"ring-v1", b"ring-v2"),
    "a field too many": FIXED.encode().replace(b'{"held"', b'{"and":1,"held"'),
    "a firm's name": FIXED.encode().replace(b"keeper:law-school", b"firm:law-school"),
    "a short secret": FIXED.encode().replace(FIXED.sign.hex().encode(), FIXED.sign.hex()[2:].encode()),
    "too many made": FIXED.encode().replace(b'"made":0', b'"made":10001'),
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_a_file_that_is_none_is_refused_without_its_content(data: bytes) -> None:
    with pytest.raises(MalformedError) as refused:
        Ring.parse(data)
    assert FIXED.sign.hex()[:16] not in str(refused.value)


def test_a_name_that_is_no_keeper_s_is_refused_before_anything_is_written() -> None:
    assert refusal_of(lambda: Ring.make("law-school")) == "keeper-name"


def test_an_older_pack_and_key_are_taken_over() -> None:
    pack, key = KeeperPack.generate("law-school", 2), SigningKey.generate("law-school")
    ring = Ring.adopt(NAME, key, pack)
    assert ring.key.key_id == key.key_id
    publics = pack.public_list
    assert ring.private_of(publics[0]["proposal"], publics[0]["offer"], "offer") == pack.privates[0]["offer"]
    assert [pair.proposal for pair in ring.next_keys(set(), 2)] == [pair["proposal"] for pair in publics]
    assert len(pack.privates) <= MOST_HELD
    twice = ring.encode().replace(pack.privates[1]["offer"].hex().encode(), pack.privates[0]["offer"].hex().encode())
    assert refusal_of(lambda: Ring.parse(twice)) == "keeper-key-repeated"


def test_a_seat_that_pairs_keys_of_two_notices_opens_with_neither() -> None:
    (_, first), (_, second) = FIXED.pairs[:2]
    assert refusal_of(lambda: FIXED.private_of(first.proposal, second.offer, "proposal")) == "key-not-in-ring"
    assert public_of(FIXED.private_of(first.proposal, first.offer, "offer")).hex() == first.offer


def test_keys_are_registered_in_order_and_each_once() -> None:
    known = {pair.proposal for _, pair in FIXED.pairs[:3]}
    ring = FIXED.registered(known)
    assert ring.made == 3
    assert ring.registered(set()).made == 3
    assert ring.next_keys(known, 2) == [pair for _, pair in FIXED.pairs[3:5]]


def test_a_pair_that_is_deleted_does_not_come_back() -> None:
    publics = [pair.proposal for _, pair in FIXED.pairs[:3]]
    ring = FIXED.registered(set(publics))
    assert ring.without(publics[1]) is None, "an older pair still stands before it"
    shorter = ring.without(publics[0])
    assert shorter is not None
    assert not shorter.holds(publics[0])
    assert (shorter.made, shorter.holds(publics[2])) == (2, True)
    assert FIXED.state.hex().encode() not in shorter.encode()
    words = paper.ring_of(NAME, paper.write_words(shorter.sign), paper.write_words(shorter.state))
    assert not words.holds(publics[0])
    assert words.registered(set(publics)).made == 2


def test_a_pair_that_was_never_registered_is_not_deleted() -> None:
    assert FIXED.without(FIXED.pairs[0][1].proposal) is None


def test_held_pairs_go_first_and_in_their_order() -> None:
    pack = KeeperPack.generate("law-school", 2)
    ring = Ring.adopt(NAME, SigningKey.generate("k"), pack)
    first, second = (pair["proposal"] for pair in pack.public_list)
    assert ring.without(second) is None
    left = ring.without(first)
    assert left is not None
    assert (left.holds(first), left.holds(second)) == (False, True)


def test_thirty_three_words_give_a_secret_back() -> None:
    (words,) = paper.write_words(FIXED.state)
    assert len(words.split()) == 33
    assert paper.read_words([words]) == FIXED.state
    assert paper.read_words([words.upper().replace(" ", "\n ")]) == FIXED.state


def test_any_two_of_three_sheets_give_a_secret_back_and_one_tells_nothing() -> None:
    one, two, three = paper.write_words(FIXED.sign, 2, 3)
    assert paper.read_words([three, one]) == paper.read_words([one, two]) == FIXED.sign
    assert refusal_of(lambda: paper.read_words([two])) == "words-wrong"


@pytest.mark.parametrize("split", [(0, 1), (2, 1), (1, 3), (3, 10)])
def test_a_split_that_makes_no_sense_is_refused(split: tuple[int, int]) -> None:
    assert refusal_of(lambda: paper.write_words(FIXED.sign, *split)) == "words-split"


def test_a_word_that_was_copied_wrongly_is_noticed() -> None:
    (words,) = paper.write_words(FIXED.sign)
    listed = words.split()
    swapped = [*listed[:20], *reversed(listed[20:25]), *listed[25:]]
    for wrong in (["pebble", *listed[1:]], listed[:-1], swapped, [], ["x"] * 33):
        assert refusal_of(lambda wrong=wrong: paper.read_words([" ".join(wrong)])) == "words-wrong"
    (other,) = paper.write_words(bytes(16) + FIXED.sign[:16])
    assert refusal_of(lambda: paper.read_words([words, other])) == "words-wrong"


def test_sheets_are_read_with_numbers_and_line_ends() -> None:
    (words,) = paper.write_words(FIXED.sign)
    numbered = "\n".join(f"{number}. {word}" for number, word in enumerate(words.split(), 1))
    assert paper.sheets_in(numbered) == [words]
    assert refusal_of(lambda: paper.sheets_in("one two three")) == "words-wrong"
    assert refusal_of(lambda: paper.sheets_in("")) == "words-wrong"


def test_a_passkey_opens_what_it_locked_and_another_does_not() -> None:
    locked = locks.encode_locked(locks.lock(FIXED, PASSKEY, SALT))
    assert locks.is_locked(locked)
    assert not locks.is_locked(FIXED.encode())
    assert locks.asks_for(locked) == (NAME, [PASSKEY.credential], SALT.hex())
    assert FIXED.sign.hex().encode() not in locked
    assert locks.unlock(locked, PASSKEY.credential, ANSWER).ring == FIXED
    for credential, answer in ((PASSKEY.credential, bytes(32)), ("bm90LXRoaXMtcGFzc2tleQ", ANSWER)):
        with pytest.raises(VerificationError) as refused:
            locks.unlock(locked, credential, answer)
        assert refused.value.reason == "passkey-other"
    assert refusal_of(lambda: locks.unlock(locked, PASSKEY.credential, bytes(31))) == "secret-length"


def test_a_second_passkey_opens_the_same_ring_also_after_it_changed() -> None:
    opened = locks.unlock(locks.encode_locked(locks.lock(FIXED, PASSKEY, SALT)), PASSKEY.credential, ANSWER)
    telephone = locks.Passkey("dGVsZXBob25lLW51bWJlci0x", "telephone", bytes([6]) * 32)
    both = locks.another(opened, telephone)
    assert refusal_of(lambda: locks.another(both, telephone)) == "passkey-known"
    changed = locks.Unlocked(FIXED.registered({FIXED.pairs[0][1].proposal}), both.locks, both.salt, both.key)
    for credential, answer in ((PASSKEY.credential, ANSWER), (telephone.credential, telephone.answer)):
        assert locks.unlock(locks.encode_locked(changed), credential, answer).ring.made == 1
    sealed = {locks.encode_locked(each) for each in (both, changed)}
    assert len(sealed) == 2
    assert locks.encode_locked(both) == locks.encode_locked(both)


def test_a_locked_file_that_was_altered_opens_nothing() -> None:
    locked = locks.encode_locked(locks.lock(FIXED, PASSKEY, SALT))
    renamed = locked.replace(b"law-school", b"lawschools")
    assert refusal_of(lambda: locks.unlock(renamed, PASSKEY.credential, ANSWER)) == "passkey-other"
    at = locked.index(b'"sealed":"') + 40
    flipped = locked[:at] + (b"1" if locked[at : at + 1] == b"0" else b"0") + locked[at + 1 :]
    assert refusal_of(lambda: locks.unlock(flipped, PASSKEY.credential, ANSWER)) == "passkey-other"
    assert refusal_of(lambda: locks.asks_for(FIXED.encode())) == "locked-file"
    assert refusal_of(lambda: locks.unlock(b"{}\n", PASSKEY.credential, ANSWER)) == "locked-file"
