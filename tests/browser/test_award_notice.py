"""The award notice on paper: needs WeasyPrint's system libraries, as CI has them."""

import hashlib
import subprocess
import sys
from io import BytesIO

import pytest
from pypdf import PdfReader

from portal.documents.pdf import PaperError, Printed, print_pdf
from portal.web.papers import Paper, award_notice
from portal.web.render import Renderer
from tests.web import page_samples as samples

DEMO = Renderer(samples.DEMO)
SIZES: dict[Paper, tuple[int, int]] = {"a4": (595, 842), "letter": (612, 792)}
AGAIN = """
import sys
from portal.web.papers import award_notice
from portal.web.render import Renderer
from tests.web import page_samples as samples
sys.stdout.write(award_notice(Renderer(samples.DEMO), samples.award_notice()).fingerprint)
"""


@pytest.fixture(scope="module")
def printed() -> Printed:
    return award_notice(DEMO, samples.award_notice())


def text_of(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def test_the_same_award_gives_the_same_bytes_in_another_process(printed: Printed) -> None:
    told = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True, check=True)
    assert told.stdout == printed.fingerprint == hashlib.sha256(printed.pdf).hexdigest()


def test_the_record_and_its_proof_are_attached(printed: Printed) -> None:
    view = samples.award_notice()
    attached = PdfReader(BytesIO(printed.pdf)).attachments
    assert {name: data[0] for name, data in attached.items()} == {
        "entry.json": view.entry,
        "entry.tlog-proof": view.receipt,
    }


def test_every_sheet_says_record_fingerprint_page_and_that_it_is_fictional(printed: Printed) -> None:
    sheets = text_of(printed.pdf)
    for number, text in enumerate(sheets, start=1):
        assert "Record no. 1841" in text
        assert samples.digest("l") in text
        assert f"Page {number} of {len(sheets)}" in text
        assert "Fictional" in text
    assert "http://localhost:8000/ledger/entries/1841" in sheets[0]


def test_a_live_notice_does_not_call_itself_fictional() -> None:
    live = award_notice(Renderer(samples.SITE), samples.award_notice())
    assert not any("Fictional" in text for text in text_of(live.pdf))


@pytest.mark.parametrize("paper", SIZES)
def test_the_notice_comes_in_both_paper_sizes(paper: Paper) -> None:
    reader = PdfReader(BytesIO(award_notice(DEMO, samples.award_notice(much=True), paper).pdf))
    for page in reader.pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == SIZES[paper]


def test_a_paper_never_asks_for_the_outside() -> None:
    with pytest.raises(PaperError) as refused:
        print_pdf('<img src="https://elsewhere.example/x.png">', dated=samples.NOW)
    assert refused.value.reason == "pdf-fetch"
