"""
What a reader asks for in an address.

Names nobody knows are tolerated, since links are decorated by others; a known name with a value that cannot be is refused
with its name (`query-malformed`), for an answer to another question would be worse.
"""

import re
from collections.abc import Collection, Mapping

from portal.projections.queries.paging import Cursor, parse_cursor
from portal.web.problems import Problem

_SLUG = re.compile(r"[\w.:-]{1,100}")
LONGEST_SEARCH = 200


class Query:
    """The words of one address, read once each."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def text(self, name: str) -> str:
        """Free words of at most two hundred characters."""
        value = " ".join(self._given.get(name, "").split())
        if len(value) > LONGEST_SEARCH or not value.isprintable():
            raise _malformed(name)
        return value

    def slug(self, name: str, prefix: str = "") -> str:
        """The name of a subject, place or skill; '' when it is not given. A value nobody has matches nothing."""
        value = self._given.get(name, "")
        if value and not _SLUG.fullmatch(value):
            raise _malformed(name)
        return f"{prefix}{value}" if value else ""

    def choice(self, name: str, allowed: Collection[str], default: str = "") -> str:
        """One of a few words."""
        value = self._given.get(name, "")
        if value and value not in allowed:
            raise _malformed(name)
        return value or default

    def number(self, name: str) -> int | None:
        """A whole number in its one spelling; None when it is not given."""
        value = self._given.get(name, "")
        if not value:
            return None
        if not re.fullmatch("0|[1-9][0-9]{0,14}", value):
            raise _malformed(name)
        return int(value)

    def cursor(self, name: str, segments: int = 1, *, numeric: bool = False) -> Cursor | None:
        """Where a page begins; None for the first."""
        value = self._given.get(name, "")
        if not value:
            return None
        cursor = parse_cursor(value, segments)
        if cursor is None or (numeric and not cursor.value.isdecimal()):
            raise _malformed(name)
        return cursor


def _malformed(name: str) -> Problem:
    return Problem("query-malformed", name=name)
