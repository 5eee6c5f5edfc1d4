"""What the registrar, an agency's head, its officers and its evaluators do at their desks."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.live_people import People, Person

AGENCY = {
    "name": "Harlan County",
    "place": "harlan-county",
    "place_name": "Harlan County",
    "zone": "America/New_York",
    "currency": "USD",
    "contact": "pilots@harlan.example",
}
OFFICER = ("plan", "publish", "answer", "addendum", "choose", "award", "cancel", "verify")
TERM = {"begins": "2027-03-01", "ends": "2028-12-31", "resolution": "Resolution 13 of 2027"}
NOTICE = {
    "need": "Three clerks take four hundred calls a month to book septic inspections.",
    "outcome": "A resident books an inspection in five minutes.",
    "audience": "Residents with a septic tank, and two inspectors.",
    "existing": "A paper calendar.",
    "incumbent": "none",
    "budget": "9,000",
    "acceptance": "Ten residents book without help.\nInspectors see their day on a phone.",
    "helpers": "nobody",
}
CALENDAR = {
    "need": "Nobody sees which meeting rooms of the county are free.",
    "outcome": "A clerk sees every free room of the week on one page.",
    "audience": "Twelve clerks.",
    "existing": "A paper calendar in each building.",
    "incumbent": "none",
    "budget": "6,000",
    "acceptance": "A clerk finds a free room in one minute.",
    "helpers": "nobody",
}
"""The ten answers of two try-outs, but for the two that are ticked."""


def admit(registrar: Person, head: Person) -> None:
    """The registrar invites an agency's head, and puts the agency on record when her key is there."""
    with registrar.job("admit an agency"):
        registrar.open("Admit an agency")
        for name, words in {**AGENCY, "person": head.name, "email": head.email}.items():
            registrar.type(name, words)
        registrar.press("Send the invitation")
    head.join(head.site.link_to(head.email, "/desk/invitation/"))
    with registrar.job("admit an agency", goes_on=True):
        registrar.open(AGENCY["name"])
        put_on_record(registrar)


def put_on_record(registrar: Person) -> None:
    """Whoever made a key is put on record with it."""
    registrar.press("Put on record")
    registrar.sign()


def enter_registrar(registrar: Person, link: str) -> None:
    """The registrar comes in, and has her own key put on record beside the operator's, which the server holds."""
    registrar.join(link)
    with registrar.job("come in"):
        registrar.press("Sign with Passkey")
        registrar.press("Sign with the operator")
        registrar.page.get_by_role("heading", name="On the public record").wait_for()


def adopt(head: Person) -> None:
    """The head adopts the agency's rules."""
    with head.job("adopt the rules"):
        head.open("Adopt")
        head.tick("[name=jurisdiction][value=blue-ridge-county]")
        head.type("resolution", "Resolution 12 of 2027")
        head.press("Go on to sign")
        head.sign()


def appoint(head: Person, person: Person, duties: tuple[str, ...]) -> None:
    """The head invites somebody; she makes her keys; the head appoints her."""
    with head.job("appoint somebody"):
        head.go("/desk/people")
        post = {"person": person.name, "post": "Clerk", "email": person.email, **TERM}
        if duties != ("evaluate",):
            post["limit"] = "25,000"
        for name, words in post.items():
            head.type(name, words)
        for duty in duties:
            head.tick(f"[name=duties][value={duty}]")
        head.press("Send the invitation")
        person.join(person.site.link_to(person.email, "/desk/invitation/"))
        head.page.reload()
        row = head.page.locator("li", has_text=person.name)
        head.click(row.get_by_role("button", name="Appoint"))
        head.sign()


def agency(people: People, registrar: Person) -> dict[str, Person]:
    """An agency with its rules, two officers and three evaluators, by their first names."""
    head = people.new("Hana Head")
    admit(registrar, head)
    adopt(head)
    made = {"hana": head}
    for name, duties in (
        ("Ada Byrd", OFFICER),
        ("Ben Cole", OFFICER),
        ("Eve Dunn", ("evaluate",)),
        ("Fay Eads", ("evaluate",)),
        ("Gus Ford", ("evaluate",)),
    ):
        people.site.later(minutes=5)
        person = people.new(name)
        appoint(head, person, duties)
        made[name.split()[0].lower()] = person
    return made


