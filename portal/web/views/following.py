"""Following a pilot by mail: asking, agreeing, stopping."""

from typing import ClassVar, Literal

from portal.web.views.frame import Link, Page, Said


class FollowPage(Page, frozen=True, kw_only=True):
    """Leave a mail address. `sent` after it was taken, whoever's it is; `email` comes back when it is `wrong`."""

    template: ClassVar[str] = "pages/follow.html"
    section: ClassVar[str] = "opportunities"
    pilot: Link
    subject: str
    open: bool
    email: str = ""
    wrong: Said | None = None
    sent: bool = False


class FollowerPage(Page, frozen=True, kw_only=True):
    """The page behind a letter's address. It is named by the letter alone, and changes nothing before a button is pressed."""

    template: ClassVar[str] = "pages/follower.html"
    section: ClassVar[str] = "opportunities"
    state: Literal["asked", "agreed", "stopped", "gone"]
    pilot: Link | None = None
    email: str = ""
