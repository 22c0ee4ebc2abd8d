"""Find, read and order the SQL models; the only reader of the folder `sql/`.

What belongs here: files to models. What does not: the header's form (contracts.py), running (warehouse.py).
"""

from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import cast, get_args

from kam_pipeline.contracts import Layer, TableContract, parse_contract
from kam_pipeline.errors import ContractError


@dataclass(frozen=True)
class SqlModel:
    """One SQL file: its contract and its SELECT."""

    contract: TableContract
    query: str


def sql_root() -> Path:
    """Return the folder of SQL models: inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "sql"
    return inside if inside.is_dir() else package.parent / "sql"


def parse_model(layer: Layer, name: str, text: str) -> SqlModel:
    """Read one SQL file.

    Parameters
    ----------
    layer : Layer
        The folder.
    name : str
        The file's stem, which must be the table's name.
    text : str
        The whole file: a block comment with the contract, then one SELECT.

    Returns
    -------
    SqlModel
        Contract and query.

    Raises
    ------
    ContractError
        When the header is missing, cannot be read, or names another table.
    """
    where = f"sql/{layer}/{name}.sql"
    head, mark, query = text.partition("*/")
    if not mark or not head.lstrip().startswith("/*"):
        raise ContractError(f"{where}: starts without a /* header */; see kam_pipeline/contracts.py for its form")
    contract = parse_contract(layer, head.lstrip().removeprefix("/*"), where)
    if contract.name != name:
        raise ContractError(f"{where}: the header calls the table {contract.name}; file and table share one name")
    return SqlModel(contract, query.strip())


@cache
def sql_models() -> dict[str, SqlModel]:
    """Return all models by `layer.table`, each after its inputs.

    Returns
    -------
    dict[str, SqlModel]
        In an order in which they can be run.

    Raises
    ------
    ContractError
        When a file cannot be read as a model or the models need each other in a circle.
    """
    models = {}
    for path in sorted(sql_root().glob("*/*.sql")):
        layer = path.parent.name
        if layer not in get_args(Layer):
            raise ContractError(f"{path}: {layer} is no layer; known are {', '.join(get_args(Layer))}")
        model = parse_model(cast("Layer", layer), path.stem, path.read_text(encoding="utf-8"))
        models[model.contract.full_name] = model
    graph = {name: [needed for needed in model.contract.inputs if needed in models] for name, model in models.items()}
    try:
        return {name: models[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        raise ContractError(f"sql/: these models need each other in a circle: {error.args[1]}") from error
