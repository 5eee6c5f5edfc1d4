"""What the desk's tables need no longer: sessions and challenges that are over, letters that left long ago."""

from datetime import datetime

from portal.identity.challenges import sweep_challenges
from portal.identity.mail import sweep_mail
from portal.identity.renewals import open_due_renewals
from portal.identity.sessions import sweep
from portal.identity.tables import Tables


def forget_what_is_over(tables: Tables, now: datetime) -> int:
    """
    Forget all of it in one transaction; how many rows. Nothing that still opens, answers or waits is touched.

    Desks that have waited long enough open first, so that their owners are written to though nobody signs in.
    """
    with tables.writing() as rows:
        open_due_renewals(rows, now)
        return sweep(rows, now) + sweep_challenges(rows, now) + sweep_mail(rows, now)
