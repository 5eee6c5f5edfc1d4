"""Every rule, file and folder is documented, and the README's example is one that the reader takes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import policies
from policies import KINDS, TOPICS
from policies import statements as statement_room
from policies.roles_table import ROLES
from tests.policies.policy_cases import FOLDERS

if TYPE_CHECKING:
    from policies.kinds import RuleKind

ROOM = Path(policies.__file__).parent
README = (ROOM / "README.md").read_text()
RULES_PAGE = (ROOM / "RULES.md").read_text()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_every_rule_has_its_line_under_its_file(kind: RuleKind) -> None:
    section = RULES_PAGE.split(f"## {kind.topic}.toml")[1].split("\n## ")[0]
    (line,) = [line for line in section.splitlines() if line.startswith(f"| `{kind.id}` |")]
    assert f"| {kind.title} |" in line
    assert all(f"`{choice}`" in line for choice in kind.choices)
    assert ("per size" in line) == kind.per_tier
    assert ("no limit" in line) == kind.unlimited


def test_the_page_of_rules_lists_nothing_else() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \|", RULES_PAGE, re.MULTILINE) == list(KINDS)
    assert re.findall(r"^## (.*)\.toml$", RULES_PAGE, re.MULTILINE) == list(TOPICS)


def test_the_readme_names_every_file_and_folder() -> None:
    for topic in (*TOPICS, "jurisdiction"):
        assert f"`{topic}.toml`" in README
    for name in policies.available():
        assert f"`{name}`" in README
    for status in {status for statuses in statement_room.STATUSES.values() for status in statuses}:
        assert f"`{status}`" in README


def test_the_readme_names_every_role_and_every_folder_of_this_room() -> None:
    for role in ROLES:
        assert f"`{role}`" in README
    for path in ROOM.iterdir():
        if path.is_dir() and any(path.glob("*.toml")):
            assert f"`{path.name}/`" in README


def test_the_example_in_the_readme_is_read() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (entry,) = tomllib.loads(example)["law"]
    statement = statement_room.read({**entry, "layer": "law", "effective_from": entry["effective_from"].isoformat()})
    assert statement in policies.load_jurisdiction("english-council").statements


def test_every_rule_file_opens_with_what_it_is_for() -> None:
    for path in FOLDERS.glob("*/*.toml"):
        assert path.read_text().startswith("# ")
        assert path.stat().st_size < 20_000
