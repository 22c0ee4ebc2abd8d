"""The two drawings of the report, as SVG that stands inside the page: the Lorenz curve and the maturity radar.

What belongs here: geometry and ink. What does not: what the figures mean, wording (the labels come in ready), any text
of a CRM. The same input gives the same bytes: ids come from a fixed salt, and nothing says when a drawing was made.
"""

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

INK = "#1c2733"
MUTED = "#5d6b7a"
RULE = "#d5dbe2"
MAIN = "#14507a"
SECOND = "#b3591b"
RADAR_WIDTH = 5.2  # inches
_POINTS_PER_INCH = 72
_LABEL_AT = 5.4  # where labels begin, in levels
_LABEL_SIZE, _LETTER_WIDTH, _LINE_HEIGHT = 11.5, 6.2, 14.5  # points


@dataclass(frozen=True)
class Curve:
    """A Lorenz curve with its label; points are shares 0..1 from the smallest customer up."""

    label: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class TopShare:
    """What the largest customers bring, to be marked on the curve: where they begin, their share, its interval."""

    begins_at: float
    share: float
    low: float | None
    high: float | None
    label: str


@dataclass(frozen=True)
class Spoke:
    """One practice of the radar: levels 1..5, None where not measured."""

    label: str
    level: float | None
    low: float | None
    high: float | None
    target: float | None


@dataclass(frozen=True)
class LorenzLabels:
    """The words on the Lorenz curve; `ticks` at 0, 25, 50, 75 and 100 per cent."""

    x: str
    y: str
    equal: str
    ticks: tuple[str, ...]


def lorenz_chart(curves: Sequence[Curve], top: TopShare | None, labels: LorenzLabels, salt: str) -> str:
    """Return the Lorenz curves as SVG.

    Parameters
    ----------
    curves : Sequence[Curve]
        The first is drawn as the main one.
    top : TopShare or None
        What to mark on the first curve.
    labels : LorenzLabels
        The words.
    salt : str
        Makes the ids of this drawing its own within the page.

    Returns
    -------
    str
        An `svg` element.
    """
    figure, axes = _drawing(4.6, 4.2, (0.185, 0.135, 0.76, 0.845))
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, linestyle=(0, (2, 2)), label=labels.equal)
    styles: tuple[dict[str, Any], ...] = (
        {"color": MAIN, "linewidth": 2.4, "zorder": 4},
        {"color": SECOND, "linewidth": 1.6, "linestyle": (0, (5, 2)), "zorder": 3},
    )
    for curve, style in zip(curves, styles, strict=False):
        axes.plot([x for x, _ in curve.points], [y for _, y in curve.points], label=curve.label, **style)
    if curves:
        xs, ys = zip(*curves[0].points, strict=True)
        axes.fill_between(xs, ys, xs, color=MAIN, alpha=0.07, linewidth=0)
    if top is not None:
        _mark_top(axes, top)
    _square_axes(axes, labels)
    axes.legend(loc="upper left", frameon=False, fontsize=10.5, labelcolor=INK, handlelength=2.2, borderaxespad=0.6)
    return _svg(figure, salt)


