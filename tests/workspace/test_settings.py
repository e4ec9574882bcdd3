"""transect.toml: defaults as designed, every fault at once with its line."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tools.errors import Fault, InvalidInput, InvalidWorkspace
from tools.workspace import Settings, Workspace, default_asker, load_workspace

ROLE = '[access.roles.analyst]\ntables = ["messages"]\n'

# The example of the design page, value by value.
DESIGNED = """
[workspace]
name = "demo"
timezone = "UTC"
today = "2026-04-01"
[warehouse]
url = "duckdb:data/warehouse.duckdb"
content = "duckdb:data/content.duckdb"
[state]
url = "sqlite:.transect/state.db"
[model]
name = "embedded"
labeler = "embedded"
base_url = ""
api_key_env = "OPENAI_API_KEY"
[limits]
seconds = 10
memory_mb = 512
result_rows = 10000
result_bytes = 10485760
scan_rows = 1000000000
model_calls = 8
cost_usd = 0.50
[audit]
key_env = "TRANSECT_AUDIT_KEY"
[access]
default_role = "analyst"
[access.roles.analyst]
tables = ["events", "users", "v_prevalence"]
deny_columns = ["users.email"]
functions = ["pct"]
min_cell = 10
"""


def write(root: Path, text: str) -> Path:
    (root / "transect.toml").write_text(text, "utf-8")
    return root


def faults_of(root: Path, text: str) -> list[tuple[int, str, str]]:
    """(line, message, hint) of every fault."""
    with pytest.raises(InvalidWorkspace) as raised:
        load_workspace(write(root, text))
    assert raised.value.exit_code == 2
    return [(int(f.where.rpartition(":")[2]), f.message, f.hint) for f in raised.value.faults]


def test_the_designed_example_is_read_and_its_values_are_the_defaults(tmp_path: Path) -> None:
    settings = load_workspace(write(tmp_path, DESIGNED)).settings
    assert settings.workspace.today == date(2026, 4, 1)
    assert settings.access.roles["analyst"].deny_columns == ("users.email",)
    given = tomllib.loads(DESIGNED)
    defaults = Settings().model_dump(mode="json")
    for section in ("state", "model", "limits", "audit"):
        assert {key: defaults[section].get(key) for key in given[section]} == given[section]
    assert defaults["warehouse"]["url"] == given["warehouse"]["url"]
    assert defaults["access"]["default_role"] == "analyst"


def test_every_fault_is_listed_at_once_with_its_line(tmp_path: Path) -> None:
    found = faults_of(
        tmp_path,
        '[workspace]\ntimezone = "Mars/Base"\ntoday = "2026-13-01"\nnam = "x"\n'
        '[warehouse]\nurl = "postgres:x"\n[state]\nurl = "mysql://x"\n'
        '[limits]\nseconds = -1\nresult_rows = "many"\ncost_usd = -0.5\n'
        '[access]\ndefault_role = "analist"\n'
        '[access.roles.analyst]\ntables = ["t"]\ndeny_column = ["x.y"]\nmin_cell = 0\n[modle]\nname = "x"\n',
    )
    assert [line for line, _, _ in found] == [2, 3, 4, 6, 8, 10, 11, 12, 14, 17, 18, 19]
    by_line = {line: (message, hint) for line, message, hint in found}
    assert "'Mars/Base' is not a time zone" in by_line[2][0]
    assert "2026-13-01" in by_line[3][0]
    assert by_line[4] == ("unknown key 'nam'", "did you mean 'name'?")
    assert "duckdb:" in by_line[6][0]
    assert "postgresql+psycopg://" in by_line[8][0]
    assert by_line[14][1] == "did you mean 'analyst'?"
    assert by_line[17] == ("unknown key 'deny_column'", "did you mean 'deny_columns'?")
    assert by_line[19] == ("unknown key 'modle'", "did you mean 'model'?")


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("[limits\n", 1, "not TOML"),
        ("[limits]\nseconds = \n", 2, "not TOML"),
        ("[limits]\nseconds = 1\nseconds = 2\n", 3, "not TOML"),
        ('[limits]\nseconds = "10"\n', 2, "'10' is not a number"),
        ("[limits]\nmodel_calls = 2.5\n", 2, "whole number"),
        ("[limits]\nseconds = true\n", 2, "True is not a number"),
        ("[limits]\nseconds = inf\n", 2, "finite"),
        ("[limits]\nresult_rows = 0\n", 2, "greater than or equal to 1"),
        ("[workspace]\ntoday = 2026-04-01T10:00:00\n", 2, "is not a date"),
        ("[workspace]\ntoday = 20260401\n", 2, "is not a date"),
        ('[model]\nbase_url = "ftp://x"\n', 2, "https://"),
        ('[model]\napi_key_env = "sk-abc/def"\n', 2, "name of an environment variable"),
        ('[warehouse]\nurl = "duckdb:"\n', 2, "duckdb:"),
        ('[access.roles."x y"]\ndeny_columns = ["email"]\n', 2, "deny_columns"),
        ('limits = "none"\n', 1, "must be a mapping"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, text: str, line: int, part: str) -> None:
    found = faults_of(tmp_path, text + (ROLE if "not TOML" not in part and text[0] == "[" else ""))
    assert any(at == line and part in message for at, message, _ in found), found


def test_a_workspace_without_its_default_role_is_a_fault(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "")[0][1] == "default_role 'analyst' is not a role"


def test_a_toml_date_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    root = write(tmp_path, "\ufeff[workspace]\ntoday = 2026-04-01\n" + ROLE)
    assert load_workspace(root).today() == date(2026, 4, 1)


def test_text_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "transect.toml").write_bytes(b"[workspace]\nname = 'caf\xe9'\n")
    with pytest.raises(InvalidWorkspace) as raised:
        load_workspace(tmp_path)
    assert raised.value.faults[0].where.endswith("transect.toml:2")
    assert isinstance(raised.value.faults[0], Fault)


def test_the_nearest_settings_upwards_are_found(tmp_path: Path) -> None:
    write(tmp_path, ROLE)
    inner = tmp_path / "metrics" / "deep"
    inner.mkdir(parents=True)
    workspace = load_workspace(inner)
    assert workspace.root == tmp_path.resolve()
    assert workspace.warehouse_path == workspace.root / "data/warehouse.duckdb"
    assert workspace.state_dir == workspace.root / ".transect"


@pytest.mark.parametrize("name", ["missing", "."])
def test_no_workspace_says_how_to_make_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        load_workspace(tmp_path / name)
    assert raised.value.exit_code == 2
    assert raised.value.hint


def test_today_is_the_clocks_day_in_the_zone(tmp_path: Path) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Midway"):  # always on different days
        workspace = load_workspace(write(tmp_path, f'[workspace]\ntimezone = "{zone}"\n' + ROLE))
        assert workspace.today() == datetime.now(UTC).astimezone(workspace.zone).date()


def test_the_hash_changes_with_each_part_and_with_nothing_else(tmp_path: Path) -> None:
    workspace = load_workspace(write(tmp_path, ROLE))
    seen = [workspace.hash()]
    for name in ("metrics/a.yml", "metrics/b.yml", "policies/p.md", "events.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x: 1\n")
        seen.append(workspace.hash())
    (tmp_path / "metrics/a.yml").write_text("x: 2\n")
    seen.append(workspace.hash())
    (tmp_path / "metrics/a.yml").rename(tmp_path / "metrics/c.yml")
    seen.append(workspace.hash())
    assert len(set(seen)) == len(seen)
    (tmp_path / "notes.txt").write_text("not part of it")
    (tmp_path / ".transect").mkdir()
    assert workspace.hash() == seen[-1]
    assert len(seen[-1]) == 64


def test_secrets_come_from_the_named_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = load_workspace(
        write(tmp_path, '[model]\napi_key_env = "MY_KEY"\n[audit]\nkey_env = "MY_AUDIT"\n' + ROLE)
    )
    for name in ("MY_KEY", "MY_AUDIT"):
        monkeypatch.delenv(name, raising=False)
    assert workspace.api_key() is None
    assert workspace.audit_key() is None
    monkeypatch.setenv("MY_KEY", "a")
    monkeypatch.setenv("MY_AUDIT", "b")
    assert workspace.api_key() == "a"
    assert workspace.audit_key() == b"b"


def test_the_default_asker_has_the_default_role(tmp_path: Path) -> None:
    workspace: Workspace = load_workspace(write(tmp_path, '[access]\ndefault_role = "a"\n[access.roles.a]\n'))
    assert default_asker(workspace).roles == ("a",)
    asker = default_asker(workspace, role="b", person="p7", surface="eval")
    assert (asker.person, asker.roles, asker.audience_roles, asker.surface) == ("p7", ("b",), (), "eval")


@pytest.mark.parametrize("url", ["http://", "https://:80/v1", "http://[::1/v1", "http://host:port/v1", "ftp://host"])
def test_an_endpoint_that_is_no_address(tmp_path: Path, url: str) -> None:
    ((line, _, _),) = faults_of(tmp_path, f'[model]\nbase_url = "{url}"\n[access.roles.analyst]\n')
    assert line == 2


def test_a_price_is_a_number_that_is_not_negative(tmp_path: Path) -> None:
    text = '[model]\ninput_usd_per_million = -1\noutput_usd_per_million = "2"\n[access.roles.analyst]\n'
    assert [line for line, _, _ in faults_of(tmp_path, text)] == [2, 3]
