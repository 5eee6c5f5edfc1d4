"""
At which address passkeys sign: a domain name of the portal's own and the origins at it, spelt as browsers spell them.

A wrong statement would make every passkey signature after it worthless, so nothing is guessed or tidied here.
"""

import re

from portal.procurement.act import Act
from portal.procurement.decisions.lookups import by_registrar
from portal.procurement.events.keys import RelyingPartyStated
from portal.procurement.events.typed import typed
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal

_LOCAL = "localhost"
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+(?![0-9]+\Z){_LABEL}")
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?")
_DEFAULT_PORTS = {"https": "443", "http": "80"}
_LARGEST_PORT = 65_535


def state_relying_party(record: Record, act: Act) -> None:
    """By the registrar: a domain name or `localhost`, origins at it or below it, and not what holds already."""
    body = typed(act, RelyingPartyStated)
    by_registrar(record, act)
    if body.rp_id != _LOCAL and _DOMAIN.fullmatch(body.rp_id) is None:
        raise Refusal("relying-party-domain", {"rp_id": body.rp_id})
    for origin in body.origins:
        _check_origin(origin, body.rp_id)
    if len(set(body.origins)) < len(body.origins):
        raise Refusal("relying-party-repeated", {"origins": ", ".join(body.origins)})
    if record.relying_party() == body:
        raise Refusal("relying-party-same", {"rp_id": body.rp_id})


def _check_origin(origin: str, rp_id: str) -> None:
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        raise Refusal("relying-party-origin", {"origin": origin})
    scheme, host, port = found.groups()
    if port is not None and (port == _DEFAULT_PORTS[scheme] or int(port) > _LARGEST_PORT):
        raise Refusal("relying-party-origin", {"origin": origin}, fix="Browsers leave the usual port out.")
    if scheme == "http" and host != _LOCAL:
        raise Refusal("relying-party-origin", {"origin": origin}, fix="Passkeys sign at https addresses alone.")
    if host != rp_id and not host.endswith(f".{rp_id}"):
        raise Refusal("relying-party-elsewhere", {"origin": origin, "rp_id": rp_id})
    if host != _LOCAL and _DOMAIN.fullmatch(host) is None:
        raise Refusal("relying-party-origin", {"origin": origin})
