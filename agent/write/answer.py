"""Every kind of plan as an Answer in the contract's form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from agent.execute import Facts
from agent.state import (
    Answer,
    ApprovePlan,
    ChartRef,
    ClarifyPlan,
    DeclinePlan,
    DefinitionRef,
    ExplainPlan,
    FreshnessPlan,
    ListPlan,
    Plan,
    Provenance,
    QueryPlan,
    SqlPlan,
    StudyPlan,
    StudyRef,
)
from agent.write.breaks import break_before
from agent.write.found import describe_definition, write_found
from agent.write.headline import describe_conditions, name_of, sides_of, write_headline
from agent.write.sql_headline import write_sql_headline
from tools.errors import TransectError
from tools.figure import Break, Figure
from tools.metrics.catalog import catalog_of
from tools.metrics.definitions import Metric
from tools.metrics.query import MetricQuery, QueryResult, Table
from tools.metrics.usage import leaves_of
from tools.reporting import draw_chart
from tools.reporting.format import (
    clean_text,
    format_change,
    format_label,
    format_name,
    format_period,
    format_range,
    format_slice,
    format_value,
)
from tools.reporting.inert import make_inert
from tools.reporting.prose import render
from tools.reporting.table_cell import table_cell
from tools.workspace import Workspace

if TYPE_CHECKING:
    from tools.study import Plan as StudyDesign

_MOST_LISTED = 60


def write_answer(plan: Plan, facts: Facts, caveats: Sequence[str], *, workspace: Workspace) -> Answer:
    """The Answer to a plan that was carried out (or that asks back, or declines); its prose is inert."""
    written = _write(plan, facts, caveats, workspace=workspace)
    choices = tuple(c.model_copy(update={"label": _one_line(c.label)}) for c in written.choices)
    prose = {"headline": _one_line(written.headline), "text": make_inert(written.text), "choices": choices}
    return written.model_copy(update=prose)


def _one_line(text: str) -> str:
    """A value with a line break must not begin a paragraph, a list or a heading of its own."""
    return make_inert(clean_text(text))


def _write(plan: Plan, facts: Facts, caveats: Sequence[str], *, workspace: Workspace) -> Answer:
    if isinstance(plan, DeclinePlan):
        return _declined(plan)
    if isinstance(plan, ClarifyPlan):
        return _clarification(plan)
    if isinstance(plan, QueryPlan) and facts.result is not None:
        return _figures(plan, facts, facts.result, caveats, workspace)
    if isinstance(plan, SqlPlan) and facts.result is not None:
        return _sql_figures(plan, facts, facts.result, caveats, workspace)
    if isinstance(plan, ExplainPlan):
        return _explained(facts, workspace)
    if isinstance(plan, ListPlan):
        return _listed(plan, facts, workspace)
    if isinstance(plan, FreshnessPlan):
        return _fresh(facts, workspace)
    if isinstance(plan, StudyPlan | ApprovePlan) and facts.study is not None:
        return _study(plan, facts.study, workspace)
    raise AssertionError(plan)


def _study(plan: StudyPlan | ApprovePlan, study: StudyDesign, workspace: Workspace) -> Answer:
    from agent.write.study import describe_study, next_steps, write_study_headline  # start-up

    headline = write_study_headline(plan, study)
    caveats = (*study.notes, *(f"The frame leaves out: {out}" for out in study.spec.frame.leaves_out))
    return Answer(
        kind="study",
        headline=headline,
        text=_text(headline, describe_study(plan, study), caveats),
        caveats=caveats,
        next_steps=next_steps(plan, study, workspace.settings),
        study=StudyRef(id=plan.id, stage="approved" if isinstance(plan, ApprovePlan) else "planned", path=plan.path),
        provenance=Provenance(tables=(study.frame.table,), workspace_hash=workspace.hash()),
    )


def _text(answer: str, found: Sequence[str], caveats: Sequence[str]) -> str:
    parts = [
        "## Answer",
        answer,
        "## How this was found",
        "\n".join(f"- {line}" for line in found) or "- From the catalog of this workspace.",
    ]
    parts += ["## Caveats", "\n".join(f"- {line}" for line in caveats) or "- None known."]
    return "\n\n".join(parts)


def _figures(
    plan: QueryPlan, facts: Facts, result: QueryResult, caveats: Sequence[str], workspace: Workspace
) -> Answer:
    catalog = catalog_of(workspace)
    names = (*plan.query.metrics, *([plan.query.per] if plan.query.per is not None else []))
    metrics = [catalog.metrics[name] for name in names]
    headline = _headline(plan, result.figures)
    said = tuple(dict.fromkeys((*plan.assumptions, *result.assumptions)))
    chart, trouble = _chart(plan.query, result, workspace, facts.breaks) if plan.change_to_see is None else (None, ())
    parts = [headline, facts.prose]
    if len(result.figures) > 1 and plan.change_to_see is None:
        parts.append(_markdown_table(plan.query, result.figures, facts.breaks))
    written = _with_ground(
        facts,
        result,
        headline=headline,
        body="\n\n".join(p for p in parts if p),
        found=write_found(plan.query, result, metrics, said, _times(metrics, workspace)),
        assumptions=said,
        caveats=(*caveats, *trouble),
        workspace=workspace,
    )
    if plan.query.per is not None:  # of a ratio made up on the way, both sides
        ground = written.provenance.model_copy(update={"definitions": _definitions(metrics)})
        written = written.model_copy(update={"provenance": ground})
    return written.model_copy(update={"chart": chart})


def _times(metrics: Sequence[Metric], workspace: Workspace) -> tuple[str, ...]:
    """The time columns that the metrics are dated by: which one it is changes the number."""
    catalog = catalog_of(workspace)
    leaves = [leaf for metric in metrics for leaf in leaves_of(metric.name, catalog)]
    found = [(leaf.time or dataset.time, dataset.name) for leaf in leaves for dataset in catalog.datasets_of(leaf.name)]
    return tuple(dict.fromkeys(f"{time} of {name}" for time, name in found if time is not None))


def _headline(plan: QueryPlan, figures: Sequence[Figure]) -> str:
    if plan.change_to_see is None:
        return write_headline(plan.query, figures)
    from agent.write.size import write_size_headline  # start-up

    return write_size_headline(plan.change_to_see, plan.query, figures)


def _sql_figures(
    plan: SqlPlan, facts: Facts, result: QueryResult, caveats: Sequence[str], workspace: Workspace
) -> Answer:
    """Numbers of SQL text; the words say first what they are not."""
    headline = write_sql_headline(result.figures)
    parts = [headline, facts.prose]
    if len(result.figures) > 1:
        parts.append(_sql_table(plan, result.figures))
    tables = render("Read from {tables}.", tables=", ".join(result.tables) or "no table")
    return _with_ground(
        facts,
        result,
        headline=headline,
        body="\n\n".join(p for p in parts if p),
        found=["SQL text that a model wrote, run on what may be seen here; no definition.", tables],
        assumptions=(),
        caveats=caveats,
        workspace=workspace,
    )


def _with_ground(
    facts: Facts,
    result: QueryResult,
    *,
    headline: str,
    body: str,
    found: Sequence[str],
    assumptions: tuple[str, ...],
    caveats: Sequence[str],
    workspace: Workspace,
) -> Answer:
    """The answer with all that it and the results beside it rest on."""
    results = [result, *(b.result for b in facts.beside)]
    warned = tuple(dict.fromkeys((*(c for r in results for c in r.caveats), *caveats)))
    figures = tuple(f for r in results for f in r.figures)
    return Answer(
        kind="answer",
        headline=headline,
        text=_text(body, found, warned),
        figures=figures,
        tests=result.tests,
        table=result.table,
        sql=_all(r.sql for r in results),
        assumptions=assumptions,
        caveats=warned,
        provenance=Provenance(
            definitions=_definitions_of(figures, workspace),
            tables=_all(r.tables for r in results),
            receipts=_all(r.receipts for r in results),
            workspace_hash=workspace.hash(),
        ),
    )


def _all(parts: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for part in parts for each in part))


def _definitions_of(figures: Sequence[Figure], workspace: Workspace) -> tuple[DefinitionRef, ...]:
    """The definitions of figures; SQL text has its own name, which nobody owns."""
    metrics = catalog_of(workspace).metrics
    names = list(dict.fromkeys(f.metric for f in figures))
    return tuple(
        d
        for n in names
        for d in (_definitions([metrics[n]]) if n in metrics else (DefinitionRef(name=n, version=1, owner=""),))
    )


def _sql_table(plan: SqlPlan, figures: Sequence[Figure]) -> str:
    shown = figures[:_MOST_LISTED]
    lines = ["| " + " | ".join(table_cell(c) for c in plan.columns) + " |"]
    lines.append("|" + " --- |" * len(plan.columns))
    for figure in shown:
        cells = [*(format_label(figure.slice.get(c)) for c in plan.columns[:-1]), format_value(figure, among=figures)]
        lines.append("| " + " | ".join(table_cell(c) for c in cells) + " |")
    return "\n".join(lines)


def _definitions(metrics: Sequence[Metric]) -> tuple[DefinitionRef, ...]:
    return tuple(DefinitionRef(name=m.name, version=m.version, owner=m.owner) for m in metrics)


def _markdown_table(query: MetricQuery, figures: Sequence[Figure], breaks: Sequence[Break] = ()) -> str:
    """One row a figure: what it is of, its value, interval and n; a series has a row of its own where it breaks."""
    shown = figures[:_MOST_LISTED]
    several = len({f.metric for f in figures}) > 1
    dated = query.grain is not None or query.compare is not None or query.contrast is not None
    keys = list(dict.fromkeys(k for f in figures for k in f.slice))
    sampled = any(f.low is not None for f in figures)
    head = [*(["period"] if dated else []), *(["metric"] if several else []), *map(format_name, keys), "value"]
    head += [*(["interval"] if sampled else []), "n"]
    lines = ["| " + " | ".join(map(table_cell, head)) + " |", "|" + " --- |" * len(head)]
    for position, figure in enumerate(shown):
        mark = break_before(position, shown, breaks) if query.grain is not None and not query.by else None
        if mark is not None:
            said = render("break on {day}: {name}", day=mark.day.isoformat(), name=clean_text(mark.name))
            lines.append("| " + " | ".join([said.replace("|", "\\|"), *([""] * (len(head) - 1))]) + " |")
        change = (query.compare is not None or query.contrast is not None) and position % 3 == 0
        cells = [*([("difference" if change else format_period(figure.period))] if dated else [])]
        cells += [
            *([format_name(figure.metric)] if several else []),
            *(
                sides_of(query, shown[position : position + 3])
                if change and k == query.contrast
                else format_label(figure.slice.get(k))
                for k in keys
            ),
        ]
        cells.append(format_change(figure) if change else format_value(figure, among=figures))
        cells += [
            *([format_range(figure, among=figures)] if sampled else []),
            "" if figure.n is None else f"{figure.n:,}",
        ]
        lines.append("| " + " | ".join(table_cell(c) for c in cells) + " |")
    if len(figures) > len(shown):
        lines.append(render("\n{more} more rows are in the table.", more=str(len(figures) - len(shown))))
    return "\n".join(lines)


def _chart(
    query: MetricQuery, result: QueryResult, workspace: Workspace, breaks: Sequence[Break]
) -> tuple[ChartRef | None, tuple[str, ...]]:
    """A picture where there is more than one number to look at."""
    drawable = [f for f in result.figures if f.metric == result.figures[0].metric]
    if len([f for f in drawable if f.value is not None]) < 2 or len(query.by) + (query.grain is not None) > 1:
        return None, ()
    title = name_of(query, drawable[0].metric) + (
        " by " + " and ".join(format_name(b) for b in query.by) if query.by else ""
    )
    try:
        chart = draw_chart(
            drawable,
            title=title + describe_conditions(query.where),
            directory=workspace.state_dir / "charts",
            grain=query.grain,
            subtitle=_filled_and_hollow(query, result.figures),
            breaks=breaks,
        )
    except OSError as trouble:
        folder = str(workspace.state_dir / "charts")
        why = (trouble.strerror or str(trouble)).lower()
        return None, (render("No chart was drawn: {folder} cannot be written to ({why}).", folder=folder, why=why),)
    except TransectError as trouble:
        return None, (render("No chart was drawn: {why}", why=trouble.message),)
    return ChartRef(png=chart.png, svg=chart.svg, vega_lite=chart.vega_lite, alt=chart.alt), ()


def _filled_and_hollow(query: MetricQuery, figures: Sequence[Figure]) -> str:
    """Which slice is which, where two are set side by side for each group; empty for the usual subtitle."""
    if query.contrast is None or not query.by:
        return ""
    first, second = (format_slice({query.contrast: f.slice.get(query.contrast)}) for f in figures[1:3])
    return render("{first} (filled) against {second} (hollow)", first=first, second=second)


def _declined(plan: DeclinePlan) -> Answer:
    return Answer(
        kind="declined",
        headline=plan.message.split("\n")[0],
        text=_text(plan.message, [render("Declined: {reason}.", reason=plan.reason.replace("_", " "))], ()).replace(
            "- None known.", "- No figure is shown."
        ),
        next_steps=plan.next_steps,
        reason=plan.reason,
    )


def _clarification(plan: ClarifyPlan) -> Answer:
    listed = "\n".join(f"{i}. {_one_line(c.label)}" for i, c in enumerate(plan.choices, start=1))
    return Answer(
        kind="clarification",
        headline=plan.question,
        text=_text(f"{plan.question}\n\n{listed}", ["The question fits more than one reading."], ()).replace(
            "- None known.", "- No figure is shown."
        ),
        choices=plan.choices,
    )


def _explained(facts: Facts, workspace: Workspace) -> Answer:
    blocks = [_definition_block(m, cuts, workspace) for m, cuts in zip(facts.metrics, facts.cuts, strict=True)]
    blocks += [render("**{name}**: {what}", name=format_name(name), what=what) for name, what in facts.lines]
    first = facts.metrics[0] if facts.metrics else None
    headline = (
        describe_definition(first) if first is not None else f"{format_name(facts.lines[0][0])}: {facts.lines[0][1]}"
    )
    caveats = [c for m in facts.metrics for c in m.caveats]
    return Answer(
        kind="answer",
        headline=headline,
        text=_text("\n\n".join(blocks), ["From the definitions in this workspace; nothing was computed."], caveats),
        caveats=tuple(caveats),
        provenance=Provenance(definitions=_definitions(facts.metrics), workspace_hash=workspace.hash()),
        next_steps=tuple(
            render("Ask \u201c{name}\u201d for its value.", name=format_name(m.name)) for m in facts.metrics[:1]
        ),
    )


def _definition_block(metric: Metric, cuts: Sequence[str], workspace: Workspace) -> str:
    catalog = catalog_of(workspace)
    lines = [f"**{metric.name}**: {describe_definition(metric).split(': ', 1)[1]}"]
    if metric.synonyms:
        lines.append(render("Also called {names}.", names=", ".join(metric.synonyms[:6])))
    lines.append(
        render(
            "A {kind} over {tables}.",
            kind=metric.kind,
            tables=", ".join(d.name for d in catalog.datasets_of(metric.name)),
        )
    )
    if cuts:
        lines.append(render("Can be cut by {cuts}.", cuts=", ".join(cuts)))
    return " ".join(lines)


def _listed(plan: ListPlan, facts: Facts, workspace: Workspace) -> Answer:
    shown = facts.lines[:_MOST_LISTED]
    items = "\n".join(f"- {_one_line(name)}" + (f": {_one_line(what)}" if what else "") for name, what in shown)
    more = len(facts.lines) - len(shown)
    headline = {
        "metrics": render("{count} metrics and measures can be asked for.", count=str(len(facts.lines))),
        "dimensions": render("{count} dimensions to break down or filter by.", count=str(len(facts.lines))),
        "values": render("{count} values.", count=str(len(facts.lines))),
    }[plan.what]
    tail = render("\n- and {more} more", more=str(more)) if more > 0 else ""
    return Answer(
        kind="answer",
        headline=headline,
        text=_text(f"{headline}\n\n{items}{tail}", ["From the definitions in this workspace."], ()),
        table=Table(columns=("name", "what it is"), rows=tuple(facts.lines)),
        provenance=Provenance(workspace_hash=workspace.hash()),
    )


def _fresh(facts: Facts, workspace: Workspace) -> Answer:
    lines, rows = [], []
    for item in facts.freshness:
        if item.last is None:
            lines.append(
                render("- {dataset}: no time column, so its age is unknown", dataset=format_name(item.dataset))
            )
        else:
            lines.append(
                render(
                    "- {dataset}: {first} to {last}; newest {newest}",
                    dataset=format_name(item.dataset),
                    first=str(item.first),
                    last=str(item.last),
                    newest=str(item.newest)[:16],
                )
            )
        rows.append((item.dataset, str(item.first or ""), str(item.last or ""), str(item.newest or "")))
    timed = [f for f in facts.freshness if f.last is not None]
    newest = max(timed, key=lambda f: (f.last is not None, f.last)) if timed else None
    age = str((workspace.today() - newest.last).days) if newest is not None and newest.last is not None else ""
    headline = (
        render(
            "The newest data is from {last} ({dataset}), {age} days before {today}.",
            last=str(newest.last),
            dataset=format_name(newest.dataset),
            age=age,
            today=str(workspace.today()),
        )
        if newest is not None
        else "The data has no time column, so its age is unknown."
    )
    return Answer(
        kind="answer",
        headline=headline,
        text=_text(headline + "\n\n" + "\n".join(lines), ["From the time columns of the data."], ()),
        table=Table(columns=("dataset", "first", "last", "newest"), rows=tuple(rows)),
        provenance=Provenance(workspace_hash=workspace.hash()),
    )
