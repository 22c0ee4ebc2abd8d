"""Every table after raw, in the order of the data's way, each with the one function that builds it.

What belongs here: the list. SQL models are found by themselves; a table made in Python is one entry of
`_PYTHON_TABLES`, one gathered from a folder of SQL files one of `_GATHERED`. What does not: Dagster (assets/), what the
tables say.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from graphlib import TopologicalSorter

import pandas as pd

from kam_pipeline.built import Built, read_built, record_built
from kam_pipeline.concentration import CONCENTRATION_INTERVAL, concentration_interval_frame
from kam_pipeline.concentration_trend import CONCENTRATION_TREND, concentration_trend_frame
from kam_pipeline.contracts import TableContract
from kam_pipeline.dependence import DEPENDENCE_BAND, KAM_DEPENDENCE, dependence_band_frame, kam_dependence_frame
from kam_pipeline.errors import WarehouseError
from kam_pipeline.evaluation import Evaluation, model_parameters, show_to_scratch
from kam_pipeline.field_availability import FIELD_AVAILABILITY, field_availability_frame
from kam_pipeline.kpis.frames import (
    KPI_DEFINITION,
    KPI_FOLDER,
    KPI_MEASURE,
    KPI_REASON,
    KPI_STANDING,
    kpi_definition_frame,
    kpi_reason_frame,
    kpi_standing_frame,
)
from kam_pipeline.kpis.intervals import KPI_INTERVAL, kpi_interval_frame
from kam_pipeline.lineage import Lineage
from kam_pipeline.maturity.contracts import MATURITY_EVIDENCE, MATURITY_INDICATOR, MATURITY_SCORE
from kam_pipeline.maturity.observing import (
    MATURITY_FOLDER,
    MATURITY_OBSERVATION,
    MEASURED_MONTH,
    measured_month_frame,
)
from kam_pipeline.maturity.results import evidence_frame, indicator_frame, score_frame
from kam_pipeline.potential.frames import (
    POTENTIAL_ESTIMATE,
    POTENTIAL_MODEL,
    potential_estimate_frame,
    potential_model_frame,
)
from kam_pipeline.quality import DATA_QUALITY, Gate, declared_gates, measure_quality, quality_frame, quality_inputs
from kam_pipeline.relevance import KAM_RELEVANCE, RELEVANCE_TEST, kam_relevance_frame, relevance_test_frame
from kam_pipeline.selection.changes import step_frame
from kam_pipeline.selection.criterion_tables import (
    CRITERION,
    CRITERION_BAND,
    criterion_band_frame,
    criterion_frame,
)
from kam_pipeline.selection.measuring import (
    CANDIDATE_GATE,
    CRITERION_VALUE,
    candidate_gate_model,
    criterion_value_model,
)
from kam_pipeline.selection.moves import CANDIDATE_STEP
from kam_pipeline.selection.stability import CANDIDATE_STABILITY, stability_frame
from kam_pipeline.settings import Configuration
from kam_pipeline.settings.business import Relevance
from kam_pipeline.settings.potential import Potential
from kam_pipeline.settings_tables import (
    CONFIGURED_RATE,
    GROUP_OVERRIDE,
    configured_rate_frame,
    group_override_frame,
)
from kam_pipeline.snapshots import CRITERIA, SNAPSHOT, criteria_frame, snapshot_frame
from kam_pipeline.sql_models import SqlModel, gathered_model, sql_models
from kam_pipeline.storage import storage_errors
from kam_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Build:
    """What a table is built with; `evaluation` is there from marts on."""

    warehouse: Warehouse
    configuration: Configuration
    evaluation: Evaluation | None = None

    @property
    def dated(self) -> Evaluation:
        """The evaluation of a dated table."""
        if self.evaluation is None:
            raise TypeError("a table of marts is built within an evaluation")
        return self.evaluation


@dataclass(frozen=True)
class Table:
    """A table: its contract; its SQL, as it stands or put together from the settings; or how its rows are made."""

    contract: TableContract
    model: SqlModel | None = None
    make_model: Callable[[Configuration], SqlModel] | None = None
    make_frame: Callable[[Build], pd.DataFrame] | None = None

    def build(self, build: Build) -> int:
        """Put the table's rows in place, write down with what they were made, and return how many there are.

        Raises
        ------
        KamError
            When the table cannot be built.
        """
        self._require_inputs(build)
        with storage_errors(build.configuration.warehouse_path):
            rows = self._put(build)
        if build.evaluation is not None and build.evaluation.is_known_then:
            show_to_scratch(build.warehouse, self.contract.name)
        return rows

    def _require_inputs(self, build: Build) -> None:
        """Make nothing of a past date from tables of which only the newest is kept, unless they are made again too."""
        if build.evaluation is None or build.evaluation.is_newest:
            return
        day = build.evaluation.as_of_date
        wanted = {name for name in self.contract.inputs if name in {item.full_name for item in newest_only_contracts()}}
        missing = sorted(wanted - read_built(build.warehouse, day).keys())
        if missing:
            raise WarehouseError(
                f"{self.contract.full_name} of {day} is made from {', '.join(missing)}, of which only the newest date "
                f"is kept; materialise these of {day} too, or all of it with `kam run --as-of {day}`"
            )

    def _put(self, build: Build) -> int:
        model = self.make_model(build.configuration) if self.make_model is not None else self.model
        if model is not None:
            params = model_parameters(build.configuration, build.evaluation)
            return build.warehouse.build(model, params, lambda: self._record(build))
        if self.make_frame is None:
            raise TypeError(f"{self.contract.full_name} has neither SQL nor Python")
        day = build.dated.as_of_date if self.contract.is_dated else None
        return build.warehouse.put_frame(self.contract, self.make_frame(build), day, lambda: self._record(build))

    def _record(self, build: Build) -> None:
        name, evaluation = self.contract.full_name, build.evaluation
        recipe = lineage().recipe(name, build.configuration)
        day = build.dated.as_of_date if self.contract.is_dated else None
        # staging and core always hold the newest knowledge, so that only marts say how old theirs is
        cut, run_id = (evaluation.data_cut_at, evaluation.run_id) if evaluation else (None, None)
        record_built(build.warehouse, Built(name, day, recipe, cut, run_id))


def _group_overrides(build: Build) -> pd.DataFrame:
    path = build.configuration.groups_path
    return group_override_frame(path, build.warehouse.value("select max(known_at)::date from raw.load"))


def _intervals(build: Build) -> pd.DataFrame:
    draws = build.configuration.settings.relevance.bootstrap_draws
    return concentration_interval_frame(build.warehouse, build.dated.as_of_date, draws)


def _criteria(build: Build) -> pd.DataFrame:
    criteria = build.configuration.settings.criteria
    return criterion_frame(build.warehouse.connection, criteria, build.dated.as_of_date)


def _criterion_bands(build: Build) -> pd.DataFrame:
    return criterion_band_frame(build.configuration.settings.criteria, build.dated.as_of_date)


def _stability(build: Build) -> pd.DataFrame:
    criteria = build.configuration.settings.criteria
    return stability_frame(build.warehouse.connection, criteria, build.dated.as_of_date)


def _kpi_intervals(build: Build) -> pd.DataFrame:
    draws = build.configuration.settings.relevance.bootstrap_draws
    return kpi_interval_frame(build.warehouse, build.dated.as_of_date, draws)


def _with_potential(
    frame_of: Callable[[Warehouse, Potential, date], pd.DataFrame],
) -> Callable[[Build], pd.DataFrame]:
    return lambda build: frame_of(
        build.warehouse, build.configuration.settings.criteria.potential, build.dated.as_of_date
    )


def _quality(build: Build) -> pd.DataFrame:
    contracts = [table.contract for table in tables().values()]
    checks = measure_quality(build.warehouse, build.configuration.settings, build.dated, contracts)
    return quality_frame(checks, build.dated)


def _with_rule(frame_of: Callable[[Warehouse, Relevance, date], pd.DataFrame]) -> Callable[[Build], pd.DataFrame]:
    return lambda build: frame_of(build.warehouse, build.configuration.settings.relevance, build.dated.as_of_date)


def _with_settings(
    frame_of: Callable[[Warehouse, Configuration, Evaluation], pd.DataFrame],
) -> Callable[[Build], pd.DataFrame]:
    return lambda build: frame_of(build.warehouse, build.configuration, build.dated)


_PYTHON_TABLES = (
    Table(GROUP_OVERRIDE, make_frame=_group_overrides),
    Table(CONFIGURED_RATE, make_frame=lambda build: configured_rate_frame(build.configuration.settings.currency)),
    Table(CONCENTRATION_INTERVAL, make_frame=_intervals),
    Table(CRITERION, make_frame=_criteria),
    Table(CRITERION_BAND, make_frame=_criterion_bands),
    Table(CRITERION_VALUE, make_model=lambda configuration: criterion_value_model(configuration.settings.criteria)),
    Table(CANDIDATE_GATE, make_model=lambda configuration: candidate_gate_model(configuration.settings.criteria)),
    Table(CANDIDATE_STABILITY, make_frame=_stability),
    Table(CANDIDATE_STEP, make_frame=lambda b: step_frame(b.warehouse, b.configuration.settings, b.dated.as_of_date)),
    Table(POTENTIAL_MODEL, make_frame=_with_potential(potential_model_frame)),
    Table(POTENTIAL_ESTIMATE, make_frame=_with_potential(potential_estimate_frame)),
    Table(RELEVANCE_TEST, make_frame=_with_rule(relevance_test_frame)),
    Table(KAM_RELEVANCE, make_frame=_with_rule(kam_relevance_frame)),
    Table(CONCENTRATION_TREND, make_frame=lambda build: concentration_trend_frame(build.warehouse, build.dated)),
    Table(DEPENDENCE_BAND, make_frame=_with_rule(dependence_band_frame)),
    Table(KAM_DEPENDENCE, make_frame=lambda build: kam_dependence_frame(build.warehouse, build.dated.as_of_date)),
    Table(KPI_DEFINITION, make_frame=lambda build: kpi_definition_frame(build.configuration.settings.kpis)),
    Table(KPI_STANDING, make_frame=lambda build: kpi_standing_frame(build.warehouse, build.dated.as_of_date)),
    Table(KPI_REASON, make_frame=lambda build: kpi_reason_frame(build.dated.as_of_date)),
    Table(KPI_INTERVAL, make_frame=_kpi_intervals),
    Table(MEASURED_MONTH, make_frame=lambda build: measured_month_frame(build.warehouse, build.dated)),
    *(
        Table(contract, make_frame=_with_settings(frame_of))
        for contract, frame_of in (
            (MATURITY_INDICATOR, indicator_frame),
            (MATURITY_EVIDENCE, evidence_frame),
            (MATURITY_SCORE, score_frame),
        )
    ),
    Table(SNAPSHOT, make_frame=lambda build: snapshot_frame(build.warehouse, build.configuration, build.dated)),
    Table(CRITERIA, make_frame=lambda build: criteria_frame(build.warehouse, build.configuration, build.dated)),
    Table(FIELD_AVAILABILITY, make_frame=lambda build: field_availability_frame(build.warehouse, build.dated)),
    Table(DATA_QUALITY, make_frame=_quality),
)


# Tables whose rows come from a folder of SQL files, each a part.
_GATHERED = ((KPI_MEASURE, KPI_FOLDER), (MATURITY_OBSERVATION, MATURITY_FOLDER))


@cache
def tables() -> dict[str, Table]:
    """Return every table after raw by `layer.name`, each after its inputs."""
    gathered = [gathered_model(contract, folder) for contract, folder in _GATHERED]
    models = [*sql_models().values(), *gathered]
    found = {model.contract.full_name: Table(model.contract, model=model) for model in models}
    found |= {table.contract.full_name: table for table in _PYTHON_TABLES}
    counted = quality_inputs([table.contract for table in found.values()])
    quality = found[DATA_QUALITY.full_name]
    found[DATA_QUALITY.full_name] = replace(quality, contract=replace(quality.contract, inputs=counted))
    graph = {name: [needed for needed in table.contract.inputs if needed in found] for name, table in found.items()}
    return {name: found[name] for name in TopologicalSorter(graph).static_order()}


@cache
def lineage() -> Lineage:
    """Return what is above each table."""
    found = tables()
    queries = {name: table.model.query for name, table in found.items() if table.model is not None}
    return Lineage((table.contract for table in found.values()), queries)


def published_contracts() -> list[TableContract]:
    """Return the contracts of the tables that readers get, by name."""
    contracts = [table.contract for table in tables().values() if table.contract.is_published]
    return sorted(contracts, key=lambda contract: contract.name)


def newest_only_contracts() -> list[TableContract]:
    """Return the contracts of the tables of which only the newest date is kept, by name."""
    contracts = [table.contract for table in tables().values() if table.contract.is_newest_only]
    return sorted(contracts, key=lambda contract: contract.name)


def gates() -> list[Gate]:
    """Return every gate that can have a row in data_quality, known without a warehouse."""
    return declared_gates([table.contract for table in tables().values()])
