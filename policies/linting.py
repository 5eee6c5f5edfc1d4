"""
Lint of a notice's texts: wishes that shut small or new firms out, each with a text to put in its place.

- Pure: texts and a day in, findings out. Every finding is accepted as rewritten or overridden with a public reason.
- "In the last four years" says how fresh work must be, not how long somebody must have done it: no finding.
- What a sentence takes back ("a degree is not required") is no finding; what it only dresses as a negation ("no fewer
  than five years", "bidders without a degree are excluded") is one.
- English only, and words only: it sees what is written, not what is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from policies.lint_phrases import Counter, PhraseSet, read_phrase
from policies.lint_rewrites import rewritten
from policies.lint_rules import LintRule, LintRules, Technology, lint_rules
from policies.lint_tokens import Sentence, sentences

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

MOST_FINDINGS: Final = 20
"""Findings of one rule in one field; after so many the writer knows, and each carries the whole text."""

_PAY_DAYS: Final = 14
_MONTHS: Final = 12
_REACH: Final = 10
_REACH_NEXT: Final = 16
_BEFORE: Final = 5
_TECHNOLOGY_REACH: Final = 12
_EXPERIENCE: Final = frozenset({"experience", "expertise", "practice"})
_QUALIFIERS: Final = frozenset(
    [
        "at",
        "least",
        "minimum",
        "min",
        "of",
        "a",
        "an",
        "over",
        "more",
        "than",
        "no",
        "not",
        "less",
        "fewer",
        "the",
        "some",
        "up",
        "to",
    ]
)
_RECENT: Final = frozenset(
    ["last", "past", "previous", "recent", "next", "coming", "following", "first", "preceding", "within"]
)
_LEADING: Final = _QUALIFIERS | _EXPERIENCE | {"(", ":", ",", "for", "since", "in", "used"}
_LONGEST_NAME: Final = 3
_JOINING: Final = frozenset({"or", "and", ",", "/", "&", "a", "an", "(", ")"})


def _phrases(*written: str) -> PhraseSet:
    return PhraseSet.of(read_phrase(one, "negation") for one in written)


_TAKEN_BACK: Final = _phrases(
    "no", "not", "never", "without", "neither", "nor", "nobody", "none", "dont", "doesnt", "neednt", "isnt", "arent", "instead of"
)  # fmt: skip
_NO_NEGATION: Final = _phrases(
    "no|not ..1 less|fewer|later|more|only|limited",
    "not only|just|merely",
    "no|without exception|exceptions",
)
_TAKEN_BACK_AFTER: Final = _phrases(
    "not|never ..2 required|needed|necessary|asked|requested|mandatory|essential|expected|demanded|wanted|count",
    "isnt|arent ..2 required|needed|necessary|mandatory|essential|expected",
    "unnecessary",
    "optional",
)
_SHUT_OUT: Final = _phrases(
    "reject|rejected|exclude|excluded|excludes|disqualified|disqualify|ineligible|barred|refused",
    "not ..1 considered|eligible|accepted|evaluated|qualify|apply|bid",
    "cannot|cant ..1 considered|accepted|apply|bid",
)


class LintFinding(msgspec.Struct, frozen=True):
    """
    One wish worth another thought.

    Attributes:
        rule: The rule's id, an anchor of the page of lint rules.
        span: Where it stands in the field's text: first character, and the one after the last.
        found: The words as written.
        sentence: What is wrong, for people.
        rewrite: The whole text of the field with this finding mended, to be taken in one click.
    """

    rule: str
    severity: Literal["error", "warn"]
    field: str
    span: tuple[int, int]
    found: str
    sentence: str
    because: str
    rewrite: str


class _Hit(msgspec.Struct):
    """A match in a sentence: tokens from `first` up to before `last`, and what its sentence is filled with."""

    first: int
    last: int
    severity: Literal["error", "warn"]
    figures: dict[str, str]
    topic: tuple[int, int] = (0, 0)


def lint(
    texts: Iterable[tuple[str, str]], at: date, *, pay_days: int = _PAY_DAYS, rules: LintRules | None = None
) -> list[LintFinding]:
    """
    Find what shuts firms out, field by field, in the order of the text.

    Args:
        at: The day on which technologies have their age: the day of publication.
        pay_days: Within how many days the rules in force let a firm be paid, for the rewrite.
    """
    return lint_counted(texts, at, Counter(), pay_days=pay_days, rules=rules)


def lint_counted(
    texts: Iterable[tuple[str, str]],
    at: date,
    counter: Counter,
    *,
    pay_days: int = _PAY_DAYS,
    rules: LintRules | None = None,
) -> list[LintFinding]:
    """As `lint`, and count the comparisons."""
    linter = _Linter(rules or lint_rules(), at, pay_days, counter)
    return [finding for field, text in texts for finding in linter.read(field, text)]


class _Linter:
    """The rules, indexed by the words with which their phrases begin."""

    def __init__(self, rules: LintRules, at: date, pay_days: int, counter: Counter) -> None:
        self._rules = rules
        self._at = at
        self._pay_days = pay_days
        self._counter = counter
        self._wishes = PhraseSet((phrase, number) for number, rule in enumerate(rules.rules) for phrase in rule.find)
        self._unless = [PhraseSet.of(rule.unless) for rule in rules.rules]
        self._never_in = [PhraseSet.of(rule.never_in) for rule in rules.rules]
        self._technologies = PhraseSet(
            (phrase, number) for number, one in enumerate(rules.technologies) for phrase in one.phrases
        )

    def read(self, field: str, text: str) -> list[LintFinding]:
        """Lint one field."""
        parts = sentences(text)
        found: list[tuple[int, LintFinding]] = []
        left = [MOST_FINDINGS] * len(self._rules.rules)
        for place, sentence in enumerate(parts):
            following = parts[place + 1][:_REACH_NEXT] if place + 1 < len(parts) else ()
            for number, hits in self._hits(sentence, following, left).items():
                rule = self._rules.rules[number]
                found += [(number, self._finding(rule, hit, sentence, field, text)) for hit in hits]
        return [finding for _, finding in sorted(found, key=lambda one: (one[1].span, one[0]))]

    def _hits(self, sentence: Sentence, following: Sentence, left: list[int]) -> dict[int, list[_Hit]]:
        """Find all that stands in a sentence and is neither harmless nor taken back; overlaps count once a rule."""
        found: dict[int, list[_Hit]] = {}
        for place in range(len(sentence)):
            for number, first, last in self._wishes.at(sentence, place, self._counter):
                hits, listed = found.setdefault(number, []), self._rules.rules[number].judged in {"phrase", "number"}
                if hits and first < hits[-1].last and not listed:
                    continue
                hit = self._judge(number, sentence, following, first, last) if left[number] else None
                if hit is None:
                    continue
                if hits and listed and (first < hits[-1].last or _joined(sentence, hits[-1], hit)):
                    hits[-1].last = max(hits[-1].last, hit.last)
                else:
                    hits.append(hit)
                    left[number] -= 1
        return found

    def _judge(self, number: int, sentence: Sentence, following: Sentence, first: int, last: int) -> _Hit | None:
        rule, unless = self._rules.rules[number], self._unless[number]
        if (
            self._found(self._never_in[number], sentence, first - 2, last)
            or self._found(unless, sentence, last, last + _REACH)
            or self._found(unless, following, 0, _REACH_NEXT)
            or self._taken_back(sentence, first, last)
        ):
            return None
        hit = _Hit(first, last, rule.severity, {"days": str(self._pay_days)})
        if rule.judged == "years":
            return _years(rule, sentence, hit)
        if rule.judged == "age":
            return self._age(rule, sentence, hit)
        numbers = [token.value for token in sentence[first:last] if token.kind == "number"]
        return None if rule.judged == "number" and numbers and numbers[-1] <= rule.figures["over"] else hit

    def _found(self, phrases: PhraseSet, sentence: Sentence, first: int, last: int) -> bool:
        return phrases.find(sentence, first, last, self._counter) is not None

    def _taken_back(self, sentence: Sentence, first: int, last: int) -> bool:
        """Tell whether the sentence denies the wish, without shutting anybody out by the denial."""
        start = max(first - _BEFORE, 0)
        for place in range(first - 1, start - 1, -1):
            if sentence[place].text in {",", "but", "and"}:
                start = place + 1
                break
        before = _TAKEN_BACK.find(sentence, start, first, self._counter)
        denied = before is not None and not self._found(_NO_NEGATION, sentence, before, before + 1)
        if not denied and not self._found(_TAKEN_BACK_AFTER, sentence, last, last + _REACH):
            return False
        return not self._found(_SHUT_OUT, sentence, last, last + _REACH)

    def _age(self, rule: LintRule, sentence: Sentence, hit: _Hit) -> _Hit | None:
        """Compare the years with the youngest technology that follows in the same breath."""
        if _is_recency(sentence, hit.first):
            return None
        years, chain, place = sentence[hit.first].value, list[Technology](), hit.first + 1
        while place < min(hit.first + _TECHNOLOGY_REACH, len(sentence)) and sentence[place].kind != "number":
            technology, end = self._technology(sentence, place)
            if technology is not None:
                chain.append(technology)
                hit.topic = hit.topic[0] or place, end
                hit.last = place = end
            elif chain and sentence[place].text not in _JOINING:
                break
            else:
                place += 1
        if not chain:
            chain = self._technologies_before(sentence, hit)
        if not chain:
            return None
        youngest = max(chain, key=lambda one: one.year)
        if hit.last < len(sentence) and sentence[hit.last].text in _EXPERIENCE:
            hit.last += 1
        age = self._at.year - youngest.year
        hit.figures |= {"technology": youngest.name, "age": str(max(age, 0)), "year": str(youngest.year)}
        if years > age:
            return hit
        hit.severity = "warn"
        return hit if years * 100 > age * rule.figures["share"] else None

    def _technologies_before(self, sentence: Sentence, hit: _Hit) -> list[Technology]:
        """Bind "Kubernetes experience of 15 years" and "LangChain (6 years)" backwards."""
        last = hit.first
        while last > max(hit.first - _BEFORE, 0) and sentence[last - 1].text in _LEADING:
            last -= 1
        for first in range(last - 1, max(last - 1 - _LONGEST_NAME, -1), -1):
            technology, end = self._technology(sentence, first)
            if technology is not None and end == last:
                hit.topic = first, last
                if sentence[last].text == "(" and sentence[hit.last : hit.last + 1]:
                    hit.last += sentence[hit.last].text == ")"
                hit.first = first
                return [technology]
        return []

    def _technology(self, sentence: Sentence, place: int) -> tuple[Technology | None, int]:
        for number, _, end in self._technologies.at(sentence, place, self._counter):
            return self._rules.technologies[number], end
        return None, place

    def _finding(self, rule: LintRule, hit: _Hit, sentence: Sentence, field: str, text: str) -> LintFinding:
        if rule.judged in {"years", "age"}:
            hit.first = _with_qualifiers(sentence, hit.first)
        span = sentence[hit.first].start, sentence[hit.last - 1].end
        figures = {"found": text[span[0] : span[1]], **hit.figures}
        if hit.topic[0] < hit.topic[1]:
            figures["topic"] = text[sentence[hit.topic[0]].start : sentence[hit.topic[1] - 1].end]
        return LintFinding(
            rule=rule.id,
            severity=hit.severity,
            field=field,
            span=span,
            found=figures["found"],
            sentence=rule.text.format(**{"technology": "", "age": "", "year": "", "years": "", **figures}),
            because=rule.because,
            rewrite=rewritten(rule, text, span, (sentence[0].start, sentence[-1].end), figures),
        )


def _is_recency(sentence: Sentence, place: int) -> bool:
    """Tell whether the number before "years" says how fresh something must be ("the last four years")."""
    return any(token.text in _RECENT for token in sentence[max(place - 2, 0) : place])


def _years(rule: LintRule, sentence: Sentence, hit: _Hit) -> _Hit | None:
    """Judge a number of years of experience; what the experience is in becomes the topic of the rewrite."""
    place = next(place for place in range(hit.first, hit.last) if sentence[place].kind == "number")
    years = sentence[place].value // (_MONTHS if sentence[place + 1].text == "months" else 1)
    if _is_recency(sentence, place) or years < rule.figures["warn_from"]:
        return None
    hit.severity = "error" if years >= rule.figures["error_from"] else "warn"
    hit.figures["years"] = str(years)
    if sentence[hit.last - 1].text in _EXPERIENCE:
        skipped = 3 if sentence[place + 2].text in {"of", "in"} else 2
        hit.topic = place + skipped, hit.last - 1
    return hit


def _with_qualifiers(sentence: Sentence, first: int) -> int:
    """Take "a minimum of" and "at least" with the number; a leading "of" belongs to what stands before."""
    place = first
    while place > max(first - _BEFORE, 0) and sentence[place - 1].text in _QUALIFIERS:
        place -= 1
    while (
        place < first and sentence[place].text in {"of", "a"} and sentence[place + 1].text not in _QUALIFIERS - {"of"}
    ):
        place += 1
    return place


def _joined(sentence: Sentence, one: _Hit, other: _Hit) -> bool:
    """Tell whether two finds of a rule stand in one list ("a PhD or a Master's degree"), to be mended once."""
    return all(token.text in _JOINING for token in sentence[one.last : other.first])
