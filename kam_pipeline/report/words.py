"""The two languages of the report: sentences from texts.yaml, and how numbers and dates are written.

What belongs here: looking a text up, number and date style, a figure by its unit. What does not: the sentences
themselves (texts.yaml), names of KPIs and practices (the published tables hold them), markup.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from importlib.resources import files
from typing import get_args

import yaml

from kam_pipeline.report.figures import SIGNED, Both, Figure, Number, is_read_in_per_cent
from kam_pipeline.settings.operation import Language

Code = Language
CODES: tuple[Code, ...] = get_args(Language)
NO_CURRENCY = "XXX"
MINUS = "\u2212"
DASH = "\u2013"
TIGHT_DASH = "\u2013\u2060"  # and no line break behind it
HARD_SPACE = "\u00a0"

_MONTHS: Mapping[Code, str] = {
    "en": "January February March April May June July August September October November December",
    "da": "januar februar marts april maj juni juli august september oktober november december",
}
_MARKS: Mapping[Code, tuple[str, str]] = {"en": (",", "."), "da": (".", ",")}


@cache
def texts() -> Mapping[str, Mapping[Code, str | Mapping[str, str]]]:
    """Return every text by key and language; one that depends on a count has the forms `one` and `other`."""
    content = files("kam_pipeline.report").joinpath("texts.yaml").read_text(encoding="utf-8")
    found: dict[str, Mapping[Code, str | Mapping[str, str]]] = yaml.safe_load(content)
    return found


def together(text: str) -> str:
    """Keep a number and its per cent sign on one line."""
    return text.replace(" %", f"{HARD_SPACE}%")


class Words:
    """One language of the report.

    Parameters
    ----------
    code : Code
        Which one.
    currency : str
        The reporting currency, ISO code; XXX where it is not known.
    """

    def __init__(self, code: Code, currency: str) -> None:
        self.code = code
        self.currency = "" if currency == NO_CURRENCY else currency
        self._months = _MONTHS[code].split()
        self._thousands, self._decimal = _MARKS[code]

    def text(self, key: str, **values: str | int) -> str:
        """Return a text with its values filled in; whole numbers are written in the language's style.

        Raises
        ------
        KeyError
            When the key or a value is not there: a defect of the report, found by its tests.
        """
        found = texts()[key][self.code]
        if not isinstance(found, str):
            found = found["one" if values["count"] == 1 else "other"]
        written = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return together(found.format(**written))

    def term(self, kind: str, value: str | None) -> str:
        """Return the word for a value of a list, such as a decision; one that is new to us as the table has it."""
        key = f"{kind}.{value}"
        return self.text(key) if key in texts() else (value or self.text("status.not_known"))

    def pick(self, both: Both) -> tuple[str, Code | None]:
        """Return a text of the tables in this language, or the other one together with its code."""
        own, other = (both.en, both.da) if self.code == "en" else (both.da, both.en)
        if own or not other:
            return together(own or ""), None
        return together(other), "da" if self.code == "en" else "en"

    def number(self, value: Number, digits: int = 0, *, signed: bool = False) -> str:
        """Return a number with its groups of three; halves go to the even neighbour."""
        exact = value if isinstance(value, Decimal) else Decimal(repr(value))
        rounded = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
        written = f"{abs(rounded):,.{digits}f}".translate(str.maketrans(",.", self._thousands + self._decimal))
        if rounded == 0:
            return written
        return (MINUS if rounded < 0 else "+" if signed else "") + written

    def percent(self, share: Number, digits: int = 1, *, signed: bool = False) -> str:
        """Return a share 0..1 in per cent."""
        exact = Decimal(repr(share)) if isinstance(share, float) else Decimal(share)
        smallest = Decimal(1).scaleb(-digits)
        if 0 < 100 * exact < smallest / 2 and not signed:
            return f"<{self.number(smallest, digits)}{HARD_SPACE}%"
        return f"{self.number(100 * exact, digits, signed=signed)}{HARD_SPACE}%"

    def money(self, amount: Number) -> str:
        """Return an amount in whole units of the reporting currency, with its code where that is known."""
        return f"{self.number(amount)}{HARD_SPACE}{self.currency}" if self.currency else self.number(amount)

    def date(self, day: date) -> str:
        """Return a date: 1 July 2026, 1. juli 2026."""
        dot = "." if self.code == "da" else ""
        return f"{day.day}{dot}{HARD_SPACE}{self._months[day.month - 1]}{HARD_SPACE}{day.year}"

    def moment(self, stamp: datetime) -> str:
        """Return a moment of UTC to the minute."""
        hour = stamp.strftime("%H:%M" if self.code == "en" else "%H.%M")
        return f"{self.date(stamp)} {hour}{HARD_SPACE}UTC"

    def value(self, value: Number, unit: str | None, kpi: str = "", *, with_unit: bool = True) -> str:
        """Return a figure as its unit is written.

        Parameters
        ----------
        value : Number
            The figure.
        unit : str or None
            money, share, ratio, count, days, score; anything else is written as a plain number.
        kpi : str
            Which figure it is: growth carries a sign.
        with_unit : bool
            Whether money and days carry their unit, which a table may say in its heading.
        """
        if unit == "share" or is_read_in_per_cent(kpi):
            return self.percent(value, signed=kpi in SIGNED)
        match unit:
            case "money":
                return self.money(value) if with_unit else self.number(value)
            case "ratio":
                return self.number(value, 2)
            case "days" if with_unit:
                return self.text("unit.days", days=self._plain(value))
            case _:
                return self._plain(value)

    def figure(self, figure: Figure, *, with_unit: bool = True) -> str:
        """Return the value of a measured figure."""
        if figure.value is None:
            raise ValueError(f"{figure.kpi} is not measured")
        return self.value(figure.value, figure.unit, figure.kpi, with_unit=with_unit)

    def interval(self, low: Number, high: Number, unit: str | None, kpi: str = "") -> str:
        """Return an interval from its lower to its upper end; per cent and currency are said once."""
        if unit == "money":
            return f"{self.span(self.number(low), self.number(high), DASH)}{HARD_SPACE}{self.currency}".rstrip()
        if unit != "share" and not is_read_in_per_cent(kpi):
            return self.span(*(self.value(end, unit, kpi, with_unit=False) for end in (low, high)))
        ends = [self.number(100 * Decimal(repr(end)), 1, signed=kpi in SIGNED) for end in (low, high)]
        return f"{self.span(*ends)}{HARD_SPACE}%"

    def span(self, low: str, high: str, dash: str = TIGHT_DASH) -> str:
        """Return two written ends with what stands between them: a dash, or a word where a sign would blur it."""
        return self.text("interval", low=low, high=high) if {MINUS, "+"} & {low[0], high[0]} else low + dash + high

    def _plain(self, value: Number) -> str:
        return self.number(value, 0 if math.isclose(value, round(value), abs_tol=1e-9) else 1)
