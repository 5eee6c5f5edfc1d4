"""Papers: the award notice, and what bidders print. Set by the templates, printed by `portal.documents`."""

from datetime import datetime
from typing import Literal

from markupsafe import Markup

from portal.documents.pdf import Attached, Printed, print_pdf, qr_svg
from portal.web.policy_memo import print_memo
from portal.web.render import Renderer
from portal.web.views.bidding import JudgedPaper, ReceiptPaper
from portal.web.views.notice import AwardNotice
from portal.web.views.policy_memo import PolicyMemo
from portal.web.views.practice import PracticePaper

Paper = Literal["a4", "letter"]
Printable = AwardNotice | JudgedPaper | ReceiptPaper | PolicyMemo | PracticePaper


def printed(renderer: Renderer, view: Printable, paper: Paper = "a4") -> Printed:
    """
    Print any paper, with its entry and its proof attached.

    Raises:
        PaperError: `pdf-unavailable` when WeasyPrint's system libraries are missing.
    """
    if isinstance(view, AwardNotice):
        return award_notice(renderer, view, paper)
    if isinstance(view, PolicyMemo):
        return print_memo(renderer, view, paper)
    if isinstance(view, PracticePaper):
        return practice_notice(renderer, view, paper)
    return _print(renderer, view, view.dated.at, paper)


def practice_notice(renderer: Renderer, view: PracticePaper, paper: Paper = "a4") -> Printed:
    """
    Print a practised notice with its file attached: whoever gets the paper can open the file at a desk.

    Raises:
        PaperError: `pdf-unavailable` when WeasyPrint's system libraries are missing.
    """
    html = renderer.paper(view, paper=paper)
    file = Attached(name="practice.json", description=renderer.say("practice.paper.file"), data=view.file)
    return print_pdf(html, dated=view.made.at, attachments=(file,))


def award_notice(renderer: Renderer, view: AwardNotice, paper: Paper = "a4") -> Printed:
    """
    Print the award notice with its entry and its receipt attached.

    The QR code and the foot carry the permanent address of the record, so that a sheet of paper leads to its own proof.

    Raises:
        PaperError: `pdf-unavailable` when WeasyPrint's system libraries are missing.
    """
    return _print(renderer, view, view.awarded.at, paper)


def _print(
    renderer: Renderer, view: AwardNotice | JudgedPaper | ReceiptPaper, dated: datetime, paper: Paper
) -> Printed:
    address = f"{renderer.site.address}{view.path}"
    qr = Markup(qr_svg(address, renderer.say("notice.address")))  # noqa: S704 -- segno's own drawing, no text of others
    html = renderer.paper(view, paper=paper, address=address, qr=qr)
    attachments = (
        Attached(name="entry.json", description=renderer.say("notice.entry_file"), data=view.entry),
        Attached(name="entry.tlog-proof", description=renderer.say("notice.receipt_file"), data=view.receipt),
    )
    return print_pdf(html, dated=dated, attachments=attachments)
