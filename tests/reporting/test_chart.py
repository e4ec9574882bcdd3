"""Specifications of charts: honest axes, intervals drawn, words as data, and text that cannot become code."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reporting.figures import FEBRUARY, counted, nothing_found, sampled, weekly
from tools.errors import InvalidInput
from tools.figure import Figure
from tools.reporting import draw_chart
from tools.reporting.chart import chart_spec
from tools.reporting.render import canonical_json

HOSTILE = [
    "datum.value * 2 + now()",
    "'+alert(1)+'",
    '"quoted"',
    "<script>alert(1)</script>",
    "</svg><image href='http://example.org/x'/>",
    "{{ 7*7 }} ${7*7}",
    "a&b &amp; c",
    "\x1b[31mred\x1b[0m",
    "line\nbreak",
    "日本語ラベル",
    "null",
    "[a](b).c['d']",
    "%d %s .0%",
]


def spec_of(figures: list[Figure], **more: Any) -> dict[str, Any]:
    return chart_spec(figures, title=more.pop("title", "Report rate"), **more)[0]


def layer(spec: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(ly for ly in spec["layer"] if ly["data"]["name"] == name)
    return found


def words(spec: dict[str, Any]) -> list[str]:
    return [w["text"] for w in spec["datasets"]["words"]]


BARS = [counted(v, slice={"surface": s}) for s, v in (("dm", 0.134), ("feed", 0.12), (None, 0.1), ("other", 0.2))]
DOTS = [sampled(v, v - 0.01, v + 0.01, slice={"surface": s}) for s, v in (("dm", 0.96), ("feed", 0.95))]
CHANGES = [counted(v, unit="points", slice={"c": k}) for k, v in (("US", 1.3), ("JP", -2.1))]
COMPARED = [
    sampled(-0.7, -1.2, -0.2, unit="points"),
    sampled(0.014, 0.011, 0.017),
    sampled(0.021, 0.018, 0.0245, period=FEBRUARY),
]
EVERY = [BARS, DOTS, CHANGES, COMPARED, weekly([0.02, None, 0.03, 0.025]), [nothing_found(0.0003)], [counted(0.1)]]


def test_bars_start_at_zero_and_other_is_grey() -> None:
    spec = spec_of(BARS)
    x = layer(spec, "bars")["encoding"]["x"]
    assert x["scale"]["domain"] == [0.0, 0.2]
    assert x["scale"]["zero"] is False  # the domain says it
    rows = spec["datasets"]["bars"]
    assert {r["start"] for r in rows} == {0}
    assert [(r["label"], r["color"]) for r in rows][-2:] == [("(no value)", "#c9c9c9"), ("other", "#a6a6a6")]
    assert {"13.4%", "12%", "10%", "20%"} <= set(words(spec))


def test_bars_of_differences_have_zero_inside() -> None:
    assert layer(spec_of(CHANGES), "bars")["encoding"]["x"]["scale"]["domain"] == [-2.1, 1.3]


def test_samples_have_their_interval_drawn_and_written() -> None:
    spec = spec_of([sampled(0.034, 0.028, 0.041, slice={"surface": "dm"}), sampled(0.02, 0.01, 0.03)])
    assert [(r["low"], r["high"]) for r in spec["datasets"]["whiskers"]] == [(0.028, 0.041), (0.01, 0.03)]
    assert "3.4% (2.8% to 4.1%)" in words(spec)
    assert layer(spec, "whiskers")["encoding"]["x"]["scale"]["domain"][0] == 0


def test_an_axis_without_zero_says_so() -> None:
    spec = spec_of(DOTS)
    low, high = layer(spec, "points")["encoding"]["x"]["scale"]["domain"]
    assert 0.9 <= low <= 0.94
    assert 0.97 <= high <= 1.0
    assert any("does not start at zero" in w for w in words(spec))


def test_a_bound_is_an_arrow_with_words() -> None:
    spec = spec_of([nothing_found(0.000311, slice={"s": "a"}), sampled(0.0004, 0.0002, 0.0007, slice={"s": "b"})])
    (bound,) = spec["datasets"]["bounds"]
    assert (bound["low"], bound["high"]) == (0, 0.000311)
    assert [p["shape"] for p in spec["datasets"]["points"]] == ["triangle-left", "circle"]
    assert "fewer than 3.2 per 10,000" in words(spec)
    assert any(w.startswith("An arrow marks an upper bound") for w in words(spec))


def test_an_undefined_row_is_a_gap_with_its_reason() -> None:
    spec = spec_of([counted(0.1, slice={"s": "a"}), counted(None, undefined="no rows", slice={"s": "b"})])
    assert [r["label"] for r in spec["datasets"]["bars"]] == ["a"]
    assert "undefined: no rows" in words(spec)
    assert "No value in 1 of 2 (shown as a gap): no rows." in words(spec)


def test_all_undefined_still_draws() -> None:
    for figures in ([counted(None, undefined="no rows")], weekly([None, None])):
        assert "NaN" not in canonical_json(spec_of(figures))


def test_a_series_breaks_at_gaps_and_dashes_where_provisional() -> None:
    figures = weekly([0.02, 0.03, None, 0.025, 0.02, 0.021])
    figures[-1] = figures[-1].model_copy(update={"status": "provisional"})
    spec = spec_of(figures)
    data = spec["datasets"]
    assert [(r["period"], r["value"]) for r in data["lines"]] == [
        ("2025-12-01", 0.02),
        ("2025-12-08", 0.03),
        ("2025-12-22", 0.025),
        ("2025-12-29", 0.02),
    ]
    assert len({r["segment"] for r in data["lines"]}) == 2
    assert [r["period"] for r in data["provisional"]] == ["2025-12-29", "2026-01-05"]
    assert layer(spec, "provisional")["mark"]["strokeDash"]
    assert [r["fill"] for r in data["points"]][-1] == "#ffffff"
    assert len(data["bands"]) == 5
    assert [r["period"] for r in data["gaps"]] == ["2025-12-15"]
    assert layer(spec, "bands")["encoding"]["y"]["scale"]["domain"][0] == 0
    assert "No value in 1 of 6 (shown as a gap): no rows." in words(spec)


def test_a_week_that_is_not_there_breaks_the_line() -> None:
    figures = weekly([0.02, 0.03, 0.025, 0.02])
    spec = spec_of([figures[0], figures[1], figures[3]])
    assert len(spec["datasets"]["lines"]) == 2


def test_a_bound_in_a_series_is_marked_and_not_joined() -> None:
    figures = weekly([0.0004, 0.0005, 0.0004])
    figures[1] = nothing_found(0.0007, period=figures[1].period)
    data = spec_of(figures)["datasets"]
    assert "lines" not in data
    assert [(p["value"], p["shape"]) for p in data["points"]] == [
        (0.0004, "circle"),
        (0.0007, "triangle-down"),
        (0.0004, "circle"),
    ]


def test_a_comparison_states_the_change_and_draws_the_levels() -> None:
    spec, alt = chart_spec(COMPARED, title="Prevalence")
    assert spec["title"]["subtitle"] == [
        "Change -0.7 points (95% interval -1.2 to -0.2 points): March 2026 against February 2026"
    ]
    assert [p["value"] for p in spec["datasets"]["points"]] == [0.021, 0.014]
    assert "Change -0.7 points (95% interval -1.2 to -0.2 points)." in alt


def test_title_subtitle_and_source_by_default_and_by_hand() -> None:
    spec = spec_of([sampled(0.021, 0.018, 0.0245, n=2000, n_eff=1240)], title="Prevalence in dm")
    assert spec["title"]["text"] == ["Prevalence in dm"]
    assert spec["title"]["subtitle"] == ["2.10% (95% interval 1.80% to 2.45%), March 2026"]
    source = "n = 2,000 (effective 1,240), definition report_rate v3, as of 2026-03-31, estimated from a sample"
    assert source in words(spec)
    spec = spec_of([counted(0.1)], subtitle="By hand", source="Mine")
    assert spec["title"]["subtitle"] == ["By hand"]
    assert "Mine" in words(spec)


def test_alt_text_of_categories_has_full_labels_and_intervals() -> None:
    long = "the message impersonates a member of staff and asks for a one-time code or a password " * 2
    figures = [sampled(0.021, 0.018, 0.0245, slice={"reason": long.strip()}), sampled(0.01, 0.005, 0.02)]
    spec, alt = chart_spec(figures, title="Share of reports")
    assert f"{long.strip()} 2.10% (95% interval 1.80% to 2.45%)" in alt
    assert alt.startswith("Dot chart. Share of reports. report rate by reason, March 2026.")
    assert all(len(w) < 130 for w in words(spec))
    assert spec["description"] == alt


def test_alt_text_of_a_series_has_first_last_highest_lowest() -> None:
    _, alt = chart_spec(weekly([0.02, 0.04, None, 0.01, 0.03]), title="Prevalence, weekly")
    assert "5 periods, first 2.00% (95% interval 1.80% to 2.20%), 1-7 December 2025;" in alt
    assert "last 3.00% (95% interval 2.70% to 3.30%), 2025-12-29 to 2026-01-04;" in alt
    assert "highest 4.0% (95% interval 3.6% to 4.4%), 8-14 December 2025;" in alt
    assert "lowest 1.00% (95% interval 0.90% to 1.10%), 22-28 December 2025." in alt
    assert "1 of 5 periods without a value." in alt


@pytest.mark.parametrize("figures", EVERY)
def test_the_specification_is_valid_and_the_same_each_time(figures: list[Figure]) -> None:
    import altair

    spec = spec_of(figures)
    altair.LayerChart.from_dict(spec)  # raises where the schema does not hold
    assert canonical_json(spec) == canonical_json(spec_of(figures))
    json.loads(canonical_json(spec), parse_constant=pytest.fail)


def test_templates_are_not_changed_by_use() -> None:
    before = canonical_json(spec_of(BARS))
    for figures in EVERY:
        spec_of(figures)["layer"].clear()
    assert canonical_json(spec_of(BARS)) == before


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("build", ["bar", "line"])
def test_labels_are_data_and_never_code(label: str, build: str, tmp_path: Path) -> None:
    slices = [{"c": label}, {"c": "plain"}]
    if build == "bar":
        figures = [counted(0.2, slice=slices[0]), counted(0.1, slice=slices[1])]
    else:
        figures = [f for s in slices for f in weekly([0.2, 0.1], slice=s)]
    chart = draw_chart(figures, title=label, subtitle=label, source=label, directory=tmp_path)
    code = {k: v for k, v in chart.vega_lite.items() if k not in ("datasets", "title", "description")}
    shown = " ".join("".join(c if c.isprintable() else " " for c in label).split())
    assert shown == "null" or json.dumps(shown)[1:-1] not in json.dumps(code)
    tree = ET.fromstring(Path(chart.svg).read_text())
    texts = ["".join(e.itertext()) for e in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert shown in texts
    assert not [e for e in tree.iter() if e.tag.endswith(("script", "image", "foreignObject", "}a"))]


def test_the_pictures_need_no_network(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.reporting.figures import weekly\n"
        "from tools.reporting import draw_chart\n"
        "print(draw_chart(weekly([0.1, 0.2, 0.3]), title='t', directory=Path(sys.argv[1])).png)\n"
    )
    dead = "http://127.0.0.1:9"
    proxies = {name: dead for n in ("http_proxy", "https_proxy", "all_proxy") for name in (n, n.upper())}
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **proxies},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).read_bytes().startswith(b"\x89PNG")


def test_importing_does_not_load_the_renderer() -> None:
    program = (
        "import sys, tools.reporting; print(sorted({'altair', 'vl_convert', 'numpy', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_no_figures_and_lines_without_periods_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="at least one figure"):
        draw_chart([], title="t", directory=tmp_path)
    with pytest.raises(InvalidInput, match="with a period"):
        draw_chart([counted(0.1, period=None)], title="t", directory=tmp_path, kind="line")


NUMBERS = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)
UNITS = st.sampled_from(["share", "count", "usd", "seconds", "hours", "per_1000", "points", "ratio", "index"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(NUMBERS, st.floats(min_value=0, max_value=1e6)), min_size=1, max_size=8), UNITS, st.booleans()
)
def test_any_numbers_lie_within_the_axis(pairs: list[tuple[float, float]], unit: str, line: bool) -> None:
    if line:
        weeks = weekly([0.1] * len(pairs))
        figures = [sampled(v, v - s, v + s, unit=unit, period=w.period) for (v, s), w in zip(pairs, weeks, strict=True)]
    else:
        figures = [sampled(v, v - s, v + s, unit=unit, slice={"i": f"x{i}"}) for i, (v, s) in enumerate(pairs)]
    spec = spec_of(figures, kind="line" if line else "dot")
    canonical_json(spec)
    encoding = layer(spec, "points")["encoding"]
    low, high = encoding["y" if line else "x"]["scale"]["domain"]
    assert low < high
    room = 1e-9 * max(abs(low), abs(high))
    assert all(low - room <= x <= high + room for v, s in pairs for x in (v - s, v + s))


def test_a_lone_period_has_its_interval_drawn() -> None:
    data = spec_of(weekly([0.2, None, 0.3]))["datasets"]
    assert [(r["low"], r["high"]) for r in data["whiskers"]] == [
        (pytest.approx(0.18), pytest.approx(0.22)),
        (pytest.approx(0.27), pytest.approx(0.33)),
    ]
    assert "bands" not in data


def test_a_lone_share_is_a_part_of_the_whole() -> None:
    assert layer(spec_of([counted(0.134)]), "bars")["encoding"]["x"]["scale"]["domain"] == [0.0, 1.0]


def test_every_channel_has_one_axis() -> None:
    for figures in (weekly([0.2, 0.1, 0.3]), weekly([-0.2, 0.1, 0.3]), weekly([None, None])):
        layers = [ly["encoding"] for ly in spec_of(figures)["layer"] if ly["data"]["name"] != "words"]
        for channel in ("x", "y"):
            assert sum("axis" in encoding.get(channel, {}) for encoding in layers) == 1


def test_figures_side_by_side_share_one_unit() -> None:
    figures = [sampled(0.0034, 0.0026, 0.0044, slice={"s": "dm"}), nothing_found(0.00062, slice={"s": "api"})]
    spec, alt = chart_spec(figures, title="t")
    assert {"0.34% (0.26% to 0.44%)", "fewer than 0.062%"} <= set(words(spec))
    assert "per 10,000" not in alt
    tiny = [sampled(0.0004, 0.0002, 0.0012, slice={"s": "dm"}), figures[1]]
    spec = spec_of(tiny)
    assert {"4.0 per 10,000 (2.0 to 12.0)", "fewer than 6.2 per 10,000"} <= set(words(spec))
    assert layer(spec, "points")["encoding"]["x"]["title"] == "per 10,000"
