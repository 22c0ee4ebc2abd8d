"""Data quality: what was counted, what it was held against, and whether a date may be published.

`gate` says what a gate is. What is counted: `contract_gates` (every table against its header), `records` (deliveries
and what became of them), `rows` (against the last publication, and how old the data is), `revenue` (from raw to
marts), `values`, `repairs`, `feeds`, `designations`, `results`. `catalogue` lists all gates, `expectations` lets
Great Expectations judge the figures, `table` makes the rows of data_quality and says what blocks.
"""

from kam_pipeline.quality.catalogue import declared_gates
from kam_pipeline.quality.gate import Gate, QualityCheck
from kam_pipeline.quality.table import (
    DATA_QUALITY,
    blocking_checks,
    measure_quality,
    quality_frame,
    quality_inputs,
    stored_checks,
)

__all__ = [
    "DATA_QUALITY",
    "Gate",
    "QualityCheck",
    "blocking_checks",
    "declared_gates",
    "measure_quality",
    "quality_frame",
    "quality_inputs",
    "stored_checks",
]
