"""The sentences of maturity, in English and Danish: why a level is what it is, or why there is none.

What belongs here: wording and how numbers are written in each language. What does not: deciding anything.
"""

from collections.abc import Callable, Sequence

from kam_pipeline.maturity_catalogue.declaration import Bands, Observes, Scale, Text, Unit

_OBSERVED: dict[Observes, Text] = {
    "key_account": Text("key accounts", "nøglekunder"),
    "customer": Text("customers", "kunder"),
    "month": Text("months", "måneder"),
}
_UNIT_MARKS: dict[Unit, str] = {"share": " %", "days": " d", "count": "", "ratio": ""}
_FEEDS = "feeds."
_FEED_NAMES_DA = {
    "actuals": "faktureret omsætning",
    "costs": "omkostninger",
    "decisions": "beslutninger",
    "satisfaction": "tilfredshed",
    "targets": "mål",
}
NOT_MAPPED = Text(
    "Neither a field nor the feed decisions says which customers are key accounts.",
    "Hverken et felt eller en fil med beslutninger viser, hvilke kunder der er nøglekunder.",
)
NOBODY_MARKED = Text(
    "No customer is designated as a key account on the date.", "Ingen kunde er udpeget som nøglekunde på datoen."
)
NOTHING_TO_DIVIDE = Text(
    "The key accounts have nothing in the period that it could be measured against.",
    "Nøglekunderne har intet i perioden, som det kan måles på.",
)


def joined(*sentences: Text) -> Text:
    """Return sentences one after the other, empty ones left out."""
    return Text(" ".join(text.en for text in sentences if text.en), " ".join(text.da for text in sentences if text.da))


def danish(number: str) -> str:
    """Return a number written the English way, 1,234.5, in the Danish way, 1.234,5."""
    return number.translate(str.maketrans(",.", ".,"))


def anchors_text(scale: Scale, unit: Unit) -> Text:
    """Return anchors or bands as readers see them.

    Examples
    --------
    >>> from kam_pipeline.maturity_catalogue.declaration import Ladder
    >>> anchors_text(Ladder((0.2, 0.5, 0.8, 0.95), 1.0), "share").en
    '20 | 50 | 80 | 95 %'
    >>> anchors_text(Ladder((0.5, 0.8, 1.0, 1.2)), "ratio").da
    '0,5 | 0,8 | 1 | 1,2'
    """
    if isinstance(scale, Bands):
        shares = " | ".join(f"{100 * share:g}" for share in scale.small_shares)
        bands = " | ".join(f"{low}-{high}" for low, high in scale.bands)
        return Text(f"{bands}; small companies: {shares} %", f"{bands}; små virksomheder: {danish(shares)} %")
    factor = 100 if unit == "share" else 1
    anchors = " | ".join(f"{round(factor * anchor, 9):g}" for anchor in scale.anchors) + _UNIT_MARKS[unit]
    return Text(anchors, danish(anchors))


def measured_share(numerator: float, denominator: float, counted: Text) -> Text:
    """Return '9 of 12 key accounts: 75 %.'."""
    of, share = f"{numerator:,.0f}", f"{numerator / denominator:.0%}"[:-1] + " %"
    return Text(
        f"{of} of {denominator:,.0f} {counted.en}: {share}.",
        f"{danish(of)} af {danish(f'{denominator:,.0f}')} {counted.da}: {share}.",
    )


def measured_count(value: float, whole: float, counted: Text) -> Text:
    """Return '14 key accounts among 120 customers with revenue.'."""
    number, of = f"{value:,.0f}", f"{whole:,.0f}"
    return Text(f"{number} {counted.en.format(whole=of)}.", f"{danish(number)} {counted.da.format(whole=danish(of))}.")


def measured_ratio(value: float, name: Text) -> Text:
    """Return the indicator's name with its figure."""
    number = f"{value:,.2f}"
    return Text(f"{name.en}: {number}.", f"{name.da}: {danish(number)}.")


def measured_median(value: float, unit: Unit, seen_cnt: int) -> Text:
    """Return 'Median 45 days (key accounts: 12).'."""
    number = f"{value:,.1f}".removesuffix(".0")
    days = Text(" days", " dage") if unit == "days" else Text("", "")
    return Text(
        f"Median {number}{days.en} (key accounts: {seen_cnt}).",
        f"Median {danish(number)}{days.da} (nøglekunder: {seen_cnt}).",
    )


