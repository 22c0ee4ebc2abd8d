"""Section `criteria.potential`: what similar customers buy.

What belongs here: whether it is estimated, and from how many customers. What does not: the model
(kam_pipeline/potential).
"""

from pydantic import Field

from kam_pipeline.settings.section import Section


class Potential(Section):
    """Section `criteria.potential`: what similar customers buy, learnt from those that buy; figures are judgement."""

    is_on: bool = Field(default=True, description="Whether it is estimated at all.")
    min_groups: int = Field(
        default=200,
        ge=50,
        le=1_000_000,
        description="Fewer groups with revenue in three years give no estimate; at least 50.",
    )
    folds: int = Field(
        default=5, ge=2, le=20, description="Parts of the customers, each foretold from the others to find the error."
    )
