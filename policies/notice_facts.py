"""What a notice says, reduced to what rules can judge."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- field types of a Struct stay resolvable

import msgspec

from policies.reservation import Answer  # noqa: TC001 -- field types of a Struct stay resolvable


class Criterion(msgspec.Struct, frozen=True):
    """One thing by which proposals are scored; the id `social` marks jobs and training places."""

    id: str
    name: str
    weight: int


class NoticeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """
    A notice as its officers want to publish it.

    Args:
        budget_minor: The fixed price, or the ceiling of a priced pilot; the whole value with options, in `tax` mode.
        floor_minor: Priced pilots only: the price at and below which the price earns all its points.
        tax: None takes the jurisdiction's own mode; anything else must equal it.
        reservation: `open` or a kind; judged by the legality gate with `funding` and `cross_border`.
        price_weight: Percent; 0 for a fixed price.
        opens_by: Before it keepers must have opened the proposals; `offers_by` the same for offers, None if not named.
        arrangement: Who keeps the keys. That no organisation holds enough alone is judged where keepers are known.
        milestones: Amounts in order, empty where the notice names none.
    """

    tier: str
    price_mode: str
    budget_minor: int
    floor_minor: int | None
    currency: str
    tax: str | None = None
    funding: str
    cross_border: Answer
    reservation: str
    criteria: tuple[Criterion, ...]
    price_weight: int
    questions_close: datetime
    closes: datetime
    objection_until: datetime
    opens_by: datetime
    offers_by: datetime | None = None
    arrangement: str
    k: int
    keepers: int
    evaluators: int
    learner_places: int
    milestones: tuple[int, ...]
    payment_days: int
    proposal_size: int
    offer_size: int
