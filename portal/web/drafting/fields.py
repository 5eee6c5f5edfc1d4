"""The fields of the form with what they show and what is to be mended about them."""

from collections.abc import Iterable, Sequence

from portal.web.drafting.given import LONGEST
from portal.web.drafting.sheet import Sheet
from portal.web.views.desk import Field, Option
from portal.web.views.drafting import Entry, Remark
from portal.web.views.frame import Said

Options = Sequence[tuple[str, str | Said]]


class Fields:
    """Makes fields; `values` are what they show, and each remark stands beside its own field."""

    def __init__(self, values: Sheet, remarks: Iterable[Remark], missing: Iterable[str], ask: Said) -> None:
        self.values = values
        self._remarks = list(remarks)
        self._missing = set(missing)
        self._ask = ask
        self.placed: set[str] = set()

    def line(self, name: str, code: str = "") -> Entry:
        """A line of text."""
        return self._entry(name, code, "line")

    def text(self, name: str, code: str = "", *, rows: int) -> Entry:
        """Several lines of text."""
        return self._entry(name, code, "text", rows=rows)

    def amount(self, name: str, currency: str) -> Entry:
        """An amount of money."""
        return self._entry(name, "", "amount", suffix=currency)

    def number(self, name: str, least: int, most: int, code: str = "") -> Entry:
        """A whole number."""
        return self._entry(name, code, "number", least=least, most=most)

    def moment(self, name: str, hint: str = "") -> Entry:
        """A day and a time in the agency's zone."""
        return self._entry(name, "", "moment", hint=hint)

    def choice(self, name: str, options: Options) -> Entry:
        """One of a few, all in sight."""
        return self._entry(name, "", "choice", options=options)

    def select(self, name: str, options: Options) -> Entry:
        """One of many."""
        return self._entry(name, "", "select", options=options)

    def checks(self, name: str, options: Options) -> Entry:
        """Any of several."""
        return self._entry(name, "", "checks", options=options)

    def _entry(
        self,
        name: str,
        code: str,
        kind: str,
        *,
        options: Options = (),
        rows: int = 4,
        hint: str = "",
        suffix: str = "",
        least: int = 0,
        most: int = 0,
    ) -> Entry:
        self.placed.add(name)
        value = self.values.get(name, "")
        ticked = value.split() if kind == "checks" else [value]
        field = Field(
            name=name,
            code=code or name,
            kind=kind,
            value=value,
            hint=hint,
            rows=rows,
            most=LONGEST.get(name, 0),
            error=self._ask if name in self._missing else None,
            options=tuple(
                Option(
                    value=given,
                    text=words if isinstance(words, str) else "",
                    said=None if isinstance(words, str) else words,
                    chosen=given in ticked,
                )
                for given, words in options
            ),
        )
        remarks = tuple(remark for remark in self._remarks if remark.field == name)
        return Entry(field=field, remarks=remarks, suffix=suffix, least=least, most=most)
