"""At which address passkeys sign: stated by the registrar alone, spelt as browsers spell it, in force from the next entry on."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.commands.library import Library
from portal.procurement.act import Act
from portal.procurement.events.keys import RelyingPartyStated
from portal.procurement.parties import fold_relying_party
from portal.projections import dump, rebuild
from portal.recompute import recompute
from tests.portal.forge import forge, kind_is
from tests.portal.town import Town, refusal_of, size_of

LOG = "log:self"
Copy = Callable[[Town], Town]


def _stated(rp_id: str, *origins: str) -> RelyingPartyStated:
    return RelyingPartyStated(rp_id=rp_id, origins=list(origins))


GOOD = {
    "a site": _stated("pilots.example.org", "https://pilots.example.org"),
    "a site with a sub-domain": _stated("example.org", "https://example.org", "https://sign.example.org"),
    "an unusual port": _stated("example.org", "https://pilots.example.org:8443"),
    "the largest port": _stated("example.org", "https://pilots.example.org:65535"),
    "a machine of one's own": _stated(
        "localhost", "http://localhost:8000", "http://localhost", "https://localhost:8443"
    ),
    "eight origins": _stated("example.org", *(f"https://s{n}.example.org" for n in range(8))),
    "a name in another script": _stated("xn--bcher-kva.example", "https://xn--bcher-kva.example"),
}
_EXAMPLE = "https://pilots.example.org"
BAD = {
    "a name in capitals": (_stated("Pilots.example.org", _EXAMPLE), "relying-party-domain"),
    "a bare word": (_stated("pilots", "https://pilots"), "relying-party-domain"),
    "a number of a machine": (_stated("127.0.0.1", "https://127.0.0.1"), "relying-party-domain"),
    "a name that ends in a dot": (_stated("example.org.", "https://example.org."), "relying-party-domain"),
    "a name with a port": (_stated("example.org:443", _EXAMPLE), "relying-party-domain"),
    "a name with a line break": (_stated("example.org\n", _EXAMPLE), "relying-party-domain"),
    "a label that begins with a hyphen": (_stated("-a.example.org", "https://-a.example.org"), "relying-party-domain"),
    "a label of 64 letters": (_stated("a" * 64 + ".org", "https://" + "a" * 64 + ".org"), "relying-party-domain"),
    "another site": (_stated("example.org", "https://example.com"), "relying-party-elsewhere"),
    "a name that only ends alike": (_stated("example.org", "https://badexample.org"), "relying-party-elsewhere"),
    "the site above": (_stated("pilots.example.org", "https://example.org"), "relying-party-elsewhere"),
    "an open line": (_stated("example.org", "http://example.org"), "relying-party-origin"),
    "the usual port": (_stated("example.org", "https://example.org:443"), "relying-party-origin"),
    "the usual port of a machine": (_stated("localhost", "http://localhost:80"), "relying-party-origin"),
    "a port too large": (_stated("example.org", "https://example.org:65536"), "relying-party-origin"),
    "a port that begins with nought": (_stated("example.org", "https://example.org:0443"), "relying-party-origin"),
    "a path": (_stated("example.org", "https://example.org/"), "relying-party-origin"),
    "a sub-domain in capitals": (_stated("example.org", "https://Sign.example.org"), "relying-party-origin"),
    "an empty sub-domain": (_stated("example.org", "https://.example.org"), "relying-party-origin"),
    "somebody's name in it": (_stated("example.org", "https://me@example.org"), "relying-party-origin"),
    "another scheme": (_stated("example.org", "ftp://example.org"), "relying-party-origin"),
    "an origin of an application": (_stated("example.org", "android:apk-key-hash:abc"), "relying-party-origin"),
    "one good and one bad": (_stated("example.org", _EXAMPLE, "http://example.org"), "relying-party-origin"),
    "one twice": (_stated("example.org", _EXAMPLE, _EXAMPLE), "relying-party-repeated"),
    "none at all": (_stated("example.org"), "body-malformed"),
    "nine": (_stated("example.org", *(f"https://s{n}.example.org" for n in range(9))), "body-malformed"),
}


@pytest.mark.parametrize("name", GOOD)
def test_an_address_for_passkeys_is_stated(open_town: Town, copy_of: Copy, name: str) -> None:
    town = copy_of(open_town)
    done = town.act("relying-party-stated", LOG, GOOD[name], "operator")
    assert fold_relying_party(_acts(town)) == GOOD[name]
    assert fold_relying_party(_acts(town), before=done.index) is None
    assert fold_relying_party(_acts(town), before=done.index + 1) == GOOD[name]


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_address_for_passkeys_is_refused(open_town: Town, name: str) -> None:
    body, reason = BAD[name]
    before = size_of(open_town)
    assert refusal_of(lambda: open_town.act("relying-party-stated", LOG, body, "operator")) == reason
    assert size_of(open_town) == before


@pytest.mark.parametrize("who", ["ada", "head", "kim", "mallory"])
def test_only_the_registrar_states_it(open_town: Town, who: str) -> None:
    before = size_of(open_town)
    body = GOOD["a site"]
    assert refusal_of(lambda: open_town.act("relying-party-stated", LOG, body, who)) == "signer-not-registrar"
    assert size_of(open_town) == before


def test_a_change_is_stated_once_and_the_earlier_one_stays_true_before_it(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    first, second = GOOD["a site"], GOOD["a site with a sub-domain"]
    town.act("relying-party-stated", LOG, first, "operator")
    assert refusal_of(lambda: town.act("relying-party-stated", LOG, first, "operator")) == "relying-party-same"
    done = town.act("relying-party-stated", LOG, second, "operator")
    assert fold_relying_party(_acts(town), before=done.index) == first
    assert fold_relying_party(_acts(town)) == second
    town.act("relying-party-stated", LOG, first, "operator")
    assert fold_relying_party(_acts(town)) == first


def test_recomputing_and_rebuilding_agree(open_town: Town, copy_of: Copy) -> None:
    town = copy_of(open_town)
    town.act("relying-party-stated", LOG, GOOD["a site"], "operator")
    with town.office.store.reading() as connection:
        before = dump(connection)
    rebuild(town.office.store)
    with town.office.store.reading() as connection:
        assert dump(connection) == before
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []


def test_recomputing_names_an_address_that_should_have_been_refused(
    open_town: Town, copy_of: Copy, tmp_path: Any
) -> None:
    town = copy_of(open_town)
    town.act("relying-party-stated", LOG, GOOD["a site"], "operator")
    town.office.publish()

    def elsewhere(body: dict[str, Any]) -> None:
        body["origins"] = ["https://pilots.example.com"]

    forge(town.office.folder.root, tmp_path / "forged", kind_is("relying-party-stated", elsewhere))
    found = recompute(str(tmp_path / "forged")).differences
    assert [row.name for row in found] == ["relying-party-elsewhere"]


def _acts(town: Town) -> list[Act]:
    with town.office.store.reading() as connection:
        return Library(town.office.store, connection).acts(LOG)
