"""Find, read and order the SQL models; the only reader of the folder `sql/`.

A file `sql/<layer>/<name>.sql` is a table. The files of a folder below a layer are parts of one table: each a SELECT
with the same columns, put below one another (`gathered_model`). What belongs here: files to models. What does not: the
header's form (contracts.py), running (warehouse.py).
"""

from dataclasses import dataclass, replace
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


def parse_model(layer: Layer, name: str, text: str, part_of: TableContract | None = None) -> SqlModel:
    """Read one SQL file.

    Parameters
    ----------
    layer : Layer
        The folder.
    name : str
        The file's stem, which must be the table's name.
    text : str
        The whole file: a block comment with the contract, then one SELECT.
    part_of : TableContract, optional
        The table that the SELECT is a part of.

    Returns
    -------
    SqlModel
        Contract and query.

    Raises
    ------
    ContractError
        When the header is missing, cannot be read, or names another table.
    """
    where = f"sql/{layer}/{'*/' if part_of else ''}{name}.sql"
    head, mark, query = text.partition("*/")
    if not mark or not head.lstrip().startswith("/*"):
        raise ContractError(f"{where}: starts without a /* header */; see kam_pipeline/contracts.py for its form")
    contract = parse_contract(layer, head.lstrip().removeprefix("/*"), where, part_of)
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


def part_models(contract: TableContract, folder: str) -> dict[str, SqlModel]:
    """Return the parts of a gathered table by file stem, in that order.

    Parameters
    ----------
    contract : TableContract
        The gathered table; its first two columns, `as_of_date` and the name of the part, are added by gathering.
    folder : str
        Folder below the table's layer, such as `kpis`.

    Returns
    -------
    dict[str, SqlModel]
        Each with the remaining columns of the table.

    Raises
    ------
    ContractError
        When a file cannot be read as a part.
    """
    part = replace(contract, columns=contract.columns[2:], key=contract.key[2:])
    paths = sorted((sql_root() / contract.layer / folder).glob("*.sql"))
    return {path.stem: parse_model(contract.layer, path.stem, path.read_text(encoding="utf-8"), part) for path in paths}


def gathered_model(contract: TableContract, folder: str) -> SqlModel:
    """Return the model of a table whose rows are those of all its parts, each marked with its part's name.

    Parameters
    ----------
    contract : TableContract
        The table, as for `part_models`; inputs and parameters come from the parts.
    folder : str
        Folder of the parts.

    Returns
    -------
    SqlModel
        One query over all parts.

    Raises
    ------
    ContractError
        When a file cannot be read as a part, or there is none.
    """
    parts = part_models(contract, folder)
    if not parts:
        raise ContractError(f"sql/{contract.layer}/{folder}: holds no part of {contract.full_name}")
    (day, _), (name, kind) = ((column.name, column.type) for column in contract.columns[:2])
    rest = ", ".join(f"part.{column.name}" for column in contract.columns[2:])
    selects = [
        f"select $as_of_date::date as {day}, '{stem}'::{kind} as {name}, {rest}\nfrom (\n{model.query}\n) as part"
        for stem, model in parts.items()
    ]
    inputs = sorted({needed for model in parts.values() for needed in model.contract.inputs})
    params = sorted({"as_of_date", *(param for model in parts.values() for param in model.contract.params)})
    return SqlModel(replace(contract, inputs=tuple(inputs), params=tuple(params)), "\nunion all\n".join(selects))
