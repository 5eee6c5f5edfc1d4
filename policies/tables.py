"""
TOML read strictly, with the line of every table and key, which the TOML reader of Python does not tell.

- Whoever edits a file of this room is told the file, the line and the reason; the first fault stops the reading.
- Texts stand on one line, so that a fault can be shown where it is.
- A key that nobody knows is refused, never ignored: a misspelt rule would permit everything.
"""

from __future__ import annotations

import re
import tomllib
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from policies import figures
from policies.errors import PolicyError, PolicyFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_TABLE: Final = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+)\s*\]\]?\s*(#.*)?")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_AT_LINE: Final = re.compile(r"at line ([0-9]+)")
_LIMIT: Final = 200_000


class Table(msgspec.Struct):
    """Where a table and its keys stand in a file."""

    name: str
    line: int
    keys: dict[str, int]

    def line_of(self, key: str | None) -> int:
        """Tell the line of a key, or of the table where the key is not written in it."""
        return self.keys.get(key or "", self.line)


class Located(msgspec.Struct):
    """One table of a file: its values, its file and its place, for the error of whoever judges the values."""

    name: str
    values: dict[str, object]
    file: str
    place: Table

    @contextmanager
    def judged(self) -> Iterator[dict[str, object]]:
        """Give the values to be judged; a fault found in them is told with its file and line."""
        try:
            yield self.values
        except PolicyError as error:
            raise PolicyFileError(error.reason, error.detail, self.file, self.place.line_of(error.key)) from error


def parse(path: Path) -> tuple[dict[str, object], list[Table]]:
    """
    Read one file; the first table is what stands above all headers.

    Raises:
        PolicyFileError: If it is too large, no UTF-8, no TOML, or holds a text of several lines.
    """
    data = path.read_bytes()
    if len(data) > _LIMIT:
        raise PolicyFileError("policy-file-size", f"a rule file has at most {_LIMIT} bytes", path.name, None)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise PolicyFileError("policy-file-encoding", "the file is not UTF-8", path.name, line) from error
    try:
        content: dict[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        raise PolicyFileError("policy-toml", str(error), path.name, int(found[1]) if found else None) from error
    return content, _tables(path, text)


def read_tables(path: Path, single: str, repeated: tuple[str, ...]) -> list[Located]:
    """
    Read a file that holds one table `[single]` and, under their own headers, tables `[[repeated]]`; in file order.

    Raises:
        PolicyFileError: As `parse`, and `policy-key-unknown` or `policy-layout` for anything else in the file.
    """
    content, (top, *headers) = parse(path)
    known = {single, *repeated}
    for key in content:
        if key not in known:
            line = next((table.line for table in headers if table.name == key), top.keys.get(key, 1))
            raise PolicyFileError("policy-key-unknown", f"{key} has no meaning in this file", path.name, line)
    if single not in content:
        raise PolicyFileError("policy-layout", f"this file holds one table, [{single}]", path.name, 1)
    found: list[Located] = []
    for name in (single, *repeated):
        places = [table for table in headers if table.name == name]
        value = content.get(name, [])
        entries = [value] if name == single else value
        if not isinstance(entries, list) or len(entries) != len(places):
            header = f"[{name}]" if name == single else f"[[{name}]]"
            line = places[0].line if places else top.keys.get(name, 1)
            raise PolicyFileError("policy-layout", f"write {header} above its keys", path.name, line)
        for entry, place in zip(entries, places, strict=True):
            if not isinstance(entry, dict):
                raise PolicyFileError("policy-layout", f"this file holds one table, [{name}]", path.name, place.line)
            found.append(Located(name, entry, path.name, place))
    return found


def plain(value: object, key: str) -> object:
    """Turn what TOML knows and JSON does not (days) into text; moments, times and fractions have no place in rules."""
    if isinstance(value, list):
        return [plain(item, key) for item in value]
    if isinstance(value, dict):
        return {name: plain(item, key) for name, item in value.items()}
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool | int | str):
        return value
    raise PolicyError("policy-type", f"{key} is neither text, whole number, day, true nor false", key)


def check_keys(values: Mapping[str, object], needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    """Refuse a table with a key too many or too few; a missing source has a reason of its own."""
    for key in values:
        if key not in needed and key not in optional:
            raise PolicyError("policy-key-unknown", f"{key} has no meaning here", key)
    for key in needed:
        if key not in values:
            reason = "policy-source-missing" if key == "source" else "policy-key-missing"
            raise PolicyError(reason, f"{key} is missing", key)


def check_source(value: object) -> str:
    """Return the source of a value, which nobody may leave empty."""
    if value == "":
        raise PolicyError("policy-source-missing", "the source is empty", "source")
    return figures.check_text(value, "source")


def check_words(value: object, key: str) -> tuple[str, ...]:
    """Return a list of texts, each once; an empty list says nothing and is refused."""
    if not isinstance(value, list) or not value:
        raise PolicyError("policy-type", f"{key} is a list of texts in square brackets", key)
    words = tuple(figures.check_text(item, key) for item in value)
    if len(set(words)) != len(words):
        raise PolicyError("policy-twice", f"{key} names something twice", key)
    return words


def check_choice(value: object, key: str, choices: tuple[str, ...]) -> str:
    """Return one word out of a closed list."""
    word = figures.check_text(value, key)
    if word not in choices:
        raise PolicyError("policy-choice", f"{key} is one of {', '.join(choices)}", key)
    return word


def _tables(path: Path, text: str) -> list[Table]:
    tables = [Table("", 1, {})]
    for number, line in enumerate(text.split("\n"), start=1):
        if '"""' in line or "'''" in line:
            raise PolicyFileError("policy-layout", "a text stands on one line", path.name, number)
        if header := _TABLE.fullmatch(line):
            tables.append(Table(header[1], number, {}))
        elif key := _KEY.match(line):
            tables[-1].keys.setdefault(key[1], number)
    return tables
