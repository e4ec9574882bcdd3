"""The draft: every number from the files, nobody named, nothing live, small cells withheld."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.study.place import (
    BANDS,
    CANARY,
    POLICY,
    ROWS,
    asker_of,
    build_place,
    drawn_study,
    edit,
    import_labels_of,
    is_positive,
    items_of,
    labelled_study,
)
from tools.reporting.format import format_interval, format_range, format_value
from tools.study import StudyEstimate, approve_study, draft_study, draw_study, estimate_study, load_study, plan_study
from tools.workspace import Workspace, load_workspace

ID = "spam-q1"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


def made(place: Workspace, **given: Any) -> tuple[str, str, StudyEstimate]:
    labelled_study(place, **given)
    found = estimate_study(place, ID, asker=asker_of(place))
    draft_study(place, ID, asker=asker_of(place))
    folder = place.root / "studies" / ID
    return (folder / "draft.md").read_text(), (folder / "draft.html").read_text(), found


def test_the_answer_comes_first(place: Workspace) -> None:
    markdown, _, found = made(place)
    lines = [line for line in markdown.split("\n") if line]
    overall = found.figures[0]
    assert lines[0] == "# Spam in items"
    assert lines[1].startswith(f"> {format_value(overall)} of items would be labelled **spam** under the policy spam")
    assert format_range(overall) in lines[1]
    assert f"n = {overall.n}" in lines[1]
    headings = [line for line in lines if line.startswith("## ")]
    assert headings[:6] == [
        "## What was measured",
        "## Result",
        "## How it was found",
        "## What the frame covers",
        "## Caveats",
        "## Limits",
    ]


def numbers_known(place: Workspace, found: StudyEstimate) -> set[str]:
    """Every number of the study's files, and of its figures as they are written beside one another."""
    folder = place.root / "studies" / ID
    texts = [(folder / name).read_text() for name in ("plan.json", "sample.csv.manifest.json", "estimate.json")]
    groups: dict[str, list[object]] = {}
    for each in found.figures:
        groups.setdefault(each.id.rpartition(".")[0], []).append(each)
    for each in found.figures:
        among = [*groups[each.id.rpartition(".")[0]], found.figures[0]]
        for beside in ([], [each], among, groups[each.id.rpartition(".")[0]]):
            texts += [format_value(each, among=beside), format_range(each, among=beside)]  # type: ignore[arg-type]
            texts.append(format_interval(each, among=beside))  # type: ignore[arg-type]
    plan = load_study(place, ID).plan
    assert plan is not None
    texts += [f"{units.units / units.n:,.4g}" for units in plan.strata]
    precision = found.precision.model_dump().values()
    texts += [f"{100 * x:.3g} {x:.3g} {x:,.4g}" for x in precision if x is not None]
    texts.append(f"{found.figures[0].n_eff or 0:,.0f}")
    texts += [f"{100 * x:.3g}" for x in (plan.expected.low, plan.expected.high, plan.expected.prevalence)]
    texts += [str(len(plan.strata)), f"{plan.cost.usd:,.2f}", "2026", "2027", "23", "1"]
    known = {each.strip(",") for text in texts for each in NUMBER.findall(text)}
    return known | {f"{int(each):,}" for each in known if each.isdigit()}


def test_every_number_comes_from_the_files_of_the_study(place: Workspace) -> None:
    markdown, _, found = made(place)
    shown = NUMBER.findall(CODE.sub(" ", markdown).replace("spam-q1", " "))
    unknown = [each for each in shown if each.strip(",") not in numbers_known(place, found)]
    assert len(shown) > 60
    assert unknown == []


def test_a_number_of_no_file_would_be_found(place: Workspace) -> None:
    _, _, found = made(place)
    assert "77.77" not in numbers_known(place, found)


def test_nobody_and_no_item_is_named(place: Workspace) -> None:
    markdown, page, _ = made(place)
    import_labels_of(place, items_of(place)[:1], labeller="joe")
    for text in (markdown, page):
        for name in ("maria", "ana", "joe", CANARY, "person", "a12"):
            assert not re.search(rf"\b{name}\b", CODE.sub(" ", text)), name
        assert not [item for item in items_of(place) if re.search(rf"\b{item}\b", text)]


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_fetches_and_runs_nothing(place: Workspace) -> None:
    _, page, _ = made(place)
    tags = Tags()
    tags.feed(page)
    names = {tag for tag, _ in tags.found}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "a"}
    for _, attributes in tags.found:
        assert not [key for key in attributes if key.startswith("on") or key in ("src", "href", "xlink:href")]
    assert "@import" not in page
    assert not re.findall(r"url\((?!['\"]?#)", page)
    assert not re.findall(r"https?://(?!www\.w3\.org/)", page)


