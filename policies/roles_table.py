"""
Who may do what: one published table of roles, deeds and the states of a pilot, refused by default.

- A deed is an act of the record (by its kind), a page of the desk (`desk:…`) or a public address. What `deeds.toml` does
  not list nobody may do, and what a role's file does not grant that role may not do: an unknown role, deed or state is
  refused like a forbidden one.
- A grant says whose things it is about. An act is granted for one's own, one's agency, firm, keeper or portal, never for
  everybody's: no right exists by which somebody could act as somebody else, and the reader refuses to make one.
- The table is the outer fence. The decisions of the domain judge every act again, with the keys that signed it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import msgspec

from policies import figures
from policies.errors import PolicyError, PolicyFileError
from policies.tables import check_choice, check_keys, check_source, check_words, read_tables

if TYPE_CHECKING:
    from policies.tables import Located

ROLES: Final = ("visitor", "firm", "partner", "head", "officer", "evaluator", "keeper", "registrar", "auditor")
STATES: Final = (
    "open",
    "closed",
    "opened",
    "scoring",
    "ranked",
    "chosen",
    "awarded",
    "unsuccessful",
    "no-bids",
    "withdrawn",
    "cancelled",
    "opening-failed",
)
"""The states of a published pilot, as the portal derives them; a test there holds both lists together."""

Whose = Literal["own", "agency", "firm", "keeper", "portal", "everybody"]
WHOSE: Final = ("own", "agency", "firm", "keeper", "portal", "everybody")
_FOLDER: Final = Path(__file__).parent / "roles"
_DEEDS: Final = "deeds.toml"
_SHARED_GROUPS: Final = ("read", "door")
_DEED: Final = re.compile(r"([a-z]+:)?[a-z]+(-[a-z]+)*")
_STANDING: Final = ("adopted", "proposal")


class Deed(msgspec.Struct, frozen=True):
    """
    One thing that can be done. No `states` means that it is about no published pilot, so that no state matters.

    `needs_state`: what is read here is secret in some states, so that a guard who does not say the state is refused.
    """

    id: str
    group: str
    title: str
    states: tuple[str, ...] = ()
    needs_state: bool = False


class Grant(msgspec.Struct, frozen=True):
    """One role's right to one deed, on whose things and in which states (none: in no matter which)."""

    role: str
    deed: str
    whose: Whose
    states: tuple[str, ...]
    because: str = ""


class Role(msgspec.Struct, frozen=True):
    """A role with its sentence, its reason and where the reason comes from."""

    id: str
    title: str
    text: str
    because: str
    source: str
    status: str


class Row(msgspec.Struct, frozen=True):
    """One deed with the grant of every role in the order of `roles`, None where the role may not: one line of the page."""

    deed: Deed
    grants: tuple[Grant | None, ...]


class RolesTable(msgspec.Struct, frozen=True):
    """The whole table. Build it with `load_roles`, which refuses a table with holes."""

    text: str
    because: str
    source: str
    status: str
    groups: tuple[tuple[str, str], ...]
    roles: tuple[Role, ...]
    deeds: dict[str, Deed]
    grants: dict[tuple[str, str], Grant]

    def grant(self, role: str, deed: str) -> Grant | None:
        """Give the grant, for a guard that checks whose things are asked for; None is a refusal."""
        return self.grants.get((role, deed))

    def refusal(self, role: str, deed: str, state: str | None = None) -> Literal["role-deed", "role-state"] | None:
        """
        Tell why a role may not do this; None when it may.

        Args:
            state: The pilot's state. Without one the coarse question is answered (may this role ever do it?), which
                is enough before a page is looked up; deeds that read secrets are refused without a state.
        """
        grant = self.grants.get((role, deed))
        if grant is None:
            return "role-deed"
        if state is None:
            return "role-state" if self.deeds[deed].needs_state else None
        return None if not grant.states or state in grant.states else "role-state"

    def rows(self, group: str) -> list[Row]:
        """List the deeds of a group in the order of the file."""
        names = [role.id for role in self.roles]
        return [
            Row(deed, tuple(self.grants.get((name, deed.id)) for name in names))
            for deed in self.deeds.values()
            if deed.group == group
        ]


def may(role: str, deed: str, state: str | None = None) -> bool:
    """Tell whether the published table lets this role do this; whatever the table does not know is refused."""
    return roles_table().refusal(role, deed, state) is None


@lru_cache(maxsize=1)
def roles_table() -> RolesTable:
    """The table of this release."""
    return load_roles(_FOLDER)


