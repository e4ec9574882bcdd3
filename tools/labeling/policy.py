"""A policy: what is a violation, and how a labeller decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, field_validator

Severity = Literal["low", "medium", "high", "critical"]
Label = Annotated[StrictStr, Field(min_length=1)]
_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")


class PolicyHeader(BaseModel):
    """The front matter of policies/*.md; the text below it is the policy and its guidelines."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="PolicyHeader")

    id: StrictStr = Field(description="Lower case letters, digits, - and _; unique in the workspace.")
    version: Annotated[StrictInt, Field(ge=1)] = Field(
        description="Raised with every change of the text or the labels."
    )
    answer_type: Literal["choice"] = Field(default="choice", description="choice: exactly one of the labels.")
    labels: tuple[Label, ...] = Field(description="Every answer a labeller may give, two or more.")
    owner: Annotated[StrictStr, Field(min_length=1)]
    severity: Severity = "medium"
    sealed: StrictBool = Field(
        default=False, description="The items' text is shown to nobody here; labels come by import alone."
    )

    @field_validator("id")
    @classmethod
    def _a_plain_word(cls, value: str) -> str:
        if not _ID.fullmatch(value):
            raise ValueError(f"{value!r} is not lower case letters, digits, - and _")
        return value

    @field_validator("labels")
    @classmethod
    def _different_labels(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) < 2:
            raise ValueError("a policy has two labels or more")
        for label in value:
            if label != label.strip() or not label.isprintable():
                raise ValueError(f"{label!r} has space around it or characters that do not print")
        folded = [label.casefold() for label in value]
        twice = [label for label in value if folded.count(label.casefold()) > 1]
        if twice:
            raise ValueError(f"{twice[0]!r} is given twice")
        return value


@dataclass(frozen=True)
class Policy:
    """One policy file.

    Attributes:
        header: its front matter.
        text: everything below the front matter, guidelines included.
        guidelines: the section headed Guidelines; None when there is none.
        hash: sha256 of the whole file, line ends as LF: equal hashes mean the same policy, word for word.
        path: the file.
    """

    header: PolicyHeader
    text: str
    guidelines: str | None
    hash: str
    path: Path

    @property
    def id(self) -> str:
        return self.header.id

    @property
    def version(self) -> int:
        return self.header.version
