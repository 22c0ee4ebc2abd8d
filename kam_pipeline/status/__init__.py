"""The state of a pipeline, read from what is on disk: what readers have, how nights ended, how far the records go.

What belongs here: reading. What does not: how it is shown (presentation.py, presentation_status.py), changing anything,
Dagster (its history of runs is handed in, see assets/history.py).
"""

from kam_pipeline.status.publication import ProposedGroup, Publication, Status, read_status
from kam_pipeline.status.runs import LastRun, RunRecord
from kam_pipeline.status.state import PipelineState, read_state

__all__ = [
    "LastRun",
    "PipelineState",
    "ProposedGroup",
    "Publication",
    "RunRecord",
    "Status",
    "read_state",
    "read_status",
]
