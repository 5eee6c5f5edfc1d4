"""The one way in which the domain says no: a stable reason code, the figures behind it, and the rule that asked."""

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818 -- the field's word for it; "RefusalError" says nothing more
    """
    An act that the rules, the roles or the calendar do not admit. Nothing was appended.

    Attributes:
        reason: Stable code such as `bid-late`, asserted by tests; `templates/refusals.toml` has its words.
        figures: What the sentence on the screen is filled with, e.g. `{"closed_at": "...", "received_at": "..."}`.
        rule: Id of the rule that refused, if a rule did; the page links to its source.
        fix: What to do now, in plain words.
    """

    def __init__(
        self, reason: str, figures: Mapping[str, object] | None = None, *, rule: str | None = None, fix: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.figures = dict(figures or {})
        self.rule = rule
        self.fix = fix

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.figures.items())
        return f"{self.reason}: {told}" if told else self.reason
