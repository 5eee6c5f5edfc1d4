"""
Papers that a firm hands in: read from a form, kept in the vault under a name of their own, and only committed to.

The record holds a salted seal for each; nobody can tell from it what was handed in, or confirm a guess. The agency's officers
who check the proof read them, and each first reading is a record.
"""

from typing import Any, Final, NamedTuple

from litestar import Request
from litestar.datastructures import UploadFile

from portal.vault import Vault
from portal.web.desk.desk import FORM_LIMIT
from portal.web.views.frame import Said, said

NAMES: Final = ("paper_1", "paper_2", "paper_3")
LARGEST: Final = 4_000_000
LIMIT: Final = len(NAMES) * LARGEST + FORM_LIMIT
ACCEPT: Final = "application/pdf,image/jpeg,image/png"
_LONGEST_NAME: Final = 120
_BEGINS: Final = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


class Paper(NamedTuple):
    """A file as it came: what its owner calls it, what its first bytes say that it is, and the bytes."""

    name: str
    media_type: str
    data: bytes


async def papers_in(request: Request[Any, Any, Any]) -> tuple[dict[str, Paper], dict[str, Said]]:
    """The papers of a form by field, and what is wrong with those that cannot be taken; an empty field is neither."""
    found: dict[str, Paper] = {}
    wrong: dict[str, Said] = {}
    form = await request.form()
    for field in NAMES:
        given = form.get(field)
        if not isinstance(given, UploadFile):
            continue
        data = await given.read(LARGEST + 1)
        if not data:
            continue
        kind = next((kind for begins, kind in _BEGINS if data.startswith(begins)), None)
        if len(data) > LARGEST:
            wrong[field] = said("desk.prove.paper_large")
        elif kind is None:
            wrong[field] = said("desk.prove.paper_kind")
        else:
            found[field] = Paper(_plain(given.filename, field), kind, data)
    return found, wrong


def keep_papers(vault: Vault, papers: dict[str, Paper]) -> dict[str, object]:
    """Keep papers, and give what is committed to in their place."""
    return {
        field: {"name": paper.name, "type": paper.media_type, **vault.put_paper(paper.data)}
        for field, paper in papers.items()
    }


def _plain(name: str, field: str) -> str:
    """A file's name without folders and without signs that no line holds."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(sign for sign in last if sign.isascii() and (sign.isalnum() or sign in " ._-()")).strip()
    return plain[-_LONGEST_NAME:] or field
