"""Section `feeds`: optional files beside the CRM, what their columns are called, and the scale of satisfaction.

What belongs here: the shape of the section. What does not: what a feed's fields are (feed_schema.py), reading the files
(connectors), which rows count (sql/).
"""

from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.feed_schema import ACTUALS, COSTS, DECISIONS, FEEDS, SATISFACTION, TARGETS
from kam_pipeline.settings.section import Section, closest
from kam_pipeline.settings.source import FileNotation


class FeedFile(FileNotation):
    """A CSV or Parquet file that always holds the whole feed: a row that is gone from it is gone."""

    declared: ClassVar[CrmObject]

    file: str = Field(min_length=1, description="CSV or Parquet file, relative to kam.yaml.")
    fields: dict[str, Annotated[str | list[str], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="Our field name: their column, where it is not called like ours; a list is joined with '|'.",
    )

    @field_validator("fields")
    @classmethod
    def _names_are_declared(cls, fields: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
        known = [field.name for field in cls.declared.fields]
        problems = [
            f"{name}: no such field{closest(name, known)}" for name in fields if cls.declared.field(name) is None
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return fields


class SatisfactionFeed(FeedFile):
    """Answers of customers: account_id, surveyed_on, score (empty: asked and not answered), contact_id."""

    declared = SATISFACTION

    lowest: float = Field(default=0, description="Lowest score of the scale; a score below it is rejected.")
    highest: float = Field(default=10, description="Highest score of the scale; a score above it is rejected.")
    satisfied_from: float | None = Field(
        default=None, description="From this score on a customer is satisfied (CSAT); null where nobody has said so."
    )

    @model_validator(mode="after")
    def _scale_is_in_order(self) -> Self:
        if self.lowest >= self.highest:
            raise ValueError(f"lowest ({self.lowest:g}) must be smaller than highest ({self.highest:g})")
        if self.satisfied_from is not None and not self.lowest <= self.satisfied_from <= self.highest:
            raise ValueError(
                f"satisfied_from ({self.satisfied_from:g}) must lie on the scale, from lowest ({self.lowest:g}) "
                f"to highest ({self.highest:g})"
            )
        return self


class CostsFeed(FeedFile):
    """What customers cost per month: account_id, month, cost_amt, currency_code."""

    declared = COSTS


class ActualsFeed(FeedFile):
    """What customers were invoiced per month: account_id, month, revenue_amt, currency_code."""

    declared = ACTUALS


class TargetsFeed(FeedFile):
    """What customers are to buy per fiscal year: account_id, year (in which it ends), target_amt, currency_code."""

    declared = TARGETS


class DecisionsFeed(FeedFile):
    """What has been decided about customers: account_id, status, since, until, reason, approved_by.

    Status key_account: designated; include: in the list whatever the score; exclude: never in the list. A decision
    holds from the day `since`, and no longer on the day `until`.
    """

    declared = DECISIONS

    designates: bool = Field(
        default=True,
        description="The rows key_account are the designated list instead of the field of the CRM, as soon as there is "
        "one; false: the file only includes and excludes.",
    )


class Feeds(Section):
    """Section `feeds`: optional files with what other systems know of the customers.

    `account_id` is a CRM id of 15 or 18 characters, or the external id that mapping.Account.fields.ExternalId finds.
    """

    satisfaction: SatisfactionFeed | None = Field(default=None, description="Satisfaction scores.")
    costs: CostsFeed | None = Field(default=None, description="Costs per account and month.")
    actuals: ActualsFeed | None = Field(default=None, description="Invoiced revenue per account and month.")
    targets: TargetsFeed | None = Field(default=None, description="Targets per account and fiscal year.")
    decisions: DecisionsFeed | None = Field(default=None, description="Designations and overrides, with their reason.")

    @property
    def configured(self) -> list[FeedFile]:
        """The feeds that there are, in the order in which they are declared."""
        return [feed for declared in FEEDS if (feed := self.of(declared.name)) is not None]

    def of(self, object_name: str) -> FeedFile | None:
        """Return the feed of a name such as `feeds.costs`, None where it is not configured."""
        given = (self.satisfaction, self.costs, self.actuals, self.targets, self.decisions)
        return next((feed for feed in given if feed is not None and feed.declared.name == object_name), None)
