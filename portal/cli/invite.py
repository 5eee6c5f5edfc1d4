"""`invite`: a link that opens the first desk of a record: the registrar's, or an auditor's."""

import argparse
import sys
from typing import Any

from portal.cli import UsageError, add_command
from portal.settings import DataFolder, stated_address


def add(commands: Any) -> None:
    """Add the command of this module."""
    invite = add_command(
        commands,
        "invite",
        "Print a link that opens a desk once, for a registrar or an auditor; everybody else is invited at a desk.",
        'daylight invite --name "Rae Registrar" --email rae@example.org --address https://pilots.example.org',
    )
    invite.add_argument("--name", required=True, help="whose desk it will be")
    invite.add_argument("--email", required=True, help="the person's mail address")
    invite.add_argument("--role", default="registrar", choices=("registrar", "auditor"), help="default registrar")
    invite.add_argument("--address", default="", metavar="URL", help="the site's public address")
    invite.set_defaults(run=run_invite)


def run_invite(options: argparse.Namespace) -> int:
    """Keep the invitation and print its link; the link is shown this once."""
    from portal.cli.serving import clock_of  # noqa: PLC0415 -- the database is loaded by this command only
    from portal.commands.office import Office  # noqa: PLC0415
    from portal.commands.state_party import recorded_address  # noqa: PLC0415
    from portal.identity.accounts import accounts_of_email, new_id  # noqa: PLC0415
    from portal.identity.invitations import Invitation, make_invitation  # noqa: PLC0415
    from portal.identity.mail import mail_address  # noqa: PLC0415
    from portal.identity.tables import Tables  # noqa: PLC0415

    folder = DataFolder(options.data)
    if mail_address(options.email) is None:
        raise UsageError(f"{options.email} is no mail address")
    office = Office.open(options.data, clock_of(options.data))
    address = options.address.rstrip("/") or stated_address() or recorded_address(office) or "http://localhost:8000"
    folder.vault.mkdir(parents=True, exist_ok=True)
    tables = Tables(folder.desk)
    with tables.writing() as rows:
        if accounts_of_email(rows, options.email):
            raise UsageError(
                f"{options.email} has a desk already, and this role goes with no other. Whoever lost everything that opens it "
                f"has it back after seven days: {address}/desk/sign-in, “I have lost everything”"
            )
        invitation = Invitation(id=new_id(), email=options.email, name=options.name, role=options.role)
        secret = make_invitation(rows, invitation, office.clock.now())
    tables.close()
    office.close()
    sys.stderr.write(
        f"This link opens a {options.role}'s desk once, within seven days. Give it to {options.name} alone:\n"
    )
    sys.stdout.write(f"{address}/desk/invitation/{secret}\n")
    return 0