def test_the_chart_has_words_for_those_who_do_not_see_it(place: Workspace) -> None:
    markdown, page, _ = made(place)
    alt = re.search(r"!\[(.*)\]\(chart\.svg\)", markdown)
    assert alt is not None
    assert "Share of items labelled spam, by band" in alt[1]
    tags = Tags()
    tags.feed(page)
    drawn = [attributes for tag, attributes in tags.found if tag == "svg" and attributes.get("role") == "img"]
    assert len(drawn) == 1
    assert "by band" in str(drawn[0]["aria-label"])
    assert [tag for tag, _ in tags.found].count("svg") == 1
    assert (place.root / "studies" / ID / "chart.svg").is_file()


def test_tables_have_headings_of_rows_and_columns(place: Workspace) -> None:
    _, page, _ = made(place)
    tags = Tags()
    tags.feed(page)
    scopes = [attributes.get("scope") for tag, attributes in tags.found if tag == "th"]
    assert set(scopes) == {"row", "col"}


def test_the_frame_says_what_it_leaves_out(place: Workspace) -> None:
    markdown, page, _ = made(place, leaves_out=["Items that were deleted before the export."])
    assert "- Items that were deleted before the export." in markdown
    assert "<li>Items that were deleted before the export.</li>" in page


def test_words_of_the_data_stay_words(place: Workspace) -> None:
    """A title, a breakdown value and a label that would be live, were they not text."""
    from tests.study.place import write_items

    hostile = "[pay](https://x.example) <script>alert(1)</script> | `a` **b**"
    write_items(place.root, change=f"update items set language = '{hostile}' where language = 'en'")
    place = load_workspace(place.root)
    markdown, page, _ = made(place, title="A <b>title</b> | [x](https://y.example)")
    assert "](https://" not in markdown
    assert "<script" not in markdown
    assert "<script" not in page
    assert "<b>" not in page
    rows = [line for line in markdown.split("\n") if "pay" in line and line.startswith("|")]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 6  # five cells


def test_zero_positives_are_fewer_than(place: Workspace) -> None:
    from tests.study.place import drawn_study

    items = drawn_study(place)
    import_labels_of(place, items, label=lambda item: "ham")
    estimate_study(place, ID, asker=asker_of(place))
    draft_study(place, ID, asker=asker_of(place))
    headline = (place.root / "studies" / ID / "draft.md").read_text().split("\n")[2]
    assert headline.startswith("> Fewer than 1.9% of items would be labelled **spam** under the policy spam")
    assert "(95% upper bound; n = 150)" in headline
    assert "0%" not in headline.replace("1.9%", "")


def test_labellers_who_never_differ_are_not_called_certain(place: Workspace) -> None:
    items = labelled_study(place)
    import_labels_of(place, items[:60], labeller="joe")
    estimate_study(place, ID, asker=asker_of(place))
    draft_study(place, ID, asker=asker_of(place))
    markdown = (place.root / "studies" / ID / "draft.md").read_text()
    assert re.search(
        r"60 items have more than one label; Krippendorff's alpha over them is more than 0\.\d+ ", markdown
    )
    assert "(95% lower bound)." in markdown


def test_small_cells_are_withheld_from_an_audience(tmp_path: Path) -> None:
    """The reader's min_cell is 10 accounts and positives: the low band has fewer, and the next smallest covers it."""
    place = build_place(tmp_path / "w")
    markdown, page, found = made(place, audience=("reader",))
    plan = load_study(place, ID).plan
    assert plan is not None
    assert plan.min_cell == 10
    assert found.cells["strata.2"].positives < 10
    hidden = []
    for name in ("high", "low", "mid"):
        rows = [line for line in markdown.split("\n") if line.startswith(f"| {name} |")]
        withheld = ["too few to show" in row for row in rows]
        assert len(set(withheld)) == 1, rows
        hidden += [name] if withheld[0] else []
    assert "low" in hidden
    assert len(hidden) == 2
    assert "allocation (s, units" not in markdown
    shown = next(figure for figure in found.figures if figure.id == "strata.2")
    assert format_value(shown) not in markdown
    assert format_value(shown) not in page
    numbers = json.loads((place.root / "studies" / ID / "estimate.json").read_text())
    assert numbers["figures"][0]["value"] is not None


def test_accounts_are_what_a_cell_counts(tmp_path: Path) -> None:
    place = build_place(tmp_path / "w")
    _, _, found = made(place, audience=("reader",))
    drawn = items_of(place)
    accounts = {int(item[1:]) % 60 for item in drawn}
    assert found.cells["overall"].units == len(accounts)


@pytest.mark.parametrize("audience", ["stranger", "nobody"])
def test_an_audience_that_may_not_see_the_frame_gets_no_plan(place: Workspace, audience: str) -> None:
    from tests.study.place import make_study
    from tools.errors import Declined

    with pytest.raises(Declined) as caught:
        make_study(place, audience=(audience,))
    assert caught.value.reason == "not_permitted"


