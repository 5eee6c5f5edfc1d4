"""
The site's public address, and what follows from it: which cookies it may set and where its passkeys hold.

- A cookie without `Secure` could be read on the way: outside a demo it is set on `http://localhost` alone, which never
  leaves the machine.
- A passkey belongs to a host name; it works on no other, and on no bare number.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from portal.settings import SettingError

_LOCAL = "localhost"
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_NUMBER = re.compile(r"[0-9.]+")


class PublicAddress(NamedTuple):
    """Scheme and authority as browsers write an origin; `host` is what passkeys are bound to."""

    origin: str
    scheme: str
    host: str

    @property
    def is_local(self) -> bool:
        """Whether it is `http://localhost`, with or without a port."""
        return self.scheme == "http" and self.host == _LOCAL


def read_address(given: str) -> PublicAddress:
    """
    Read an address such as `https://pilots.example.org`.

    Raises:
        SettingError: `address-malformed`: another scheme, a path, upper case, the scheme's own port spelt out.
    """
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError as error:
        raise SettingError("address-malformed", f"{given} is no address") from error
    host = parts.hostname or ""
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    origin = f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")
    if usual is None or port == usual or origin != given or _HOST.fullmatch(host) is None:
        raise SettingError("address-malformed", f"{given} is no address like https://pilots.example.org")
    return PublicAddress(origin, parts.scheme, host)


def cookies_are_plain(address: PublicAddress, *, demo: bool) -> bool:
    """
    Whether the desk's cookie goes without `Secure` and `__Host-`.

    Raises:
        SettingError: `cookie-plain` for a live record that would be served without TLS to other machines.
    """
    if address.scheme == "https":
        return False
    if not demo and not address.is_local:
        raise SettingError(
            "cookie-plain",
            f"{address.origin} would send the desk's cookies in clear; serve a live record at https://… or on "
            "http://localhost",
        )
    return True


def holds_passkeys(address: PublicAddress) -> bool:
    """Whether browsers make passkeys for this address: TLS or localhost, and a name rather than a number."""
    return (address.scheme == "https" or address.is_local) and _NUMBER.fullmatch(address.host) is None
