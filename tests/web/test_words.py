"""Words on the screen: plain, in one file, every one of them used, and none hidden in a template."""

import json
import re
from pathlib import Path

import pytest
from markupsafe import Markup

from policies import KINDS as RULES
from portal.procurement.kinds import KINDS
from portal.web.printing import shower
from portal.web.render import Renderer, templates_folder
from portal.web.words import Words, read_table
from tests.web import page_samples as samples
from tests.web import seen

TEMPLATES = sorted(path for path in templates_folder().rglob("*") if path.suffix in {".html", ".xml", ".txt"})
RENDERER = Renderer(samples.DEMO)
WORDS = RENDERER.words
KEYS = WORDS.keys()
PORTAL = Path(__file__).parents[2] / "portal"
PROOF = ("proof.",)
COUNTED = {"whole", "percent", "hour"}
# Python says these keys: views hold their codes, controllers their sentences.
CALLED = re.compile(r"""\bt\(\s*["']([^"']+)["'](?!\s*~)""")
PREFIX = re.compile(r"""\bt\(\s*["']([^"']+)["']\s*~""")


def sentences() -> dict[str, str]:
    """Every sentence with its key, plurals and lists taken apart."""

    def walk(prefix: str, value: object) -> dict[str, str]:
        if isinstance(value, str):
            return {prefix: value}
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        found: dict[str, str] = {}
        for name, inner in items:
            found |= walk(f"{prefix}.{name}" if prefix else str(name), inner)
        return found

    return walk("", read_table())


def test_no_sentence_outside_proof_panels_uses_a_term_of_the_code() -> None:
    found = {
        key: seen.banned_words(re.sub(r"\{[a-z_]+\}|[a-z]+\.(json|tlog-proof)|register entry", "", text))
        for key, text in sentences().items()
        if not key.startswith(PROOF)
    }
    assert {key: terms for key, terms in found.items() if terms} == {}


@pytest.mark.parametrize("name", samples.PAGES)
def test_a_page_uses_no_term_of_the_code_outside_its_proof_panels(name: str) -> None:
    html = RENDERER.page(samples.PAGES[name]()).decode("utf-8")
    assert seen.banned_words(seen.read(html)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(templates_folder())))
def test_a_template_holds_no_words_of_its_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(
        r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<style>.*?</style>|<id>.*?</id>|<pre.*?</pre>|<\?xml.*?\?>",
        "",
        text,
        flags=re.DOTALL,
    )
    text = re.sub(r"<!doctype html>|<[^>]*>", " ", text, flags=re.DOTALL)
    assert re.findall(r"[A-Za-z]{2,}", re.sub(r"/\S+", "", text)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(templates_folder())))
def test_every_key_a_template_asks_for_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [key for key in CALLED.findall(text) if key not in WORDS] == []
    assert [prefix for prefix in PREFIX.findall(text) if not any(key.startswith(prefix) for key in KEYS)] == []


def test_every_sentence_is_used_somewhere() -> None:
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    called, prefixes = set(CALLED.findall(templates)), tuple(PREFIX.findall(templates))
    python = "".join(path.read_text(encoding="utf-8") for path in PORTAL.rglob("*.py"))
    spoken = set(re.findall(r"""["']([a-z_]+(?:\.[A-Za-z0-9_-]+)+)["']""", python))
    openings = tuple(re.findall(r"""f["']([a-z_]+(?:\.[a-z_-]+)*\.)\{""", python))
    unused = {key for key in KEYS if key not in called | spoken and not key.startswith((*prefixes, *openings))}
    assert {
        key
        for key in unused
        if not re.search(f"[\"']{re.escape(key)}[\"']", templates) and f"lines('{key.split('.')[0]}" not in templates
    } == set()


def test_every_kind_of_record_can_be_said() -> None:
    assert [name for name in KINDS if f"acts.{name}" not in WORDS] == []


def test_every_counted_rule_says_what_it_counts() -> None:
    needed = {rule.id if rule.value == "whole" else rule.value for rule in RULES.values() if rule.value in COUNTED}
    assert {name for name in needed if f"rule_figures.{name}" not in WORDS} == set()


def test_every_state_has_its_word_and_its_shape() -> None:
    style = RENDERER.assets["daylight.css"].plain.decode("utf-8")
    for state in samples.STATES:
        assert f"states.{state}" in WORDS
        assert f"pilot.headline.{state}" in WORDS
        assert f".state.{state}" in style


def test_a_sentence_escapes_its_figures() -> None:
    words = Words({"a": "{who} bids", "b": {"one": "{n} bid", "other": "{n} bids"}}, shower(lambda _: Markup()))
    assert words.say("a", who="<b>") == "&lt;b&gt; bids"
    assert words.say("b", n=1) == "1 bid"
    assert words.say("b", n=1842) == "1,842 bids"
    assert words.say("a", who="Pine", more="never looked at") == "Pine bids"


def test_a_missing_sentence_or_figure_is_a_bug_and_not_a_page() -> None:
    with pytest.raises(KeyError):
        WORDS.say("no.such.sentence")
    with pytest.raises(KeyError):
        WORDS.say("awards.row", agency="Harlan County")


def test_a_yes_or_no_is_said_by_a_word_and_never_printed() -> None:
    with pytest.raises(TypeError):
        WORDS.say("awards.row", agency=True, firm="Pine")


def test_every_refusal_has_its_sentence() -> None:
    spelt = re.compile(r"""\b(?:Refusal|Problem|IdentityError)\(\s*"([a-z-]+)\"""")
    reasons = {reason for path in PORTAL.rglob("*.py") for reason in spelt.findall(path.read_text(encoding="utf-8"))}
    assert len(reasons) > 100
    assert sorted(reason for reason in reasons if f"problems.{reason}" not in WORDS) == []


SIGNED = re.compile(r"(assertion|authenticator-data|client-data|passkey|signature)(-[a-z]+)*|relying-party-missing")


def test_whoever_s_signature_is_not_taken_is_told_why_and_what_to_do() -> None:
    known = json.loads((PORTAL.parent / "tests/vectors/passkey.json").read_text(encoding="utf-8"))["cases"].values()
    reasons = {case["refused"] for case in known if SIGNED.fullmatch(case["refused"] or "")}
    assert len(reasons) == 20
    assert sorted(reason for reason in reasons if f"problems.{reason}" not in WORDS) == []
    assert sorted(reason for reason in reasons if f"fixes.{reason}" not in WORDS) == []
