"""SPEC.md, "Log folder": its worked bytes are what a publisher writes, and its rules' reasons are ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import canonical
from ledger.inventory import document_path
from ledger.verify import verify_log
from tests.ledger.stored import AT, Place, files_of, statement
from tests.ledger.test_spec import worked

if TYPE_CHECKING:
    from pathlib import Path


def test_the_worked_document_and_files_are_what_a_publisher_writes(tmp_path: Path) -> None:
    rows = worked("Log folder")
    place = Place(tmp_path / "data")
    place.grow(0, 1)
    with place.store.writing() as connection:
        made = place.store.add_document(connection, rows["document"].encode(), "text/plain")
        assert canonical.encode(made).decode() == rows["reference"]
        plan = canonical.decode(rows["reference"].encode())
        place.store.append(connection, [statement(1, plan=plan), statement(2)], AT)
    place.publisher.publish(AT)
    files = files_of(place.log)
    assert " ".join(sorted(files)) == rows["files"]
    assert files[document_path(plan["sha256"])] == rows["document"].encode()
    assert verify_log(place.folder).findings == []
    place.close()
