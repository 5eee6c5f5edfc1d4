"""The published table of roles knows every act and every state of the portal."""

import re
from pathlib import Path

import portal
from policies.roles_table import STATES, roles_table
from portal.procurement.kinds import KINDS
from portal.procurement.stage import STAGES

TABLE = roles_table()


def test_every_kind_of_act_is_in_the_table() -> None:
    assert [kind for kind in KINDS if kind not in TABLE.deeds] == []


def test_the_table_speaks_of_the_states_a_pilot_has() -> None:
    assert STATES == STAGES


def test_an_act_about_a_published_pilot_names_its_states_and_no_other_does() -> None:
    about_pilots = {kind.name for kind in KINDS.values() if kind.subject == "opportunity"} - {"opportunity-published"}
    assert {kind for kind in KINDS if TABLE.deeds[kind].states} == about_pilots


def test_whoever_signs_a_kind_may_do_it_and_nobody_else() -> None:
    roles = {
        "registrar": {"registrar"},
        "head": {"head"},
        "officer": {"officer"},
        "second-officer": {"officer"},
        "firm": {"firm"},
        "partner": {"partner"},
        "keeper": {"keeper"},
        "evaluator": {"evaluator"},
        "bid-key": {"visitor", "firm"},
        "one-time-key": {"visitor", "firm"},
        "operator": set(),
        "holder": {"firm", "partner", "head", "officer", "evaluator", "keeper"},
        "new-key": {"visitor", "firm", "partner", "head", "officer", "evaluator", "keeper"},
    }
    # The record is opened by `daylight init`; a firm enters its name before anybody has an account.
    # The new key of somebody who has an old one belongs to an account already.
    exceptions = {
        "log-opened": set(),
        "firm-registered": {"firm", "visitor"},
        "partner-registered": {"partner", "visitor"},
        # Signed by the operator, and caused by whoever reads.
        "document-read": {"officer", "evaluator", "auditor"},
        "key-added": {"firm", "partner", "head", "officer", "evaluator", "keeper", "registrar"},
        "key-revoked": {"firm", "partner", "head", "officer", "evaluator", "keeper", "registrar"},
    }
    for kind in KINDS.values():
        wanted = exceptions.get(kind.name, set().union(*(roles[signer] for signer in kind.signers)))
        assert {role.id for role in TABLE.roles if TABLE.grant(role.id, kind.name)} == wanted, kind.name


def test_every_deed_that_a_route_asks_for_is_in_the_table() -> None:
    routes = "".join(path.read_text(encoding="utf-8") for path in Path(portal.__file__).parent.rglob("*.py"))
    asked = set(re.findall(r'"deed": "([^"]*)"', routes))
    assert asked - set(TABLE.deeds) == set()
    assert asked
