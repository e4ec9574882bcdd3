"""A JSON file of the suite, held against its form."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from tools.errors import InvalidInput
from tools.workspace.yaml12 import show_path

T = TypeVar("T", bound=BaseModel)


def read_document(path: Path, form: type[T], *, noun: str, article_noun: str, code: str, hint: str) -> T:
    """The file as `form`.

    Args:
        noun: what is missing where there is no file. article_noun: what the file is not, where it has another form.
        code: the error's, behind `no_` and `invalid_`.

    Raises:
        InvalidInput: the file is absent, or its first place that is not as the form says.
    """
    where = show_path(path)
    if not path.is_file():
        raise InvalidInput(f"There is no {noun} {where}.", code=f"no_{code}", value=where, hint=hint)
    try:
        return form.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"]))
        raise InvalidInput(
            f"{where} is not {article_noun}: {at + ': ' if at else ''}{first['msg']}",
            code=f"invalid_{code}",
            where=where,
            hint=hint,
        ) from None
