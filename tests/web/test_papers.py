"""Papers on a machine without the libraries that print them."""

import asyncio
import sys

import pytest

from portal.documents.pdf import PaperError, print_pdf, qr_svg
from portal.web import press
from portal.web.papers import award_notice
from portal.web.problems import Problem
from portal.web.render import Renderer
from tests.web import page_samples as samples


def test_without_its_libraries_a_paper_is_unavailable_and_nothing_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PaperError) as refused:
        print_pdf("<p>", dated=samples.NOW)
    assert refused.value.reason == "pdf-unavailable"


def test_the_notice_is_set_before_it_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PaperError):
        award_notice(Renderer(samples.DEMO), samples.award_notice(much=True), "letter")


def test_where_processes_cannot_share_a_lock_a_paper_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_more: object) -> None:
        raise PermissionError(13, "no semaphores in this container")

    monkeypatch.setattr(press, "ProcessPoolExecutor", refuse)
    desk = press.Press(samples.DEMO)
    with pytest.raises(Problem) as refused:
        asyncio.run(desk.make((b"leaf", "version", "letter"), samples.award_notice(much=True)))
    assert (refused.value.reason, refused.value.status) == ("pdf-unavailable", 503)
    desk.close()


def test_the_address_is_drawn_as_a_code_that_says_what_it_is() -> None:
    drawn = qr_svg("http://localhost:8000/ledger/entries/1841", "This award <on> the record")
    assert "<title>This award &lt;on&gt; the record</title>" in drawn
    assert 'class="qr"' in drawn
