"""Sections about customers and money: scope, groups, currency, relevance.

What belongs here: what an analyst may change, with its default and why. What does not: formulas (sql/, the core).
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kam_pipeline.settings.section import Section

Share = Annotated[float, Field(ge=0, le=1)]
CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$")]
RevenueBasis = Literal["bookings", "invoiced", "orders"]
DEPENDENCE_HIGH_FROM = 0.30


class AccountScope(Section):
    """Which accounts are no customers."""

    types: list[str] = Field(default_factory=list, description="Account types left out, e.g. Partner, Competitor.")
    record_type_ids: list[str] = Field(default_factory=list, description="Record types left out.")
    names_containing: list[str] = Field(default_factory=list, description="Accounts whose name contains one of these.")
    ids: list[str] = Field(default_factory=list, description="Single accounts left out.")


class OpportunityScope(Section):
    """Which opportunities are no deals."""

    types: list[str] = Field(default_factory=list, description="Opportunity types left out, e.g. Internal.")
    record_type_ids: list[str] = Field(default_factory=list, description="Record types left out.")


class ScopeExclusions(Section):
    """Section `scope`: what is no customer and no deal. Accounts flagged by the mapped IsInternal are left out too."""

    exclude_accounts: AccountScope = AccountScope()
    exclude_opportunities: OpportunityScope = OpportunityScope()


class Groups(Section):
    """Section `groups`: corrections to the ultimate-parent groups."""

    file: str | None = Field(
        default=None, description="CSV with account_id, group_id, reason, since; group_id is an account or a new name."
    )


class Currency(Section):
    """Section `currency`: the reporting currency, and rates where the CRM has none."""

    reporting: CurrencyCode | None = Field(
        default=None, description="Reporting currency; default the corporate currency of the CRM."
    )
    rates: dict[CurrencyCode, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict,
        description="Units of each currency per one unit of the reporting currency; wins over the CRM's static rates.",
    )


class FiscalYear(Section):
    """Section `fiscal_year`: when the organisation's year begins, where the CRM does not say."""

    start_month: int | None = Field(
        default=None, ge=1, le=12, description="First month, 1 to 12; default that of the CRM's Organization, else 1."
    )


class Band(Section):
    """From which share on a customer or a few of them are a risk."""

    elevated_from: Share = Field(description="From here on the risk is elevated.")
    high_from: Share = Field(description="From here on it is high.")

    @model_validator(mode="after")
    def _bands_are_in_order(self) -> Self:
        if self.elevated_from >= self.high_from:
            raise ValueError(
                f"elevated_from ({self.elevated_from}) must be smaller than high_from ({self.high_from}); set both"
            )
        return self


class Dependence(Section):
    """Section `relevance.dependence`: how much may hang on a few customers. A risk, and no reason for or against."""

    largest_share: Band = Field(
        default=Band(elevated_from=0.10, high_from=DEPENDENCE_HIGH_FROM),
        description="Share of the largest customer; disclosed from 10 % (ASC 280-10-50-42, IFRS 8.34).",
    )
    cr_3: Band = Field(default=Band(elevated_from=0.50, high_from=0.70), description="Share of the three largest.")
    cr_5: Band = Field(default=Band(elevated_from=0.70, high_from=0.85), description="Share of the five largest.")
    hhi: Band = Field(default=Band(elevated_from=0.10, high_from=0.25), description="Herfindahl index, 0..1.")


class Relevance(Section):
    """Section `relevance`: when key account management is right for this company. All figures are judgement."""

    relevant_from: Share = Field(default=0.40, description="Lower bound of the top-10 % share that says relevant.")
    not_relevant_below: Share = Field(default=0.25, description="Upper bound of it that says not relevant.")
    marked_share: Share = Field(default=0.05, description="Share of one customer that rules out not relevant.")
    min_groups: int = Field(default=20, ge=2, description="Fewer groups with revenue give no verdict.")
    min_months: int = Field(default=12, ge=1, description="Fewer whole months of revenue give no verdict.")
    max_unattributed_share: Share = Field(
        default=0.20, description="Revenue without account, amount or rate above this share gives no verdict."
    )
    small_population: int = Field(default=100, ge=0, description="Below it, a share near a threshold is borderline.")
    small_population_margin: Share = Field(default=0.05, description="How near to a threshold is near.")
    bootstrap_draws: int = Field(
        default=1000, ge=100, le=20000, description="Resamples of accounts per interval; fewer above 100,000 accounts."
    )
    dependence: Dependence = Field(default=Dependence(), description="When dependence on a few customers is a risk.")
    dependence_share: Share | None = Field(
        default=None, description="Older name of dependence.largest_share.elevated_from; set one of the two."
    )

    @model_validator(mode="before")
    @classmethod
    def _older_name_is_folded_in(cls, given: object) -> object:
        share = given.get("dependence_share") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(share, (int, float)):
            return given
        if "dependence" in given:
            raise ValueError(
                "dependence_share is the older name of dependence.largest_share.elevated_from; keep dependence only"
            )
        if not 0 <= share < DEPENDENCE_HIGH_FROM:
            raise ValueError(
                f"dependence_share ({share}) must be from 0 and below {DEPENDENCE_HIGH_FROM}, where dependence is "
                "high; set dependence.largest_share with elevated_from and high_from instead"
            )
        band = {"elevated_from": share, "high_from": DEPENDENCE_HIGH_FROM}
        return {**given, "dependence": {"largest_share": band}, "dependence_share": None}

    @model_validator(mode="after")
    def _thresholds_are_in_order(self) -> Self:
        if self.not_relevant_below >= self.relevant_from:
            raise ValueError(
                f"not_relevant_below ({self.not_relevant_below}) must be smaller than relevant_from "
                f"({self.relevant_from})"
            )
        return self
