"""
Kills a process of its own with SIGKILL at the n-th step that touches the disk.

A child is forked, every call that makes something last is counted (before it happens and after), and at the wanted count
the child kills itself. Nothing in the product knows of this.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine.default import DefaultDialect

if TYPE_CHECKING:
    from collections.abc import Callable

_CALLS = ("fsync", "link", "replace", "mkdir", "unlink", "rmdir")
DONE = 0
FAILED = 1


class Steps:
    """Counts steps; at the wanted one it ends the process."""

    def __init__(self, wanted: int) -> None:
        self.count = 0
        self._wanted = wanted

    def step(self) -> None:
        if self.count == self._wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            self.step()
            result = call(*arguments, **options)
            self.step()
            return result

        return counted

    def before_writes(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(dialect: Any, cursor: Any, statement: str, *arguments: Any) -> Any:
            if statement.startswith(("INSERT", "UPDATE")):
                self.step()
            return call(dialect, cursor, statement, *arguments)

        return counted


def run_killed_at(wanted: int, work: Callable[[], None]) -> int | None:
    """
    Do the work in a child that dies at step `wanted`.

    Returns:
        How many steps there were if the child came to its end alive, None if it was killed.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os._exit(_live(wanted, work, writer))
    os.close(writer)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    assert os.WEXITSTATUS(status) == DONE, told.decode()
    return int(told)


def _live(wanted: int, work: Callable[[], None], writer: int) -> int:
    steps = Steps(wanted)
    for name in _CALLS:
        setattr(os, name, steps.around(getattr(os, name)))
    DefaultDialect.do_commit = steps.around(DefaultDialect.do_commit)  # type: ignore[method-assign]
    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        setattr(DefaultDialect, name, steps.before_writes(getattr(DefaultDialect, name)))
    try:
        work()
    except BaseException as error:  # noqa: BLE001 -- the child must never return into the test run
        os.write(writer, repr(error).encode())
        return FAILED
    os.write(writer, str(steps.count).encode())
    return DONE
