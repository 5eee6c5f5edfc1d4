"""How everybody comes in on a live record: registrar, agency, rules, people, firm, training partner, keeper."""

import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from ledger import auditor
from portal.app import compose
from portal.cli import main
from portal.clock import SimulatedClock
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.state_party import state_party
from portal.identity.carriers import Outbox
from portal.identity.mail import Postman
from portal.identity.tables import Tables
from portal.recompute import recompute
from portal.web.desk.letters import LetterWriter
from portal.web.render import Renderer
from portal.web.views.frame import Site
from tests.portal.town import START, key_of
from tests.web.devices import Device, Person
from tests.web.test_desk import ADDRESS
from tests.web.test_signing import reason

AGENCY_FORM = {
    "name": "Alder County",
    "place": "blue-ridge-county",
    "place_name": "Alder County",
    "zone": "America/New_York",
    "currency": "USD",
    "contact": "clerk@alder.example",
    "website": "",
    "person": "Hana Head",
    "email": "hana@alder.example",
}
PERSON_FORM = {
    "person": "Ola Officer",
    "post": "Clerk",
    "email": "ola@alder.example",
    "duties": "publish",
    "limit": "25,000",
    "begins": "2027-01-01",
    "ends": "2028-12-31",
    "resolution": "Resolution 8 of 2027",
}
FIRM_FORM = {
    "kind": "firm",
    "name": "Brook Data",
    "place": "Blue Ridge County",
    "place_name": "Blue Ridge County",
    "founded": "2019-05-01",
    "staff": "2",
    "skills": "Maps, forms",
    "words": "",
    "website": "",
    "person": "Bo Brook",
    "email": "bo@brook.example",
}


class Empty:
    """A live record that nobody has joined yet, and the letters that its desk writes."""

    def __init__(self, data: Path) -> None:
        clock = SimulatedClock(START)
        self.office = Office.create(
            data, purpose="live", operator_name="Example Clerk", origin="test.example/log", clock=clock
        )
        self.office.publish()
        state_party(self.office, ADDRESS, "localhost")
        self.app = compose(self.office, ADDRESS)
        self.tables = Tables(self.office.folder.desk)
        site = Site(operator="Example Clerk", purpose="live", origin="test.example/log", address=ADDRESS)
        outbox = Outbox(self.office.folder.outbox)
        self.postman = Postman(self.tables, outbox, LetterWriter(Renderer(site)), "Desk <desk@x.example>", "x.example")

    def letters(self, to: str) -> str:
        """Everything that was written to somebody."""
        self.postman.deliver(self.office.clock.now())
        texts = [path.read_text(encoding="utf-8") for path in sorted(self.office.folder.outbox.glob("*.eml"))]
        return "\n".join(text.replace("=\n", "") for text in texts if f"To: {to}" in text)

    def link(self, to: str) -> str:
        """The link in the letter to somebody, as a path."""
        found = re.findall(rf"{ADDRESS}(/desk/invitation/[0-9a-f]{{64}})", self.letters(to))
        assert found, self.letters(to)
        return str(found[-1])

    def joined(self, link: str, kind: str = "es256") -> Person:
        """Somebody who opened a link and made both passkeys."""
        person = Person(self.app, Device(kind))
        assert person.accept(link).status_code == 200
        made = person.make_acting_key()
        assert made.status_code == 200, made.text
        person.went = made.json()["location"]
        return person

    def registrar(self) -> Person:
        """The first desk, by the operator's command."""
        return self.joined(self.invited("rae@x.example"))

    def invited(self, email: str) -> str:
        (self.office.folder.root / "moment").write_text("2027-03-01T09:00:00.000Z", encoding="ascii")
        said = StringIO()
        with redirect_stdout(said):
            assert main(["invite", "--data", str(self.office.folder.root), "--name", "Rae", "--email", email]) == 0
        (self.office.folder.root / "moment").unlink()
        return said.getvalue().strip().removeprefix(ADDRESS)

    def found(self, subject: str) -> Any:
        """An agency, firm, partner or keeper as the record has it."""
        with self.office.store.reading() as connection:
            return getattr(Library(self.office.store, connection), subject.partition(":")[0])(subject)

    def close(self) -> None:
        self.tables.close()
        self.office.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Empty]:
    made = Empty(tmp_path / "data")
    yield made
    made.close()


