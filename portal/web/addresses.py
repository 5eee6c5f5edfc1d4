"""Addresses on this site: of subjects, and of lists with their filters."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode

from portal.web.views.frame import Feed, Link

_FOLDERS = {
    "opportunity": "/opportunities/",
    "plan": "/plans/",
    "agency": "/agencies/",
    "firm": "/firms/",
    "partner": "/partners/",
}

PILOTS_FEED = Feed("pilots", "/opportunities.atom")
PLANS_FEED = Feed("plans", "/plans.atom")
AWARDS_FEED = Feed("awards", "/awards.atom")


@lru_cache(maxsize=4096)
def subject_href(subject: str) -> str:
    """The page of a subject; '' for one that has none (keepers, the log)."""
    kind, _, name = subject.partition(":")
    folder = _FOLDERS.get(kind)
    return f"{folder}{quote(name)}" if folder else ""


def subject_link(subject: str, text: str) -> Link:
    """A link to a subject's page; to the record where it has no page."""
    return Link(text, subject_href(subject) or "/ledger")


def list_href(path: str, wishes: Mapping[str, str]) -> str:
    """A list's address with the filters that are set, in their one order."""
    given = {name: value for name, value in wishes.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def with_wish(path: str, wishes: Mapping[str, str], name: str, value: str) -> str:
    """The same list with one filter changed, from its first page."""
    return list_href(path, {**wishes, name: value})


def web_address(given: str) -> str:
    """What somebody called their website, where a link may lead to it; '' for anything but `http://` and `https://`."""
    scheme, mark, rest = given.partition("://")
    return given if mark and rest and scheme.lower() in {"http", "https"} else ""
