"""What Typer found wrong with the arguments, in our words: the value, what is allowed, and what to write instead."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from tools.errors import InvalidInput

if TYPE_CHECKING:
    from typer._click import Context, Parameter
    from typer._click.exceptions import BadParameter, NoSuchOption, UsageError

QUOTED = {"ask": "question", "sql": "statement"}  # commands whose one argument is a text of several words


def describe_usage(error: BaseException) -> InvalidInput | None:
    """The error to report for one of Typer's; None for any other error."""
    import typer  # start-up
    from typer._click.exceptions import BadParameter, MissingParameter, NoSuchOption, UsageError

    if isinstance(error, typer.Abort | EOFError):
        return InvalidInput("The input ended early.", code="usage")
    if not isinstance(error, typer.TyperException):
        return None
    context = getattr(error, "ctx", None)
    if context is not None:
        if isinstance(error, NoSuchOption):
            return _unknown_option(error, context)
        if isinstance(error, MissingParameter):
            return _missing(error, context)
        if isinstance(error, BadParameter):
            return _bad_value(error, context)
        if isinstance(error, UsageError):
            return _misplaced(error, context)
    return InvalidInput(error.format_message(), code="usage", hint=_help_of(context))


def _unknown_option(error: NoSuchOption, context: Context) -> InvalidInput:
    from tools.workspace.nearest import nearest  # start-up

    own = [option for param in context.command.get_params(context) for option in _longest(param)]
    near = nearest(error.option_name, own)
    hint = f"Did you mean {near!r}?" if near else _help_of(context)
    message = f"{context.command_path} has no option {error.option_name!r}"
    return InvalidInput(message, code="usage", value=error.option_name, allowed=own, hint=hint)


def _missing(error: BadParameter, context: Context) -> InvalidInput:
    name = _name_of(error.param) if error.param is not None else "An argument"
    return InvalidInput(f"{name} is missing.", code="usage", hint=_help_of(context))


def _bad_value(error: BadParameter, context: Context) -> InvalidInput:
    """A value of the wrong kind: pydantic's ValidationError is the cause, its words stay inside."""
    from pydantic import ValidationError  # start-up

    found = error.__cause__
    if not isinstance(found, ValidationError) or error.param is None:
        return InvalidInput(error.format_message(), code="usage", hint=_help_of(context))
    name, value = _name_of(error.param), found.errors()[0]["input"]
    allowed, kind = _allowed(error.param)
    hint = f"{name} {allowed[0]}" if allowed and name.startswith("-") else _help_of(context)
    return InvalidInput(f"{name} is {kind}, not {str(value)!r}.", code="usage", value=value, allowed=allowed, hint=hint)


def _allowed(param: Any) -> tuple[list[str], str]:
    """The values that a parameter takes, where they can be listed, and what they are in words."""
    described = param.type_descriptor
    if choices := described.choices:
        listed = [str(choice) for choice in choices]
        return listed, " or ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)
    kind = "a whole number" if described.annotation in (int, list[int]) else "a number"
    least, most = described.parameter_info.min, described.parameter_info.max
    if least is not None and most is not None:
        listed = [str(number) for number in range(int(least), int(most) + 1)]
        return listed if kind == "a whole number" and len(listed) <= 10 else [], f"{kind} from {least:g} to {most:g}"
    return [], kind if least is None else f"{kind} of at least {least:g}"


def _misplaced(error: UsageError, context: Context) -> InvalidInput:
    """A word too many, or too few."""
    message = error.format_message()
    command = context.command
    names = list(getattr(command, "commands", {}))
    if message.startswith("Missing command"):
        message = f"{context.command_path} needs a command."
    if names:
        return InvalidInput(message, code="usage", allowed=names, hint=_help_of(context))
    _, found, words = message.partition("unexpected extra argument(s) (")
    if not found:
        return InvalidInput(message, code="usage", hint=_help_of(context))
    extra = words.removesuffix(")")
    noun = QUOTED.get(command.name or "")
    if noun is None:
        message = f"{context.command_path} has no place for {extra!r}."
        return InvalidInput(message, code="usage", value=extra, hint=_help_of(context))
    whole = f"{context.params.get(noun) or ''} {extra}".strip()
    quoted = shlex.quote(whole) if '"' in whole else f'"{whole}"'
    hint = f"{context.command_path} {quoted}"
    return InvalidInput(f"Put the {noun} in quotes.", code="usage", value=whole, hint=hint)


def _longest(param: Parameter) -> list[str]:
    """An option in its long form; nothing for an argument."""
    return [max(param.opts, key=len)] if param.opts and param.opts[0].startswith("-") else []


def _name_of(param: Parameter) -> str:
    long = _longest(param)
    return long[0] if long else str(getattr(param, "metavar", None) or (param.name or "").upper())


def _help_of(context: Context | None) -> str:
    path = context.command_path if context is not None else "transect"
    return f"{path} --help shows the options and an example."