def test_the_same_study_elsewhere_is_the_same_bytes(tmp_path: Path) -> None:
    """Another folder, other times, rows in another order: every file outside receipts is the same."""
    folders = []
    for name, order in (("a", "i"), ("b", "hash(i)")):
        place = build_place(tmp_path / name, order=order)
        made(place)
        folders.append(place.root / "studies" / ID)
    files = sorted(path.name for path in folders[0].iterdir() if path.is_file())
    assert files == sorted(path.name for path in folders[1].iterdir() if path.is_file())
    assert len(files) == 10
    for name in files:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_times_stand_in_receipts_alone(place: Workspace) -> None:
    made(place)
    folder = place.root / "studies" / ID
    receipts = [json.loads(path.read_text()) for path in sorted((folder / "receipts").glob("*.json"))]
    assert [each["step"] for each in receipts] == ["new", "plan", "approve", "draw", "label", "estimate", "draft"]
    year = receipts[0]["at"][:4]
    clock = re.compile(r"\d\d:\d\d:\d\d")
    for path in folder.iterdir():
        if path.is_file():
            text = path.read_text()
            assert not clock.search(text), path.name
            assert f"{year}-{receipts[0]['at'][5:7]}" not in text, path.name
    assert receipts[3]["sql"]
    assert receipts[3]["files"].keys() == {"sample.csv", "sample.csv.manifest.json"}


def test_a_draft_can_be_made_again_after_an_edit_of_it(place: Workspace) -> None:
    markdown, _, _ = made(place)
    path = place.root / "studies" / ID / "draft.md"
    edit(path, "# Spam", "# Ham")
    draft_study(place, ID, asker=asker_of(place))
    assert path.read_text() == markdown


def test_a_study_without_strata_or_breakdowns_has_one_dot(place: Workspace) -> None:
    markdown, _, _ = made(place, strata=None, breakdowns=())
    assert "A simple random sample: 150 of the 1,080 items" in markdown
    assert "### By" not in markdown


def test_the_standard_error_is_that_of_a_stratified_sample(place: Workspace) -> None:
    """Cochran 1977, eq. 5.14, by hand; the page says it in percentage points."""
    markdown, _, found = made(place)
    folder = place.root / "studies" / ID
    units = {s["stratum"]: s["N"] for s in json.loads((folder / "plan.json").read_text())["strata"]}
    drawn: dict[str, list[bool]] = {name: [] for name in units}
    for item in items_of(place):
        drawn[BANDS[int(item[1:]) % 3]].append(is_positive(int(item[1:])))
    variance = 0.0
    for name, labels in drawn.items():
        n, share = len(labels), sum(labels) / len(labels)
        spread = n / (n - 1) * share * (1 - share)
        variance += (units[name] / sum(units.values())) ** 2 * (1 - n / units[name]) * spread / n
    assert found.precision.se == pytest.approx(math.sqrt(variance), rel=1e-6)
    assert found.precision.df == len(items_of(place)) - 3
    assert f"is {100 * math.sqrt(variance):.3g} percentage points" in markdown


def test_weights_are_shown_as_drawn_and_as_used(place: Workspace) -> None:
    items = drawn_study(place, max_missing=0.2)
    low = [item for item in items if int(item[1:]) % 3 == 0]
    import_labels_of(place, [item for item in items if item not in low[:5]])
    estimate_study(place, ID, asker=asker_of(place))
    draft_study(place, ID, asker=asker_of(place))
    markdown = (place.root / "studies" / ID / "draft.md").read_text()
    total = ROWS * 9 // 30  # a tenth of each band's rows are tests
    shown = f"| low | {total} | {len(low)} | {len(low) - 5} | {total / len(low):,.4g} | {total / (len(low) - 5):,.4g} |"
    assert shown in markdown


def test_the_policy_stands_on_the_page_as_inert_text(place: Workspace) -> None:
    text = "```\n<script>alert(1)</script>\n```\n  [win](javascript:x) \u202e 100 %\n"
    policy = place.root / "policies" / "spam.md"
    policy.write_text(POLICY + text, encoding="utf-8")
    markdown, page, _ = made(place)
    assert (
        "````text\n# Spam\n\nUnasked for.\n```\n<script>alert(1)</script>\n```\n  [win](javascript:x) 100 %\n````"
        in markdown
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\n```\n  [win]" in page
    assert "<script" not in page
    assert "\u202e" not in page + markdown


def test_approvers_are_not_named_either(place: Workspace) -> None:
    from tests.study.place import make_study

    make_study(place)
    plan_study(place, ID, asker=asker_of(place))
    approve_study(place, ID, by="wilhelmina", budget_usd=5)
    draw_study(place, ID, asker=asker_of(place))
    import_labels_of(place, items_of(place))
    estimate_study(place, ID, asker=asker_of(place))
    draft_study(place, ID, asker=asker_of(place))
    assert "wilhelmina" not in (place.root / "studies" / ID / "draft.html").read_text()
