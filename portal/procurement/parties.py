"""Firms, keepers and the log itself as their entries make them."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from portal.procurement.act import Act
from portal.procurement.events.keys import RelyingPartyStated
from portal.procurement.events.party import (
    FirmRegistered,
    KeeperPackRegistered,
    KeeperRegistered,
    LogOpened,
    PackKey,
    SealingModuleStated,
)
from portal.procurement.refusal import Refusal


class Firm(Struct, frozen=True, kw_only=True):
    """The fold over `firm:ID`; its key is the author of its registration."""

    id: str
    registered: Act
    profile: FirmRegistered

    @property
    def key(self) -> str:
        """The key id by which the firm signs offers and proofs."""
        return self.registered.author


class Keeper(Struct, kw_only=True):
    """The fold over `keeper:ID`: every registered pack key, in order; which are used is told by publications."""

    id: str
    registered: Act
    profile: KeeperRegistered
    keys: list[PackKey] = []


def fold_log(acts: Iterable[Act]) -> LogOpened | None:
    """What entry 0 says about the log, with the sealing module as stated last."""
    opened: LogOpened | None = None
    for act in acts:
        if isinstance(act.body, LogOpened):
            opened = act.body
        elif opened is not None and isinstance(act.body, SealingModuleStated):
            opened = msgspec.structs.replace(opened, sealing_module=act.body.module)
    return opened


def fold_relying_party(acts: Iterable[Act], before: int | None = None) -> RelyingPartyStated | None:
    """
    What `log:self` states last about passkeys; None while nothing is stated.

    Args:
        before: Only what was stated before this entry: a statement holds for the entries after its own.
    """
    stated: RelyingPartyStated | None = None
    for act in acts:
        if isinstance(act.body, RelyingPartyStated) and (before is None or act.index < before):
            stated = act.body
    return stated


def fold_firm(acts: Iterable[Act]) -> Firm | None:
    """The firm behind `firm:ID`, as first registered by its own key."""
    for act in acts:
        if isinstance(act.body, FirmRegistered):
            return Firm(id=act.subject, registered=act, profile=act.body)
    return None


def fold_keeper(acts: Iterable[Act]) -> Keeper | None:
    """Add up the acts of one `keeper:ID`."""
    keeper: Keeper | None = None
    for act in acts:
        if isinstance(act.body, KeeperRegistered):
            keeper = Keeper(id=act.subject, registered=act, profile=act.body)
        elif keeper is None:
            raise Refusal("keeper-unknown", {"keeper": act.subject})
        elif isinstance(act.body, KeeperPackRegistered):
            keeper.keys.extend(act.body.keys)
    return keeper
