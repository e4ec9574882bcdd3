"""What a call costs: known prices, or none. Nothing is guessed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from tools.errors import InvalidInput
from tools.model.protocol import Request, TokenUsage
from tools.workspace.settings import ModelSection

_TOKENS_A_MESSAGE = 16  # roles and separators that a chat template adds, with room to spare


@dataclass(frozen=True)
class Prices:
    """US dollars a million tokens, read and written."""

    input_usd_per_million: float
    output_usd_per_million: float


FREE = Prices(0.0, 0.0)


def prices_of(settings: ModelSection) -> Prices | None:
    """The prices that the settings give; none are needed for an endpoint on this machine. None: not known."""
    read, written = settings.input_usd_per_million, settings.output_usd_per_million
    if read is not None and written is not None:
        return Prices(read, written)
    return FREE if is_local(settings.base_url) else None


def cost_of(usage: TokenUsage, settings: ModelSection) -> float | None:
    """What these tokens cost in USD; None when a price is not known."""
    prices = prices_of(settings)
    return None if prices is None else cost_usd(usage, prices)


def cost_usd(usage: TokenUsage, prices: Prices) -> float:
    """tokens read · input price + tokens written · output price."""
    read = usage.input_tokens * prices.input_usd_per_million
    return (read + usage.output_tokens * prices.output_usd_per_million) / 1_000_000


def most_usage(request: Request) -> TokenUsage:
    """More tokens than a request can take: a token is at least one byte of what is sent."""
    size = sum(len(each.content.encode()) + _TOKENS_A_MESSAGE for each in request.messages)
    size += sum(len(call.name) + len(call.arguments.encode()) for each in request.messages for call in each.tool_calls)
    for tool in request.tools:
        size += len(tool.name) + len(tool.description.encode()) + len(json.dumps(tool.parameters)) + _TOKENS_A_MESSAGE
    if request.response is not None:
        size += len(json.dumps(request.response.schema))
    return TokenUsage(size, request.max_output_tokens)


def require_prices(settings: ModelSection) -> Prices:
    """The prices, for a caller with a cap in USD.

    Raises:
        InvalidInput: they are not known, so a cap could not be held.
    """
    prices = prices_of(settings)
    if prices is None:
        keys = ("model.input_usd_per_million", "model.output_usd_per_million")
        missing = [key for key in keys if getattr(settings, key.removeprefix("model.")) is None]
        raise InvalidInput(
            "A cap in USD needs the model's prices, and they are not known.",
            code="unknown_price",
            allowed=missing,
            hint=f"Set {' and '.join(missing)} in transect.toml (0 for an endpoint that is free).",
            where="transect.toml",
        )
    return prices


def is_local(base_url: str) -> bool:
    """Whether the endpoint is on this machine."""
    host = urlsplit(base_url).hostname if base_url else None
    if host is None:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