def form_step(person: Person, page: str, words: str) -> str:
    """The address that a row's button posts to."""
    found = re.search(rf'<form method="post" action="([^"]+)">[^\n]*>{words}</button>', person.get(page).text)
    assert found is not None, person.get(page).text
    return found[1]


def admitted(empty: Empty) -> tuple[Person, Person]:
    """A registrar, and the head of an agency on record."""
    registrar = empty.registrar()
    answer = registrar.post("/desk/admit", **AGENCY_FORM)
    assert answer.status_code == 303, answer.text
    head = empty.joined(empty.link("hana@alder.example"))
    assert "Rae" not in head.get("/desk").text
    draft = registrar.post(form_step(registrar, "/desk/admit", "Put on record")).headers["location"]
    assert "The record will name the operator, not you" in registrar.get(draft).text
    assert registrar.post(f"{draft}/operator").status_code == 303
    assert "On the public record" in registrar.get(draft).text
    return registrar, head


def test_an_agency_comes_in_and_appoints_its_people(empty: Empty) -> None:
    _, head = admitted(empty)
    assert "Alder County" in head.get("/agencies").text
    rules = head.get("/desk/rules").text
    assert "/desk/rules/blue-ridge-county/memo" in rules
    assert "historical" not in rules
    assert head.post("/desk/rules", jurisdiction="blue-ridge-county").status_code == 422
    draft = head.post("/desk/rules", jurisdiction="blue-ridge-county", resolution="Resolution 7 of 2027")
    assert head.sign_act(draft.headers["location"]).status_code == 200
    assert head.post("/desk/people", **{**PERSON_FORM, "ends": "31 December"}).status_code == 422
    assert head.post("/desk/people", **PERSON_FORM).status_code == 303
    officer = empty.joined(empty.link("ola@alder.example"), "ed25519")
    assert "has made a key" in empty.letters("hana@alder.example")
    assert officer.get("/desk/notices/new").status_code == 200
    assert "Appoint Ola Officer" in head.get("/desk").text
    draft = head.post(form_step(head, "/desk/people", "Appoint"))
    assert head.sign_act(draft.headers["location"]).status_code == 200
    agency = empty.found("agency:alder-county")
    assert agency is not None
    (row,) = agency.appointments
    assert (row.made.key, row.made.limit_minor) == (officer.acting.key_id, 2_500_000)
    assert "Ola" not in str(row.made)
    draft = head.post(form_step(head, "/desk/people", "End the appointment"))
    assert head.sign_act(draft.headers["location"]).status_code == 200
    again = empty.found("agency:alder-county")
    assert again is not None
    assert again.appointments[0].ends < row.ends


def test_a_firm_enters_its_name_in_one_page(empty: Empty) -> None:
    bo = Person(empty.app)
    assert bo.post("/desk/register", **{**FIRM_FORM, "staff": "two"}).status_code == 422
    wrote = bo.post("/desk/register", **FIRM_FORM)
    assert "A letter is on its way to bo@brook.example" in wrote.text
    assert "/desk/invitation/" not in wrote.text
    link = empty.link("bo@brook.example")
    assert "Brook" not in empty.letters("bo@brook.example"), "nothing that a stranger typed"
    firm = empty.joined(link, "rs256")
    assert firm.sign_act(firm.went).status_code == 200
    found = empty.found("firm:brook-data")
    assert found is not None
    assert found.holds(firm.acting.key_id)
    assert "bo@brook.example" not in empty.office.folder.log.joinpath("checkpoint").read_text()
    Person(empty.app).post("/desk/register", **{**FIRM_FORM, "email": "bea@brook.example"})
    other = empty.joined(empty.link("bea@brook.example"))
    assert other.sign_act(other.went).status_code == 200
    assert empty.found("firm:brook-data-2") is not None


