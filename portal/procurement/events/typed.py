"""Narrowing an act's body to the type its kind promises."""

from typing import TypeVar

from msgspec import Struct

from portal.procurement.act import Act

_Body = TypeVar("_Body", bound=Struct)


def typed(act: Act, shape: type[_Body]) -> _Body:
    """The act's body as `shape`. Anything else is our own bug, since the kind table decides the type."""
    if not isinstance(act.body, shape):
        raise TypeError(act.kind)
    return act.body