def level_reached(level: float) -> Text:
    """Return 'Level 3.4 of 5.'."""
    return Text(f"Level {level:.1f} of 5.", f"Niveau {danish(f'{level:.1f}')} af 5.")


def judged_for(seen_cnt: int, rows_cnt: int, observes: Observes) -> Text:
    """Return for how many of the rows a figure is known, nothing where it is for all."""
    if seen_cnt == rows_cnt:
        return Text("", "")
    what = _OBSERVED[observes]
    return Text(f"Judged on {seen_cnt} of {rows_cnt} {what.en}.", f"Bedømt på {seen_cnt} af {rows_cnt} {what.da}.")


def only_the_interval(least: int, observes: Observes, low: float, high: float) -> Text:
    """Return the warning that stands where few could be judged."""
    what = _OBSERVED[observes]
    return Text(
        f"Fewer than {least} {what.en} could be judged: read the interval {low:.1f} to {high:.1f}, not the level.",
        f"Færre end {least} {what.da} kunne bedømmes: læs intervallet {danish(f'{low:.1f}')} til "
        f"{danish(f'{high:.1f}')}, ikke niveauet.",
    )


def too_few_judged(seen_cnt: int, rows_cnt: int, observes: Observes, min_coverage: float) -> Text:
    """Return why coverage is too small; nothing where there are no rows at all."""
    if rows_cnt == 0:
        return Text("", "")
    what, share = _OBSERVED[observes], f"{min_coverage:.0%}"[:-1] + " %"
    return Text(
        f"Only {seen_cnt} of {rows_cnt} {what.en} can be judged; at least {share} must be.",
        f"Kun {seen_cnt} af {rows_cnt} {what.da} kan bedømmes; det skal være mindst {share}.",
    )


def source_lacks(missing: Sequence[str]) -> Text:
    """Return what the source lacks, from the names of `Measure.needs`."""
    return Text(
        f"The source does not have {' and '.join(_needed(name, ' or ', _feed) for name in missing)}.",
        f"Kilden har ikke {' og '.join(_needed(name, ' eller ', _feed_da) for name in missing)}.",
    )


def _needed(name: str, between: str, say_feed: Callable[[str], str]) -> str:
    parts = name.split("|")
    return between.join(say_feed(part[len(_FEEDS) :]) if part.startswith(_FEEDS) else part for part in parts)


def _feed(name: str) -> str:
    return f"the feed {name}"


def _feed_da(name: str) -> str:
    return f"filen med {_FEED_NAMES_DA.get(name, name)}"


def stands_aside(name: Text) -> Text:
    """Return why a stand-in does not count."""
    return Text(
        f"Shown only; it does not count as long as “{name.en}” is measured.",
        f"Vises kun; det tæller ikke med, så længe »{name.da}« er målt.",
    )


def indicators_measured(measured_cnt: int, declared_cnt: int, weight_share: float) -> Text:
    """Return how much of a practice is measured."""
    share = f"{weight_share:.0%}"[:-1] + " %"
    return Text(
        f"{measured_cnt} of {declared_cnt} indicators measured, {share} of the weight.",
        f"{measured_cnt} af {declared_cnt} indikatorer målt, {share} af vægten.",
    )


def indicators_lacking() -> Text:
    """Return what a practice needs."""
    return Text(
        "At least two and half of the weight are needed.", "Det kræver mindst to indikatorer og halvdelen af vægten."
    )


def practices_measured(measured_cnt: int, declared_cnt: int) -> Text:
    """Return how much of the programme is measured."""
    return Text(
        f"{measured_cnt} of {declared_cnt} practices measured.", f"{measured_cnt} af {declared_cnt} praksisser målt."
    )


def practices_lacking(needed_cnt: int) -> Text:
    """Return what the programme needs."""
    return Text(f"At least {needed_cnt} are needed.", f"Det kræver mindst {needed_cnt} praksisser.")


def weakest(name: Text, level: float) -> Text:
    """Return which part is weakest."""
    return Text(f"Weakest: {name.en} ({level:.1f}).", f"Svagest: {name.da} ({danish(f'{level:.1f}')}).")
