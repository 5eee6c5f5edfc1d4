import ast
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("house_rules", ROOT / ".ci" / "house_rules.py")
assert SPEC is not None
assert SPEC.loader is not None
house_rules = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(house_rules)

LONG_FUNCTION = "def long():\n" + "    x = 1\n" * 70
REFUSED_TEXT = {
    "a registry": "index = 'https://" + "py" + "pi.org/simple'",
    "a machine's path": "cd /" + "work/main",
    "a home": "cd /" + "home/ann",
    "a glossary word": "our block" + "chain",
    "left for later": "# TO" + "DO: mend",
}
REFUSED_IN_ROOMS = {
    "an exception swallowed": "try:\n    pass\nexcept ValueError:\n    pass\n",
    "every exception caught": "try:\n    pass\nexcept Exception:\n    raise\n",
    "a bare except": "try:\n    pass\nexcept:\n    raise\n",
    "a function of 71 lines": LONG_FUNCTION,
    "a module of 401 lines": "x = 1\n" * 401,
}
ALLOWED_IN_ROOMS = {
    "an exception translated": "try:\n    pass\nexcept ValueError as error:\n    raise KeyError from error\n",
    "a function of 70 lines": LONG_FUNCTION.replace("    x = 1\n", "", 1),
    "a long docstring": LONG_FUNCTION.replace("    x = 1\n", '    """One.\n\n    Two.\n    """\n', 1),
    "a module of 400 lines": "x = 1\n" * 400,
}
REFUSED_IN_TESTS = {
    "a skip": "import pytest\npytest.skip('no server')\n",
    "a skip by mark": "@pytest.mark.skipif(True)\ndef test_x(): ...\n",
    "a mock": "from unittest.mock import Mock\nMock()\n",
    "a sleep": "import time\ntime.sleep(1)\n",
}


@pytest.mark.parametrize("text", REFUSED_TEXT.values(), ids=REFUSED_TEXT)
def test_no_line_may_hold(text: str) -> None:
    assert list(house_rules.text_findings("notes.md", text))


def test_an_ordinary_line_may_stand() -> None:
    assert not list(
        house_rules.text_findings("notes.md", "The house works at home; see /ledger and the examiner's terms.")
    )


@pytest.mark.parametrize("source", REFUSED_IN_ROOMS.values(), ids=REFUSED_IN_ROOMS)
def test_the_product_may_not_hold(source: str) -> None:
    assert len(list(house_rules.room_findings(ast.parse(source), source))) == 1


@pytest.mark.parametrize("source", ALLOWED_IN_ROOMS.values(), ids=ALLOWED_IN_ROOMS)
def test_the_product_may_hold(source: str) -> None:
    assert not list(house_rules.room_findings(ast.parse(source), source))


@pytest.mark.parametrize("source", REFUSED_IN_TESTS.values(), ids=REFUSED_IN_TESTS)
def test_a_test_may_not_hold(source: str) -> None:
    assert list(house_rules.test_findings(ast.parse(source)))
