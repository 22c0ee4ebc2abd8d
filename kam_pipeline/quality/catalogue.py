"""The list of all gates: what the page shows, and what a test holds against the gates that have been seen to fail.

What belongs here: putting the lists together. What does not: declaring a gate, which is done where it is counted.
"""

from collections.abc import Sequence

from kam_pipeline.contracts import TableContract
from kam_pipeline.quality import designations, feeds, records, repairs, results, revenue, values
from kam_pipeline.quality.contract_gates import contract_gates, is_gated
from kam_pipeline.quality.gate import Gate
from kam_pipeline.quality.rows import AGE, compared, rows_kept_gate


def declared_gates(contracts: Sequence[TableContract]) -> list[Gate]:
    """Return every gate that can have a row in data_quality.

    Parameters
    ----------
    contracts : Sequence[TableContract]
        Every table after raw.

    Returns
    -------
    list[Gate]
        Those of records and deliveries, of single figures, then those of the tables.
    """
    by_object = (*records.GATES, *feeds.GATES)
    return [
        *(gate for declared in by_object for gate in declared.values()),
        *repairs.GATES,
        *values.GATES,
        *designations.GATES,
        *results.GATES,
        *revenue.GATES,
        AGE,
        *(rows_kept_gate(contract) for contract in compared(contracts)),
        *(gate for contract in contracts if is_gated(contract) for gate in contract_gates(contract)),
    ]
