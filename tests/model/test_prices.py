"""What tokens cost, worked out by hand; unknown prices stay unknown."""

from __future__ import annotations

import pytest

from tools.errors import InvalidInput
from tools.model import Message, Request, TokenUsage, cost_of, prices_of, require_prices
from tools.model.prices import FREE, Prices, is_local, most_usage
from tools.workspace.settings import ModelSection

PAID = ModelSection(name="m", input_usd_per_million=0.15, output_usd_per_million=0.6)


def test_tokens_times_prices() -> None:
    assert cost_of(TokenUsage(2_000_000, 500_000), PAID) == pytest.approx(0.30 + 0.30)
    assert cost_of(TokenUsage(0, 0), PAID) == 0.0


def test_an_unknown_price_is_none_and_a_cap_needs_it() -> None:
    for settings, missing in (
        (ModelSection(name="m"), ["model.input_usd_per_million", "model.output_usd_per_million"]),
        (ModelSection(name="m", input_usd_per_million=0.0), ["model.output_usd_per_million"]),
        (ModelSection(base_url="https://models.example/v1", output_usd_per_million=1), ["model.input_usd_per_million"]),
    ):
        assert prices_of(settings) is None
        assert cost_of(TokenUsage(1, 1), settings) is None
        with pytest.raises(InvalidInput) as raised:
            require_prices(settings)
        assert (raised.value.code, raised.value.allowed) == ("unknown_price", missing)


def test_an_endpoint_on_this_machine_is_free_unless_it_has_a_price() -> None:
    local = ModelSection(name="m", base_url="http://127.0.0.1:8080/v1")
    assert prices_of(local) == FREE
    priced = local.model_copy(update={"input_usd_per_million": 1.0, "output_usd_per_million": 2.0})
    assert prices_of(priced) == Prices(1.0, 2.0)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("", False),
        ("http://localhost:1234/v1", True),
        ("http://127.8.9.1/v1", True),
        ("http://[::1]:8080", True),
        ("https://localhost.example.com/v1", False),
        ("http://10.0.0.5/v1", False),
        ("https://127.0.0.1.example.com", False),
    ],
)
def test_which_endpoints_are_on_this_machine(url: str, local: bool) -> None:
    assert is_local(url) is local


def test_more_tokens_than_a_text_can_have() -> None:
    request = Request(messages=(Message("system", "ab"), Message("user", "\u4e16\U0001f600")), max_output_tokens=9)
    most = most_usage(request)
    assert most.input_tokens >= 2 + 3 + 4  # a byte a token
    assert most.output_tokens == 9
