"""One demo for all tests of this room: it takes some seconds to play."""

from pathlib import Path

import pytest

from portal.rehearsal import demo
from portal.rehearsal.demo import DemoReport


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoReport]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, demo.run(folder)
