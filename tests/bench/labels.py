"""Labels by a model on this machine: what the ledger costs beside a bare loop over the same client."""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.report import Measured
from tests.labeling.place import build_place
from tests.model.server_process import server_process
from tools.labeling import ModelLabeller, find_policy, run_labels
from tools.labeling.item_texts import open_texts
from tools.labeling.label_request import LabelQuestion
from tools.model import Request
from tools.model.openai_model import OpenAIModel
from tools.model.prices import FREE
from tools.state import open_state
from tools.workspace import Workspace, default_asker


def measure_labels(*, items: int = 400, rounds: int = 7) -> Iterator[Measured]:
    """CPU and wall time a label, both sides in turn in this process; the endpoint is another one."""
    with tempfile.TemporaryDirectory() as folder, server_process() as server:
        workspace = build_place(Path(folder), items=items)
        ids = [f"i{i}" for i in range(items)]
        for concurrency, goal in ((8, 1.15), (1, None)):
            ours = _ours(workspace, server.url, ids, concurrency)
            bare = _bare(workspace, server.url, ids, concurrency)
            ours(), bare()
            pairs = [_in_turn(ours, bare, first=n % 2 == 0) for n in range(rounds)]
            cpu = [(mine[0] / items * 1000, theirs[0] / items * 1000) for mine, theirs in pairs]
            wall = [(items / mine[1], items / theirs[1]) for mine, theirs in pairs]
            what = f"{concurrency} at once" if concurrency > 1 else "one at a time"
            ratio = median(a / b for a, b in cpu)
            detail = f"{median(a for a, _ in cpu):.2f} ms a label against {median(b for _, b in cpu):.2f} ms"
            yield Measured("label run / bare client loop", f"client CPU, {what}", ratio, "x", goal, detail)
            speed = median(a for a, _ in wall)
            detail = f"bare loop: {median(b for _, b in wall):.0f}; each label durable when it counts"
            yield Measured("label run / bare client loop", f"labels a second, {what}", speed, "", None, detail)


def _in_turn(
    ours: Callable[[], None], bare: Callable[[], None], *, first: bool
) -> tuple[tuple[float, float], tuple[float, float]]:
    """(CPU, wall) seconds of both sides; which goes first alternates."""
    if first:
        mine = _spent(ours)
        return mine, _spent(bare)
    theirs = _spent(bare)
    return _spent(ours), theirs


def _spent(run: Callable[[], None]) -> tuple[float, float]:
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    run()
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def _ours(workspace: Workspace, url: str, ids: Sequence[str], concurrency: int) -> Callable[[], None]:
    """A whole run: texts read and audited, calls reserved and held, answers checked and recorded."""
    labeller = ModelLabeller(OpenAIModel("small", base_url=url), FREE, concurrency=concurrency)
    policy, state, asker = find_policy(workspace, "spam"), open_state(workspace), default_asker(workspace)
    number = count()

    def run() -> None:
        name = f"bench-{concurrency}-{next(number)}"
        report = run_labels(
            ids,
            policy=policy,
            workspace=workspace,
            state=state,
            labeller=labeller,
            run=name,
            budget_usd=1.0,
            asker=asker,
        )
        assert report.left == 0

    return run


def _bare(workspace: Workspace, url: str, ids: Sequence[str], concurrency: int) -> Callable[[], None]:
    """The same client, the same prompts made beforehand, as many threads, the label read out of the reply."""
    import openai

    client = openai.OpenAI(
        base_url=url, api_key="none", max_retries=0, http_client=openai.DefaultHttpxClient(trust_env=False)
    )
    prompt = LabelQuestion(find_policy(workspace, "spam"), seconds=60)
    with open_texts(workspace, ids) as texts:
        found = texts.read(ids)
    asked = [_arguments(prompt.request(item, found[item])) for item in ids]

    def label(arguments: dict[str, Any]) -> str:
        reply = client.chat.completions.create(**arguments)
        return str(json.loads(reply.choices[0].message.content or "")["label"])

    def run() -> None:
        if concurrency == 1:
            labels = [label(each) for each in asked]
        else:
            with ThreadPoolExecutor(concurrency) as pool:
                labels = list(pool.map(label, asked))
        assert len(labels) == len(ids)

    return run


def _arguments(request: Request) -> dict[str, Any]:
    assert request.response is not None
    schema = {"name": request.response.name, "strict": True, "schema": request.response.schema}
    return {
        "model": "small",
        "messages": [{"role": each.role, "content": each.content} for each in request.messages],
        "max_completion_tokens": request.max_output_tokens,
        "response_format": {"type": "json_schema", "json_schema": schema},
    }


if __name__ == "__main__":
    for row in measure_labels():
        print(f"{row.part}: {row.what}: {row.value:.3g}{row.unit} {row.detail}", flush=True)
