"""What comes with every set of rules: the table of roles, and the lint rules in words."""

from typing import ClassVar, Literal

from msgspec import Struct

from portal.web.views.frame import Page


class RoleTold(Struct, frozen=True, kw_only=True):
    """One role in words: what it is for, why it goes no further, and where that is written."""

    id: str
    title: str
    text: str
    because: str
    source: str
    status: str


class RoleCell(Struct, frozen=True, kw_only=True):
    """
    What one role may do about one deed: `whose` is empty where it may not.

    `states` are named only where they are fewer than the deed's own; `because` says why.
    """

    whose: Literal["own", "agency", "firm", "keeper", "portal", "everybody", ""]
    states: tuple[str, ...] = ()
    because: str = ""


class DeedRow(Struct, frozen=True, kw_only=True):
    """One line of the table; no `states` means that no published pilot is concerned, or any."""

    title: str
    states: tuple[str, ...]
    cells: tuple[RoleCell, ...]


class DeedGroup(Struct, frozen=True, kw_only=True):
    """Deeds that belong together."""

    id: str
    title: str
    rows: tuple[DeedRow, ...]

    @property
    def stated(self) -> bool:
        """Tell whether any deed here depends on the state of a pilot."""
        return any(row.states for row in self.rows)


class RolesPage(Page, frozen=True, kw_only=True):
    """Who may do what, and in which states of a pilot; whatever is not here is refused."""

    template: ClassVar[str] = "pages/roles.html"
    section: ClassVar[str] = "policies"
    because: str
    roles: tuple[RoleTold, ...]
    groups: tuple[DeedGroup, ...]


class LintExample(Struct, frozen=True, kw_only=True):
    """A text and its rewrite, or (`rewrite` empty) a text that is left alone and why."""

    text: str
    rewrite: str = ""
    why: str = ""


class LintRow(Struct, frozen=True, kw_only=True):
    """One lint rule in words, with its examples, which are its tests too."""

    id: str
    title: str
    severity: Literal["error", "warn"]
    because: str
    source: str
    status: str
    found: tuple[LintExample, ...]
    left: tuple[LintExample, ...]


class TechnologyRow(Struct, frozen=True, kw_only=True):
    """A technology and the year in which the public could first use it; `year` is printed as it is, without a comma."""

    name: str
    year: str
    source: str
    status: str


class LintPage(Page, frozen=True, kw_only=True):
    """What a notice is read for before it is published."""

    template: ClassVar[str] = "pages/lint.html"
    section: ClassVar[str] = "policies"
    rules: tuple[LintRow, ...]
    technologies: tuple[TechnologyRow, ...]
