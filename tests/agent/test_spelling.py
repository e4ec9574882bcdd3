"""Slips of the fingers are read; other words are not."""

from __future__ import annotations

import pytest

from agent.planners.embedded.spelling import is_slip, read_word


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mesage", "message"),
        ("messgaes", "messages"),
        ("contry", "country"),
        ("avrage", "average"),
        ("prevelance", "prevalence"),
        ("anotator", "annotator"),
        ("sapm", "spam"),
        ("engagment", "engagement"),
        ("reigon", "region"),
    ],
)
def test_slips(typed: str, meant: str) -> None:
    assert is_slip(typed, meant)


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("resort", "report"),
        ("weak", "week"),
        ("likes", "links"),
        ("unlabelled", "labelled"),
        ("refund", "refusal"),
        ("overreport", "report"),
        ("inactive", "active"),
        ("male", "female"),
        ("mail", "email"),
    ],
)
def test_other_words(typed: str, other: str) -> None:
    assert not is_slip(typed, other)


def test_forms_of_a_word_are_read_and_two_candidates_are_not() -> None:
    assert read_word("enrollment", known={"enroll": "enroll"}) == "enroll"
    assert read_word("labelled", known={"label": "label"}) == "label"
    assert read_word("cated", known={"cater": "cater", "catef": "catef"}) is None