def publish(
    writer: Person, second: Person, answers: dict[str, str], *, for_all: bool = False, partner: str = ""
) -> str:
    """One officer writes a try-out that everybody scores and signs, the other reads and signs; the pilot's name."""
    with writer.job("publish a try-out"):
        writer.open("Publish a try-out")
        for name, words in answers.items():
            writer.type(name, words)
        for name, value in (("funding", "own-money"), ("cross_border", "yes" if for_all else "no")):
            writer.tick(f"[name={name}][value={value}]")
        writer.click("#row-judges summary")
        for box in writer.page.locator("[name=evaluators]").all():
            writer.tick(box)
        if partner:
            writer.click("#row-skills summary")
            writer.type("learner_places", "1")
            writer.choose("training_partner", partner)
        writer.press("Go on to sign")
        writer.sign(done=False)
    countersign(second)
    return named(second)


def countersign(second: Person) -> None:
    """The second officer follows the letter's link and signs what the first signed."""
    with second.job("sign as the second officer"):
        second.desk()
        second.go(second.site.link_to(second.email, "/desk/sign/"))
        second.sign()


def change(writer: Person, second: Person, pilot: str, field: str, words: str) -> None:
    """One officer changes a term and looks at what follows from it; both sign."""
    with writer.job("change the terms"):
        writer.desk()
        writer.go(f"/desk/pilots/{pilot}")
        writer.press("Change the terms", "link")
        writer.type(field, words)
        writer.type("why", "Somebody asked.")
        writer.press("See what would change")
        expect(writer.page.get_by_text("every bid that is in must be confirmed")).to_be_visible()
        writer.press("Go on to sign")
        writer.sign(done=False)
    countersign(second)


def named(person: Person) -> str:
    """The name of the pilot whose act has just been put on record."""
    href = person.page.get_by_role("link", name="See").or_(person.page.locator("a[href^='/opportunities/']")).first
    return str(href.get_attribute("href")).rpartition("/")[2]


def declare(evaluator: Person, pilot: str, interest: str = "") -> None:
    """An evaluator declares her interests, under seal."""
    with evaluator.job("declare interests"):
        evaluator.desk()
        evaluator.click(evaluator.page.locator(f"a[href$='/{pilot}/interests']"))
        if interest:
            evaluator.type("interest", interest)
        evaluator.press("Go on to sign")
        evaluator.sign()


def score(evaluator: Person, pilot: str, level: dict[str, int], otherwise: int = 2) -> Path:
    """An evaluator reads every proposal, scores it by what it says, and locks her scores in."""
    with evaluator.job("score the proposals"):
        evaluator.desk()
        evaluator.click(evaluator.page.locator(f"a[href$='/{pilot}/scores']"))
        evaluator.page.locator("[data-with-script]").first.wait_for()
        for sheet in evaluator.page.locator("[data-sheet]").all():
            text = sheet.inner_text()
            given = next((height for words, height in level.items() if words in text), otherwise)
            for row in sheet.locator("[data-criterion]").all():
                evaluator.tick(row.locator(f"input[value='{given}']"))
                row.locator("textarea").fill(f"It answers the question on level {given}.")
                evaluator.cost.fields += 1
        kept = evaluator.keep(lambda: evaluator.click("#lock-in"))
        evaluator.sign()
    return kept


def show(evaluator: Person, pilot: str) -> None:
    """An evaluator shows the scores that she has locked in; her device has kept them."""
    with evaluator.job("show the scores"):
        evaluator.desk()
        evaluator.click(evaluator.page.locator(f"a[href$='/{pilot}/show']"))
        expect(evaluator.page.locator("#on-device")).to_be_visible()
        evaluator.press("Go on to sign")
        evaluator.sign()


def decide_proof(officer: Person, pilot: str, why: str, *, accepted: bool) -> None:
    """An officer reads a proof and decides about it."""
    with officer.job("decide about a proof"):
        officer.desk()
        officer.click(officer.page.locator(f"a[href$='/{pilot}/proof']"))
        officer.tick(f"[name=accepted][value={'accept' if accepted else 'pass-over'}]")
        officer.type("why", why)
        officer.press("Go on to sign")
        officer.sign()


def decide(officer: Person, second: Person, pilot: str, step: str, words: str) -> None:
    """Two officers choose, or award."""
    job = "choose" if step == "choose" else "award"
    with officer.job(job):
        officer.desk()
        officer.click(officer.page.locator(f"a[href$='/{pilot}/{step}']"))
        officer.type("words", words)
        officer.press("Go on to sign")
        officer.sign(done=False)
    countersign(second)
