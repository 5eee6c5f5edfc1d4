"""Compiled releases as other portals would write them, to be changed by tests."""

import copy
import json
from typing import Any


def bid(number: int, firm: str, amount: Any, date: str = "2016-03-02T10:00:00+00:00", **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "date": date,
        "status": "valid",
        "tenderers": [{"id": firm, "name": f"Firm {firm}"}],
        "value": {"amount": amount, "currency": "USD"},
        **more,
    }


RELEASE: dict[str, Any] = {
    "ocid": "ocds-test-1",
    "id": "1-compiled",
    "tag": ["compiled"],
    "date": "2016-03-05T00:00:00Z",
    "initiationType": "tender",
    "buyer": {"id": "US-1", "name": "An agency"},
    "tender": {
        "id": "1",
        "title": "A form that works",
        "description": "Make it.\r\n\r\n\tTwice.",
        "status": "complete",
        "value": {"amount": 3500, "currency": "USD"},
        "tenderPeriod": {"startDate": "2016-03-01T12:00:00Z", "endDate": "2016-03-04T12:00:00Z"},
    },
    "bids": {
        "details": [
            bid(1, "A", 900),
            bid(2, "B", 800.5, "2016-03-02T11:00:00+00:00"),
            bid(3, "A", 700, "2016-03-03T10:00:00+00:00"),
        ]
    },
    "awards": [
        {
            "id": "1-award",
            "status": "active",
            "value": {"amount": 700, "currency": "USD"},
            "suppliers": [{"id": "A", "name": "Firm A"}],
            "relatedBid": "3",
        }
    ],
}


def release(**changes: Any) -> dict[str, Any]:
    """The release with some fields changed; a key `a__b` changes `b` within `a`, None takes it away."""
    made = copy.deepcopy(RELEASE)
    for path, value in changes.items():
        target: Any = made
        *parents, name = path.split("__")
        for parent in parents:
            target = target[parent]
        if value is None:
            del target[name]
        else:
            target[name] = value
    return made


def lines(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
