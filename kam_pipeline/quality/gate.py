"""What a gate is: a name, what it is about, which real failure it catches; and the figure that it judges.

What belongs here: the values. What does not: counting (the other modules of this folder), judging (expectations.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kam_pipeline.feed_schema import source_object

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Gate:
    """One gate, declared before anything is counted.

    Attributes
    ----------
    name : str
        Name of the check in data_quality.
    object : str
        CRM object, feed or table it is about, as data_quality says it.
    table : str
        Table it is about, as `layer.table`: where the page shows it.
    severity : Severity
        An error keeps the date from being published, a warning does not.
    catches : str
        First sentence: which real failure it catches.
    """

    name: str
    object: str
    table: str
    severity: Severity
    catches: str


@dataclass(frozen=True)
class Figure:
    """What was counted for a gate, and between which bounds it must lie.

    Attributes
    ----------
    gate : Gate
        The gate.
    value : float or None
        The figure; None where it cannot be known, which passes as unknown.
    lowest, highest : float or None
        The bounds, themselves allowed; without either the figure only informs.
    seen : str
        What was seen and what to do, after the sentence of the gate.
    severity : Severity or None
        Another severity than the declared one.
    """

    gate: Gate
    value: float | None
    lowest: float | None = None
    highest: float | None = None
    seen: str = ""
    severity: Severity | None = None

    @property
    def threshold(self) -> float | None:
        """What the figure is held against, the highest where there are two."""
        return self.lowest if self.highest is None else self.highest

    @property
    def is_judged(self) -> bool:
        """Whether there is something to judge."""
        return self.value is not None and self.threshold is not None

    def judged(self, passed: bool | None) -> "QualityCheck":
        """Return the row of data_quality."""
        return QualityCheck(
            check=self.gate.name,
            object=self.gate.object,
            severity=self.severity or self.gate.severity,
            passed=passed,
            value=self.value,
            threshold=self.threshold,
            detail=f"{self.gate.catches} {self.seen}".strip(),
        )


@dataclass(frozen=True)
class QualityCheck:
    """A gate with its outcome; see the columns of `DATA_QUALITY`."""

    check: str
    object: str
    severity: Severity
    passed: bool | None
    value: float | None
    threshold: float | None
    detail: str


def gates(
    name: str, catches: str, objects: Iterable[str], severity: Severity = "warning", table: str | None = None
) -> dict[str, Gate]:
    """Declare a gate for several objects.

    Parameters
    ----------
    name : str
        Name of the check.
    catches : str
        First sentence: which real failure it catches.
    objects : Iterable[str]
        CRM objects, feeds or tables.
    severity : Severity
        Severity of all of them.
    table : str, optional
        Table they are about; default the raw table of the CRM object or feed.

    Returns
    -------
    dict[str, Gate]
        By object.
    """
    return {item: Gate(name, item, table or _raw_table(item), severity, catches) for item in objects}


def gate(name: str, catches: str, about: str, table: str, severity: Severity = "warning") -> Gate:
    """Declare a gate for one object."""
    return gates(name, catches, [about], severity, table)[about]


def _raw_table(item: str) -> str:
    declared = source_object(item)
    if declared is None:
        raise TypeError(f"{item} is no CRM object or feed; name the table that the gate is about")
    return f"raw.{declared.table}"
