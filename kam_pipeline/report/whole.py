"""The whole of what a report shows, put together from the shapes of its parts.

What belongs here: the whole. What does not: the parts (contents.py, selection_contents.py, figures.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kam_pipeline.report.contents import (
    Changes,
    Concentration,
    Dependence,
    DependenceVerdict,
    Quality,
    Ranking,
    Snapshot,
    Trend,
    Verdict,
)
from kam_pipeline.report.figures import Kpis, Maturity
from kam_pipeline.report.selection_contents import Selection


@dataclass(frozen=True)
class Report:
    """Everything the page shows."""

    snapshot: Snapshot
    verdict: Verdict
    concentration: Mapping[str, Concentration]
    ranking: Ranking
    selection: Selection
    kpis: Kpis
    maturity: Maturity
    dependence_verdict: DependenceVerdict | None
    dependence: tuple[Dependence, ...]
    trend: tuple[Trend, ...]
    quality: Quality
    changes: Changes | None
