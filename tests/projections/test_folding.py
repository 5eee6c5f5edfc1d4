"""Text made comparable in Python, the same for both databases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.projections.folding import LONGEST_WORD, MOST_TERMS, fold, search_terms, slug_of, words_of

FOLDED = {
    "Żółw": "zolw",
    "ÉMILE": "emile",
    "Straße": "strasse",
    "Ødegård": "odegard",
    "ﬁle": "file",
    "İstanbul": "istanbul",
    "\u0131s\u0131": "isi",
    "e\u0301": "e",
    "  two\n words ": "two words",
    "Łódź & Đakovo": "lodz & dakovo",
    "Þórr": "thorr",
}


@pytest.mark.parametrize(("text", "expected"), FOLDED.items(), ids=FOLDED)
def test_case_accents_and_spaces_do_not_matter(text: str, expected: str) -> None:
    assert fold(text) == expected


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_words_are_short_and_without_marks(text: str) -> None:
    for word in words_of(text):
        assert 0 < len(word) <= LONGEST_WORD
        assert " " not in word


def test_a_search_asks_for_at_most_eight_words_once_each() -> None:
    assert search_terms("Road, road & BRIDGE; road") == ["road", "bridge"]
    assert len(search_terms(" ".join(f"w{number}" for number in range(20)))) == MOST_TERMS
    assert search_terms("—!?_") == []
    assert search_terms("x" * 60) == ["x" * LONGEST_WORD]


@pytest.mark.parametrize(
    ("name", "slug"), [("GIS & mapping", "gis-mapping"), ("C++", "c"), ("Żółw_2", "zolw-2"), ("—", "")]
)
def test_a_name_in_an_address(name: str, slug: str) -> None:
    assert slug_of(name) == slug
