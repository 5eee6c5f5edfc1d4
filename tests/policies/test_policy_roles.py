"""The table of roles: read strictly, refused by default, and without a right to act for anybody else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import policies
from policies import PolicyFileError
from policies.roles_table import ROLES, STATES, load_roles, may, roles_table

FOLDER = Path(policies.__file__).parent / "roles"
TABLE = roles_table()
BEFORE_AWARD = [state for state in STATES if state != "awarded"]
SECRETS = [deed.id for deed in TABLE.deeds.values() if deed.needs_state]
SHARED = ("read", "door")


@pytest.mark.parametrize("role", ["", "admin", "administrator", "Officer", "root", "operator"])
def test_a_role_nobody_knows_may_nothing(role: str) -> None:
    assert [deed for deed in TABLE.deeds if may(role, deed) or may(role, deed, "awarded")] == []
    assert TABLE.refusal(role, "public") == "role-deed"


@pytest.mark.parametrize("deed", ["", "desk", "desk:", "desk:read-bids", "read-bid", "bid-read", "act-as", "Public"])
def test_a_deed_nobody_knows_is_refused_to_every_role(deed: str) -> None:
    assert [role for role in ROLES if may(role, deed)] == []


def test_a_state_nobody_knows_is_refused() -> None:
    assert may("visitor", "bid-sealed", "open")
    assert not may("visitor", "bid-sealed", "Open")
    assert TABLE.refusal("visitor", "bid-sealed", "ajar") == "role-state"


def test_without_a_state_the_coarse_question_is_answered_but_never_about_secrets() -> None:
    assert may("officer", "addendum-published")
    assert not may("officer", "addendum-published", "closed")
    assert SECRETS == ["document-read", "desk:read-proposals", "desk:read-withheld", "desk:dossier"]
    assert [(role, deed) for role in ROLES for deed in SECRETS if may(role, deed)] == []


def test_a_deed_about_no_pilot_does_not_depend_on_a_state() -> None:
    assert may("officer", "desk:home")
    assert may("officer", "desk:home", "closed")


def test_an_auditor_reads_everything_after_the_award_and_nothing_before() -> None:
    for deed in SECRETS:
        assert may("auditor", deed, "awarded")
        assert [state for state in BEFORE_AWARD if may("auditor", deed, state)] == []


def test_nobody_reads_a_proposal_before_it_is_opened() -> None:
    closed = ("open", "closed", "no-bids", "withdrawn", "cancelled", "opening-failed")
    assert [(role, state) for role in ROLES for state in closed if may(role, "desk:read-proposals", state)] == []


def test_officers_read_proposals_only_after_the_scores_are_shown() -> None:
    assert not may("officer", "desk:read-proposals", "scoring")
    assert may("officer", "desk:read-proposals", "ranked")
    assert may("evaluator", "desk:read-proposals", "scoring")


def test_the_operators_own_acts_are_nobodys_at_a_desk() -> None:
    programme = {
        "log-opened",
        "fields-erased",
        "proposals-erased",
        "bids-closed",
        "objection-decided",
        "proposals-opened",
        "offers-opened",
        "bid-opened",
        "evaluator-stood-aside",
        "ranking-published",
    }
    assert {deed for deed in TABLE.deeds if not any(TABLE.grant(role, deed) for role in ROLES)} == programme


@pytest.mark.parametrize("grant", TABLE.grants.values(), ids=lambda grant: f"{grant.role} {grant.deed}")
def test_no_grant_lets_somebody_act_for_somebody_else(grant: policies.roles_table.Grant) -> None:
    if grant.whose == "everybody":
        assert TABLE.deeds[grant.deed].group in SHARED
    assert TABLE.grant(grant.role, grant.deed) is grant


def test_bids_are_the_bidders_alone() -> None:
    for deed in ("bid-sealed", "bid-replaced", "bid-withdrawn", "bid-confirmed", "content-key-published"):
        assert {role for role in ROLES if may(role, deed)} == {"visitor", "firm"}
        assert {grant.whose for (_, name), grant in TABLE.grants.items() if name == deed} == {"own"}


def test_only_the_registrar_admits() -> None:
    for deed in ("agency-registered", "keeper-registered", "desk:admit"):
        assert [role for role in ROLES if may(role, deed)] == ["registrar"]


def test_who_appoints_does_not_decide_and_who_decides_does_not_appoint() -> None:
    for deed in ("policy-adopted", "appointment-made", "appointment-ended"):
        assert [role for role in ROLES if may(role, deed)] == ["head"]
    groups = {"plan", "notice", "bid", "opening", "scoring", "award", "read"}
    assert [deed.id for deed in TABLE.deeds.values() if deed.group in groups and may("head", deed.id, "open")] == []


def test_the_registrar_has_no_part_in_a_procurement() -> None:
    groups = {"plan", "notice", "bid", "opening", "scoring", "award", "read"}
    assert [
        deed.id for deed in TABLE.deeds.values() if deed.group in groups and may("registrar", deed.id, "open")
    ] == []


def test_the_page_has_one_line_for_every_deed_and_one_cell_for_every_role() -> None:
    rows = [row for group, _ in TABLE.groups for row in TABLE.rows(group)]
    assert [row.deed.id for row in rows] == list(TABLE.deeds)
    assert [role.id for role in TABLE.roles] == list(ROLES)
    for row in rows:
        assert [bool(grant) for grant in row.grants] == [
            may(role, row.deed.id) or (row.deed.needs_state and TABLE.grant(role, row.deed.id) is not None)
            for role in ROLES
        ]


EDITS: dict[str, tuple[str, str, str, str, str]] = {
    "a key nobody knows in a heading": ("deeds.toml", "[deeds]", "[deeds]\ncolour = 1", "policy-key-unknown", "colour"),
    "a table nobody knows": ("deeds.toml", "[[group]]", "[[team]]", "policy-key-unknown", "[[team]]"),
    "a key above all tables": ("deeds.toml", "[deeds]", "odd = 1\n\n[deeds]", "policy-key-unknown", "odd = 1"),
    "no heading": ("deeds.toml", "[deeds]", "[[group]]", "policy-layout", "# Every"),
    "a heading that is a list": ("deeds.toml", "[deeds]", "[[deeds]]", "policy-layout", "[[deeds]]"),
    "a heading on one line": (
        "auditor.toml",
        "[role]\nid",
        "role = { x = 1 }\n[[may]]\nid",
        "policy-layout",
        "role =",
    ),
    "a list in brackets of its own": (
        "deeds.toml",
        "[deeds]\n",
        "group = [{ x = 1 }]\n[deeds]\n",
        "policy-toml",
        "[[group]]",
    ),
    "a grant without brackets": ("visitor.toml", "[[may]]", "[may]", "policy-toml", ""),
    "no source": ("deeds.toml", 'source = "house"\n', "", "policy-source-missing", "[deeds]"),
    "an empty source": ("firm.toml", 'source = "house"', 'source = ""', "policy-source-missing", 'source = ""'),
    "a role without a reason": (
        "firm.toml",
        'source = "house"\n',
        "",
        "policy-source-missing",
        "[role]",
    ),
    "a standing nobody knows": ("firm.toml", '"proposal"', '"sure"', "policy-choice", 'status = "sure"'),
    "a text of the wrong type": ("firm.toml", 'title = "Firm"', "title = 7", "policy-type", "title = 7"),
    "a role in another's file": ("firm.toml", 'id = "firm"', 'id = "officer"', "policy-file-wrong", "id ="),
    "a group said twice": ("deeds.toml", 'id = "plan"', 'id = "log"', "policy-twice", 'id = "log"\ntitle = "About pr'),
    "a deed said twice": (
        "deeds.toml",
        'id = "plan-dropped"',
        'id = "plan-changed"',
        "policy-twice",
        'id = "plan-changed"\ngroup = "plan"\ntitle = "Take',
    ),
    "a deed of no shape": ("deeds.toml", 'id = "desk:home"', 'id = "/desk"', "policy-deed", 'id = "/desk"'),
    "a deed in no group": (
        "deeds.toml",
        'id = "plan-announced"\ngroup = "plan"',
        'id = "plan-announced"\ngroup = "plans"',
        "policy-choice",
        'group = "plans"',
    ),
    "a state nobody knows": ("deeds.toml", '["open"]', '["ajar"]', "policy-choice", 'states = ["ajar"]'),
    "a state said twice": ("deeds.toml", '["open"]', '["open", "open"]', "policy-twice", 'states = ["open", "open"]'),
    "no state at all": ("deeds.toml", '["open"]', "[]", "policy-type", "states = []"),
    "states that are no list": ("deeds.toml", '["open"]', '"open"', "policy-type", 'states = "open"'),
    "a needless need": ("deeds.toml", "needs_state = true", "needs_state = 1", "policy-type", "needs_state = 1"),
    "a need without states": (
        "deeds.toml",
        'title = "Open the record"',
        'title = "Open the record"\nneeds_state = true',
        "policy-type",
        "needs_state = true",
    ),
    "a grant of nothing known": ("firm.toml", '"desk:home"', '"desk:house"', "policy-deed", "deeds = ["),
    "a grant said twice": (
        "firm.toml",
        '"desk:home"',
        '"firm-registered"',
        "policy-twice",
        'deeds = ["firm-registered", "firm-changed"',
    ),
    "a grant in other states than the deed's": (
        "officer.toml",
        'states = ["ranked", "chosen", "awarded"]',
        'states = ["chosen", "ajar"]',
        "policy-choice",
        'states = ["chosen", "ajar"]',
    ),
    "narrowed without a reason": (
        "officer.toml",
        'states = ["ranked", "chosen", "awarded"]\nbecause',
        'states = ["ranked", "chosen", "awarded"]\n# because',
        "policy-key-missing",
        'states = ["ranked", "chosen", "awarded"]',
    ),
    "acting for everybody": (
        "auditor.toml",
        'whose = "own"',
        'whose = "everybody"',
        "policy-for-another",
        'whose = "everybody"',
    ),
    "an owner nobody knows": ("auditor.toml", 'whose = "own"', 'whose = "another"', "policy-choice", 'whose = "ano'),
    "a fraction": ("deeds.toml", "needs_state = true", "needs_state = 1.5", "policy-type", "needs_state = 1.5"),
}


@pytest.mark.parametrize(("file", "old", "new", "reason", "marker"), EDITS.values(), ids=EDITS.keys())
def test_a_wrong_file_is_refused_with_file_line_and_reason(
    *, tmp_path: Path, file: str, old: str, new: str, reason: str, marker: str
) -> None:
    folder = copied(tmp_path)
    path = folder / file
    text = path.read_text()
    assert old in text
    text = text.replace(old, new, 1)
    path.write_text(text)
    with pytest.raises(PolicyFileError) as error:
        load_roles(folder)
    line = text[: text.index(marker)].count("\n") + 1 if marker else error.value.line
    assert (error.value.reason, error.value.file, error.value.line) == (reason, file, line)


def test_a_folder_lacks_no_file_and_has_none_too_many(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "extra.toml").write_text("")
    with pytest.raises(PolicyFileError) as error:
        load_roles(folder)
    assert (error.value.reason, error.value.file) == ("policy-file-unknown", "extra.toml")
    (folder / "extra.toml").unlink()
    (folder / "keeper.toml").unlink()
    with pytest.raises(PolicyFileError) as error:
        load_roles(folder)
    assert (error.value.reason, error.value.file) == ("policy-file-missing", "keeper.toml")


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "roles"))
