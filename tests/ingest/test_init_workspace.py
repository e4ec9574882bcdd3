"""`init_workspace`: what it writes loads back, counts right, and is written whole or not at all."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.ingest.shared_data import real_files
from tools.errors import InvalidInput
from tools.ingest import InitReport, init_workspace
from tools.metrics.catalog import Catalog, catalog_of
from tools.metrics.definitions import Count, Distinct, Proportion, Sum
from tools.workspace import load_workspace

SETS = {
    "sms": ("sms_spam/*.csv",),
    "bot": ("bot_judgements/*.csv",),
    "crowd": ("crowd_labels/*.csv",),
    "hate": ("hate_votes/*.csv",),
    "networks": ("coordinated_networks/*.csv",),
    "moderation": ("moderation_labels/*.csv",),
    "survey": ("survey_api/*.csv",),
    "threat": ("threat_indicators/**/*.csv",),
}


def catalog(directory: Path) -> Catalog:
    return catalog_of(load_workspace(directory))


def init(directory: Path, *patterns: str) -> InitReport:
    return init_workspace(directory, real_files(*patterns))


@pytest.fixture(scope="module", params=SETS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> InitReport:
    """Each set of real files, made into a workspace once."""
    return init(tmp_path_factory.mktemp("made") / "w", *SETS[request.param])


def test_no_word_names_two_metrics(made: InitReport) -> None:
    report = made
    found = catalog(report.directory)
    owners: dict[str, set[str]] = defaultdict(set)
    for metric in found.metrics.values():
        for words in (metric.name.replace("_", " "), *metric.synonyms):
            owners[words.casefold()].add(metric.name)
    assert {words: names for words, names in owners.items() if len(names) > 1} == {}
    assert set(report.metrics) == set(found.metrics)
    assert all(t.rows_in_file == t.rows_loaded + t.rows_reported for t in report.tables)


def test_every_definition_runs_as_sql(made: InitReport) -> None:
    found = catalog(made.directory)
    with duckdb.connect(str(made.directory / "data/warehouse.duckdb"), read_only=True) as connection:
        for dataset in found.datasets.values():
            columns = {str(r[0]) for r in connection.execute(f'describe "{dataset.source}"').fetchall()}
            named = {d.column for d in dataset.dimensions} | {m.column for m in dataset.measures} | set(dataset.grain)
            assert named <= columns
            if dataset.grain:
                grain = ", ".join(f'"{c}"' for c in dataset.grain)
                copies = f'select {grain} from "{dataset.source}" group by all having count(*) > 1'
                assert connection.execute(copies).fetchall() == []
        for relationship in found.relationships:
            to, key = found.datasets[relationship.to], relationship.to_columns[0]
            twice = f'select "{key}" from "{to.source}" group by 1 having count(*) > 1'
            assert connection.execute(twice).fetchall() == []


def test_spam(tmp_path: Path) -> None:
    (path,) = real_files("sms_spam/messages.csv")
    report = init_workspace(tmp_path / "sms", [path])
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert report.tables[0].rows_loaded == len(rows) == 5574
    assert sum(r["is_spam"] == "1" for r in rows) == 747
    found = catalog(tmp_path / "sms")
    dataset = found.datasets["messages"]
    assert (dataset.grain, dataset.unit, dataset.text, dataset.time) == (("message_id",), "message", "text", None)
    (spam,) = dataset.dimensions
    assert spam.values == {1: ("spam",), 0: ("not spam", "non-spam")}
    share = found.metrics["spam_share"]
    assert isinstance(share, Proportion)
    assert (share.positive.column, share.positive.equals) == ("is_spam", 1)
    assert {"share of spam", "spam rate", "spam prevalence"} <= set(share.synonyms)
    assert isinstance(found.metrics["messages"], Count)
    assert {"number of messages", "message volume"} <= set(found.metrics["messages"].synonyms)
    assert report.next_question == "What is the share of spam?"
    assert report.today is None


def test_judgements(tmp_path: Path) -> None:
    report = init(tmp_path / "bot", "bot_judgements/*.csv")
    found = catalog(tmp_path / "bot")
    dataset = found.datasets["answers"]
    assert (dataset.time, dataset.unit, dataset.actor) == ("judged_at", "answer", "annotator_id")
    assert report.today == "2021-12-27"
    annotators = found.metrics["distinct_annotators"]
    assert isinstance(annotators, Distinct)
    assert {"annotators", "number of annotators"} <= set(annotators.synonyms)
    assert {"answers_per_annotator", "share_answer_bot", "distinct_accounts"} <= set(found.metrics)
    assert load_workspace(tmp_path / "bot").today() == date(2021, 12, 27)


def test_votes(tmp_path: Path) -> None:
    init(tmp_path / "hate", "hate_votes/*.csv")
    found = catalog(tmp_path / "hate")
    dataset = found.datasets["votes"]
    assert (dataset.unit, dataset.grain) == ("item", ("item_id",))
    assert {m.name for m in dataset.measures} == {"n_votes", "hate_speech", "offensive_language", "neither"}
    assert "majority_class" in {d.name for d in dataset.dimensions}
    total = found.metrics["total_n_votes"]
    assert isinstance(total, Sum)
    assert "number of votes" in total.synonyms


def test_partial_gold_is_related_with_its_match_rate(tmp_path: Path) -> None:
    report = init(tmp_path / "crowd", "crowd_labels/*.csv")
    (link,) = catalog(tmp_path / "crowd").relationships
    assert (link.from_, link.to, link.from_columns) == ("labels", "gold", ("item_id",))
    labels, gold = (
        list(csv.DictReader(p.open(newline="")))
        for p in real_files("crowd_labels/labels.csv", "crowd_labels/gold.csv")[::-1]
    )
    known = {row["item_id"] for row in gold}
    matched = sum(row["item_id"] in known for row in labels)
    assert any(f"{matched:,} of 92,721 rows" in said and "333 of 1,517 keys" in said for said in report.assumptions)


def test_settings(tmp_path: Path) -> None:
    init(tmp_path / "bot", "bot_judgements/*.csv")
    text = (tmp_path / "bot/transect.toml").read_text()
    settings = tomllib.loads(text)
    assert settings["workspace"] == {"name": "bot", "timezone": "UTC", "today": "2021-12-27"}
    assert settings["access"]["roles"]["analyst"] == {"tables": ["answers"], "min_cell": 1}
    assert settings["warehouse"]["url"] == "duckdb:data/warehouse.duckdb"
    assert "day after the newest time" in text


def test_a_database_stays_where_it_lies(tmp_path: Path) -> None:
    source = tmp_path / "shop.duckdb"
    with duckdb.connect(str(source)) as connection:
        connection.execute("create table customers as select range as customer_id, 'C' || range as name from range(50)")
        connection.execute(
            "create table orders as select range as order_id, range % 50 as customer_id, "
            "timestamptz '2025-01-01 00:00:00+00' + interval (range) hour as ordered_at from range(500)"
        )
    before = source.read_bytes()
    report = init_workspace(tmp_path / "w", [source])
    workspace = load_workspace(tmp_path / "w")
    assert workspace.warehouse_path.resolve() == source
    assert not (tmp_path / "w/data").exists()
    assert source.read_bytes() == before
    (link,) = catalog_of(workspace).relationships
    assert (link.from_, link.to) == ("orders", "customers")
    assert report.today == "2025-01-22"


def test_some_declined_is_said_all_declined_fails(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("a,b\n1,x\n2,y\n")
    (tmp_path / "empty.csv").write_text("")
    report = init_workspace(tmp_path / "w", [tmp_path / "good.csv", tmp_path / "empty.csv"])
    assert [(d.file, d.line, d.reason) for d in report.declined] == [("empty.csv", 1, "the file is empty")]
    assert report.exit_code == 1
    with pytest.raises(InvalidInput):
        init_workspace(tmp_path / "x", [tmp_path / "empty.csv"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty.csv", "good.csv", "w"]


def test_a_folder_in_use_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / "w").mkdir()
    (tmp_path / "w/mine.txt").write_text("keep")
    with pytest.raises(InvalidInput, match="not empty"):
        init_workspace(tmp_path / "w", [tmp_path / "a.csv"])
    assert [p.name for p in (tmp_path / "w").iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    assert init_workspace(tmp_path / "empty", [tmp_path / "a.csv"]).tables[0].rows_loaded == 1


def test_reported_rows_are_listed_in_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b,c\n1,2,3\n4,5,6,7\n8,9,10\n,,\n11,12,13\n")
    report = init_workspace(tmp_path / "w", [tmp_path / "a.csv"])
    with (tmp_path / "w/data/reported_rows.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(r["file"], int(r["line"])) for r in rows] == [("a.csv", 3), ("a.csv", 5)]
    assert report.tables[0].rows_in_file == 5
