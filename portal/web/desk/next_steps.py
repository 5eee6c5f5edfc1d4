"""What follows when somebody has made a key for acts: sign one's own registration, or write to whoever acts next."""

from portal.identity.accounts import Account, accounts
from portal.identity.invitations import Invitation, invitation_for
from portal.identity.mail import post_mail
from portal.procurement.act import read_body
from portal.procurement.events.keys import KeyAdded
from portal.web.desk.desk import Desk
from portal.web.desk.registering import KINDS
from portal.web.desk.signers import admitting_key, holding_of, keys_of
from portal.web.desk.signing import prepare


def go_on(desk: Desk, account: Account, key: str, label: str) -> str:
    """Where to go on with a new key."""
    holding = holding_of(desk, account)
    with desk.tables.reading() as rows:
        invitation = invitation_for(rows, account.id)
    if holding is not None and holding.ring.in_force(holding.holder):
        if holding.ring.holders_of(key):
            return "/desk/keys"
        old = [admitting_key(desk, account)] if account.role == "registrar" else keys_of(desk, account)
        if not old:
            return "/desk/keys"
        body = KeyAdded(beside=old[-1], key=key, label=label)
        draft = prepare(desk, account, "key-added", holding.subject, body, key=old[-1], beside=key)
        return f"/desk/sign/{draft}"
    if account.role in KINDS and invitation is not None:
        kind = KINDS[account.role]
        subject = account.firm or account.partner or ""
        draft = prepare(desk, account, kind, subject, read_body(kind, invitation.facts["profile"]), key=key)
        return f"/desk/sign/{draft}"
    if invitation is not None:
        _tell_next(desk, account, invitation)
    return "/desk"


def _tell_next(desk: Desk, account: Account, invitation: Invitation) -> None:
    """Whoever invited signs next."""
    now = desk.office.clock.now()
    with desk.tables.writing() as rows:
        for each in accounts(rows):
            if each.id == invitation.made_by:
                post_mail(rows, each.email, "key_ready", {"name": account.name}, at=now)
