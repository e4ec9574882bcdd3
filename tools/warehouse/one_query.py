"""SQL text is one statement that begins like a query; checked on its tokens, so that no parser meets a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.errors import Declined, InvalidInput
from tools.workspace.nearest import nearest

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

# First words of the statements of DuckDB, and of databases that people come from, other than a SELECT.
_WORDS = """
abort alter analyze attach begin call checkpoint cluster comment commit copy create deallocate declare delete desc
describe detach discard do drop end exec execute explain export fetch force grant import insert install kill load lock
merge pragma prepare reindex release rename replace reset revoke rollback savepoint set
show start summarize truncate update upsert use vacuum
"""
_OTHER_STATEMENTS = frozenset(_WORDS.split())
_OTHER_QUERIES = frozenset({"values", "table", "pivot", "pivot_wider", "pivot_longer", "unpivot"})


def check_one_query(sql: str) -> None:
    """Let one query pass.

    Raises:
        InvalidInput: there is no SQL, or text that begins no statement; with its line and column.
        Declined: rule statement: another statement than a SELECT, or several.
        sqlglot.errors.TokenError: it has no tokens, such as a string that does not end.
    """
    from sqlglot.dialects.duckdb import DuckDB  # start-up
    from sqlglot.tokenizer_core import TokenType

    statements: list[list[Token]] = [[]]
    for token in DuckDB().tokenize(sql):
        if token.token_type == TokenType.SEMICOLON:
            statements.append([])
        else:
            statements[-1].append(token)
    first = [statement[0] for statement in statements if statement]
    if not first:
        raise InvalidInput("There is no SQL.", code="invalid_sql", hint="Write one SELECT.")
    queries = {TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN, TokenType.FROM}
    others = [t for t in first if t.token_type not in queries and t.text.lower() not in _OTHER_QUERIES]
    if any(token.token_type != TokenType.STRING and token.text.lower() in _OTHER_STATEMENTS for token in others):
        raise not_one_select()
    if others:
        raise _begins_nothing(others[0])
    if len(first) > 1:
        raise not_one_select()


def not_one_select() -> Declined:
    """A statement that may not run here, or more than one."""
    return Declined(
        "Only one SELECT may be run here.",
        reason="unsafe",
        rule="statement",
        hint="Write a single SELECT (or WITH ... SELECT, or a UNION of them).",
    )


def _begins_nothing(token: Token) -> InvalidInput:
    """Usually a typing error. sqlglot counts a token's column where it ends."""
    near = nearest(token.text, ["SELECT", "WITH", "FROM"])
    column = max(token.col - (token.end - token.start), 1)
    return InvalidInput(
        f"This is not SQL that can be read: no statement begins with {token.text[:50]!r} "
        f"(line {token.line}, column {column}).",
        code="invalid_sql",
        value=token.text[:200],
        hint=f"Did you mean {near}?" if near else "Write one SELECT.",
    )
