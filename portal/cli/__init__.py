"""
`daylight`: the command line of the portal.

1. What a script wants goes to stdout, everything said to people goes to stderr.
2. Exit status 0, 1 (something is false or refused; the reason is said) or 2 (bad usage). Never a traceback for bad input.
3. Modules are imported by the command that needs them: `recompute` runs without a database or a web server.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ledger.errors import LedgerError
from policies import PolicyError
from portal.procurement.refusal import Refusal
from portal.settings import SettingError

BAD_USAGE = 2


class UsageError(Exception):
    """The command was called wrongly: a file that is not there, JSON that is none, options that exclude each other."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "run"):
        parser.print_help(sys.stderr)
        return BAD_USAGE
    try:
        status: int = options.run(options)
    except Refusal as refusal:
        from portal.cli.wording import refusal_words  # noqa: PLC0415 -- the words are loaded when something is refused

        _say(refusal_words(refusal))
        status = BAD_USAGE if refusal.reason == "data-missing" else 1
    except (LedgerError, PolicyError) as error:
        _say(f"refused: {error}")
        status = 1
    except (UsageError, SettingError) as error:
        _say(f"daylight: {error}")
        status = BAD_USAGE
    except (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError, FileExistsError) as error:
        _say(f"daylight: {error.strerror}: {error.filename}")
        status = BAD_USAGE
    except BrokenPipeError:
        sys.stderr.close()
        status = 1
    except KeyboardInterrupt:
        _say("stopped")
        status = 1
    return status


def build_parser() -> argparse.ArgumentParser:
    """All commands with their help; each command's own module adds its options."""
    from portal.cli import acts, bid, folders, invite, keeper, policy, rehearsals, serving  # noqa: PLC0415 -- they import this module

    parser = argparse.ArgumentParser(
        prog="daylight",
        description="A public portal on which agencies buy small technology pilots from local firms, in full view.",
        epilog="Example: daylight demo && daylight serve --port 8000",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for module in (rehearsals, serving, invite, folders, acts, bid, keeper, policy):
        module.add(commands)
    return parser


def add_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str, example: str
) -> argparse.ArgumentParser:
    """One command with its help, its example, and `--data`."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"Example: {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, default=Path("data"), metavar="DIR", help="the data folder (default ./data)"
    )
    return parser


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
