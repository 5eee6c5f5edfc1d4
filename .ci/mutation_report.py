"""
Say how many mutants the tests caught, and write those that lived with what they changed.

A mutant that changes nothing but the sentence of an error is counted apart: tests assert the stable reason code, and
people's sentences are free to change (STYLE: the reason is the contract).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import find_mutant, get_diff_for_mutant

LIVED = {0, 5, 33}
"""Exit codes of tests that passed, and of none collected: 33 is mutmut's own for a mutant that no test reaches."""

RAISE = re.compile(r'[-+]\s*(?:raise|return|yield) \w+\("[a-z0-9-]+", ?(?P<detail>.*)')


def changed(diff: str) -> list[str]:
    """Keep the lines a mutant took away and put in."""
    return [line for line in diff.splitlines() if line[:1] in "-+" and line[:3] not in {"---", "+++"}]


def only_a_sentence(lines: list[str]) -> bool:
    """Tell whether an error's reason stayed and its sentence went."""
    found = [RAISE.fullmatch(line) for line in lines]
    if len(found) != 2 or None in found:  # noqa: PLR2004 -- one line out, one line in
        return False
    before, after = (line.split(", ", 1)[0].lstrip("-+ ") for line in lines)
    return before == after


def results() -> dict[str, int]:
    """Read the exit code of each mutant's tests, of those that were run."""
    codes: dict[str, int] = {}
    for meta in sorted(Path("mutants").rglob("*.py.meta")):
        data = SourceFileMutationData(path=meta.relative_to("mutants").with_suffix(""))
        data.load()
        codes.update({name: code for name, code in data.exit_code_by_key.items() if code is not None})
    return codes


def main() -> None:
    """Print one line; write mutants/lived.txt."""
    codes = results()
    lived = [name for name, code in codes.items() if code in LIVED]
    sentences, rest = 0, []
    for name in lived:
        lines = changed(get_diff_for_mutant(name, path=find_mutant(name).path))
        if only_a_sentence(lines):
            sentences += 1
        else:
            rest.append("\n".join([name, *lines]))
    Path("mutants/lived.txt").write_text("\n\n".join(rest) + "\n", encoding="utf-8")
    counted = len(codes) - sentences
    caught = counted - len(rest)
    sys.stdout.write(
        f"{caught} of {counted} mutants caught ({100 * caught / max(1, counted):.1f} %), "
        f"{sentences} more change only the sentence of an error; those that lived: mutants/lived.txt\n"
    )


if __name__ == "__main__":
    main()
