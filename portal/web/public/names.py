"""
The names behind subjects, and the words behind coded reasons.

Names are registered once and do not change, so that a page which only names an agency does not depend on it.
"""

from policies import Code
from portal.projections.queries.parties import adoptions, agency, names_of
from portal.web.addresses import subject_link
from portal.web.reading import Reading
from portal.web.views.frame import Link

_DEFAULT_ZONE = "UTC"


class Names:
    """Looks each subject up once for one page."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._found: dict[str, str] = {}
        self._zones: dict[str, str] = {}

    def agency(self, subject: str) -> Link:
        """An agency's name with its address; the bare subject where nobody registered it."""
        return subject_link(subject, self._name("agency", subject))

    def firm(self, subject: str) -> Link:
        """As `agency`, for a firm."""
        return subject_link(subject, self._name("firm", subject))

    def keeper(self, subject: str) -> str:
        """A keeper's name; keepers have no page."""
        return self._name("keeper", subject)

    def training_partner(self, subject: str) -> Link:
        """As `agency`, for a registered training partner."""
        return subject_link(subject, self._name("partner", subject))

    def trainer(self, subject: str) -> Link:
        """Whoever trains learners: a registered training partner, or a firm that does it itself."""
        return self.firm(subject) if subject.startswith("firm:") else self.training_partner(subject)

    def zone(self, agency_subject: str) -> str:
        """The zone in which an agency counts days."""
        if agency_subject not in self._zones:
            found = agency(self._reading.shelf, agency_subject)
            self._zones[agency_subject] = found.zone if found else _DEFAULT_ZONE
        return self._zones[agency_subject]

    def organisation(self, subject: str) -> str:
        """The organisation a keeper belongs to, by the name it was registered with."""
        if subject.startswith("agency:"):
            return self._name("agency", subject)
        row = self._reading.shelf.row(
            "SELECT organisation_name FROM {keeper} WHERE organisation = ? ORDER BY entry LIMIT 1", (subject,)
        )
        return row[0] if row else subject

    def partner(self, named: str | None) -> str | None:
        """A training partner: a registered one or a firm by its name, anybody else as written."""
        table = named.partition(":")[0] if named else ""
        return self._name(table, named) if named and table in {"firm", "partner"} else named

    def word(self, code: str, digest: str) -> str:
        """What a code of ours or of the pinned rules says: an area, a source of money, why a bid is out."""
        return reason_words(self._reading, digest, code) if code else ""

    def _name(self, table: str, subject: str) -> str:
        if subject not in self._found:
            found = names_of(self._reading.shelf, table, [subject])
            self._found[subject] = found.get(subject, subject.partition(":")[2])
        return self._found[subject]


def reason_words(reading: Reading, digest: str, code: str) -> str:
    """
    A coded reason in words: those of the rules that are pinned, else ours, else the code itself.

    The policy's own sentence comes first, for it is what the officers chose from.
    """
    policy = reading.policy(digest) if digest else None
    if policy is not None:
        for statement in policy.statements:
            value = statement.value
            if isinstance(value, tuple):
                for each in value:
                    if isinstance(each, Code) and each.code == code:
                        return each.text
    key = f"reasons.{code}"
    renderer = reading.door.renderer
    return renderer.say(key) if key in renderer.words else code


def digest_of_agency(reading: Reading, subject: str) -> str:
    """The rules that an agency adopted last; '' when it has adopted none."""
    mine = [row for row in adoptions(reading.shelf) if row[2] == subject]
    return mine[-1][0] if mine else ""
