"""What must hold after every story: the log is whole, recomputes, and gives the same read models again."""

from policies.roles_table import roles_table
from portal.procurement.act import Act, read_acts
from portal.procurement.case import fold_case
from portal.procurement.stage import stage
from portal.projections import dump, rebuild
from portal.recompute import recompute
from tests.ledger_whole import assert_ledger_is_whole
from tests.portal.town import Town


def assert_story_is_whole(town: Town) -> None:
    """Publish, then check the town's record from its published bytes alone and its read models from the record."""
    size = town.office.publish().size
    assert assert_ledger_is_whole(town.office.folder.root) == size
    assert recompute(str(town.office.folder.root)).differences == []
    with town.office.store.reading() as connection:
        before = dump(connection)
    assert rebuild(town.office.store) == size
    with town.office.store.reading() as connection:
        assert dump(connection) == before
        acts = read_acts(town.office.store.entries(connection, 0, size))
    assert acts_outside_their_states(acts) == []


def acts_outside_their_states(acts: list[Act]) -> list[tuple[str, str]]:
    """Find acts that were taken in a state in which the published table of roles has no such act."""
    deeds = roles_table().deeds
    told: dict[str, list[Act]] = {}
    found = []
    for act in acts:
        before = told.setdefault(act.subject, [])
        case = fold_case(before) if act.subject.startswith("opportunity:") else None
        states = deeds[act.kind].states
        if case is not None and states and stage(case, act.at) not in states:
            found.append((act.kind, stage(case, act.at)))
        before.append(act)
    return found
