"""Section `kpis`: windows and limits of the KPIs.

What belongs here: what an analyst may change of how KPIs are measured. What does not: their formulas (sql/marts/kpis)
and names (kam_pipeline.kpis).
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kam_pipeline.settings.section import Section

Share = Annotated[float, Field(ge=0, le=1)]
SegmentField = Literal["industry", "country", "account_type"]


class Kpis(Section):
    """Section `kpis`: windows and limits of the KPIs. All figures are judgement."""

    segments: list[SegmentField] = Field(
        default=["industry"],
        description="By which field of the account at the top KPIs are given: industry, country, account_type.",
    )
    growing_from: float = Field(default=0.10, gt=0, description="Growth from which a customer counts as growing.")
    shrinking_from: float = Field(default=-0.10, ge=-1, lt=0, description="Growth up to which it counts as shrinking.")
    contact_days: int = Field(default=180, ge=1, le=3660, description="Days that a contact counts as engaged.")
    cross_sell_months: int = Field(default=24, ge=1, le=120, description="Months in which families are counted.")
    shrink_deals: float = Field(
        default=10, ge=0, description="As if so many deals more had been closed at the overall rate: win_rate_shrunk."
    )
    min_valued_share: Share = Field(
        default=0.8,
        description="Share of deals that must have an amount (win_rate_value), or amount and probability (weighted).",
    )
    min_cost_coverage: Share = Field(
        default=0.8, description="Share of revenue whose costs must be known for margin and profit."
    )
    max_missing_reasons: Share = Field(
        default=0.3, description="Share of lost deals without a reason above which shares of reasons are not given."
    )

    @model_validator(mode="after")
    def _segments_are_there_once(self) -> Self:
        twice = sorted({name for name in self.segments if self.segments.count(name) > 1})
        if twice:
            raise ValueError(f"segments: {', '.join(twice)} is there twice; name each field once")
        return self
