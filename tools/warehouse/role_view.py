"""Everything that is the same for each statement of one set of roles, worked out once per state of the warehouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from tools.access import Allowed, Asker, Policy, decide
from tools.access.decide import Usage
from tools.errors import Declined
from tools.warehouse.allowed_functions import TABLE_FUNCTIONS, allowed_functions
from tools.warehouse.contents import Contents
from tools.warehouse.layers import EVERY_LAYER, Layers
from tools.warehouse.macros import Macro, copy_macros
from tools.warehouse.one_table_view import ViewBase
from tools.warehouse.parse_tree import Known
from tools.warehouse.project import Projected, Source, project, whole
from tools.warehouse.protected_units import Protected, protected_tables, unit_columns
from tools.warehouse.quoting import quoted
from tools.warehouse.role_folder import RoleFolder
from tools.warehouse.table_parts import Wanted, open_builder
from tools.warehouse.visible import Tables, visible_tables

_PLAIN = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(.*\)|DOUBLE|FLOAT|BOOLEAN|DATE|TIME.*|INTERVAL)(?<!\])"
)


@dataclass(frozen=True)
class RoleView:
    """What one set of roles has.

    Attributes:
        visible: its tables and columns.
        known: what its statements may refer to.
        projected: the database they run on.
        min_cell: fewest protected units of a shown cell.
        fingerprint: the state of the warehouse.
        protected: whom the rows of its tables are about, where small cells are hidden.
        texts: columns of its tables that hold texts, documents or several values, lower case.
        layers: what protects them.
    """

    visible: Tables
    known: Known
    projected: Projected
    min_cell: int
    fingerprint: str
    protected: dict[str, Protected]
    texts: frozenset[str]
    layers: Layers = EVERY_LAYER


def role_view(
    source: Source,
    asker: Asker,
    policy: Policy,
    *,
    units: Callable[[], dict[str, Protected | None]],
    folder: RoleFolder,
    zone: str,
    memory_mb: int,
    spill: str,
    layers: Layers = EVERY_LAYER,
) -> RoleView:
    """Work it out, and build what is missing of the projection.

    Args:
        source: the warehouse.
        asker: whose roles, and whose readers' roles, decide.
        policy: what each role sees.
        units: whom tables are about, as the definitions say; only asked when small cells are hidden.
        folder: where projections are kept.
        zone, memory_mb, spill: of the workspace's settings.
        layers: all of them, but in tests.

    Raises:
        Declined: the roles see nothing.
        TransectError: the warehouse cannot be read or copied.
    """
    allowed = decide(asker, Usage(), policy)
    if isinstance(allowed, Declined):
        raise allowed
    visible = visible_tables(source.contents.tables, asker=asker, policy=policy)
    known = _known(source.contents, visible, ())
    macros = _macros(source, allowed, known, memory_mb=memory_mb, spill=spill)
    known = _known(source.contents, visible, macros)
    if _hides_nothing(source.contents, visible, macros, allowed) or not layers.projection:
        itself = _with(layers, whole(source, zone=zone, memory_mb=memory_mb))
        return RoleView(visible, known, itself, 1, source.fingerprint, {}, frozenset(), layers)
    hidden = allowed.min_cell > 1
    protected = protected_tables(source.contents, visible, units()) if hidden else {}
    wanted = _wanted(source.contents, visible, protected, folder)
    projected = project(source, wanted, macros, folder=folder, zone=zone, memory_mb=memory_mb, spill=spill)
    texts = _texts(source.contents, visible)
    found = _with(layers, projected)
    return RoleView(visible, known, found, allowed.min_cell, source.fingerprint, protected, texts, layers)


def _with(layers: Layers, projected: Projected) -> Projected:
    """The projection as locked and its process as confined as the layers say."""
    projection = replace(projected.projection, locked=layers.locked, confined=layers.confined)
    return replace(projected, projection=projection)


def _macros(source: Source, allowed: Allowed, known: Known, *, memory_mb: int, spill: str) -> tuple[Macro, ...]:
    granted = allowed.functions & {body.name for body in source.contents.macros}
    if not granted:
        return ()
    mutual = Known(known.tables, known.functions | granted, known.table_functions | granted, known.columns)
    hidden = allowed.min_cell > 1
    with open_builder(source.path, memory_mb=memory_mb, spill=spill) as builder:
        return copy_macros(builder, source.contents.macros, granted=granted, known=mutual, of_values=hidden)


def _known(contents: Contents, visible: Tables, macros: tuple[Macro, ...]) -> Known:
    tables: dict[tuple[str, ...], str] = {}
    database = contents.database.lower()
    for name in visible:
        schema, _, plain = name.lower().rpartition(".")
        shorter = ((plain,), ("main", plain), (database, plain)) if not schema else ()
        for path in ((database, schema or "main", plain), (schema or "main", plain), *shorter):
            tables[path] = name
    return Known(
        tables,
        allowed_functions() | {macro.name for macro in macros if not macro.table},
        TABLE_FUNCTIONS | {macro.name for macro in macros if macro.table},
        frozenset(column.lower() for columns in visible.values() for column in columns),
    )


def _hides_nothing(contents: Contents, visible: Tables, macros: tuple[Macro, ...], allowed: Allowed) -> bool:
    """Whether a copy would hold all that the warehouse holds."""
    everything = {table: tuple(columns) for table, columns in contents.tables.items()}
    all_macros = {body.name for body in contents.macros} == {macro.name for macro in macros}
    return allowed.min_cell <= 1 and visible == everything and all_macros


def _wanted(contents: Contents, visible: Tables, protected: dict[str, Protected], folder: RoleFolder) -> list[Wanted]:
    hidden = unit_columns(contents, protected, folder) if protected else {}
    return [
        Wanted(
            table,
            (*((c, quoted(c)) for c in columns), *hidden.get(table, ())),
            contents.views.get(table),
            _base(protected, table),
        )
        for table, columns in visible.items()
    ]


def _base(protected: dict[str, Protected], table: str) -> ViewBase | None:
    return protected[table].base if table in protected else None


def _texts(contents: Contents, visible: Tables) -> frozenset[str]:
    """Columns whose values could be anything that a person wrote."""
    return frozenset(
        column.lower()
        for table, columns in visible.items()
        for column in columns
        if not _PLAIN.fullmatch(contents.tables[table][column])
    )