def test_an_address_that_never_answers_gets_three_letters_and_its_form_says_always_the_same(empty: Empty) -> None:
    form = {**FIRM_FORM, "email": "somebody@else.example"}
    said = {Person(empty.app).post("/desk/register", **form).status_code for _ in range(5)}
    assert said == {200}
    assert empty.letters("somebody@else.example").count("/desk/invitation/") == 3
    empty.office.clock.advance_to(START + timedelta(days=8))  # type: ignore[attr-defined]  # a simulated clock
    Person(empty.app).post("/desk/register", **form)
    assert empty.letters("somebody@else.example").count("/desk/invitation/") == 4
    with empty.tables.reading() as rows:
        assert rows.row("SELECT count(*) FROM desk_invited WHERE email = 'somebody@else.example'") == (1,)
        assert rows.row("SELECT count(*) FROM desk_account") == (0,)


def test_whoever_has_a_desk_is_answered_like_anybody(empty: Empty) -> None:
    empty.registrar()
    known = Person(empty.app).post("/desk/register", **{**FIRM_FORM, "email": "rae@x.example"})
    other = Person(empty.app).post("/desk/register", **FIRM_FORM)
    hidden = re.compile(r'value="[0-9a-f]{64}"')
    assert hidden.sub("", known.text).replace("rae@x", "bo@brook") == hidden.sub("", other.text)
    assert reason(Person(empty.app).accept(empty.link("rae@x.example"))) == "mail-known"


def test_a_training_partner_registers_like_a_firm(empty: Empty) -> None:
    form = {**FIRM_FORM, "kind": "partner", "name": "Ridge College", "founded": "", "staff": ""}
    assert Person(empty.app).post("/desk/register", **form).status_code == 200
    partner = empty.joined(empty.link("bo@brook.example"))
    assert partner.sign_act(partner.went).status_code == 200
    found = empty.found("partner:ridge-college")
    assert found is not None
    assert found.holds(partner.acting.key_id)


KEEPER_FORM = {
    "name": "Kim",
    "organisation": "bar-association",
    "organisation_name": "Bar Association",
    "key": key_of("kim").key_id,
    "person": "Kim Keeper",
    "email": "kim@bar.example",
}


def own_key(registrar: Person) -> None:
    """A registrar signs for her own passkey, and the server once more for the operator."""
    where = registrar.went
    assert where.startswith("/desk/sign/"), where
    assert registrar.sign_act(where).status_code == 200
    assert registrar.post(f"{where}/operator").status_code == 303
    assert "On the public record" in registrar.get(where).text


def test_a_registrar_admits_with_her_own_passkey_and_the_server_signs_no_more_at_her_word(empty: Empty) -> None:
    registrar = empty.registrar()
    own_key(registrar)
    assert registrar.post("/desk/admit", **AGENCY_FORM).status_code == 303
    head = empty.joined(empty.link("hana@alder.example"))
    draft = registrar.post(form_step(registrar, "/desk/admit", "Put on record")).headers["location"]
    page = registrar.get(draft).text
    assert "Sign with Passkey" in page
    assert "/operator" not in page
    assert reason(registrar.send(f"{draft}/operator")) == "registrar-own-key"
    assert registrar.sign_act(draft).status_code == 200
    agency = empty.found("agency:alder-county")
    assert agency is not None
    assert agency.registered.author == registrar.acting.key_id
    empty.office.publish()
    shown = registrar.get(f"/ledger/entries/{agency.registered.index}").text
    assert "operator, with a key of her own" in shown
    assert (
        "A registrar of the operator added a key"
        in registrar.get(f"/ledger/entries/{agency.registered.index - 1}").text
    )
    assert auditor.main(["verify", str(empty.office.folder.log), "--vkeys", str(empty.office.folder.vkeys)]) == 0
    assert recompute(str(empty.office.folder.root)).differences == []
    keys = registrar.get("/desk/keys").text
    assert "own key" in keys
    assert keys.count('action="/desk/keys/revoke"') == 1, "her own, never the operator's"
    where = head.make_acting_key().json()["location"]
    assert where.startswith("/desk/sign/")


