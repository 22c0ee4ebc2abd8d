"""Put the report together: contents, words and drawings into the templates, one file that needs nothing else.

What belongs here: the template engine, and what templates are given. What does not: finding figures (the reading
modules), sentences (texts.yaml), layout (templates/, style.css).
"""

import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from kam_pipeline.report.answers import how_they_are, lacking, rests_on_nothing
from kam_pipeline.report.charts import Curve, LorenzLabels, Spoke, TopShare, lorenz_chart, radar_chart
from kam_pipeline.report.figures import Both, Practice
from kam_pipeline.report.whole import Report
from kam_pipeline.report.words import HARD_SPACE, Code, Words

TOP = "top_10_pct_share"
LABEL_LETTERS = 14
COUNTED_TESTS = frozenset({"enough_customers", "enough_months"})
"""Tests of a count; all others are of a share."""
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "\ufffd")


def render(report: Report, codes: Sequence[Code]) -> str:
    """Return the page.

    Parameters
    ----------
    report : Report
        The contents.
    codes : Sequence[Code]
        Languages in the file; the first is the one that is shown.

    Returns
    -------
    str
        HTML; the same contents give the same text.
    """
    spoken = [(view["w"], view["html"]) for view in (_language(environment(), report, code) for code in codes)]
    first: Words = spoken[0][0]
    return whole_page(first.text("page.title", date=first.date(report.snapshot.as_of_date)), spoken)


def whole_page(title: str, spoken: Sequence[tuple[Words, str]]) -> str:
    """Return a page from its languages.

    Parameters
    ----------
    title : str
        What the window is called.
    spoken : Sequence[tuple[Words, str]]
        Each language with its contents, rendered from our templates; the first is the one that is shown.

    Returns
    -------
    str
        HTML that needs nothing else.
    """
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            first=spoken[0][0],
            title=title,
            style=Markup(files("kam_pipeline.report").joinpath("style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
            languages=[(words, Markup(html)) for words, html in spoken],  # noqa: S704 - rendered with autoescape
        )
    )


@cache
def environment() -> Environment:
    """Return the template engine: everything is escaped, nothing may be missing."""
    return Environment(
        loader=PackageLoader("kam_pipeline.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )


def _printable(value: Any) -> Any:  # noqa: ANN401 - whatever a template puts out
    """Replace control characters, which HTML may not hold; markup of ours passes."""
    return value.translate(_CONTROL) if type(value) is str else value


def _language(used: Environment, report: Report, code: Code) -> dict[str, Any]:
    words = Words(code, report.snapshot.reporting_currency)
    view: dict[str, Any] = {
        "w": words,
        "t": words.text,
        "term": words.term,
        "say": lambda both: said(words, both),
        "css_percent": lambda share: f"{100 * min(max(float(share), 0), 1):.1f}%",
        "tested": lambda condition, value: (
            words.number(value) if condition.test in COUNTED_TESTS else words.percent(value)
        ),
        "plain": lambda value: words.value(value, None),
        "r": report,
        "lacking": lacking(report.verdict),
        "how": how_they_are(report.kpis),
        "rests_on_nothing": rests_on_nothing(report),
        "lorenz": _lorenz(report, words),
        "radar": _radar(report.maturity.practices, words),
    }
    return view | {"html": used.get_template("language.html.j2").render(view)}


def said(words: Words, both: Both) -> Markup:
    """Return a text of the tables, marked with its language where that is not the page's."""
    text, other = words.pick(both)
    printable = _printable(text)
    return Markup('<span lang="{}">{}</span>').format(other, printable) if other else escape(printable)


def _lorenz(report: Report, words: Words) -> Markup | None:
    names = {"group": "lorenz.groups", "account": "lorenz.accounts"}
    curves = [
        Curve(words.text(names[basis]), found.points)
        for basis, found in report.concentration.items()
        if len(found.points) > 1
    ]
    if not curves:
        return None
    labels = LorenzLabels(
        words.text("lorenz.x"),
        words.text("lorenz.y"),
        words.text("lorenz.equal"),
        tuple(words.percent(share, 0) for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
    )
    return Markup(lorenz_chart(curves, _top_share(report, words), labels, f"lorenz-{words.code}"))  # noqa: S704


def _top_share(report: Report, words: Words) -> TopShare | None:
    top = report.concentration["group"].metrics.get(TOP)
    if top is None or top.value is None or not top.n:
        return None
    return TopShare(
        begins_at=1 - math.ceil(top.n / 10) / top.n,
        share=top.value,
        low=top.low,
        high=top.high,
        label=words.text("lorenz.top", share=words.percent(top.value)),
    )


def _radar(practices: Sequence[Practice], words: Words) -> Markup | None:
    if len(practices) < 3:
        return None
    spokes = [
        Spoke(_wrapped(words.pick(item.name)[0] or item.practice), item.level, item.low, item.high, item.target)
        for item in practices
    ]
    return Markup(radar_chart(spokes, words.text("status.not_measured"), f"radar-{words.code}"))  # noqa: S704


def _wrapped(name: str) -> str:
    """Break a name into two lines near its middle where it is long for the drawing."""
    spaces = [place for place, letter in enumerate(name) if letter == " "]
    if len(name) <= LABEL_LETTERS or not spaces:
        return name
    middle = min(spaces, key=lambda place: abs(place - len(name) / 2))
    return name[:middle] + "\n" + name[middle + 1 :].replace(" ", HARD_SPACE)
