"""The drawings: gaps are gaps, the same input gives the same bytes, and nothing leaks into the page around them."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import settings as search
from hypothesis import strategies as st

from kam_pipeline.report.charts import Curve, LorenzLabels, Spoke, TopShare, lorenz_chart, radar_chart

LABELS = LorenzLabels("Customers", "Revenue", "All equal", ("0 %", "25 %", "50 %", "75 %", "100 %"))
CURVE = Curve("Groups", [(0, 0), (0.5, 0.1), (1, 1)])
TOP = TopShare(0.9, 0.5, 0.45, 0.55, "Top 10 %: 50.0 %")


def spokes(*levels):
    return [Spoke(f"Practice {place}", level, None, None, None) for place, level in enumerate(levels)]


def counted(svg, name):
    return len(re.findall(rf'class="{name}"', svg))


@pytest.mark.parametrize(
    ("levels", "edges", "gaps"),
    [
        ((3, 3, 3, 3, 3), 5, 0),
        ((3, None, 3, 3, 3), 3, 1),
        ((3, None, 3, None, 3), 1, 2),  # the last and the first are neighbours
        ((3, None, None, 3, None), 0, 3),
        ((None, None, None, None, None), 0, 5),
    ],
)
def test_a_practice_that_is_not_measured_breaks_the_line_and_its_spoke_says_so(levels, edges, gaps):
    svg = radar_chart(spokes(*levels), "not measured", "salt")
    assert (counted(svg, "edge"), counted(svg, "gap")) == (edges, gaps)
    assert svg.count("not measured") == gaps


@search(max_examples=15)
@given(st.lists(st.none() | st.floats(1, 5), min_size=3, max_size=12))
def test_whatever_is_measured_lines_run_between_measured_neighbours_only(levels):
    svg = radar_chart(spokes(*levels), "not measured", "salt")
    around = [*levels[1:], levels[0]]
    pairs = [here is not None and there is not None for here, there in zip(levels, around, strict=True)]
    assert counted(svg, "edge") == sum(pairs)
    assert counted(svg, "gap") == levels.count(None)


def test_nothing_is_drawn_at_the_centre_for_what_is_not_measured():
    measured = radar_chart(spokes(1, 1, 1, 1, 1), "not measured", "salt")
    none = radar_chart(spokes(None, None, None, None, None), "not measured", "salt")
    dots = re.compile(r"<use ")
    assert len(dots.findall(measured)) == 5
    assert dots.findall(none) == []


@pytest.mark.parametrize(
    "draw",
    [
        lambda salt: radar_chart(spokes(1, None, 2.5, 4, 5), "not measured", salt),
        lambda salt: lorenz_chart([CURVE, CURVE], TOP, LABELS, salt),
    ],
    ids=["radar", "lorenz"],
)
def test_the_same_input_gives_the_same_bytes_and_another_salt_other_ids(draw):
    assert draw("a") == draw("a")
    ids = [set(re.findall(r' id="([^"]+)"', draw(salt))) for salt in ("a", "b")]
    assert ids[0]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize(
    "svg",
    [radar_chart(spokes(1, None, 3), "not measured", "a"), lorenz_chart([CURVE], TOP, LABELS, "a")],
    ids=["radar", "lorenz"],
)
def test_a_drawing_is_one_element_without_style_sheet_date_or_maker(svg):
    assert svg.startswith("<svg viewBox=")
    root = ET.fromstring(svg.replace("xlink:href", "href"))
    assert root.tag == "svg"
    for forbidden in ("<style", "<metadata", "matplotlib", "<!--", "http", "<image", "font-family"):
        assert forbidden not in svg
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg)) <= {
        (name, "") for name in re.findall(r' id="([^"]+)"', svg)
    } | {("", name) for name in re.findall(r' id="([^"]+)"', svg)}


def test_words_of_the_drawings_are_text_and_no_formulas():
    svg = radar_chart([Spoke("$x$ <b>&", 1, None, None, None), *spokes(2, 3)], "not measured", "a")
    assert "$x$ &lt;b&gt;&amp;" in svg


def test_the_top_is_marked_only_where_it_is_known():
    with_top, without = (lorenz_chart([CURVE], top, LABELS, "a") for top in (TOP, None))
    assert "Top 10 %" in with_top
    assert "Top 10 %" not in without
    assert "All equal" in without


def test_a_long_label_makes_room_for_itself():
    short = radar_chart(spokes(1, 2, 3), "not measured", "a")
    long = radar_chart([Spoke("x" * 30, 1, None, None, None)] * 3, "not measured", "a")
    heights = [float(re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', svg)[1]) for svg in (short, long)]
    assert heights[1] < heights[0]
