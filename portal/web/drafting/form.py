"""The form as a view: ten answers, what was filled in, what is to be mended, and what happens if nobody bids."""

from collections.abc import Iterable
from typing import Final

import msgspec

from policies import Rules
from portal.web.drafting.fields import Fields
from portal.web.drafting.rows import Around, filled_rows
from portal.web.drafting.sheet import ASIDE
from portal.web.drafting.writing import Writing, values_of
from portal.web.views.drafting import Entry, NoticeForm, Remark
from portal.web.views.frame import Said, said

_OPTIONS: Final = ("no", "yes", "not-sure")


def notice_form(
    writing: Writing,
    remarks: tuple[Remark, ...],
    around: Around,
    *,
    action: str,
    strict: bool,
    hidden: Iterable[tuple[str, str]] = (),
    source: Said | None = None,
) -> NoticeForm:
    """
    Put the form together.

    Args:
        strict: Whether answers that are not there yet are asked for beside their fields; while somebody is still writing
            they are only counted.
        hidden: Fields of the page that carries the form.
    """
    asked = writing.missing if strict else ()
    fields = Fields(values_of(writing), remarks, asked, said("desk.fill_in"))
    entries = _ten(writing, fields)
    filled = filled_rows(writing, fields, around)
    kept = "override" in writing.sheet or any(_about_words(remark) for remark in remarks)
    override = fields.text("override", rows=2) if kept else None
    remarks = tuple(_placed(remark, fields) for remark in remarks)
    return NoticeForm(
        action=action,
        entries=entries,
        override=override,
        filled=filled,
        hidden=(*hidden, *((name, writing.sheet[name]) for name in ASIDE[1:] if name in writing.sheet)),
        remarks=remarks,
        missing=len(writing.missing),
        checked=strict,
        ready=not remarks and not writing.missing,
        zone=writing.setting.zone,
        source=source,
        if_nobody=IF_NOBODY,
    )


def _ten(writing: Writing, fields: Fields) -> tuple[Entry, ...]:
    """The ten answers, in their order."""
    return (
        fields.text("need", rows=5),
        fields.text("outcome", rows=4),
        fields.text("audience", rows=3),
        fields.text("existing", rows=4),
        fields.line("incumbent"),
        fields.amount("budget", writing.setting.currency),
        fields.choice("funding", [*money_options(writing.rules), ("not-sure", said("options.not-sure"))]),
        fields.choice("cross_border", [(name, said(f"options.{name}")) for name in _OPTIONS]),
        fields.text("acceptance", rows=5),
        fields.text("helpers", rows=2),
    )


def money_options(rules: Rules) -> list[tuple[str, str]]:
    """Each kind of money that the rules know, with its words."""
    known = (*rules.reservation.allowed_funding, *rules.reservation.banned_funding)
    return list({row.code: row.text for row in known}.items())


def _about_words(remark: Remark) -> bool:
    return any("rewrite" in fix.said.key for fix in remark.fixes)


def _placed(remark: Remark, fields: Fields) -> Remark:
    """A remark whose field is not on the page stands at the top alone, with no link to it."""
    return remark if remark.field in fields.placed else msgspec.structs.replace(remark, field="")


IF_NOBODY: Final = (said("drafting.nobody.ends"), said("drafting.nobody.again"))
"""What happens if nobody bids, and what can be done then: said before anything is published."""
