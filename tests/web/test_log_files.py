"""The log's own files over the web: the same bytes, the specification's types, nothing beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.checkpoint import parse_checkpoint, parse_vkeys
from ledger.proof import parse_proof, verify_proof
from tests.projections.made_log import POLICY, firm
from tests.web.made_site import MadeSite, made_site

FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeSite]:
    with made_site(tmp_path_factory.mktemp("site")) as made:
        made.office.publish()
        yield made


def files(site: MadeSite) -> list[str]:
    folder = site.office.folder.log
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_every_published_file_is_served_byte_for_byte(site: MadeSite) -> None:
    names = files(site)
    assert len(names) >= 5
    for name in names * 2:
        answer = site.get(f"/log/{name}")
        assert answer.status_code == 200, name
        assert answer.content == (site.office.folder.log / name).read_bytes()
        assert "set-cookie" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_types_and_cache_headers_are_the_specification_s(site: MadeSite) -> None:
    checkpoint = site.get("/log/checkpoint")
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "public, max-age=5, must-revalidate"
    for name in files(site):
        answer = site.get(f"/log/{name}")
        if name.startswith("tile/"):
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["cache-control"] == FOR_EVER
        if name.startswith("document/"):
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["cache-control"] == FOR_EVER
            assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert f"document/{POLICY.digest}" in files(site)


def test_head_of_a_tile_has_its_length(site: MadeSite) -> None:
    name = next(name for name in files(site) if name.startswith("tile/0/"))
    answer = site.head(f"/log/{name}")
    assert answer.content == b""
    assert int(answer.headers["content-length"]) == (site.office.folder.log / name).stat().st_size


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../ledger.sqlite",
        "%2e%2e/ledger.sqlite",
        "../keys/log.secret",
        "tile/0/../../../keys/log.secret",
        "tile/0/000.p/0",
        "tile/0/000.p/256/x",
        "tile/64/000",
        "tile/0/0",
        "tile/0/x001/000",
        "tile/entries/999",
        "document/" + "0" * 64,
        "document/" + "A" * 64,
        "checkpoint/",
        "checkpoint.tmp",
    ],
)
def test_no_other_name_leads_anywhere(site: MadeSite, name: str) -> None:
    assert site.get(f"/log/{name}").status_code == 404


def test_the_keys_and_a_receipt_check_each_other(site: MadeSite) -> None:
    verifiers = parse_vkeys(site.get("/log/vkeys").content)
    checkpoint = parse_checkpoint(site.get("/log/checkpoint").content, verifiers, every=True)
    for index in (0, 7, checkpoint.size - 1):
        answer = site.get(f"/ledger/entries/{index}.tlog-proof")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["content-disposition"] == f'attachment; filename="{index}.tlog-proof"'
        assert answer.content == site.get(f"/ledger/entries/{index}/receipt").content
        assert verify_proof(parse_proof(answer.content), verifiers, every=True).index == index


def test_a_checkpoint_that_moves_on_is_served_anew(tmp_path: Path) -> None:
    site = MadeSite(tmp_path)
    assert site.get("/log/checkpoint").status_code == 404
    site.office.publish()
    first = site.get("/log/checkpoint").content
    site.log.act("firm:new", firm("New"))
    site.office.publish()
    assert site.get("/log/checkpoint").content != first
