"""The few pieces of HTML that the page is made of. Every text is escaped here, whoever wrote it."""

from collections.abc import Sequence
from html import escape

from portal.keeper.sayings import say


def text(words: object) -> str:
    """Words as HTML."""
    return escape(str(words), quote=True)


def p(words: str, name: str = "") -> str:
    """A paragraph."""
    return f"<p{_class(name)}>{text(words)}</p>"


def h2(words: str) -> str:
    """A heading of a part."""
    return f"<h2>{text(words)}</h2>"


def link(address: str, words: str, name: str = "") -> str:
    """A link within the page."""
    return f'<a{_class(name)} href="{text(address)}">{text(words)}</a>'


def form(action: str, inside: str, button: str, *, quiet: bool = False, **attributes: str) -> str:
    """A form with one button; `attributes` are `id` and `data-…`, with `_` for `-`."""
    more = "".join(f' {key.replace("_", "-")}="{text(value)}"' for key, value in attributes.items())
    kind = ' class="quiet"' if quiet else ""
    return f'<form method="post" action="{text(action)}"{more}>{inside}<button type="submit"{kind}>{text(button)}</button></form>'


def hidden(name: str, value: str = "") -> str:
    """A field that nobody sees."""
    return f'<input type="hidden" name="{text(name)}" value="{text(value)}">'


def field(name: str, code: str, value: str = "", *, wrong: str = "") -> str:
    """A line to fill in, with its label, its hint and what is wrong with it."""
    return (
        f'<div class="field"><label for="{text(name)}">{text(say(f"keeper.page.fields.{code}"))}</label>'
        f'<p class="hint" id="{text(name)}-hint">{text(say(f"keeper.page.hints.{code}"))}</p>{_wrong(name, wrong)}'
        f'<input id="{text(name)}" name="{text(name)}" value="{text(value)}" autocomplete="off" spellcheck="false" '
        f'aria-describedby="{text(name)}-hint{" " + text(name) + "-wrong" if wrong else ""}"></div>'
    )


def area(name: str, code: str, *, file: bool = False) -> str:
    """A text to paste or type; with `file` a file can be chosen whose content takes its place (a script does it)."""
    chooser = (
        f'<p class="choose" hidden><label for="{text(name)}-file">{text(say("keeper.page.choose_file"))}</label> '
        f'<input type="file" id="{text(name)}-file" data-into="{text(name)}"></p>'
        if file
        else ""
    )
    return (
        f'<div class="field"><label for="{text(name)}">{text(say(f"keeper.page.fields.{code}"))}</label>'
        f'<p class="hint" id="{text(name)}-hint">{text(say(f"keeper.page.hints.{code}"))}</p>{chooser}'
        f'<textarea id="{text(name)}" name="{text(name)}" rows="4" autocomplete="off" spellcheck="false" '
        f'autocapitalize="none" aria-describedby="{text(name)}-hint"></textarea></div>'
    )


def sure(name: str, words: str) -> str:
    """A box to tick before something that cannot be undone."""
    return f'<label class="sure"><input type="checkbox" name="{text(name)}" value="yes" required> {text(words)}</label>'


def items(rows: Sequence[str], name: str) -> str:
    """A ruled list of rows that are HTML already."""
    return f"<ul{_class(name)}>{''.join(f'<li>{row}</li>' for row in rows)}</ul>"


def problem(lines: Sequence[str]) -> str:
    """What was refused, on top."""
    return (
        f'<div class="problem" role="alert" tabindex="-1">{"".join(p(line) for line in lines)}</div>' if lines else ""
    )


def page(title: str, inside: str, *, who: str = "", at: str = "", up: str = "") -> str:
    """
    A whole page.

    Args:
        who: The keeper, where her ring is open.
        at: Which part of the page this is: home or keys.
        up: What leads from this address to the first page's, e.g. `../../`.
    """
    about = ""
    if who:
        parts = "".join(_part(name, f"{up}{address}", at) for name, address in (("home", "."), ("keys", "keys")))
        label = text(say("keeper.page.nav"))
        about = f'<p class="who">{text(who)}</p><nav aria-label="{label}"><ul>{parts}</ul></nav>'
    name = text(say("keeper.page.name"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f'<title>{text(title)} · {name}</title><link rel="stylesheet" href="{up}keeper.css">'
        f'<script type="module" src="{up}keeper.js"></script></head>'
        f'<body><header class="masthead"><p class="name">{name}</p>'
        f'<p class="tagline">{text(say("keeper.page.tagline"))}</p>{about}</header>'
        f'<main id="main"><h1>{text(title)}</h1>{inside}</main>'
        f"<footer>{p(say('keeper.page.foot'))}</footer></body></html>"
    )


def _part(name: str, address: str, at: str) -> str:
    current = ' aria-current="page"' if name == at else ""
    return f'<li><a href="{address}"{current}>{text(say(f"keeper.page.parts.{name}"))}</a></li>'


def _class(name: str) -> str:
    return f' class="{text(name)}"' if name else ""


def _wrong(name: str, wrong: str) -> str:
    return f'<p class="wrong" id="{text(name)}-wrong">{text(wrong)}</p>' if wrong else ""
