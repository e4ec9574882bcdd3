"""Statements made by a grammar from a seed: of parts that are allowed, with one that is not in some of them."""

from __future__ import annotations

import random
from collections.abc import Iterator

_ALLOWED_TABLES = ("users", "events", "v_users", "other.notes", "wide", "main.users", "warehouse.main.events")
_HIDDEN_TABLES = (
    "secret",
    "vault",
    "main.secret",
    "CANARY_table",
    "CANARY_view",
    "other.CANARY_other",
    "duckdb_tables()",
)
_FILES = (
    "'{data}/CANARY_file.csv'",
    "read_csv('{data}/CANARY_file.csv')",
    "read_text('{data}/*.csv')",
    "glob('{data}/*')",
)
_ALLOWED_COLUMNS = ("id", "country", "kind", "amount", "user_id", "day", "n")
_HIDDEN_COLUMNS = ("email", "salary", "body", "CANARY_extra", "s", "v", "code", "rowid")
_ALLOWED_CALLS = (
    "upper({}::varchar)",
    "length({}::varchar)",
    "coalesce({}, null)",
    "[{}]",
    "{{'a': {}}}",
    "try({})",
    "pct(1, 2)",
)
_HIDDEN_CALLS = ("spy()", "leak()", "getenv('HOME')", "current_setting('memory_limit')", "nextval('CANARY_sequence')",
                 "CANARY_macro()", "getvariable('x')", "error({}::varchar)", "current_query()")  # fmt: skip
_SHAPES = (
    "u",
    "to_json(u)",
    "u.*",
    "*",
    "columns(*)",
    "columns('.*')",
    "unnest(u)",
    "u::varchar",
    "list(u)",
    "hash(u)",
)
_WRITES = ("delete from users returning *", "insert into other.notes values (1) returning *",
           "update users set country = 'x' returning *")  # fmt: skip


class Grammar:
    """A source of statements; `share` of the choices are of what is forbidden."""

    def __init__(self, seed: int, *, share: float = 0.12) -> None:
        self._random = random.Random(seed)
        self._share = share

    def statements(self, number: int) -> Iterator[str]:
        for _ in range(number):
            yield self._query(3)

    def _query(self, depth: int) -> str:
        kind = self._random.randrange(12)
        if kind == 0 and depth:
            return f"with q as ({self._common(depth - 1)}) {self._select(depth - 1, 'q')}"
        if kind == 1 and depth:
            word = self._one("union all", "union by name", "except", "intersect")
            return f"({self._query(depth - 1)}) {word} ({self._query(depth - 1)})"
        if kind == 2:
            return f"from {self._source(depth)} u select {self._item(depth)}"
        if kind == 3:
            return f"pivot {self._table()} on {self._column()} using count(*)"
        if kind == 4:
            return f"{self._one('table', 'summarize', 'describe', 'from')} {self._table()}"
        if kind == 5 and self._bad():
            return f"select 1; {self._one('drop table users', 'from secret', 'create table x as from secret')}"
        if kind in (6, 7):
            cells = self._one(
                "country, count(*)", "country, avg(id)", "count(*), max(id)", f"{self._column()}, count(*)"
            )
            return f"select {cells} from {self._table()} group by {self._one('all', 'country', 'kind')}"
        return self._select(depth, None)

    def _common(self, depth: int) -> str:
        return self._one(*_WRITES) if self._bad() else self._query(depth)

    def _select(self, depth: int, source: str | None) -> str:
        items = ", ".join(self._item(depth) for _ in range(self._random.randrange(1, 4)))
        text = f"select {self._one('', '', 'distinct ')}{items} from {source or self._source(depth)} u"
        if self._random.random() < 0.3:
            text += f" where {self._condition(depth)}"
        if self._random.random() < 0.2:
            text += f" group by {self._one('all', self._column())}"
        if self._random.random() < 0.2:
            text += f" order by {self._one('all', self._column(), '1')}"
        return text + self._one("", " limit 20", " qualify row_number() over () < 9", " limit 5 offset 1")

    def _source(self, depth: int) -> str:
        kind = self._random.randrange(8)
        if kind == 0 and depth:
            return f"({self._query(depth - 1)})"
        if kind == 1:
            word = self._one(
                "join", "natural join", "positional join", "semi join", "cross join", "left join", "anti join"
            )
            on = " on a.id = b.id" if word in ("join", "semi join", "left join", "anti join") else ""
            return f"(select * from {self._table()} a {word} {self._table()} b{on})"
        if kind == 2 and depth:
            return f"{self._table()} t, lateral ({self._select(depth - 1, None)})"
        if kind == 3:
            return f"(unpivot {self._table()} on {self._column()})"
        return self._table()

    def _table(self) -> str:
        if not self._bad():
            return self._spelled(self._one(*_ALLOWED_TABLES))
        return self._one(*_FILES) if self._random.random() < 0.3 else self._spelled(self._one(*_HIDDEN_TABLES))

    def _column(self) -> str:
        return self._spelled(self._one(*(_HIDDEN_COLUMNS if self._bad() else _ALLOWED_COLUMNS)))

    def _item(self, depth: int) -> str:
        kind = self._random.randrange(9)
        if kind == 0:
            return self._one(*_SHAPES)
        if kind == 1:
            calls = _HIDDEN_CALLS if self._bad() else _ALLOWED_CALLS
            return self._one(*calls).format(self._column())
        if kind == 2:
            return f"{self._one('count', 'max', 'list', 'first', 'string_agg', 'arg_max')}({self._column()})"
        if kind == 3 and depth:
            return f"({self._select(depth - 1, None)})"
        if kind == 4:
            word = self._one("exclude", "replace", "rename")
            inside = {"exclude": "({})", "replace": "({} as id)", "rename": "({} as x)"}[word].format(self._column())
            return f"* {word} {inside}"
        if kind == 5:
            return f"list_transform([1], x -> {self._column()})"
        return self._one("", "u.") + self._column() + self._one("", "", " as secret", " as email", " as id")

    def _condition(self, depth: int) -> str:
        left = self._column()
        if depth and self._random.random() < 0.4:
            return self._one(f"{left} in ({self._query(depth - 1)})", f"exists ({self._query(depth - 1)})")
        return self._one(f"{left} is not null", f"{left}::varchar like 'CANARY%'", f"{left}::varchar > 'a'", "true")

    def _spelled(self, name: str) -> str:
        """The same name in another spelling."""
        if "(" in name or self._random.random() < 0.6:
            return name
        if self._random.random() < 0.5:
            return ".".join(f'"{part}"' for part in name.split("."))
        return name.upper() + self._one("", " /* ' */ ", ' -- "\n')

    def _bad(self) -> bool:
        return self._random.random() < self._share

    def _one(self, *choices: str) -> str:
        return self._random.choice(choices)
