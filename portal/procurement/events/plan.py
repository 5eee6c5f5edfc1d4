"""Promised work: what an agency means to buy, before it publishes. Subject `plan:ID`."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from portal.procurement.events import Line, Name, Place, Prose

Quarter = Annotated[str, Meta(pattern=r"^[0-9]{4}-q[1-4]\Z")]


class PlanAnnounced(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The first promise: need, skills, size, quarter, whether the money is secured, and where."""

    agency: str
    title: Name
    need: Prose
    skills: Annotated[list[Name], Meta(min_length=1, max_length=10)]
    tier: Literal["T0", "T1"]
    quarter: Quarter
    money: Literal["secured", "sought"]
    place: Place
    place_name: Name
    learner_places: Annotated[int, Meta(ge=0, le=50)] = 0


class PlanChanged(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The promise as it now stands, whole, and why it changed. The agency never changes."""

    plan: PlanAnnounced
    why: Line


class PlanDropped(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The agency takes the promise back, with a coded reason from its policy and a sentence."""

    reason: Name
    why: Line
