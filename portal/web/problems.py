"""
What could not be done, said to people and to programs (RFC 9457).

One table turns reasons into status codes; `templates/words.toml` has the sentences. Programs get
`application/problem+json` with the reason, what happened, and what to do now; people the same on a page.
"""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from ledger.errors import LedgerError
from portal.identity.errors import IdentityError
from portal.procurement.refusal import Refusal
from portal.web.headers import SECURITY
from portal.web.render import Renderer
from portal.web.views.frame import Link, Said, Shown, as_read, said
from portal.web.views.plain import ProblemPage

HTML = "text/html"
PROBLEM = "application/problem+json"
_LOG = logging.getLogger("daylight.web")
_NOT_FOUND = 404
_SERVER = 500
_TOO_MANY = 429
_FORBIDDEN = 403

# Refusals are 422 unless they stand here: who came late or twice, what is too large, what is not there.
_STATUS = {
    "page-missing": 404,
    "query-malformed": 400,
    "body-too-large": 413,
    "body-malformed": 400,
    "too-many-attempts": 429,
    "invitation-unknown": 404,
    "entry-duplicate": 409,
    "subject-moved": 409,
    "log-behind": 503,
    "log-differs": 503,
    "lock-behind": 503,
    "pdf-unavailable": 503,
}


_OF_STATUS = {404: "page-missing", 405: "method-not-allowed", 413: "body-too-large"}


class Problem(Exception):  # noqa: N818 -- the name that RFC 9457 gives it
    """Something the web refuses by itself: an address that leads nowhere, a word in it that nobody understands."""

    def __init__(self, reason: str, status: int | None = None, **figures: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status if status is not None else status_of(reason)
        self.figures = figures


def missing() -> Problem:
    """There is no such page."""
    return Problem("page-missing", _NOT_FOUND)


def status_of(reason: str) -> int:
    """The status code of a reason."""
    return _STATUS.get(reason, 400 if reason.startswith(("statement-", "json-", "canonical-")) else 422)


def wants_page(accept: str) -> bool:
    """Whether an `Accept` header prefers a page to a problem for programs."""
    return "text/html" in accept or accept.strip() in {"", "*/*"}


class ProblemWriter:
    """Writes problems for one site."""

    def __init__(self, renderer: Renderer, *, forms: bool = False) -> None:
        """
        Write for one renderer.

        Args:
            forms: Browsers post forms here and are answered by a page; whoever does not ask for HTML gets JSON.
        """
        self._renderer = renderer
        self._forms = forms

    def answer(self, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        """The answer for an error that reached the edge."""
        if isinstance(error, Problem):
            return self._write(request, error.status, error.reason, dict(error.figures))
        if isinstance(error, IdentityError):
            status = _STATUS.get(error.reason, _FORBIDDEN)
            return self._write(request, status, error.reason, dict(error.figures))
        if isinstance(error, Refusal):
            return self._write(
                request, status_of(error.reason), error.reason, error.figures, fix=error.fix, rule=error.rule
            )
        if isinstance(error, LedgerError):
            return self._write(request, status_of(error.reason), error.reason, {"detail": error.detail})
        if isinstance(error, HTTPException):
            return self._write(request, error.status_code, _OF_STATUS.get(error.status_code, "query-malformed"), {})
        _LOG.error("no answer for %s %s", request.method, request.url.path, exc_info=error)
        return self._write(request, _SERVER, "internal", {})

    def _write(
        self,
        request: Request[Any, Any, Any],
        status: int,
        reason: str,
        figures: dict[str, Any],
        *,
        fix: str = "",
        rule: str | None = None,
    ) -> Response[bytes]:
        words = self._renderer.words
        told = {name: value if isinstance(value, str | int) else str(value) for name, value in figures.items()}
        shown = {name: as_read(value) for name, value in told.items()}
        what = self._what(reason, shown)
        help_key = f"fixes.{reason}"
        help_words: Said | str = Said(help_key, shown) if not fix and help_key in words else fix
        headers = dict(SECURITY)
        if status == _TOO_MANY and "seconds" in figures:
            headers["retry-after"] = str(figures["seconds"])
        accept = request.headers.get("accept", "")
        reads = request.method in {"GET", "HEAD"} and wants_page(accept)
        if reads or (self._forms and "text/html" in accept):
            page = ProblemPage(
                path=request.url.path,
                status=status,
                reason=reason,
                what=what,
                fix=help_words,
                rule=Link(rule, f"/policies#{rule}") if rule else None,
            )
            return Response(self._renderer.page(page), status_code=status, media_type=HTML, headers=headers)
        return Response(
            msgspec.json.encode(
                {
                    "type": f"{self._renderer.site.address}/how#problem-{reason}",
                    "title": self._title(status),
                    "status": status,
                    "reason": reason,
                    "detail": self._renderer.say(what.key, **what.figures),
                    "fix": help_words if isinstance(help_words, str) else self._renderer.say(help_words.key, **shown),
                    "figures": told,
                }
            ),
            status_code=status,
            media_type=PROBLEM,
            headers=headers,
        )

    def _what(self, reason: str, figures: dict[str, Shown]) -> Said:
        """The sentence for a reason; the general one where there is none, or where it wants a figure nobody gave."""
        key = f"problems.{reason}"
        try:
            self._renderer.say(key, **figures)
        except KeyError:
            return said("problems.unknown", reason=reason)
        return Said(key, figures)

    def _title(self, status: int) -> str:
        key = f"problem.titles.{status}"
        return self._renderer.say(key if key in self._renderer.words else "problem.titles.other")
