"""A workspace with as many metrics as are asked for, and with names that are mistaken for one another."""

from __future__ import annotations

from pathlib import Path

import duckdb

_SETTINGS = """
[workspace]
name = "wide"
today = "2026-04-01"
[warehouse]
url = "duckdb:data/warehouse.duckdb"
[access]
default_role = "analyst"
[access.roles.analyst]
tables = ["sales"]
min_cell = 1
"""

_HEAD = """
datasets:
  - name: sales
    source: sales
    grain: [sale_id]
    time: sold_at
    unit: sale
    dimensions:
      - {name: country, column: country, values: {"NO": [Norway], US: [United States]}}
      - {name: product, column: product}
      - {name: tag, column: tag}
metrics:
  - {name: sales_made, kind: count, of: sales, synonyms: [sales], owner: trade}
  - {name: norway, kind: count, of: sales, where: [{column: country, equals: "NO"}], synonyms: [Norway], owner: trade}
  - {name: returns, kind: count, of: sales, where: [{column: tag, equals: sent back}], owner: trade}
"""

_COLOURS = ("amber", "blue", "coral", "denim", "ebony", "fawn", "green", "hazel", "ivory", "jade")
_THINGS = ("basket", "candle", "drawer", "easel", "frame", "goblet", "hammer", "inkwell", "jar", "kettle")
_PLACES = ("attic", "barn", "cellar", "dock", "estate", "foyer", "garden", "hall", "island", "jetty")
_DEEDS = ("bought", "cleaned", "delivered", "exchanged")


def build_wide(folder: Path, *, metrics: int, values: int = 2_000) -> Path:
    """Write the workspace; `metrics` in all, a product for each of `values`."""
    (folder / "data").mkdir(parents=True)
    (folder / "metrics").mkdir()
    (folder / "transect.toml").write_text(_SETTINGS, encoding="utf-8")
    (folder / "metrics" / "all.yml").write_text(_HEAD + "".join(_lines(metrics - 3)), encoding="utf-8")
    with duckdb.connect(str(folder / "data" / "warehouse.duckdb")) as connection:
        connection.execute(
            """
            create table sales as
            select i as sale_id, timestamp '2026-03-01' + to_hours((i % 700)::int) as sold_at,
                   case i % 3 when 0 then 'NO' when 1 then 'US' end as country,
                   'product ' || lpad((i % $values)::varchar, 4, '0') as product,
                   -- a value with the name of a metric
                   case i % 4 when 0 then 'sent back' when 1 then 'returns' else 'plain' end as tag,
                   (i % 50)::double as amount
            from range($rows) r(i)
            """,
            {"values": values, "rows": 2 * values},
        )
    return folder


def _lines(count: int) -> list[str]:
    """Metrics of names that differ in one word: `blue_candle_attic_bought`."""
    return [
        f"  - {{name: {_DEEDS[i // 1000 % 4]}_{_COLOURS[i % 10]}_{_THINGS[i // 10 % 10]}_{_PLACES[i // 100 % 10]}, "
        f"kind: sum, of: sales, column: amount, owner: trade}}\n"
        for i in range(count)
    ]
