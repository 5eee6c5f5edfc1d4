"""Scores committed, then shown; interests declared, then matched; the ranking. Subject `opportunity:ID`."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from portal.procurement.events import Hex32, Line


class InterestsDeclared(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    An evaluator commits before the close to the firms she has an interest in.

    The statement's commitments hold the firms (paths `firm_1` …, or by name `name_1` …) and decoys up to a multiple of eight, so that neither a
    name nor a number shows.
    """

    person: str
    words: Annotated[str, Meta(max_length=300)] = ""


class EvaluatorStoodAside(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An interest matches a bidder: the evaluator's scores drop out. `salt` and `path` open the commitment."""

    person: str
    firm: str
    path: str
    salt: Hex32


class ScoresCommitted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An evaluator locks in her scores: SHA-256 over a salt and their canonical bytes."""

    person: str
    commitment: Hex32


class CriterionScore(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A level 0 to 4 and the words for it."""

    criterion: str
    score: int
    words: Line


class BidScores(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One proposal's scores by one evaluator, in the order of the notice's criteria."""

    bid: Hex32
    scores: Annotated[list[CriterionScore], Meta(max_length=10)]


class ScoresRevealed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The scores behind a commitment, all proposals in the drawn order."""

    person: str
    salt: Hex32
    scores: Annotated[list[BidScores], Meta(max_length=200)]


class ScoreReason(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why one score lies away from the panel's middle."""

    bid: Hex32
    criterion: str
    words: Line


class ScoresExplained(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An evaluator says, after all scores are shown, why hers lie apart from the others'. No score changes by it."""

    person: str
    reasons: Annotated[list[ScoreReason], Meta(min_length=1, max_length=200)]


class RankRow(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One bid's place. Points are integer hundredths: quality out of the criteria's weights, price out of its own.

    `rank` 0 means not ranked: below the minimum quality or disqualified, with the reason.
    """

    bid: Hex32
    firm: str
    quality: int
    price: int
    total: int
    rank: int
    reason: str = ""


class RankingPublished(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The order of bids, which everyone recomputes; `ties` names the bids whose order a lot decided."""

    rows: Annotated[list[RankRow], Meta(max_length=300)]
    ties: list[Hex32] = []
    method: Literal["points", "lowest-price"]
