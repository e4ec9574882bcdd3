"""Files of a chart: named by content, written once, whole or not at all."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.reporting.figures import counted, sampled
from tools.reporting import draw_chart
from tools.reporting.render import render


def test_the_same_chart_is_rendered_once(tmp_path: Path) -> None:
    first = draw_chart([counted(0.1)], title="t", directory=tmp_path)
    mark = b"left alone"
    Path(first.png).write_bytes(mark)
    again = draw_chart([counted(0.1)], title="t", directory=tmp_path)
    assert again == first
    assert Path(again.png).read_bytes() == mark


def test_another_number_is_another_file(tmp_path: Path) -> None:
    one = draw_chart([counted(0.1)], title="t", directory=tmp_path)
    two = draw_chart([counted(0.2)], title="t", directory=tmp_path)
    assert one.png != two.png
    assert re.fullmatch(r"chart-[0-9a-f]{16}\.png", Path(one.png).name)
    assert Path(one.png).stem == Path(one.svg).stem


def test_a_missing_half_is_made_again(tmp_path: Path) -> None:
    chart = draw_chart([counted(0.1)], title="t", directory=tmp_path / "new" / "folder")
    Path(chart.png).unlink()
    draw_chart([counted(0.1)], title="t", directory=tmp_path / "new" / "folder")
    assert Path(chart.png).read_bytes().startswith(b"\x89PNG")


def test_the_bytes_are_the_same_elsewhere(tmp_path: Path) -> None:
    figures = [sampled(0.02, 0.01, 0.03)]
    here = draw_chart(figures, title="t", directory=tmp_path / "a")
    there = draw_chart(figures, title="t", directory=tmp_path / "b")
    assert Path(here.svg).read_bytes() == Path(there.svg).read_bytes()
    assert Path(here.png).read_bytes() == Path(there.png).read_bytes()


def test_the_png_has_twice_the_pixels_of_the_svg(tmp_path: Path) -> None:
    chart = draw_chart([counted(0.1)], title="t", directory=tmp_path)
    width = float(ET.fromstring(Path(chart.svg).read_text()).attrib["width"])
    assert int.from_bytes(Path(chart.png).read_bytes()[16:20], "big") == round(2 * width)
    assert 640 <= width <= 740


def test_nothing_is_left_when_rendering_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        render({"bad": float("nan")}, directory=tmp_path)
    assert list(tmp_path.iterdir()) == []
