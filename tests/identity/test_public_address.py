"""The public address: no cookie in clear outside a demo, and passkeys only where browsers make them."""

from pathlib import Path

import pytest

from portal.cli import main
from portal.identity.public_address import cookies_are_plain, holds_passkeys, read_address
from portal.settings import SettingError

MALFORMED = {
    "no scheme": "pilots.example.org",
    "another scheme": "ftp://pilots.example.org",
    "a path": "https://pilots.example.org/portal",
    "a slash at the end": "https://pilots.example.org/",
    "its own port": "https://pilots.example.org:443",
    "upper case": "https://Pilots.example.org",
    "a name before the host": "https://ann@pilots.example.org",
    "no port": "https://pilots.example.org:",
    "no number": "https://pilots.example.org:x",
    "nothing": "https://",
}


@pytest.mark.parametrize("address", MALFORMED.values(), ids=MALFORMED)
def test_an_address_is_refused_with(address: str) -> None:
    with pytest.raises(SettingError) as error:
        read_address(address)
    assert error.value.reason == "address-malformed"


RULES = {
    # address: (plain in a demo, plain in a live record (None: refused), passkeys)
    "https://pilots.example.org": (False, False, True),
    "https://pilots.example.org:8443": (False, False, True),
    "http://localhost:8000": (True, True, True),
    "http://localhost": (True, True, True),
    "http://pilots.example.org": (True, None, False),
    "http://127.0.0.1:8000": (True, None, False),
    "http://localhost.example.org": (True, None, False),
    "https://192.0.2.7": (False, False, False),
}


@pytest.mark.parametrize("address", RULES)
def test_cookies_and_passkeys_of(address: str) -> None:
    demo, live, passkeys = RULES[address]
    read = read_address(address)
    assert cookies_are_plain(read, demo=True) is demo
    if live is None:
        with pytest.raises(SettingError) as error:
            cookies_are_plain(read, demo=False)
        assert error.value.reason == "cookie-plain"
    else:
        assert cookies_are_plain(read, demo=False) is live
    assert holds_passkeys(read) is passkeys


def test_a_live_record_refuses_to_start_with_plain_cookies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    assert main(["init", "--data", str(data), "--origin", "pilots.example.org/log", "--operator", "Clerk"]) == 0
    assert main(["serve", "--data", str(data), "--address", "http://pilots.example.org"]) == 2
    assert "cookie-plain" in capsys.readouterr().err
