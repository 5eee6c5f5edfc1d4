"""
HTML into PDF by WeasyPrint, the same bytes for the same input.

1. Nothing is fetched: what a paper shows lies in its HTML, what it proves lies in its attachments.
2. No clock is read: dates come from the record, the PDF's identifier from the fingerprint of the HTML.
3. The system libraries (Pango) may be missing. Everything else must work without them, so they are loaded at the first
   paper, and their absence is `pdf-unavailable`, never a crash.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

import segno
from msgspec import Struct

if TYPE_CHECKING:
    from types import ModuleType


class PaperError(Exception):
    """A paper could not be made. `reason` is stable: `pdf-unavailable`, `pdf-fetch`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Attached(Struct, frozen=True, kw_only=True):
    """A file inside the PDF: what the paper rests on."""

    name: str
    description: str
    data: bytes


class Printed(Struct, frozen=True):
    """A finished paper: its bytes and their SHA-256, equal for equal input on the same fonts and libraries."""

    pdf: bytes
    fingerprint: str


def print_pdf(html: str, *, dated: datetime, attachments: Sequence[Attached] = ()) -> Printed:
    """
    Print one paper as tagged PDF (PDF/UA-1), about 100 ms of CPU: call it off the event loop.

    Args:
        dated: The moment of the act the paper tells of; it becomes the date of every attachment.

    Raises:
        PaperError: `pdf-unavailable` when a system library is missing, `pdf-fetch` when the HTML asks for the outside.
    """
    weasyprint = _weasyprint()
    identifier = hashlib.sha256(html.encode("utf-8") + b"".join(file.data for file in attachments)).digest()[:16]
    files = [
        weasyprint.Attachment(
            string=file.data,
            name=file.name,
            description=file.description,
            created=dated,
            modified=dated,
            relationship="Source",
        )
        for file in attachments
    ]
    document: Any = weasyprint.HTML(string=html, url_fetcher=_refuse(weasyprint))
    try:
        pdf: bytes = document.write_pdf(attachments=files, pdf_identifier=identifier, pdf_variant="pdf/ua-1")
    except weasyprint.urls.FatalURLFetchingError as error:
        raise PaperError("pdf-fetch", str(error)) from error
    return Printed(pdf, hashlib.sha256(pdf).hexdigest())


def qr_svg(address: str, label: str) -> str:
    """Draw the address as a QR code: inline SVG without size, `label` for readers that cannot see it."""
    code = segno.make(address, error="m", micro=False)
    return str(code.svg_inline(border=2, omitsize=True, title=label, lineclass=None, svgclass="qr"))


def _weasyprint() -> "ModuleType":
    try:
        import weasyprint  # type: ignore[import-untyped]  # noqa: PLC0415 -- loads Pango: not before a paper is asked for
    except (ImportError, OSError) as error:
        raise PaperError("pdf-unavailable", str(error).partition("\n")[0]) from error
    module: ModuleType = weasyprint
    return module


def _refuse(weasyprint: "ModuleType") -> object:
    fatal: type[Exception] = weasyprint.urls.FatalURLFetchingError

    class _Closed(weasyprint.urls.URLFetcher):  # type: ignore[misc,name-defined]
        """Fetches nothing: a paper that asks for the outside is a bug of the template."""

        def fetch(self, url: str, headers: object = None) -> NoReturn:
            """Refuse, loudly."""
            del headers
            raise fatal(url)

    return _Closed()
