"""Bids and questions are signed by keys made for them alone: a known device would tell who bids or asks."""

import pytest

from portal.commands.judge import judge
from portal.procurement.events.bid import BidSealed, QuestionAsked
from tests.portal.town import PILOT, Town

KNOWN = {
    "a browser's key": "es256:02" + "ab" * 32,
    "a passkey": "passkey-ed25519:" + "ab" * 32,
    "a passkey of the usual kind": "passkey-es256:03" + "ab" * 32,
    "an old passkey": "passkey-rs256:" + "ab" * 256,
}


@pytest.mark.parametrize("key", KNOWN.values(), ids=KNOWN)
def test_nobody_bids_or_asks_with_a_known_device(open_town: Town, key: str) -> None:
    seal = BidSealed(terms=open_town.case().terms, proposal="00" * 32, offer="11" * 32, lot="22" * 32)
    for refusal in (
        judge(open_town.office, "bid-sealed", PILOT, seal, [key]),
        judge(open_town.office, "question-asked", PILOT, QuestionAsked(text="Which calendar?"), [key]),
    ):
        assert refusal is not None
        assert refusal.reason == "one-time-key-kind"


def test_a_key_made_for_the_question_alone_may_ask(open_town: Town) -> None:
    body = QuestionAsked(text="Which calendar?")
    assert judge(open_town.office, "question-asked", PILOT, body, ["ed25519:" + "ab" * 32]) is None