def radar_chart(spokes: Sequence[Spoke], not_measured: str, salt: str) -> str:
    """Return the radar as SVG: a line between neighbours that are both measured, and a gap everywhere else.

    Parameters
    ----------
    spokes : Sequence[Spoke]
        The practices, clockwise from the top.
    not_measured : str
        The words on a spoke without a level.
    salt : str
        Makes the ids of this drawing its own within the page.

    Returns
    -------
    str
        An `svg` element.
    """
    places = [math.pi / 2 - 2 * math.pi * place / len(spokes) for place in range(len(spokes))]
    labels = [_label_lines(spoke, not_measured) for spoke in spokes]
    room = _room(labels, places)
    figure, axes = _drawing(RADAR_WIDTH, (room.above + room.below) / _POINTS_PER_INCH, (0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-room.left / room.level, room.right / room.level)
    axes.set_ylim(-room.below / room.level, room.above / room.level)
    _rings(axes, places)
    for spoke, angle, lines in zip(spokes, places, labels, strict=True):
        _spoke(axes, spoke, angle)
        _label(axes, lines, angle, _LINE_HEIGHT / room.level, muted=spoke.level is None)
    around = list(zip(spokes, places, strict=True))
    for (here, angle), (neighbour, next_angle) in zip(around, around[1:] + around[:1], strict=True):
        if here.level is not None and neighbour.level is not None:
            ends = [_at(here.level, angle), _at(neighbour.level, next_angle)]
            axes.fill(*zip((0, 0), *ends, strict=True), color=MAIN, alpha=0.10, linewidth=0)
            axes.plot(*zip(*ends, strict=True), color=MAIN, linewidth=2.2, gid="edge", zorder=4)
    return _svg(figure, salt)


def _drawing(width: float, height: float, place: tuple[float, float, float, float]) -> tuple["Drawing", "Axes"]:
    from matplotlib.figure import Figure as Drawing

    figure = Drawing(figsize=(width, height), dpi=_POINTS_PER_INCH)
    figure.patch.set_visible(False)
    axes = figure.add_axes(place)
    axes.patch.set_visible(False)
    return figure, axes


def _mark_top(axes: "Axes", top: TopShare) -> None:
    ends_at = 1 - top.share
    axes.plot([top.begins_at] * 2, [ends_at, 1], color=INK, linewidth=1.1, zorder=5)
    axes.plot([top.begins_at], [ends_at], marker="o", markersize=6, color=MAIN, zorder=6)
    if top.low is not None and top.high is not None:
        axes.plot([top.begins_at] * 2, [1 - top.high, 1 - top.low], color=MAIN, linewidth=6, alpha=0.28, zorder=2)
    axes.text(
        top.begins_at - 0.035, (ends_at + 0.9) / 2, top.label, ha="right", va="center", color=INK, fontsize=11.5,
        fontweight="bold", parse_math=False, zorder=7, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip


def _square_axes(axes: "Axes", labels: LorenzLabels) -> None:
    axes.set_xlim(0, 1.0)
    axes.set_ylim(0, 1.0)
    places = [0, 0.25, 0.5, 0.75, 1]
    axes.set_xticks(places, labels.ticks, fontsize=10.5, color=MUTED, parse_math=False)
    axes.set_yticks(places, labels.ticks, fontsize=10.5, color=MUTED, parse_math=False)
    axes.tick_params(length=0, pad=5)
    axes.grid(visible=True, color=RULE, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(RULE)
    axes.set_xlabel(labels.x, fontsize=11, color=INK, labelpad=6, parse_math=False)
    axes.set_ylabel(labels.y, fontsize=11, color=INK, labelpad=3, parse_math=False)
    for line in axes.lines:
        line.set_clip_on(False)


def _at(level: float, angle: float) -> tuple[float, float]:
    return level * math.cos(angle), level * math.sin(angle)


def _rings(axes: "Axes", places: Sequence[float]) -> None:
    """Draw the levels 1 to 5; the centre has no meaning and no label."""
    for level in range(1, 6):
        corners = [_at(level, angle) for angle in [*places, places[0]]]
        axes.plot(*zip(*corners, strict=True), color=RULE, linewidth=0.8 if level < 5 else 1.3, zorder=1)
    between = (places[0] - places[1]) / 2
    for level in range(1, 6):
        x, y = _at(level * math.cos(between), places[0] + between)
        axes.text(
            x, y, str(level), fontsize=10, color=MUTED, ha="center", va="center", zorder=4.5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip


def _spoke(axes: "Axes", spoke: Spoke, angle: float) -> None:
    is_measured = spoke.level is not None
    x, y = _at(5, angle)
    axes.plot(
        [0, x], [0, y], color=RULE if is_measured else MUTED, linewidth=0.8 if is_measured else 1.1,
        linestyle="-" if is_measured else (0, (1.5, 3)), zorder=1, gid=None if is_measured else "gap",
    )  # fmt: skip
    if spoke.target is not None:
        axes.plot(*_at(spoke.target, angle), marker="D", markersize=6, markerfacecolor="white",
                  markeredgecolor=SECOND, markeredgewidth=1.5, linestyle="none", zorder=7)  # fmt: skip
    if spoke.level is not None:
        if spoke.low is not None and spoke.high is not None:
            ends = (_at(spoke.low, angle), _at(spoke.high, angle))
            axes.plot(*zip(*ends, strict=True), color=MAIN, linewidth=5, alpha=0.3, solid_capstyle="round", zorder=3)
        axes.plot(*_at(spoke.level, angle), marker="o", markersize=8, color=MAIN, linestyle="none", zorder=6)


def _label_lines(spoke: Spoke, not_measured: str) -> list[str]:
    return [*spoke.label.split("\n"), *([not_measured] if spoke.level is None else [])]


@dataclass(frozen=True)
class _Room:
    """How many points a level takes, and how many points lie left, right, above and below the centre."""

    level: float
    left: float
    right: float
    above: float
    below: float


def _room(labels: Sequence[Sequence[str]], places: Sequence[float]) -> _Room:
    """Give the levels as much of the width as the labels at both sides leave."""
    width = RADAR_WIDTH * _POINTS_PER_INCH
    letters = [
        (math.cos(angle), _LETTER_WIDTH * max(map(len, lines)) * (1 if _is_beside(angle) else 0.5))
        for lines, angle in zip(labels, places, strict=True)
    ]

    def side(level: float, sign: int) -> float:
        return max(_LABEL_AT * level * max(sign * cosine, 0) + text for cosine, text in letters if sign * cosine > -0.2)

    level = width / 30
    while side(level + 0.1, -1) + side(level + 0.1, 1) < width:
        level += 0.1
    left = side(level, -1)
    return _Room(
        level, left, width - left, _LABEL_AT * level + 2.2 * _LINE_HEIGHT, _LABEL_AT * level + 2.2 * _LINE_HEIGHT
    )


def _is_beside(angle: float) -> bool:
    return abs(math.cos(angle)) > 0.2


def _label(axes: "Axes", lines: Sequence[str], angle: float, step: float, *, muted: bool) -> None:
    """Put a label outside the outer ring, line by line."""
    x, y = _at(_LABEL_AT, angle)
    side = ("left" if math.cos(angle) > 0 else "right") if _is_beside(angle) else "center"
    first = y + step * (len(lines) - 1) * (0.5 + 0.5 * math.sin(angle))
    for place, line in enumerate(lines):
        is_status = muted and place == len(lines) - 1
        axes.text(
            x, first - step * place, line, ha=side, va="center", fontsize=_LABEL_SIZE, parse_math=False,
            color=MUTED if muted else INK, fontstyle="italic" if is_status else "normal",
        )  # fmt: skip


def _svg(figure: "Drawing", salt: str) -> str:
    """Return the drawing as one `svg` element that shares nothing with the page around it."""
    import matplotlib as mpl

    written = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": salt, "path.simplify": False}):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = written.getvalue().decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<style[^>]*>.*?</style>", "", text, flags=re.DOTALL)  # it would hold for the whole page
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*</defs>", "", text)
    text = re.sub(r"font-family: [^;\"]*; ", "", text)  # the page's own
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    text = re.sub(r' id="([^"]*)"', lambda match: _own_id(match[1], used), text)
    opening = re.search(r'viewBox="([^"]*)"', text)
    if opening is None:
        raise ValueError("the drawing has no viewBox")
    return f'<svg viewBox="{opening[1]}" aria-hidden="true" focusable="false">' + text[text.index(">") + 1 :].strip()


def _own_id(name: str, used: set[str]) -> str:
    """Keep the ids that are referred to; say as a class what a test or a style may look for."""
    if name in used:
        return f' id="{name}"'
    return f' class="{name}"' if name in ("edge", "gap") else ""
