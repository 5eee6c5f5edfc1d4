"""What somebody is about to sign, told in words: what it is, who wrote it, what is new in it, and what follows."""

from msgspec import Struct

from portal.web.views.frame import Said, Shown
from portal.web.views.opportunity import Change


class ToldLine(Struct, frozen=True, kw_only=True):
    """A label and what stands under it; `prose` for what somebody wrote, a paragraph for each line."""

    label: Said
    value: tuple[Shown, ...]
    prose: bool = False


class Told(Struct, frozen=True, kw_only=True):
    """
    One act before it is signed.

    `compared` says with what `changes` were found by comparing; `follows` are the consequences, said before anybody signs.
    `edit` is where its author changes it, '' for everybody else.
    """

    what: Said
    by: str = ""
    lines: tuple[ToldLine, ...] = ()
    compared: Said | None = None
    changes: tuple[Change, ...] = ()
    follows: tuple[Said, ...] = ()
    edit: str = ""
