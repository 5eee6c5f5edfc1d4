"""
What a visitor may do at the public door, by the published table of roles.

Whoever stands here is nobody in particular: a cookie is not read, so that everybody is the table's visitor. Pages are read
by GET and are public; a route that takes anything in names its deed, and one that does not takes nothing.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from policies.roles_table import may
from portal.web.problems import Problem

VISITOR = "visitor"
_READING = {"GET", "HEAD", "OPTIONS"}


def visitors_only(_connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """
    Let a visitor through, or refuse.

    Raises:
        Problem: `role-deed` for a deed that the table does not give to visitors.
    """
    if not may(VISITOR, deed_of(handler)):
        raise Problem("role-deed", 403)


def deed_of(handler: BaseRouteHandler) -> str:
    """The deed of a public route: reading, unless it says something else."""
    reads = set(getattr(handler, "http_methods", ())) <= _READING
    return str(handler.opt.get("deed", "public" if reads else ""))
