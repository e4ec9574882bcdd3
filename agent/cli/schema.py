"""`transect schema`: the JSON Schema of each format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.options import JsonOption, command_app

if TYPE_CHECKING:
    from pydantic import BaseModel

app = command_app()


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="metric, policy, study, case or answer.")],
    json_: JsonOption = False,
) -> None:
    """Print the JSON Schema of a file format or of an answer.

    metric is a metrics/*.yml file, policy the front matter of a policies/*.md file, study a
    studies/ID/study.yml file, case a file of eval cases, answer what ask --json prints.

    \b
    Example:
      transect schema metric > metric.schema.json
    """
    from agent.cli.output import print_json  # start-up

    answer = kind == "answer"
    print_json(_format_of(kind).model_json_schema(mode="serialization" if answer else "validation", by_alias=True))


def _format_of(kind: str) -> type[BaseModel]:
    if kind == "metric":
        from tools.metrics.definitions import MetricFile  # start-up

        return MetricFile
    if kind == "policy":
        from tools.labeling import PolicyHeader

        return PolicyHeader
    if kind == "study":
        from tools.study import StudySpec

        return StudySpec
    if kind == "case":
        from agent.cli.main import case_format

        return case_format()
    if kind == "answer":
        from agent.state import Answer

        return Answer
    from tools.errors import InvalidInput

    raise InvalidInput(
        f"No such format: {kind!r}",
        value=kind,
        allowed=["metric", "policy", "study", "case", "answer"],
        hint="transect schema metric",
    )
