"""Section `criteria.overrides`: how many exceptions from the proposed list there may be, and for how long.

What belongs here: the bounds. What does not: the exceptions themselves, which are rows of the feed `decisions`; what
becomes of each (sql/marts/designation.sql).
"""

from pydantic import Field

from kam_pipeline.settings.section import Section


class Overrides(Section):
    """Bounds of include and exclude in the feed `decisions`: an exception that is the rule is no exception."""

    max_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="At most this share of the list's size, and always one; what began first is applied first.",
    )
    max_days: int = Field(
        default=366,
        ge=1,
        le=36_600,
        description="An override ends after so many days at the latest, with or without `until`; at most a century.",
    )
