"""The audience matrix through access.decide: every case reasoned by hand in matrix.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.access import Allowed, Asker, Policy, Usage, decide
from tools.errors import Declined

MATRIX: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "matrix.yml").read_text("utf-8"))
POLICY = Policy.model_validate(MATRIX["policy"])


def test_the_matrix_has_at_least_fifty_cases() -> None:
    assert len(MATRIX["cases"]) >= 50


@pytest.mark.parametrize("case", MATRIX["cases"], ids=[case["why"] for case in MATRIX["cases"]])
def test_case(case: dict[str, Any]) -> None:
    asker = Asker("p1", tuple(case["roles"]), tuple(case.get("audience", ())))
    usage = Usage(*(frozenset(case.get(key, ())) for key in ("tables", "columns", "functions")))
    decision = decide(asker, usage, POLICY)
    if isinstance(case["expect"], int):
        assert isinstance(decision, Allowed), decision
        assert decision.min_cell == case["expect"]
        return
    assert isinstance(decision, Declined)
    assert decision.reason == "not_permitted"
    assert decision.exit_code == 3
    if case["expect"] != "declined":
        assert decision.value == case["expect"]
        assert repr(case["expect"]) in decision.message