def load_roles(folder: Path) -> RolesTable:
    """
    Read a folder of roles: `deeds.toml`, and one file for each role.

    Raises:
        PolicyFileError: With file and line, if anything is not understood, missing, said twice, or would let somebody
            act for somebody else.
    """
    for path in sorted(folder.iterdir()):
        if path.name != _DEEDS and path.stem not in ROLES:
            raise PolicyFileError("policy-file-unknown", "no file of roles has this name", path.name, None)
    for name in (_DEEDS, *(f"{role}.toml" for role in ROLES)):
        if not (folder / name).is_file():
            raise PolicyFileError("policy-file-missing", "the folder lacks this file", name, None)
    heading, *rest = read_tables(folder / _DEEDS, "deeds", ("group", "deed"))
    with heading.judged() as values:
        about = _about(values)
    groups, deeds = _listed(rest)
    roles: list[Role] = []
    grants: dict[tuple[str, str], Grant] = {}
    for name in ROLES:
        title, *granted = read_tables(folder / f"{name}.toml", "role", ("may",))
        with title.judged() as values:
            roles.append(_role(values, name))
        for one in granted:
            with one.judged() as values:
                _grant(grants, values, name, deeds)
    return RolesTable(**about, groups=tuple(groups.items()), roles=tuple(roles), deeds=deeds, grants=grants)


def _about(values: dict[str, object]) -> dict[str, str]:
    check_keys(values, ("text", "because", "source", "status"))
    return {
        "text": figures.check_text(values["text"], "text"),
        "because": figures.check_text(values["because"], "because"),
        "source": check_source(values["source"]),
        "status": check_choice(values["status"], "status", _STANDING),
    }


def _listed(found: list[Located]) -> tuple[dict[str, str], dict[str, Deed]]:
    groups: dict[str, str] = {}
    deeds: dict[str, Deed] = {}
    for one in found:
        with one.judged() as values:
            if one.name == "group":
                check_keys(values, ("id", "title"))
                _new(values["id"], groups)
                groups[str(values["id"])] = figures.check_text(values["title"], "title")
            else:
                deed = _deed(values, groups)
                _new(deed.id, deeds)
                deeds[deed.id] = deed
    return groups, deeds


def _new(name: object, known: dict[str, Any]) -> None:
    if figures.check_text(name, "id") in known:
        raise PolicyError("policy-twice", f"{name} is listed above already", "id")


def _deed(values: dict[str, object], groups: dict[str, str]) -> Deed:
    check_keys(values, ("id", "group", "title"), ("states", "needs_state"))
    name = figures.check_text(values["id"], "id")
    if not _DEED.fullmatch(name):
        raise PolicyError("policy-deed", f"{name} is no kind of act and no address of a page", "id")
    states = _states(values.get("states"), STATES)
    needs_state = values.get("needs_state", False)
    if needs_state is not False and (needs_state is not True or not states):
        raise PolicyError("policy-type", "needs_state is true, for a deed with states", "needs_state")
    group = check_choice(values["group"], "group", tuple(groups))
    return Deed(name, group, figures.check_text(values["title"], "title"), states, needs_state)


def _role(values: dict[str, object], name: str) -> Role:
    check_keys(values, ("id", "title", "text", "because", "source", "status"))
    if values["id"] != name:
        raise PolicyError("policy-file-wrong", f"this file is about the role {name}", "id")
    return Role(
        id=name,
        title=figures.check_text(values["title"], "title"),
        text=figures.check_text(values["text"], "text"),
        because=figures.check_text(values["because"], "because"),
        source=check_source(values["source"]),
        status=check_choice(values["status"], "status", _STANDING),
    )


def _grant(grants: dict[tuple[str, str], Grant], values: dict[str, object], role: str, deeds: dict[str, Deed]) -> None:
    """Add what one `[[may]]` says; its states narrow those of each deed and say why."""
    check_keys(values, ("whose", "deeds"), ("states", "because"))
    whose = check_choice(values["whose"], "whose", WHOSE)
    if ("states" in values) != ("because" in values):
        raise PolicyError("policy-key-missing", "states and because stand together", "states")
    because = figures.check_text(values["because"], "because") if "because" in values else ""
    for name in check_words(values["deeds"], "deeds"):
        deed = deeds.get(name)
        if deed is None:
            raise PolicyError("policy-deed", f"{_DEEDS} lists no {name}", "deeds")
        if whose == "everybody" and deed.group not in _SHARED_GROUPS:
            raise PolicyError("policy-for-another", f"nobody may do {name} for everybody", "whose")
        if (role, name) in grants:
            raise PolicyError("policy-twice", f"{name} is granted above already", "deeds")
        states = _states(values.get("states"), deed.states) or deed.states
        grants[role, name] = Grant(role, name, cast("Whose", whose), states, because)


def _states(value: object, known: tuple[str, ...]) -> tuple[str, ...]:
    if value is None:
        return ()
    states = check_words(value, "states")
    for state in states:
        check_choice(state, "states", known)
    return tuple(state for state in STATES if state in states)
