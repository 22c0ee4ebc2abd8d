"""Writing one CSV file: a header, every value in quotes, chunk after chunk.

What belongs here: the form of the file. What does not: its contents (files/).
"""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from kam_pipeline.demo.columns import Columns


def write_csv(path: Path, pieces: Iterable[Columns]) -> int:
    """Write a file from pieces that all have the same columns.

    Parameters
    ----------
    path : Path
        The file; one that exists is replaced.
    pieces : Iterable[Columns]
        At least one piece, which may have no rows.

    Returns
    -------
    int
        Rows written, without the header.
    """
    remaining = iter(pieces)
    table = pa.table(next(remaining))
    options = pa_csv.WriteOptions(quoting_style="all_valid")
    row_cnt = 0
    with pa_csv.CSVWriter(path, table.schema, write_options=options) as writer:
        while True:
            writer.write_table(table)
            row_cnt += int(table.num_rows)
            following = next(remaining, None)
            if following is None:
                return row_cnt
            table = pa.table(following)
