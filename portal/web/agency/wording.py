"""What the lint rules find in a notice: each with a rewrite in one click, or kept with a reason that everybody reads."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from policies.linting import LintFinding, lint
from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.procurement.decisions.lookups import the_agency, the_policy
from portal.web.desk.desk import Desk, one
from portal.web.views.desk import Mend
from portal.web.views.frame import Said, said

LINTED = ("title", "need", "outcome", "audience", "existing", "acceptance")
_SHOWN = 6
_PAY_DAYS = 30


def wording_findings(desk: Desk, account: Account, fields: Mapping[str, list[str]]) -> list[LintFinding]:
    """What to mend in the form's texts, on today's date in the agency's zone; nothing once a reason to keep it is given."""
    if one(fields, "override"):
        return []
    now = desk.office.clock.now()
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        agency = the_agency(library, account.agency or "")
        rules = the_policy(library, agency.policy().document.sha256).rules(now)
    texts = [(name, one(fields, name)) for name in LINTED]
    today = now.astimezone(ZoneInfo(agency.profile.zone)).date()
    return lint(texts, today, pay_days=rules.payment.max_days or _PAY_DAYS)


def wording_errors(found: list[LintFinding]) -> dict[str, Said]:
    """The first finding of each field, said beside it."""
    return {one.field: said("desk.as_it_is", sentence=one.sentence) for one in reversed(found)}


def wording_mends(found: list[LintFinding]) -> tuple[Mend, ...]:
    """A button for each finding that puts the rewritten text in the field's place."""
    return tuple(
        Mend(name=each.field, value=each.rewrite, said=said("mends.rewrite", found=each.found))
        for each in found[:_SHOWN]
    )
