"""
Views into pages: the one Jinja environment.

Autoescape is on for everything, undefined names raise, and templates see nothing but their view, the site and the words.
"""

import hashlib
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portal.web import printing
from portal.web.assets import Asset, load_assets
from portal.web.views.frame import Page, Said, Shown, Site
from portal.web.words import Words, read_words


class Renderer:
    """
    Turns a view into bytes; made once at start.

    `version` changes with templates, words and styles and belongs into every page's ETag.
    """

    def __init__(self, site: Site, assets: dict[str, Asset] | None = None) -> None:
        self.site = site
        self.assets = load_assets() if assets is None else assets
        self._show = printing.shower(self._said)
        self.words = Words.load(self._show)
        self.environment = self._environment()
        self.version = _version(self.assets)

    def page(self, view: Page) -> bytes:
        """Render the page of this view, UTF-8."""
        return self.environment.get_template(view.template).render(v=view).encode("utf-8")

    def paper(self, view: Page, **extras: object) -> str:
        """Render the HTML that a PDF is printed from; `extras` are paper size, address and QR code."""
        return self.environment.get_template(view.template).render(v=view, **extras)

    def say(self, key: str, /, **figures: Shown) -> str:
        """Say a sentence outside a page: a problem's title, a mail's subject."""
        return str(self.words.say(key, **figures).striptags())

    def _said(self, sentence: Said) -> Markup:
        return self.words.say(sentence.key, **sentence.figures)

    def _environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(templates_folder()),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        environment.filters.update(
            show=self._show,
            points=printing.points,
            number=printing.number,
            money=printing.money,
            day=printing.day,
            moment=printing.moment_html,
            short=printing.day_html,
            local_time=printing.local_time,
            utc_time=printing.utc_time,
            iso=printing.iso,
            quarter=printing.quarter,
            size=printing.size,
        )
        environment.globals.update(
            site=self.site,
            t=self.words.say,
            lines=self.words.lines,
            has_words=self.words.__contains__,
            css=self.assets["daylight.css"].href,
            style=lambda name: self.assets[name].href,
            desk_css=self.assets["desk.css"].href,
            icon=self.assets["favicon.svg"].href,
        )
        return environment


def templates_folder() -> Path:
    """Where the templates lie: package data of `templates`."""
    return Path(str(resources.files("templates")))


def _version(assets: dict[str, Asset]) -> str:
    """Fingerprint of everything but the facts that a page is made of; pages print the portal's own rules too."""
    digest = hashlib.sha256("".join(read_words()).encode("utf-8"))
    for path in sorted(path for path in templates_folder().rglob("*") if path.suffix in {".html", ".xml"}):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for path in sorted(Path(str(resources.files("policies"))).rglob("*.toml")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for asset in assets.values():
        digest.update(asset.name.encode("ascii"))
    return digest.hexdigest()[:12]
