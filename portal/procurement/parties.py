"""Firms, keepers, training partners and the log itself as their entries make them."""

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
    PartnerRegistered,
    SealingModuleStated,
)
from portal.procurement.holders import KeyRing, ring_of
from portal.procurement.refusal import Refusal


class Firm(Struct, frozen=True, kw_only=True):
    """The fold over `firm:ID`; `ring` has every key by which it ever signed offers and proofs."""

    id: str
    registered: Act
    profile: FirmRegistered
    ring: KeyRing

    @property
    def key(self) -> str:
        """The key of its registration, which may have been revoked since; who may sign is told by `holds`."""
        return self.registered.author

    def holds(self, key: str) -> bool:
        """Whether the firm signs with this key now."""
        return self.ring.holds(self.id, key)

    def signed_at(self, key: str, entry: int) -> bool:
        """Whether a paper of its own, sealed in this entry, counts as signed by the firm."""
        return self.ring.not_ended_before(self.id, key, entry)


class Partner(Struct, frozen=True, kw_only=True):
    """The fold over `partner:ID`: a school or a club that trains learners in pilots."""

    id: str
    registered: Act
    profile: PartnerRegistered
    ring: KeyRing

    def holds(self, key: str) -> bool:
        """Whether the partner signs with this key now."""
        return self.ring.holds(self.id, key)


class Keeper(Struct, kw_only=True):
    """The fold over `keeper:ID`: every registered pack key, in order; which are used is told by publications."""

    id: str
    registered: Act
    profile: KeeperRegistered
    ring: KeyRing
    keys: list[PackKey] = []
    proven: set[str] = set()
    """The proposal's key of each pair whose secret everybody can check to have been held."""

    def holds(self, key: str) -> bool:
        """Whether the keeper signs with this key now."""
        return self.ring.holds(self.id, key)


def interest_name(name: str) -> str:
    """A firm's name as interests are compared by it: case and spaces aside, so that a firm that registers later matches."""
    return " ".join(name.casefold().split())


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


def fold_operator(acts: Iterable[Act]) -> KeyRing:
    """
    The keys by which agencies and keepers are admitted: the operator's own of entry 0, and those of its registrars.

    Only the first signs what the server states on its own; empty before entry 0.
    """
    ring = KeyRing()
    for act in acts:
        if isinstance(act.body, LogOpened):
            ring.begin(act, act.subject, act.body.registrar, "first")
        else:
            ring.extend(act)
    return ring


def fold_firm(acts: Iterable[Act]) -> Firm | None:
    """The firm behind `firm:ID`, as first registered by its own key, with the keys it has had since."""
    firm: Firm | None = None
    for act in acts:
        if firm is not None:
            firm.ring.extend(act)
        elif isinstance(act.body, FirmRegistered):
            firm = Firm(id=act.subject, registered=act, profile=act.body, ring=ring_of(act, act.author))
    return firm


def fold_partner(acts: Iterable[Act]) -> Partner | None:
    """The training partner behind `partner:ID`, as `fold_firm`."""
    partner: Partner | None = None
    for act in acts:
        if partner is not None:
            partner.ring.extend(act)
        elif isinstance(act.body, PartnerRegistered):
            partner = Partner(id=act.subject, registered=act, profile=act.body, ring=ring_of(act, act.author))
    return partner


def fold_keeper(acts: Iterable[Act]) -> Keeper | None:
    """Add up the acts of one `keeper:ID`."""
    keeper: Keeper | None = None
    for act in acts:
        if isinstance(act.body, KeeperRegistered):
            keeper = Keeper(id=act.subject, registered=act, profile=act.body, ring=ring_of(act, act.body.key))
        elif keeper is None:
            raise Refusal("keeper-unknown", {"keeper": act.subject})
        elif isinstance(act.body, KeeperPackRegistered):
            keeper.keys.extend(act.body.keys)
            keeper.proven.update(pair.proposal for pair in act.body.keys if act.body.proofs)
        else:
            keeper.ring.extend(act)
    return keeper
