"""
Read OCDS 1.1 compiled releases: JSON lines, a JSON array, or a package. Strict, and one bad line never spoils the rest.

1. A line (or array element) is taken whole or skipped whole, with its number and a reason code; nothing is guessed.
2. Amounts become minor units exactly; a fraction of a minor unit, a negative amount or NaN is a reason to skip.
3. What the award was is kept apart from what led to it (`Process.recorded`), so that whoever replays a process cannot
   peek by mistake.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NoReturn

from msgspec import Struct

from ledger import canonical
from portal.procurement.money import exponent

MAX_BYTES = 256 * 1024 * 1024
MAX_TEXT = 5900
_MOST_MINOR = 2**53 - 1
_NAME = 118
_FIRST_YEAR, _LAST_YEAR = 1971, 9000
_COUNTED = ("valid", "pending")


class RecordedParty(Struct, frozen=True, kw_only=True):
    """A buyer or tenderer as the file names it."""

    id: str
    name: str


class RecordedBid(Struct, frozen=True, kw_only=True):
    """One bid act: who, when, how much."""

    id: str
    at: datetime
    tenderer: RecordedParty
    amount_minor: int


class RecordedAward(Struct, frozen=True, kw_only=True):
    """Who won, at which amount, by which bid if the file says so."""

    supplier: str
    amount_minor: int | None
    bid: str | None


class Process(Struct, frozen=True, kw_only=True):
    """One contracting process, ready to be replayed. `recorded` is for comparing afterwards only."""

    line: int
    ocid: str
    title: str
    text: str
    buyer: RecordedParty
    currency: str
    value_minor: int | None
    opens: datetime
    closes: datetime
    bids: list[RecordedBid]
    recorded: RecordedAward


class Problem(Struct, frozen=True, kw_only=True):
    """A line that was skipped: its number from 1, a reason code, and where in it."""

    line: int
    reason: str
    where: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" + (f" ({self.where})" if self.where else "")


class _DirtyError(Exception):
    """This line cannot be replayed."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where


def read_releases(data: bytes) -> tuple[list[Process], list[Problem]]:
    """
    Read a file of compiled releases.

    Returns:
        The processes in the order of the file, and the problems of the lines that were skipped.
    """
    if len(data) > MAX_BYTES:
        return [], [Problem(line=1, reason="file-too-large", where=f"{len(data)} bytes")]
    processes: list[Process] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for line, give in _rows(data):
        try:
            process = _process(line, give())
            if process.ocid in seen:
                _dirty("ocid-repeated", process.ocid)
        except _DirtyError as error:
            problems.append(Problem(line=line, reason=error.reason, where=error.where))
            continue
        seen.add(process.ocid)
        processes.append(process)
    return processes, problems


def _rows(data: bytes) -> list[tuple[int, Callable[[], Any]]]:
    """The lines or elements with their numbers, each to be parsed when asked for."""
    try:
        whole = _parse(data)
    except _DirtyError:
        lines = data.split(b"\n")
        return [(number, partial(_parse, line)) for number, line in enumerate(lines, 1) if line.strip()]
    for name in ("releases", "records"):
        if isinstance(whole, dict) and isinstance(whole.get(name), list):
            whole = whole[name]
    rows = whole if isinstance(whole, list) else [whole]
    return [(number, partial(_given, row)) for number, row in enumerate(rows, 1)]


def _given(row: Any) -> Any:
    return row


def _parse(data: bytes) -> Any:
    try:
        return json.loads(
            data.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_unique
        )
    except (ValueError, RecursionError) as error:
        raise _DirtyError("json-malformed", str(error)[:120]) from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    repeated = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if repeated:
        raise ValueError(f"{repeated[0]!r} occurs twice")
    return dict(pairs)


def _process(line: int, row: Any) -> Process:
    if isinstance(row, dict) and "compiledRelease" in row:
        row = row["compiledRelease"]
    if not isinstance(row, dict):
        _dirty("release-no-object")
    if "tag" in row and "compiled" not in (row["tag"] if isinstance(row["tag"], list) else []):
        _dirty("release-not-compiled")
    ocid, tender = _text(row, "ocid"), _object(row, "tender")
    if tender.get("status") in {"cancelled", "unsuccessful", "withdrawn"}:
        _dirty("tender-not-awarded", str(tender["status"]))
    opens, closes = _period(tender)
    value = tender.get("value")
    bids = [bid for bid in _list(_object(row, "bids"), "details", "bids") if _counted(bid)]
    if not bids:
        _dirty("bids-missing")
    currency = _currency(_object(bids[0], "value", "bids.details.value"), "bids.details.value")
    value_minor = None
    if isinstance(value, dict) and value.get("amount") is not None:
        value_minor = _amount(value, currency, "tender.value")
    title = tender.get("title") or row.get("title") or tender.get("id") or ocid
    return Process(
        line=line,
        ocid=ocid,
        title=_clean(str(title), _NAME),
        text=_clean(str(tender.get("description") or title), MAX_TEXT),
        buyer=_buyer(row, tender),
        currency=currency,
        value_minor=value_minor,
        opens=opens,
        closes=closes,
        bids=_bids(bids, currency, opens, closes),
        recorded=_award(row, currency),
    )


