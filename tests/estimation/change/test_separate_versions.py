"""Real change apart from a new labeller and a new policy."""

from __future__ import annotations

import numpy as np
import pytest

from tools.errors import InvalidInput
from tools.estimation.change import separate_versions

OLD = np.array([1, 0, 0, 0, 1, 0, 0, 0, 0, 0], dtype=float)
NEW = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 0], dtype=float)
Y, PERIOD = np.concatenate([OLD, NEW]), np.repeat([0, 1], 10)
NONE = np.full(10, np.nan)


def test_by_hand() -> None:
    """Of the first five old items the new labeller calls one more positive: .2, the whole change; none is real."""
    again = np.concatenate([[1, 1, 0, 0, 1], NONE[:5], NONE])
    found = separate_versions(Y, PERIOD, {"labeller": again}, independent=True)
    assert found.total.value == pytest.approx(0.2)
    assert found.versions["labeller"].value == pytest.approx(0.2)
    assert (found.versions["labeller"].n, found.total.n) == (5, 20)
    assert found.real.value == pytest.approx(0.0)
    assert found.real.se is not None and found.total.se is not None  # noqa: PT018
    assert found.real.se > found.total.se


def test_two_steps_add_up() -> None:
    first = np.concatenate([[1, 1, 0, 0, 1, 0, 0, 0, 0, 0], NONE])
    second = np.concatenate([[1, 1, 1, 0, 1, 0, 0, 0, 0, 0], NONE])
    found = separate_versions(Y, PERIOD, {"labeller": first, "policy": second}, independent=True)
    assert found.versions["labeller"].value == pytest.approx(0.1)
    assert found.versions["policy"].value == pytest.approx(0.1)
    assert found.real.value == pytest.approx(0.0)
    # with every old item labelled again the real part compares the new labels of both: 4 and 4 of 10
    assert found.real.se == pytest.approx(np.sqrt(2 * 0.4 * 0.6 / 9))


def test_without_a_bridge_it_is_not_identified() -> None:
    one = np.concatenate([[1, 1, 0, 0, 1, 0, 0, 0, 0, 0], NONE])
    for bridge in ({"policy": None}, {"labeller": one, "policy": None}, {"policy": np.full(20, np.nan)}):
        found = separate_versions(Y, PERIOD, bridge, independent=True)
        assert found.total.value == pytest.approx(0.2)
        assert found.versions["policy"].value is None
        assert str(found.versions["policy"].undefined).startswith("not identified")
        assert found.real.value is None
        assert str(found.real.undefined).startswith("not identified")


def test_labels_of_new_items_are_no_bridge() -> None:
    """Old items show what the version did; a second label of a new one under its own version does not."""
    found = separate_versions(Y, PERIOD, {"policy": np.concatenate([NONE, NEW])}, independent=True)
    assert found.real.value is None


def test_invalid() -> None:
    with pytest.raises(InvalidInput):
        separate_versions(Y, PERIOD, {})
    with pytest.raises(InvalidInput):
        separate_versions(Y, PERIOD, {"policy": [1.0]})
