"""Atom feeds: the same rows as the lists."""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from portal.web.views.frame import Page, Said


class FeedEntry(Struct, frozen=True, kw_only=True):
    """One row of a feed. `href` is a path on this site; the permanent id is made of it and the log's origin."""

    href: str
    title: str
    updated: datetime
    published: datetime
    summary: Said
    author: str


class FeedPage(Page, frozen=True, kw_only=True):
    """
    One feed; `name` as in `Feed`; `older` is the address of the next page (RFC 5005).

    `updated` is the newest entry's, never the time of asking.
    """

    template: ClassVar[str] = "feeds/atom.xml"
    name: str
    html: str
    updated: datetime
    entries: tuple[FeedEntry, ...]
    older: str = ""
