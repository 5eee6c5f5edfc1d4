"""The rules that come with the portal itself: who may do what, and what a notice is read for."""

from policies.lint_rules import LintRule, lint_rules
from policies.roles_table import STATES, Deed, Grant, Role, roles_table
from portal.web.public.query import Query
from portal.web.reading import Reading
from portal.web.views.house import (
    DeedGroup,
    DeedRow,
    LintExample,
    LintPage,
    LintRow,
    RoleCell,
    RolesPage,
    RoleTold,
    TechnologyRow,
)

ROLES_PATH = "/policies/roles"
LINT_PATH = "/policies/lint"
_SHOWN = 3


def roles_page(_reading: Reading, _query: Query) -> RolesPage:
    """The table of roles, which depends on nothing but the release."""
    return roles_view()


def lint_page(_reading: Reading, _query: Query) -> LintPage:
    """The lint rules, which depend on nothing but the release."""
    return lint_view()


def roles_view() -> RolesPage:
    """The table of roles of this release."""
    table = roles_table()
    return RolesPage(
        path=ROLES_PATH,
        because=table.because,
        roles=tuple(_role(role) for role in table.roles),
        groups=tuple(
            DeedGroup(
                id=group,
                title=title,
                rows=tuple(
                    DeedRow(
                        title=row.deed.title,
                        states=_some(row.deed.states),
                        cells=tuple(_cell(row.deed, grant) for grant in row.grants),
                    )
                    for row in table.rows(group)
                ),
            )
            for group, title in table.groups
        ),
    )


def _role(role: Role) -> RoleTold:
    return RoleTold(
        id=role.id, title=role.title, text=role.text, because=role.because, source=role.source, status=role.status
    )


def _cell(deed: Deed, grant: Grant | None) -> RoleCell:
    if grant is None:
        return RoleCell(whose="")
    narrower = grant.states if grant.states != deed.states else ()
    return RoleCell(whose=grant.whose, states=narrower, because=grant.because)


def _some(states: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out a list of all states: it says nothing."""
    return () if states == STATES else states


def lint_view() -> LintPage:
    """The lint rules of this release, each with a few of its examples."""
    known = lint_rules()
    return LintPage(
        path=LINT_PATH,
        rules=tuple(_lint_row(rule) for rule in known.rules),
        technologies=tuple(
            TechnologyRow(name=one.name, year=str(one.year), source=one.source, status=one.status)
            for one in sorted(known.technologies, key=lambda one: (one.year, one.name.casefold()))
        ),
    )


def _lint_row(rule: LintRule) -> LintRow:
    found = [LintExample(text=one.text, rewrite=one.rewrite) for one in rule.examples if one.finds is not None]
    left = [LintExample(text=one.text, why=one.why) for one in rule.examples if one.finds is None]
    return LintRow(
        id=rule.id,
        title=rule.title,
        severity=rule.severity,
        because=rule.because,
        source=rule.source,
        status=rule.status,
        found=tuple(found[:_SHOWN]),
        left=tuple(left[:_SHOWN]),
    )
