"""What a visitor reads on a page, and the words that have no business there (STYLE, Words on the screen)."""

import re
from html.parser import HTMLParser

BANNED = re.compile(
    r"\b(ledgers?|entry|entries|checkpoints?|witness(es)?|cosign\w*|quorum|envelopes?|hash(es|ed)?|digests?"
    r"|opportunit(y|ies)|tender(s|er|ers|ed)?|set-asides?|enquir(y|ies)|addend(um|a)|bid opening|recus(al|e|ed|es)"
    r"|commit(s|ted|ment|ments)?|reveal(s|ed)?|beacons?|lots?|standstill|intended award|debrief(s|ing)?|void|lapsed?"
    r"|disqualified|T[0-3]|heal(s|ed)?|split view|inclusion proof|consistency proof|leaf|merkle|block(s|chain)?|users?)\b",
    re.IGNORECASE,
)
_VOID = {"meta", "link", "br", "input", "path", "circle", "img", "hr"}


class Reader(HTMLParser):
    """Collects text as read, leaving out proof panels, code, addresses and style."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self._stack: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        hidden = tag in {"style", "script", "code", "pre"} or "proof" in classes or "address" in classes
        if tag not in _VOID:
            self._stack.append(hidden or (bool(self._stack) and self._stack[-1]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._stack.pop()

    def handle_data(self, data: str) -> None:
        if not (self._stack and self._stack[-1]):
            self.text.append(data)


def read(html: str) -> str:
    """Give the text of a page outside its proof panels."""
    reader = Reader()
    reader.feed(html)
    return " ".join(" ".join(reader.text).split())


def banned_words(text: str) -> list[str]:
    """Name the terms of the code that stand in this text."""
    return [match.group(0) for match in BANNED.finditer(text)]
