"""Letters of a desk as their readers get them: the link in the newest one to an address."""

import email
from email.policy import default
from pathlib import Path

import msgspec

from portal.identity.tables import Tables


def link_to(tables: Tables, address: str, template: str = "register_ask", outbox: Path | None = None) -> str:
    """
    The path in the newest letter of a template to an address.

    Args:
        outbox: Where letters go once a server's postman has taken them; what has left holds no figures any more.
    """
    with tables.reading() as rows:
        found = rows.rows(
            "SELECT id, figures FROM desk_mail WHERE recipient = ? AND template = ? ORDER BY made_at, id",
            (address, template),
        )
    assert found, f"no letter to {address}"
    name, kept = found[-1]
    figures = msgspec.json.decode(kept, type=dict[str, str | int])
    if "href" in figures:
        return str(figures["href"])
    assert outbox is not None
    letter = email.message_from_bytes((outbox / f"{name}.eml").read_bytes(), policy=default)
    words = str(letter.get_content()).split()
    (link,) = [word for word in words if "/desk/invitation/" in word]
    return "/" + link.split("/", 3)[3]
