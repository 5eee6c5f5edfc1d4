"""What a bidder writes stays on her device: all traffic, the database, the logs and the disk are searched for it."""

import base64
import json
import zlib
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from urllib.parse import quote

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from ledger.bidkey import Receipt
from tests.browser.bidders import NAME, NUMBERS, SECRETS, Rig

DRAFTED = {"approach": "Eleven otters polish the first thought.", "team": "Nobody but a cartographer."}
LATER = {"answer-1": "Wrens count the gravel by moonlight.", "approach": "A kite, a plumb line, a patient goat."}


def spellings(value: bytes) -> Iterator[bytes]:
    """A value as it is, in hex, in base64 at each of its three alignments, percent-encoded and as JSON."""
    yield value
    yield value.hex().encode()
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + value)
        yield coded[4 if before else 0 : len(coded) // 4 * 4 - 4]
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return
    yield quote(text).encode()
    yield json.dumps(text)[1:-1].encode()


def everything(rig: Rig, spoken: str) -> dict[str, bytes]:
    """All that went over the wire, all that was logged, and every file of the server, unpacked where it is packed."""
    found = {"wire": b"\n".join(rig.wire), "logs": spoken.encode()}
    for path in rig.town.office.folder.root.rglob("*"):
        if path.is_file():
            found[str(path)] = path.read_bytes()
            if path.suffix in {".gz", ".zip"}:
                found[f"{path} unpacked"] = zlib.decompress(path.read_bytes(), wbits=47)
    return found


def secrets_of(receipt: Receipt) -> list[bytes]:
    """What a receipt file holds and nobody else may know."""
    master = receipt.master
    return [master.secret, master.seed("proposal"), master.seed("offer"), master.lot]


def found_in(searched: dict[str, bytes], secrets: list[bytes]) -> list[tuple[str, bytes]]:
    """Where a secret stands, and which."""
    return [
        (name, form)
        for secret in secrets
        for form in spellings(secret)
        for name, data in searched.items()
        if form in data
    ]


def change(page: Page, **values: str) -> None:
    """Write other words into fields."""
    for name, value in values.items():
        page.locator(f"#{name}").fill(value)


def test_nothing_that_was_written_reaches_the_wire_the_database_the_logs_or_the_disk(
    rig: Rig, capfd: pytest.CaptureFixture[str]
) -> None:
    page = rig.open(rig.page())
    rig.write(page, **DRAFTED)
    page.locator("#kept", has_text="Draft kept").wait_for()
    page.reload()
    page.locator("#kept", has_text="still on this device").wait_for()
    rig.write(page)
    first = Receipt.parse(rig.send(page).read_bytes())
    page.reload()
    page.locator("#replace").click()
    change(page, **LATER)
    page.locator("#key").set_input_files(rig.key_file("ridge"))
    page.locator("#firm-name", has_text="You bid as").wait_for()
    second = rig.send(page).read_bytes()
    rig.town.office.publish()
    searched = everything(rig, "".join(capfd.readouterr()))
    written = [value.encode() for value in (*SECRETS.values(), *DRAFTED.values(), *LATER.values())]
    secrets = [*written, *secrets_of(first), sha256(b"ridge").digest()]
    assert all(value.encode() in second for value in LATER.values())
    assert len(searched) > 7
    assert sum(b"/api/bids" in request for request in rig.wire) == 2
    assert len(rig.town.case().bids) == 1
    assert found_in(searched, secrets) == []


def test_the_key_of_a_firm_that_registers_here_stays_here(rig: Rig, capfd: pytest.CaptureFixture[str]) -> None:
    page = rig.open(rig.page())
    change(page, **NUMBERS, **SECRETS)
    page.locator("#place").select_option("harlan-county")
    page.locator("summary", has_text="no key yet").click()
    page.locator("#firm_name").fill("Quill Ltd")
    file = rig.save_from(page, lambda: page.locator("#register").click()).read_text()
    page.locator("#firm-name", has_text="is registered").wait_for()
    rig.town.office.publish()
    seed = base64.b64decode(file.split()[-1])
    assert len(seed) == 32
    assert found_in(everything(rig, "".join(capfd.readouterr())), [seed]) == []


def test_what_the_server_prints_of_a_bid_has_no_secret_of_it(rig: Rig) -> None:
    page = rig.written()
    receipt = Receipt.parse(rig.send(page).read_bytes())
    rig.town.office.publish()
    address = page.locator("#done-pdf").get_attribute("href")
    assert address is not None
    pdf = page.request.get(f"{rig.address}{address}")
    assert pdf.headers["content-type"] == "application/pdf"
    reader = PdfReader(BytesIO(pdf.body()))
    streams = [
        each.get_data()
        for number in range(1, len(reader.xref[0]) + 1)
        if hasattr(each := reader.get_object(number), "get_data")
    ]
    text = "\n".join(each.extract_text() for each in reader.pages)
    files = [data for row in reader.attachments.values() for data in row]
    searched = {"pdf": pdf.body(), "text": text.encode(), "files": b"\n".join(files), "streams": b"\n".join(streams)}
    assert len(streams) > 3
    assert {"entry.json", "entry.tlog-proof"} <= set(reader.attachments)
    assert f"opportunities/{NAME}" not in text  # the code square leads to the record, not to a page that changes
    assert "of several bids of one firm the last counts" in " ".join(text.split())
    secrets = [*secrets_of(receipt), sha256(b"ridge").digest(), *(value.encode() for value in SECRETS.values())]
    assert found_in(searched, secrets) == []
