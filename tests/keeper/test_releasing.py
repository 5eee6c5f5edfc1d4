"""A keeper releases a key when everything holds, and at nothing less."""

from collections.abc import Callable

from portal.commands.advance import advance
from portal.keeper.confirming import confirm
from portal.keeper.looking import duties_of, look
from portal.keeper.registering import keys_left, register
from portal.keeper.releasing import release
from portal.procurement.events import opening
from tests.keeper.conftest import Served
from tests.portal.town import PILOT


def test_two_of_three_keepers_open_a_pilot_and_confirm_what_came_out(serve: Callable[[], Served]) -> None:
    site = serve()
    for name in ("kim", "mae"):
        done = release(site.tool(name), PILOT, "proposal")
        assert done.kept == 4
        assert done.where.startswith(f"{site.address}/ledger/entries/")
    assert [step.name for step in advance(site.town.office, PILOT)] == ["proposals-opened"]
    assert confirm(site.tool("kim"), PILOT, "proposal").verdicts == 2
    site.town.score()
    for name in ("lou", "kim"):
        release(site.tool(name), PILOT, "offer")
    assert "offers-opened" in [step.name for step in advance(site.town.office, PILOT)]
    assert confirm(site.tool("lou"), PILOT, "offer").verdicts == 2
    bodies = [act.body for act in site.town.case().confirmations]
    assert [(b.keeper, b.label) for b in bodies if isinstance(b, opening.OpeningConfirmed)] == [
        ("keeper:kim", "proposal"),
        ("keeper:lou", "offer"),
    ]


def test_a_list_of_duties_says_what_waits(serve: Callable[[], Served]) -> None:
    site = serve()
    tool = site.tool("kim")
    view = look(tool)
    assert [(d.label, d.state) for d in duties_of(tool, view)] == [("proposal", "may-release"), ("offer", "early")]
    assert keys_left(view, "keeper:kim") == 5
    release(tool, PILOT, "proposal")
    assert [d.state for d in duties_of(tool, look(tool))] == ["sent", "early"]
    tool = site.tool("kim")
    assert [d.state for d in duties_of(tool, look(tool))] == ["released", "early"]


def test_new_keys_are_drilled_and_registered(serve: Callable[[], Served]) -> None:
    site = serve()
    tool = site.tool("kim")
    ring, where = register(tool, 3)
    assert where.startswith(site.address)
    assert ring.made == 3
    tool = site.tool("kim")
    tool.ring = ring
    assert keys_left(look(tool), "keeper:kim") == 8
