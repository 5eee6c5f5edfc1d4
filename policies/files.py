"""
Rule files: a folder of TOML, one small file a topic, read strictly.

- `jurisdiction.toml` is the heading; every other file is named after its topic and holds only that topic's rules.
- Every rule stands under its own `[[law]]` or `[[house]]`; the first fault stops the reading and names file and line.
- Texts stand on one line, so that a fault can be shown where it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from policies import statements as statement_room
from policies.errors import PolicyError, PolicyFileError
from policies.jurisdiction import Jurisdiction, build
from policies.kinds import TOPICS
from policies.tables import parse, plain

if TYPE_CHECKING:
    from policies.statements import Statement
    from policies.tables import Table

_FOLDERS: Final = Path(__file__).parent / "jurisdictions"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_HEADING: Final = "jurisdiction"


class _Located(msgspec.Struct, frozen=True):
    statement: Statement
    file: str
    line: int


def available() -> list[str]:
    """List the rule sets that come with this release."""
    return sorted(folder.name for folder in _FOLDERS.iterdir() if (folder / f"{_HEADING}.toml").is_file())


def load_jurisdiction(name_or_path: str | Path) -> Jurisdiction:
    """
    Load a rule set of this release by name, or any folder of rule files by its path.

    Raises:
        PolicyError: `policy-unknown` if there is no such folder.
        PolicyFileError: With file and line, if anything in the folder is not understood.
    """
    folder = Path(name_or_path)
    if isinstance(name_or_path, str) and _NAME.fullmatch(name_or_path):
        folder = _FOLDERS / name_or_path
    if not folder.is_dir():
        raise PolicyError(
            "policy-unknown", f"there are no rules named {name_or_path}; there are {', '.join(available())}"
        )
    located: list[_Located] = []
    heading: tuple[dict[str, object], Table] | None = None
    for path in sorted(folder.iterdir()):
        if path.suffix == ".md":
            continue
        if path.suffix != ".toml" or path.stem not in {*TOPICS, _HEADING}:
            raise PolicyFileError("policy-file-unknown", "no rule file has this name", path.name, None)
        if path.stem == _HEADING:
            heading = _read_heading(path)
        else:
            located += _read_topic(path)
    if heading is None:
        raise PolicyFileError("policy-file-missing", "the folder has no heading", f"{_HEADING}.toml", None)
    _check_whole(located)
    facts, table = heading
    try:
        return build(facts, [one.statement for one in located])
    except PolicyError as error:
        line = table.line_of(error.key)
        raise PolicyFileError(error.reason, error.detail, f"{_HEADING}.toml", line) from error


def _read_heading(path: Path) -> tuple[dict[str, object], Table]:
    content, tables = parse(path)
    if [table.name for table in tables] != ["", _HEADING] or tables[0].keys:
        raise PolicyFileError("policy-layout", f"this file holds one table, [{_HEADING}]", path.name, 1)
    facts = content[_HEADING]
    if not isinstance(facts, dict):
        raise PolicyFileError("policy-layout", f"this file holds one table, [{_HEADING}]", path.name, 1)
    try:
        return {key: plain(value, key) for key, value in facts.items()}, tables[1]
    except PolicyError as error:
        raise PolicyFileError(error.reason, error.detail, path.name, tables[1].line_of(error.key)) from error


def _read_topic(path: Path) -> list[_Located]:
    content, tables = parse(path)
    top, *headers = tables
    for key in content:
        if key not in statement_room.STATUSES:
            line = next((table.line for table in headers if table.name == key), top.keys.get(key, 1))
            raise PolicyFileError("policy-key-unknown", f"{key} is neither law nor house", path.name, line)
    located = []
    for layer in statement_room.STATUSES:
        entries, places = content.get(layer, []), [table for table in headers if table.name == layer]
        if not isinstance(entries, list) or len(entries) != len(places):
            line = places[0].line if places else top.keys.get(layer, 1)
            raise PolicyFileError("policy-layout", f"each rule stands under its own [[{layer}]]", path.name, line)
        located += [_statement(path, layer, entry, place) for entry, place in zip(entries, places, strict=True)]
    return located


def _statement(path: Path, layer: str, entry: dict[str, object], place: Table) -> _Located:
    try:
        statement = _read_entry(layer, path.stem, entry)
    except PolicyError as error:
        raise PolicyFileError(error.reason, error.detail, path.name, place.line_of(error.key)) from error
    return _Located(statement, path.name, place.line)


def _read_entry(layer: str, topic: str, entry: dict[str, object]) -> Statement:
    if "layer" in entry:
        raise PolicyError("policy-key-unknown", "the layer is said by [[law]] or [[house]]", "layer")
    raw = {key: plain(value, key) for key, value in entry.items()}
    statement = statement_room.read({**raw, "layer": layer})
    if statement.kind.topic != topic:
        raise PolicyError("policy-file-wrong", f"{statement.rule} belongs in {statement.kind.topic}.toml", "rule")
    return statement


def _check_whole(located: list[_Located]) -> None:
    """Check what no single statement shows, while the files and lines are still known."""
    clash = statement_room.clash([one.statement for one in located])
    if clash:
        first, second = located[clash[0]], located[clash[1]]
        detail = f"{second.statement.rule} is stated at {first.file}:{first.line} too"
        raise PolicyFileError(clash[2], detail, second.file, second.line)
    for kind, tier in statement_room.unstated(one.statement for one in located):
        scope = f" for {tier}" if tier else ""
        raise PolicyFileError(
            "policy-rule-missing", f"nothing is said about {kind.id}{scope}", f"{kind.topic}.toml", None
        )
