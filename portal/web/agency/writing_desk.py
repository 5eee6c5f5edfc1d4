"""A notice written at an agency's desk: the agency's own rules, people, keepers, promises and habits around the form."""

from datetime import datetime
from typing import Final

from msgspec import Struct

from portal.commands.judge import judge
from portal.commands.library import Library
from portal.commands.propose_notice import last_habits, setting_of
from portal.identity.accounts import Account, accounts
from portal.procurement.agency import Agency
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import the_agency, the_policy
from portal.procurement.kinds import KINDS
from portal.procurement.refusal import Refusal
from portal.procurement.stage import WITHOUT_AWARD, stage
from portal.projections.queries.partners import trainers
from portal.projections.queries.plans import find_plans
from portal.projections.shelf import Shelf
from portal.web.desk.desk import Desk
from portal.web.desk.signing import keys_of, second_keys
from portal.web.drafting.copying import habits_of_sheet, origin_words
from portal.web.drafting.remarks import remarks_on
from portal.web.drafting.rows import Around
from portal.web.drafting.sheet import Sheet
from portal.web.drafting.writing import Writing, write
from portal.web.problems import Problem
from portal.web.public.notice_parts import policy_href
from portal.web.views.drafting import Remark

PUBLISH: Final = "opportunity-published"


class Written(Struct, frozen=True, kw_only=True):
    """A notice as it stands on the form: what follows from it, what is around it, what is to be mended."""

    writing: Writing
    around: Around
    remarks: tuple[Remark, ...]
    source: Case | None = None
    again: bool = False


def officers_agency(account: Account, library: Library) -> Agency:
    """The agency at whose desk an officer sits; nobody else writes notices."""
    if account.agency is None or account.role != "officer":
        raise Problem("role-deed", 403)
    return the_agency(library, account.agency)


def written(desk: Desk, account: Account, sheet: Sheet) -> Written:
    """
    Read a sheet as a notice of the account's agency and judge it.

    Raises:
        Refusal: `policy-unknown` while the agency has adopted no rules.
    """
    now = desk.office.clock.now()
    with desk.office.store.reading() as connection:
        library, shelf = Library(desk.office.store, connection), Shelf(connection)
        agency = officers_agency(account, library)
        setting = setting_of(library, shelf, agency, account.person or "", now)
        source = _source(library, sheet.get("again") or sheet.get("from") or "")
        again = "again" in sheet and source is not None and may_follow(source, agency.id, now)
        usual = last_habits(library, shelf, agency.id)
        from_name = the_agency(library, source.notice.agency).profile.name if source else ""
        plans = find_plans(shelf, agency=agency.id, state="planned")
        partners = trainers(shelf)
        rules = the_policy(library, setting.policy.digest).rules(now)
    people = people_of(desk, agency)
    writing = write(
        rules,
        setting,
        habits_of_sheet(source, usual),
        sheet,
        now=now,
        follows=source.id if source is not None and again else None,
        begins_from=origin_words(desk.door.renderer, source, from_name, again=again),
        people=people,
        rules_href=policy_href(setting.policy.digest),
    )
    seconds = [person for person in officers_for(agency, "publish", now) if person != account.person]
    around = Around(
        plans=tuple((row.id, row.title) for row in plans),
        seconds=tuple((person, writing.name_of(person)) for person in seconds),
        partners=tuple((row.id, row.name) for row in partners),
    )
    remarks = remarks_on(writing, desk.door.renderer, _refused(desk, account, writing))
    return Written(writing=writing, around=around, remarks=remarks, source=source, again=again)


def _source(library: Library, name: str) -> Case | None:
    return library.case(f"opportunity:{name}") if name else None


def may_follow(case: Case, agency: str, now: datetime) -> bool:
    """Whether this is a pilot of this agency that ended without award: only then can the next be its second try."""
    return case.notice.agency == agency and stage(case, now) in WITHOUT_AWARD


def officers_for(agency: Agency, duty: str, now: datetime) -> list[str]:
    """The people who hold this duty now."""
    rows = [row for row in agency.appointments if row.holds(now) and duty in row.made.duties]
    return list(dict.fromkeys(row.made.person for row in rows))


def people_of(desk: Desk, agency: Agency) -> dict[str, str]:
    """The names of an agency's people, as their desk accounts have them; the record holds pseudonyms only."""
    with desk.tables.reading() as rows:
        known = accounts(rows)
    return {row.person: row.name for row in known if row.agency == agency.id and row.person is not None}


def _refused(desk: Desk, account: Account, writing: Writing) -> list[Refusal]:
    """What the record would refuse besides the rules: people, keepers, amounts above what an officer may sign."""
    keys = keys_of(desk, account)
    if not keys or writing.missing or writing.errors:
        return []
    signers = [keys[-1], *second_keys(desk, account, PUBLISH, keys[-1])][: len(KINDS[PUBLISH].signers)]
    refused = judge(desk.office, PUBLISH, "opportunity:written-and-not-published", writing.body, signers)
    return [] if refused is None or refused.reason == "signature-second-missing" else [refused]