def _counted(bid: Any) -> bool:
    if not isinstance(bid, dict):
        _dirty("bid-no-object")
    return bid.get("status", "valid") in _COUNTED


def _buyer(row: dict[str, Any], tender: dict[str, Any]) -> RecordedParty:
    found = [party for party in (tender.get("procuringEntity"), row.get("buyer")) if isinstance(party, dict)]
    if not found:
        _dirty("buyer-missing")
    return _party(found[0], "buyer")


def _party(found: Any, where: str) -> RecordedParty:
    if not isinstance(found, dict) or not isinstance(found.get("id"), str | int) or found.get("id") in {"", None}:
        _dirty("party-without-id", where)
    identity = _clean(str(found["id"]), _NAME)
    return RecordedParty(id=identity, name=_clean(str(found.get("name") or identity), _NAME))


def _bids(rows: list[Any], currency: str, opens: datetime, closes: datetime) -> list[RecordedBid]:
    bids, ids = [], set()
    for row in rows:
        identity = _text(row, "id", "bids.details.id")
        where = f"bid {identity}"
        if identity in ids:
            _dirty("bid-repeated", where)
        ids.add(identity)
        tenderers = row.get("tenderers")
        if not isinstance(tenderers, list) or len(tenderers) != 1:
            _dirty("bid-tenderers", where)
        value = _object(row, "value", where)
        if _currency(value, where) != currency:
            _dirty("bid-currency", where)
        at = _moment(row.get("date"), where)
        if not opens <= at < closes:
            _dirty("bid-outside-period", where)
        bids.append(
            RecordedBid(
                id=identity,
                at=at,
                tenderer=_party(tenderers[0], where),
                amount_minor=_amount(value, currency, where),
            )
        )
    return bids


def _award(row: dict[str, Any], currency: str) -> RecordedAward:
    awards = row.get("awards")
    active = [
        award
        for award in (awards if isinstance(awards, list) else [])
        if isinstance(award, dict) and award.get("status", "active") == "active"
    ]
    if len(active) != 1:
        _dirty("award-missing" if not active else "awards-many")
    suppliers = active[0].get("suppliers")
    if not isinstance(suppliers, list) or len(suppliers) != 1:
        _dirty("award-suppliers")
    value = active[0].get("value")
    amount = None
    if isinstance(value, dict) and value.get("amount") is not None:
        if _currency(value, "award") != currency:
            _dirty("award-currency")
        amount = _amount(value, currency, "award")
    related = active[0].get("relatedBid")
    return RecordedAward(
        supplier=_party(suppliers[0], "award").id,
        amount_minor=amount,
        bid=None if related is None else _clean(str(related), _NAME),
    )


def _period(tender: dict[str, Any]) -> tuple[datetime, datetime]:
    period = _object(tender, "tenderPeriod", "tender.tenderPeriod")
    opens = _moment(period.get("startDate"), "tender.tenderPeriod.startDate")
    closes = _moment(period.get("endDate"), "tender.tenderPeriod.endDate")
    if opens >= closes:
        _dirty("period-order", "tender.tenderPeriod")
    return opens, closes


def _moment(value: Any, where: str) -> datetime:
    if not isinstance(value, str):
        _dirty("date-missing", where)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise _DirtyError("date-malformed", where) from error
    if moment.tzinfo is None:
        _dirty("date-without-zone", where)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        _dirty("date-out-of-range", where)
    return moment.astimezone(UTC)


def _currency(value: dict[str, Any], where: str) -> str:
    found = value.get("currency")
    if not isinstance(found, str) or len(found) != len("USD") or not (found.isascii() and found.isupper()):
        _dirty("currency-missing", where)
    return found


def _amount(value: dict[str, Any], currency: str, where: str) -> int:
    found = value.get("amount")
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        _dirty("amount-missing", where)
    if isinstance(found, Decimal) and (not found.is_finite() or abs(found.adjusted()) > len(str(_MOST_MINOR))):
        _dirty("amount-too-large", where)
    minor = found * 10 ** exponent(currency)
    if minor != int(minor):
        _dirty("amount-fraction", where)
    if minor < 0:
        _dirty("amount-negative", where)
    if minor > _MOST_MINOR:
        _dirty("amount-too-large", where)
    return int(minor)


def _object(row: Any, name: str, where: str = "") -> dict[str, Any]:
    found = row.get(name) if isinstance(row, dict) else None
    if not isinstance(found, dict):
        _dirty(f"{name.lower().replace('tenderperiod', 'period')}-missing", where)
    return found


def _list(row: dict[str, Any], name: str, what: str) -> list[Any]:
    found = row.get(name)
    if not isinstance(found, list):
        _dirty(f"{what}-missing")
    return found


def _text(row: dict[str, Any], name: str, where: str = "") -> str:
    found = row.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or not found.strip():
        _dirty(f"{name}-missing", where)
    return _clean(found, _NAME)


def _clean(text: str, most: int) -> str:
    """The text as the ledger takes it: no control characters or odd code points, one Unicode form, cut to `most`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    cleaned = unicodedata.normalize("NFC", canonical.FORBIDDEN.sub("", lines)).strip()
    return cleaned if len(cleaned) <= most else cleaned[: most - 1].rstrip() + "…"


def _dirty(reason: str, where: str = "") -> NoReturn:
    raise _DirtyError(reason, where)
