import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-judges.lock"]
PINNED = re.compile(r"^([a-z0-9-]+)(\[[a-z,]+\])?==([0-9][^ ]*)", re.MULTILINE)


def names_in(lock: str) -> dict[str, str]:
    return {name: version for name, _, version in PINNED.findall((ROOT / lock).read_text())}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_a_hash_for_every_version(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index" not in text
    blocks = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]
    assert len(blocks) == len(names_in(lock))
    assert all("--hash=sha256:" in block for block in blocks)


def test_what_the_project_depends_on_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {re.split(r"[\[<>=]", name)[0] for name in project["project"]["dependencies"]}
    assert wanted <= set(names_in("requirements.lock"))


def test_the_two_locks_agree_on_every_version() -> None:
    runtime, tools = names_in("requirements.lock"), names_in("requirements-dev.lock")
    assert {name: runtime[name] for name in runtime.keys() & tools.keys()} == {
        name: tools[name] for name in runtime.keys() & tools.keys()
    }
