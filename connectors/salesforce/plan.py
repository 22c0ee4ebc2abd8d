"""What is to be read of one object: its columns as the organisation describes them, and what can be asked of it.

What belongs here: the values that the modules of this folder hand each other. What does not: finding them out
(describing.py), reading (rest.py, bulk.py).
"""

from dataclasses import dataclass

from connectors.base import ObjectAvailability
from kam_pipeline.crm_schema import CrmField, CrmObject


@dataclass(frozen=True)
class SelectedColumn:
    """One column of the SELECT list.

    Attributes
    ----------
    api_name : str
        As describe spells it; the name in SOQL and in the header of Bulk results.
    kind : str
        Type as describe calls it: string, picklist, currency, datetime, ...
    field : CrmField or None
        The declared field that it fills, None for one of the organisation's own (`_custom`). Several columns may fill
        one field: their texts are joined with `|`.
    is_formula : bool
        Computed by Salesforce (`calculated`): its changes move no stamp.
    """

    api_name: str
    kind: str
    field: CrmField | None
    is_formula: bool = False


@dataclass(frozen=True)
class ObjectPlan:
    """One object that the organisation shows.

    Attributes
    ----------
    crm_object : CrmObject
        The declared object.
    sobject : str
        API name of the object that serves as it.
    columns : tuple[SelectedColumn, ...]
        What is selected; `Id` is always there, `SystemModstamp` where the object has one.
    availability : ObjectAvailability
        For `kam check` and the table field_availability.
    described : dict[str, list[str]]
        Per field of the organisation that can be used or is custom: its type and its label; the next extraction
        compares with it.
    cursor : str or None
        Stamp that windows can be set on: SystemModstamp, else CreatedDate for history; None for neither.
    has_bin : bool
        Deleted records show themselves with IsDeleted.
    is_replicateable : bool
        `/deleted` answers for it.
    new_columns : tuple[SelectedColumn, ...]
        Columns that the last extraction did not read: their values are missing in what is known.
    """

    crm_object: CrmObject
    sobject: str
    columns: tuple[SelectedColumn, ...]
    availability: ObjectAvailability
    described: dict[str, list[str]]
    cursor: str | None
    has_bin: bool
    is_replicateable: bool
    new_columns: tuple[SelectedColumn, ...] = ()

    def soql(self, where: str = "", columns: tuple[SelectedColumn, ...] | None = None) -> str:
        """Return the query for these columns, all by default, each named once."""
        names = dict.fromkeys(column.api_name for column in columns or self.columns)
        return f"SELECT {', '.join(names)} FROM {self.sobject}{f' WHERE {where}' if where else ''}"


@dataclass(frozen=True)
class Patience:
    """How long to wait for what can pass, in seconds; tests wait less.

    Attributes
    ----------
    attempts : int
        How often a request is sent before it counts as failed.
    first_wait, longest_wait : float
        Between attempts: the first, doubled up to the longest; `Retry-After` counts where it is longer.
    first_poll, longest_poll : float
        Between two looks at a Bulk job: the first, doubled up to the longest.
    job_hours : float
        How long a Bulk job may take.
    """

    attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 60.0
    first_poll: float = 0.1
    longest_poll: float = 15.0
    job_hours: float = 6.0
