"""Does every number of a study's draft stand in its files, and each row of its tables hold its own figure?"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from evals.number_text import WHOLE_SCALES, drop_code, find_numbers, renders_limit

_FILES = ("estimate.json", "plan.json", "sample.csv.manifest.json")
_STYLE_AND_PICTURES = re.compile(r"<(style|svg|pre|code)\b.*?</\1>", flags=re.DOTALL | re.IGNORECASE)
_HTML_TAG = re.compile(r"<[^>]*>")
_ANY_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LIMITS = ("value", "low", "high")


def score_faithful(folder: Path, *, words: str) -> list[str]:
    """Problems of draft.md and draft.html against estimate.json, plan.json and the manifest of the draw.

    Args:
        folder: of a study that has a draft.
        words: text whose numbers may be repeated: the spec, the policy, the settings.
    """
    files = [json.loads((folder / name).read_text(encoding="utf-8")) for name in _FILES]
    estimate, plan = files[0], files[1]
    hidden = _hidden(estimate, plan)
    shown = {**estimate, "figures": [_blank(f) if f["id"] in hidden else f for f in estimate["figures"]]}
    values = [*_leaves([shown, *files[1:]]), *_derived(estimate, plan)]
    typed = {n for text in (words, *_strings(files)) for n in _ANY_NUMBER.findall(text)}
    typed |= {n.lstrip("0") for n in typed}
    markdown = (folder / "draft.md").read_text(encoding="utf-8")
    page = (folder / "draft.html").read_text(encoding="utf-8")
    problems = []
    for name, prose in (("draft.md", drop_code(markdown)), ("draft.html", _words_of(page))):
        unknown = [t for t, plain in find_numbers(prose) if plain not in typed and not _rounds(plain, values)]
        if unknown:
            problems.append(f"{name} holds numbers that no file of the study does: {', '.join(dict.fromkeys(unknown))}")
    return problems + _wrong_rows(markdown, estimate, hidden) + _wrong_headline(markdown, estimate, hidden)


def _wrong_headline(markdown: str, estimate: dict[str, Any], hidden: set[str]) -> list[str]:
    """The sentence below the title: value, limits and n of the overall figure, and no other share."""
    overall = next(f for f in estimate["figures"] if f["id"] == "overall")
    sentence = next((line for line in markdown.splitlines() if line.startswith("> ")), "")
    if "overall" in hidden or overall["value"] is None:
        said = [token for token, _ in find_numbers(sentence) if f"{token}%" in sentence]
        return [f"the headline gives {', '.join(said)}, which is to be withheld"] if said else []
    bound = ("high",) if overall["value"] == 0 else ("low",)
    limits = [overall[key] for key in (bound if overall["one_sided"] else _LIMITS)]
    missing = [v for v in [*limits, overall["n"]] if not any(_rounds(p, [v]) for _, p in find_numbers(sentence))]
    return [f"the headline does not say {', '.join(map(str, missing))}"] if missing else []


def _wrong_rows(markdown: str, estimate: dict[str, Any], hidden: set[str]) -> list[str]:
    """Each stratum's and breakdown value's row in its section: its own numbers, or none where it is to be hidden."""
    problems = []
    for figure in estimate["figures"]:
        group = figure["id"].rpartition(".")[0]
        if not group or len(figure["slice"]) != 1:
            continue
        ((name, label),) = figure["slice"].items()
        rows = [r for r in _rows(markdown, section=f"By {name}") if _plain(r[0]) == _plain(str(label))]
        if not rows:
            problems.append(f"no row of {name} {label!r}")
        for row in rows:
            numbers = [plain for cell in row[1:] for _, plain in find_numbers(cell)]
            if figure["id"] in hidden or figure["value"] is None:
                problems += [f"{name} {label!r} shows {', '.join(numbers)}, which is to be withheld"] if numbers else []
            elif not all(_is_of(n, figure) for n in numbers):
                problems.append(f"{name} {label!r} shows {', '.join(numbers)}, which is not its figure")
    return problems


def _is_of(number: str, figure: dict[str, Any]) -> bool:
    """Is the number one of the figure's, a limit of it perhaps rounded away from the value?"""
    if renders_limit(number, low=figure["low"], high=figure["high"]):
        return True
    return _rounds(number, [figure[k] for k in (*_LIMITS, "n", "positives", "level")])


def _rows(markdown: str, *, section: str) -> Iterator[list[str]]:
    """Cells of the table rows below the headings of that name."""
    inside = False
    for line in markdown.splitlines():
        if line.startswith("#"):
            inside = _plain(line.lstrip("# ")) == _plain(section)
        elif inside and line.startswith("| ") and not line.startswith("| ---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _plain(text: str) -> str:
    """Letters and digits alone: a draft breaks links and tags of a label by blanks and escapes its marks."""
    return "".join(c for c in html.unescape(html.unescape(text)) if c.isalnum()).casefold()


def _hidden(estimate: dict[str, Any], plan: dict[str, Any]) -> set[str]:
    """Figures on fewer units or positives than any reader's least cell."""
    least = plan["min_cell"]
    return {id for id, cell in estimate["cells"].items() if least > 1 and min(cell["units"], cell["positives"]) < least}


def _blank(figure: dict[str, Any]) -> dict[str, Any]:
    return {**figure, **dict.fromkeys((*_LIMITS, "n", "n_eff", "positives"))}


def _derived(estimate: dict[str, Any], plan: dict[str, Any]) -> Iterator[float]:
    """What a draft may work out of its files: units per drawn unit, how many strata, checks that agree."""
    for stratum in plan["strata"]:
        yield stratum["N"] / stratum["n"]
    units = {stratum["stratum"]: stratum["N"] for stratum in plan["strata"]}
    yield from (units[r["stratum"]] / r["settled"] for r in estimate["response"] if r.get("stratum") and r["settled"])
    yield float(len(plan["strata"]))
    yield from (float(r["drawn"] - r["settled"]) for r in estimate["response"])
    checks = estimate["checks"]
    if checks is not None:
        yield float(checks["both_positive"] + checks["both_negative"])
        yield float(sum(checks.values()))


def _rounds(token: str, values: Iterable[float | None]) -> bool:
    """Is the token one of the values, rounded in either direction to the last digit that it shows?"""
    whole, _, decimals = token.partition(".")
    zeros = 0 if decimals else len(whole) - len(whole.rstrip("0"))
    steps = [10.0**power for power in range(-len(decimals), zeros + 1)]
    for value in values:
        for scale in WHOLE_SCALES if value is not None else ():
            exact = abs(value or 0.0) * scale
            if exact == float(token) or any(
                abs(exact - float(token)) <= (step if step <= 0.2 * exact else step / 2) * (1 + 1e-9)
                and step <= max(exact, steps[0])
                for step in steps
            ):
                return True
    return False


def _leaves(part: Any) -> Iterator[float]:
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _leaves(each)
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield float(part)


def _strings(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        part = [value for key, value in part.items() if key != "sql"]  # the draw's SQL holds every allocation
    if isinstance(part, list):
        for each in part:
            yield from _strings(each)
    elif isinstance(part, str):
        yield part


def _words_of(page: str) -> str:
    return html.unescape(_HTML_TAG.sub(" ", _STYLE_AND_PICTURES.sub(" ", page)))
