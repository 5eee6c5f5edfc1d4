"""What the keeper's page shows, out of the desk's state. Nothing is decided here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from portal.keeper.locks import asks_for
from portal.keeper.page import markup as m
from portal.keeper.paper import write_words
from portal.keeper.registering import REMIND
from portal.keeper.sayings import say, state_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.keeper.looking import Duty
    from portal.keeper.page.desk import KeeperDesk, Seen
    from portal.keeper.page.running import Run
    from portal.keeper.ring import Ring

_DOING = {"may-release": "release", "confirm": "confirm"}


def first_page(refused: Sequence[str] = ()) -> str:
    """No ring yet: make one, or bring one back."""
    make = m.form("make", m.field("keeper", "keeper"), say("keeper.page.make"))
    back = m.form("restore", m.area("backup", "backup", file=True), say("keeper.page.restore"))
    words = m.form(
        "restore-words",
        m.field("named", "keeper") + m.area("signing", "signing") + m.area("opening", "opening"),
        say("keeper.page.restore"),
    )
    inside = (
        m.problem(refused)
        + m.p(say("keeper.page.first"), "lede")
        + make
        + _folded("keeper.page.have_backup", back)
        + _folded("keeper.page.have_words", words)
    )
    return m.page(say("keeper.page.titles.first"), inside)


def locked_page(data: bytes, refused: Sequence[str] = ()) -> str:
    """A locked ring: by passkey, by the backup file, by the words."""
    keeper, credentials, salt = asks_for(data)
    ask = json.dumps({"credentials": credentials, "salt": salt})
    passkey = m.form(
        "unlock",
        m.hidden("credential") + m.hidden("answer") + m.p("", "told"),
        say("keeper.page.unlock"),
        id="unlock",
        data_ask=ask,
        data_says=_script_says(),
    )
    back = m.form("unlock-file", m.area("backup", "backup", file=True), say("keeper.page.unlock_file"))
    words = m.form(
        "unlock-words", m.area("signing", "signing") + m.area("opening", "opening"), say("keeper.page.unlock_words")
    )
    inside = (
        m.problem(refused)
        + m.p(say("keeper.page.locked", keeper=keeper), "lede")
        + passkey
        + _folded("keeper.page.have_backup", back)
        + _folded("keeper.page.have_words", words)
    )
    return m.page(say("keeper.page.titles.locked"), inside)


def home_page(desk: KeeperDesk, refused: Sequence[str] = ()) -> str:
    """What waits, what does not yet, and what can be begun."""
    ring, seen = desk.holder.ring(), desk.seen
    look = m.form(
        "look", "", say("keeper.page.look" if seen is None else "keeper.page.look_again"), quiet=seen is not None
    )
    if seen is None:
        inside = m.problem(refused) + m.p(say("keeper.page.not_looked"), "lede") + look
        return m.page(say("keeper.page.titles.home"), inside, who=ring.keeper, at="home")
    waiting = [duty for duty in seen.duties if duty.state in _DOING]
    others = [duty for duty in seen.duties if duty.state not in _DOING]
    inside = (
        m.problem(refused)
        + m.p(say("keeper.page.waits", n=len(waiting)) if waiting else say("keeper.page.nothing"), "lede")
        + m.p(say("keeper.page.looked", when=seen.view.at, n=seen.view.copy.checkpoint.size), "note")
        + look
        + (m.h2(say("keeper.page.now")) + m.items([_row(duty) for duty in waiting], "rows") if waiting else "")
        + (m.h2(say("keeper.page.other")) + m.items([_row(duty) for duty in others], "rows") if others else "")
        + _over(seen)
        + m.h2(say("keeper.page.more_keys"))
        + m.p(say("keeper.told.left", n=seen.left))
        + (m.p(say("keeper.told.remind"), "warn") if seen.left < REMIND else "")
        + m.form("register", "", say("keeper.page.register"), quiet=seen.left >= REMIND)
    )
    return m.page(say("keeper.page.titles.home"), inside, who=ring.keeper, at="home")


def _row(duty: Duty) -> str:
    name = duty.opportunity.partition(":")[2]
    state = m.p(state_words(duty), "when")
    if duty.state in _DOING:
        do = _DOING[duty.state]
        state += m.link(f"{do}/{name}/{duty.label}", say(f"keeper.page.do.{do}"), "act")
    elif duty.state == "refused":
        state += m.link(f"release/{name}/{duty.label}", say("keeper.page.do.check"))
    return _two(duty.title, m.p(say(f"keeper.page.labels.{duty.label}"), "by"), state)


def _two(title: str, left: str, right: str) -> str:
    return f'<div><p class="what">{m.text(title)}</p>{left}</div><div>{right}</div>'


def _over(seen: Seen) -> str:
    if not seen.over:
        return ""
    titles = {duty.opportunity: duty.title for duty in seen.duties}
    rows = [
        _two(titles[each], "", m.link(f"delete/{each.partition(':')[2]}", say("keeper.page.do.delete")))
        for each in seen.over
    ]
    return m.h2(say("keeper.page.finished")) + m.items(rows, "rows")


def act_page(desk: KeeperDesk, step: str, duty: Duty) -> str:
    """Before a release or a confirmation: what will be checked, in words, and one button."""
    ring = desk.holder.ring()
    checks = [say(f"keeper.page.checks.{step}_{number}") for number in range(1, 6)]
    inside = (
        m.p(say(f"keeper.page.about.{step}", pilot=duty.title), "lede")
        + f'<dl class="facts"><dt>{m.text(say("keeper.page.which"))}</dt><dd>{m.text(say(f"keeper.page.labels.{duty.label}"))}</dd>'
        f"<dt>{m.text(say('keeper.page.key'))}</dt><dd><code>{m.text(duty.key)}</code></dd>"
        f"<dt>{m.text(say('keeper.page.state'))}</dt><dd>{m.text(state_words(duty))}</dd></dl>"
        + m.h2(say("keeper.page.checked_first"))
        + f"<ol>{''.join(f'<li>{m.text(check)}</li>' for check in checks)}</ol>"
        + m.p(say(f"keeper.page.then.{step}"))
        + m.form("", "", say(f"keeper.page.press.{step}"))
        + f"<p>{m.link('../../.', say('keeper.page.back'))}</p>"
    )
    return m.page(say(f"keeper.page.titles.{step}"), inside, who=ring.keeper, up="../../")


def delete_page(desk: KeeperDesk, title: str) -> str:
    """Before keys and sealed bids are deleted for good."""
    inside = (
        m.p(say("keeper.page.about.delete", pilot=title), "lede")
        + m.p(say("keeper.page.delete_why"))
        + m.form("", m.sure("sure", say("keeper.page.delete_sure")), say("keeper.page.press.delete"))
        + f"<p>{m.link('../.', say('keeper.page.back'))}</p>"
    )
    return m.page(say("keeper.page.titles.delete"), inside, who=desk.holder.ring().keeper, up="../")


def run_page(desk: KeeperDesk, run: Run) -> str:
    """What runs or ran, line by line."""
    lines = "".join(f"<li>{m.text(line)}</li>" for line in run.lines)
    if run.done:
        end = m.problem(run.refused) if run.refused else m.p(say("keeper.page.went_well"), "good")
        if run.where:
            end += m.p(say("keeper.page.stands", where=run.where), "note")
        end += f"<p>{m.link('.', say('keeper.page.back'), 'act')}</p>"
    else:
        end = f'<p class="note"><span id="working">{m.text(say("keeper.page.working"))}</span> {m.link("run", say("keeper.page.reload"))}</p>'
    who = "" if desk.holder.locked else desk.holder.ring().keeper
    running = "" if run.done else " data-running"
    return m.page(
        run.title, f'<div role="log"><ol id="lines"{running}>{lines}</ol></div><div id="end">{end}</div>', who=who
    )


def keys_page(desk: KeeperDesk, refused: Sequence[str] = ()) -> str:
    """Which keys there are, how they are locked, and how they are backed up. Public halves alone are shown."""
    holder = desk.holder
    ring = holder.ring()
    rows = [
        f"<dt>{m.text(duty.title)}, {m.text(say(f'keeper.page.labels.{duty.label}'))}</dt><dd><code>{m.text(duty.key)}</code></dd>"
        for duty in (desk.seen.duties if desk.seen else [])
    ]
    salt = holder.asks_for()[2] if holder.locked else holder.salt.hex()
    more = m.hidden("credential") + m.hidden("answer")
    boxes = "" if holder.locked else m.sure("backed_up", say("keeper.page.backed_up"))
    lock = m.form(
        "lock",
        m.field("label", "passkey") + more + boxes + m.p("", "told"),
        say("keeper.page.lock_more" if holder.locked else "keeper.page.lock"),
        quiet=True,
        id="lock",
        data_ask=json.dumps({"keeper": ring.keeper, "salt": salt}),
        data_says=_script_says(),
    )
    inside = (
        m.problem(refused)
        + m.p(say("keeper.page.signing_key"), "lede")
        + f"<p><code>{m.text(ring.key.key_id)}</code></p>"
        + (m.h2(say("keeper.page.opening_keys")) + f'<dl class="facts">{"".join(rows)}</dl>' if rows else "")
        + m.h2(say("keeper.page.backup_title"))
        + m.p(say("keeper.page.backup_why"))
        + f'<p class="choices">{m.link("backup", say("keeper.page.backup_file"), "act")} {m.link("words", say("keeper.page.backup_words"), "act")}</p>'
        + m.h2(say("keeper.page.lock_title"))
        + m.p(say("keeper.page.is_locked" if holder.locked else "keeper.page.is_open"))
        + lock
        + (m.form("forget", "", say("keeper.page.forget"), quiet=True) if holder.locked else "")
    )
    return m.page(say("keeper.page.titles.keys"), inside, who=ring.keeper, at="keys")


def words_page(ring: Ring) -> str:
    """The words, to be printed: two sheets with their headings, each word with its number."""
    sheets = ""
    for heading, secret in (("keeper.paper.signing", ring.sign), ("keeper.paper.opening", ring.state)):
        (words,) = write_words(secret)
        numbered = "".join(f"<li>{m.text(word)}</li>" for word in words.split())
        sheets += f'<section class="paper">{m.h2(say(heading))}{m.p(ring.keeper, "note")}<ol class="words">{numbered}</ol></section>'
    held = m.p(say("keeper.paper.held", n=len(ring.held)), "warn") if ring.held else ""
    inside = (
        m.p(say("keeper.paper.about", keeper=ring.keeper), "lede")
        + held
        + sheets
        + f"<p>{m.link('keys', say('keeper.page.back'))}</p>"
    )
    return m.page(say("keeper.page.titles.words"), inside, who=ring.keeper)


def refused_page(lines: Sequence[str]) -> str:
    """Something that could not be begun."""
    return m.page(
        say("keeper.page.titles.refused"), m.problem(lines) + f"<p>{m.link('.', say('keeper.page.back'))}</p>"
    )


def _folded(key: str, inside: str) -> str:
    return f"<details><summary>{m.text(say(key))}</summary>{inside}</details>"


def _script_says() -> str:
    return json.dumps({key: say(f"keeper.page.says.{key}") for key in ("wait", "no_prf", "refused", "no_passkeys")})
