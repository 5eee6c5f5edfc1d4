"""`keeper`: the keeper's own tool, which knows neither the database nor the web; see `portal.keeper.command`."""

import argparse
from typing import Any

from portal.keeper import command
from portal.keeper.sayings import say


def add(commands: Any) -> None:
    """Add the command of this module."""
    keeper = commands.add_parser(
        "keeper",
        help=say("keeper.steps.all"),
        description=command.__doc__,
        epilog="Example: daylight keeper list",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_steps(keeper.add_subparsers(title="steps", metavar="STEP", required=True))
