"""Invite somebody to a desk: by mail, with a link that works once. The link stands in the letter and nowhere else."""

from ledger.entry import format_time
from portal.identity.accounts import Account, accounts_of_email, goes_beside
from portal.identity.invitations import LIFETIME, Invitation, make_invitation
from portal.identity.mail import mail_address, post_mail
from portal.web.desk.desk import Desk
from portal.web.desk.joining import PATH
from portal.web.views.frame import Said, said


def mail_error(desk: Desk, given: str, whose: str) -> Said | None:
    """What is wrong with a mail address for a desk of this organisation; None when one can be opened for it."""
    if mail_address(given) is None:
        return said("desk.no_mail")
    with desk.tables.reading() as rows:
        free = all(goes_beside(whose, each) for each in accounts_of_email(rows, given))
    return None if free else said("desk.mail_known")


def invite(desk: Desk, by: Account, invitation: Invitation) -> None:
    """Keep an invitation and write the letter."""
    now = desk.office.clock.now()
    role = desk.door.renderer.say(f"desk.roles.{invitation.role}")
    with desk.tables.writing() as rows:
        secret = make_invitation(rows, invitation, now)
        figures = {
            "name": invitation.name,
            "by": by.name,
            "role": role,
            "href": f"{PATH}/{secret}",
            "until": format_time(now + LIFETIME),
        }
        post_mail(rows, invitation.email, "invited", figures, at=now)
