"""Lineage: which table is made from which tables, which sections of kam.yaml and which code, all the way up.

What belongs here: the way from a section to the tables below it. What does not: which tables there are (tables.py),
what a table was last built with (built.py), what to do about it (staleness.py).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kam_pipeline.contracts import TableContract
from kam_pipeline.settings.configuration import SECTIONS, Configuration, content_version

# A parameter of the SQL models, and the sections that its value comes from (see evaluation.model_parameters).
SECTIONS_OF_PARAMETER: dict[str, tuple[str, ...]] = {
    "excluded_account_types": ("scope",),
    "excluded_account_record_types": ("scope",),
    "excluded_account_names": ("scope",),
    "excluded_account_ids": ("scope",),
    "excluded_opportunity_types": ("scope",),
    "excluded_opportunity_record_types": ("scope",),
    "won_stages": ("mapping",),
    "lost_stages": ("mapping",),
    "held_statuses": ("mapping",),
    "activated_statuses": ("mapping",),
    "revenue_basis": ("revenue_basis",),
    "fiscal_year_start_month": ("fiscal_year",),
    "reporting_currency": ("currency",),
    "timezone": ("schedule",),
    "record_url": ("source",),
    "decimal_separator": ("source",),
    "facts": ("publish",),
    "cap": ("criteria",),
    "override_max_share": ("criteria",),
    "override_max_days": ("criteria",),
    "potential_percentile": ("criteria",),
    "min_coverage": ("criteria",),
    "max_accounts_per_manager": ("criteria",),
    "min_programme": ("criteria",),
    "max_programme": ("criteria",),
    "too_many": ("criteria",),
    "min_groups": ("relevance",),
    "configured_feeds": ("feeds",),
    "decisions_designate": ("feeds",),
    "satisfaction_lowest": ("feeds",),
    "satisfaction_highest": ("feeds",),
    "satisfied_from": ("feeds",),
    "segment_fields": ("kpis",),
    "growing_from": ("kpis",),
    "shrinking_from": ("kpis",),
    "contact_days": ("kpis",),
    "cross_sell_months": ("kpis",),
    "shrink_deals": ("kpis",),
    "min_valued_share": ("kpis",),
    "min_cost_coverage": ("kpis",),
    "max_missing_reasons": ("kpis",),
    "support_titles": ("maturity",),
    "senior_titles": ("maturity",),
    "other_titles": ("maturity",),
    # given by the run, not by kam.yaml
    "as_of_date": (),
    "run_id": (),
}
# What shows results or makes the demo makes no table: a word changed there leaves every table as it is.
NO_TABLES = {
    "report", "demo", "publishing", "alerting", "status", "cli.py", "cli_alerts.py", "cli_demo.py", "cli_options.py",
    "cli_whatif.py", "definitions.py",
    "presentation.py", "presentation_check.py", "presentation_status.py", "presentation_whatif.py", "progress.py",
    "processes.py", "staleness.py", "built.py", "data_dictionary.py", "date_range.py",
    "selection/whatif.py", "selection/differences.py", "selection/published_figures.py", "settings/criteria_file.py",
}  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """What a table is made with, its inputs included: code, and each section above it with its content version."""

    code: str
    sections: Mapping[str, str]


class Lineage:
    """The tables with what is above each of them.

    Parameters
    ----------
    contracts : Iterable[TableContract]
        The tables, each after its inputs.
    queries : Mapping[str, str]
        The query of each table that has one, by `layer.name`; the others are made by this package.
    """

    def __init__(self, contracts: Iterable[TableContract], queries: Mapping[str, str]) -> None:
        self._own: dict[str, str] = {}
        self._code: dict[str, str] = {}
        self._sections: dict[str, tuple[str, ...]] = {}
        for contract in contracts:
            name = contract.full_name
            above = [needed for needed in contract.inputs if needed in self._code]
            self._own[name] = content_version(queries[name]) if name in queries else package_version()
            self._code[name] = content_version([self._own[name], *(self._code[needed] for needed in above)])
            found = {*contract.sections, *(of for param in contract.params for of in SECTIONS_OF_PARAMETER[param])}
            found.update(*(self._sections[needed] for needed in above))
            self._sections[name] = tuple(section for section in SECTIONS if section in found)

    def own_code(self, name: str) -> str:
        """Return the version of a table's own query or maker."""
        return self._own[name]

    def sections_above(self, name: str) -> tuple[str, ...]:
        """Return the sections that a table depends on, through whatever is between."""
        return self._sections[name]

    def tables_below(self, section: str) -> list[str]:
        """Return the tables that depend on a section, each after its inputs."""
        return [name for name, above in self._sections.items() if section in above]

    def recipe(self, name: str, configuration: Configuration) -> Recipe:
        """Return what a table would be made with now."""
        return Recipe(self._code[name], section_versions(configuration, self._sections[name]))

    def whole_recipe(self, configuration: Configuration) -> Recipe:
        """Return what all tables together would be made with now."""
        used = {section for above in self._sections.values() for section in above}
        return Recipe(content_version(list(self._code.values())), section_versions(configuration, used))


def section_versions(configuration: Configuration, sections: Iterable[str] = SECTIONS) -> dict[str, str]:
    """Return the content version of each of these sections, all that can change a result when none is named."""
    return {section: configuration.section_version(section) for section in sections}


@cache
def package_version() -> str:
    """Return the content version of the Python code that makes tables."""
    package = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        own = path.relative_to(package)
        if NO_TABLES.isdisjoint({own.parts[0], own.as_posix()}):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