def test_a_second_registrars_key_is_signed_for_by_the_operator_and_a_second_key_by_the_first(empty: Empty) -> None:
    registrar = empty.registrar()
    own_key(registrar)
    first = registrar.acting
    where = registrar.make_acting_key().json()["location"]
    assert "/operator" not in registrar.get(where).text
    assert registrar.sign_act(where, first).status_code == 200
    assert registrar.sign_act(where).status_code == 200
    other = empty.joined(empty.invited("rob@x.example"))
    own_key(other)
    with empty.office.store.reading() as connection:
        ring = Library(empty.office.store, connection).operator_keys()
    assert [row.key for row in ring.in_force("log:self")] == [
        empty.office.operator.key_id, first.key_id, registrar.acting.key_id, other.acting.key_id
    ]  # fmt: skip


def test_a_keeper_is_put_on_record_with_the_key_of_her_own_tool(empty: Empty) -> None:
    registrar = empty.registrar()
    answer = registrar.post("/desk/admit/keepers", **KEEPER_FORM)
    assert answer.status_code == 303, answer.text
    keeper = Person(empty.app)
    accepted = keeper.accept(empty.link("kim@bar.example"))
    assert accepted.json()["location"] == "/desk/keeper"
    assert "daylight keeper make --keeper keeper:kim" in keeper.get("/desk/keeper").text
    draft = registrar.post(form_step(registrar, "/desk/admit/keepers", "Put on record")).headers["location"]
    registrar.post(f"{draft}/operator")
    found = empty.found("keeper:kim")
    assert found is not None
    assert [row.key for row in found.ring.keys] == [key_of("kim").key_id]


def test_a_keeper_who_has_not_opened_her_link_is_put_on_record_all_the_same(empty: Empty) -> None:
    registrar = empty.registrar()
    registrar.post("/desk/admit/keepers", **KEEPER_FORM)
    draft = registrar.post(form_step(registrar, "/desk/admit/keepers", "Put on record")).headers["location"]
    registrar.post(f"{draft}/operator")
    assert empty.found("keeper:kim") is not None
    assert Person(empty.app).accept(empty.link("kim@bar.example")).status_code == 200


@pytest.mark.parametrize("key", ["", "ed25519:abc", key_of("kim").key_id.upper(), "passkey-es256:" + "02" * 33])
def test_nothing_but_a_signing_key_of_the_tool_admits_a_keeper(empty: Empty, key: str) -> None:
    registrar = empty.registrar()
    answer = registrar.post("/desk/admit/keepers", **{**KEEPER_FORM, "key": key})
    assert answer.status_code == 422
    assert 'id="f-key-error"' in answer.text
    assert empty.letters("kim@bar.example") == ""


def test_nobody_is_put_on_record_before_the_key_is_there_nor_by_anybody_else(empty: Empty) -> None:
    registrar = empty.registrar()
    registrar.post("/desk/admit", **AGENCY_FORM)
    assert "Put on record" not in registrar.get("/desk/admit").text
    withdraw = form_step(registrar, "/desk/admit", "Take the invitation back")
    waiting = withdraw.removesuffix("/withdraw")
    assert registrar.post(waiting).status_code == 409
    other = empty.joined(empty.invited("ron@x.example"))
    assert other.post(waiting).status_code == 404
    head_link = empty.link("hana@alder.example")
    assert registrar.post(withdraw).status_code == 303
    assert Person(empty.app).get(head_link).status_code == 404


def test_the_record_is_asked_before_anybody_is_invited(empty: Empty) -> None:
    registrar = empty.registrar()
    answer = registrar.post("/desk/admit", **{**AGENCY_FORM, "zone": "America/Nowhere"})
    assert answer.status_code == 422
    assert "America/Nowhere" in answer.text
    assert "hana@alder.example" in answer.text, "what was typed stays"
    answer = registrar.post("/desk/admit", **{**AGENCY_FORM, "email": "hana"})
    assert 'id="f-email-error"' in answer.text
