"""What an evaluator sees: the proposals with the scale beside them, and the page on which locked-in scores are shown."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.desk import DeskPage, Option
from portal.web.views.frame import Link, Moment, Said


class CriterionForm(Struct, frozen=True, kw_only=True):
    """
    One criterion of one proposal: the levels in the notice's own words, the level chosen, the words for it.

    `level` and `words` are the fields' names in the form; `id` is the criterion's, for the script.
    """

    id: str
    name: str
    weight: int
    level: str
    words: str
    options: tuple[Option, ...]
    written: str
    level_wrong: Said | None = None
    words_wrong: Said | None = None

    @property
    def done(self) -> bool:
        """Whether a level is chosen and words are written."""
        return bool(self.written) and any(option.chosen for option in self.options)


class Sheet(Struct, frozen=True, kw_only=True):
    """One proposal as the panel reads it, by its number in the drawn order; `answers` are (what was asked, the answer)."""

    number: int
    bid: str
    answers: tuple[tuple[str, str], ...]
    approach: str
    team: str
    learner_places: int
    rows: tuple[CriterionForm, ...]

    @property
    def done(self) -> bool:
        """Whether every criterion of it is scored."""
        return all(row.done for row in self.rows)


class ScoresPage(DeskPage, frozen=True, kw_only=True):
    """
    The proposals in the drawn order, each with the scale under it.

    `terms` and `says` are JSON for the script: what a device needs to lock scores in by itself. `saved` is when they were
    last saved on the desk. `asked` of people score and `least` are needed.
    """

    template: ClassVar[str] = "desk/scores.html"
    pilot: Link
    action: str
    sheets: tuple[Sheet, ...]
    evaluators: int
    least: int
    saved: Moment | None = None
    just_saved: bool = False
    refused: Said | None = None
    fix: str = ""
    terms: str
    says: str

    @property
    def scored(self) -> int:
        """How many proposals are scored whole."""
        return sum(sheet.done for sheet in self.sheets)

    @property
    def wrong(self) -> tuple[tuple[str, str, Said], ...]:
        """Every field with something to mend: its name, the criterion's, the sentence."""
        return tuple(
            (name, f"{sheet.number}, {row.name}", sentence)
            for sheet in self.sheets
            for row in sheet.rows
            for name, sentence in ((f"{row.level}-0", row.level_wrong), (row.words, row.words_wrong))
            if sentence is not None
        )


class ShowPage(DeskPage, frozen=True, kw_only=True):
    """
    Locked-in scores are shown from wherever they were kept: the desk (`here`), this device, or the evaluator's file.

    `commitment` is the fingerprint on record, by which the script finds them.
    """

    template: ClassVar[str] = "desk/show.html"
    pilot: Link
    action: str
    commitment: str
    until: Moment
    here: bool
    opening: str = ""
    wrong: Said | None = None
    refused: Said | None = None
    fix: str = ""
    terms: str
    says: str
