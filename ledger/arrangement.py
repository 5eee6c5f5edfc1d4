"""
Who may keep the keys of a notice: the composition rules of the two arrangements.

Rules of this module (how many, and from which tier, is policy; what makes a promise hollow is here):

* `own-staff`: 2 of 3 people of the agency, none of them the requester or an evaluator, for fixed-price
  try-outs only. It protects against one curious person, not against the agency, and pages say so.
* `shared`: more than any one organisation's keepers must act together. The operator of the portal and
  the buying agency count as one organisation, since one often pays the other.
* Always at least one keeper may be lost, and always at least two must act.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from ledger.errors import VerificationError

ARRANGEMENTS = ("own-staff", "shared")
_OWN_STAFF = (2, 3)
_MIN_THRESHOLD = 2


class KeeperSeat(NamedTuple):
    """One keeper of a notice: the person, and the organisation that could give that person orders."""

    person: str
    organisation: str


def check_arrangement(
    arrangement: str,
    *,
    k: int,
    keepers: Sequence[KeeperSeat],
    agency: str,
    operator: str,
    conflicted: Collection[str],
    tier: str,
    fixed_price: bool,
) -> None:
    """
    Refuse keepers whose promise to a bidder would be hollow.

    Args:
        conflicted: People who asked for the work or will judge it.
        tier: `T0` is the try-out; other names are not interpreted.

    Raises:
        VerificationError: `arrangement-unknown`, `keepers-margin`, `keepers-threshold`, `keepers-repeated`,
            `keepers-conflicted`, `keepers-one-organisation`, or of own staff `keepers-own-staff-figures`,
            `keepers-own-staff-outsider`, `keepers-own-staff-tier`, `keepers-own-staff-price`.
    """
    if arrangement not in ARRANGEMENTS:
        raise VerificationError("arrangement-unknown", arrangement)
    _check_seats(k, keepers, conflicted)
    if arrangement == "shared":
        _check_shared(k, keepers, {agency, operator})
    else:
        _check_own_staff(k, keepers, agency, tier, fixed_price=fixed_price)


def _check_seats(k: int, keepers: Sequence[KeeperSeat], conflicted: Collection[str]) -> None:
    """Hold what both arrangements promise: a margin, no lone opener, no one twice, no one with an interest."""
    if len(keepers) - k < 1:
        raise VerificationError("keepers-margin", f"{k} of {len(keepers)}: one lost key would lose every bid")
    if k < _MIN_THRESHOLD:
        raise VerificationError("keepers-threshold", f"{k} keeper alone could read every bid")
    people = [seat.person for seat in keepers]
    if len(set(people)) < len(people):
        raise VerificationError("keepers-repeated", "one person holds two keys")
    if barred := sorted(set(people) & set(conflicted)):
        raise VerificationError("keepers-conflicted", ", ".join(barred))


def _check_shared(k: int, keepers: Sequence[KeeperSeat], buying_side: Collection[str]) -> None:
    """Demand that no organisation has k keepers."""
    counts = Counter("" if seat.organisation in buying_side else seat.organisation for seat in keepers)
    name, most = counts.most_common(1)[0]
    if k <= most:
        raise VerificationError("keepers-one-organisation", f"{name or 'agency and operator'}: {most} of {k} needed")


def _check_own_staff(k: int, keepers: Sequence[KeeperSeat], agency: str, tier: str, *, fixed_price: bool) -> None:
    """Demand the one shape in which an agency may keep its own keys."""
    if (k, len(keepers)) != _OWN_STAFF:
        raise VerificationError("keepers-own-staff-figures", f"{k} of {len(keepers)}, not 2 of 3")
    if outsiders := [seat.person for seat in keepers if seat.organisation != agency]:
        raise VerificationError("keepers-own-staff-outsider", ", ".join(outsiders))
    if tier != "T0":
        raise VerificationError("keepers-own-staff-tier", f"{tier}: own staff keep the keys of try-outs only")
    if not fixed_price:
        raise VerificationError("keepers-own-staff-price", "own staff keep the keys of fixed-price notices only")
