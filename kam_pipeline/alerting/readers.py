"""What readers have while a night is not published: read from the published file, never changed."""

from pathlib import Path

import duckdb

from kam_pipeline.alerting.message import ReadersSee
from kam_pipeline.settings.configuration import PUBLISHED_SCHEMA


def what_readers_see(published: Path) -> ReadersSee:
    """Return the newest date of the published file.

    Parameters
    ----------
    published : Path
        The file that readers open.

    Returns
    -------
    ReadersSee
        The date and when it was computed; without them when there is no file, not known when it cannot be read: an
        alert must not fail for that.
    """
    if not published.exists():
        return ReadersSee()
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            newest = connection.execute(
                f"select as_of_date, created_at from {PUBLISHED_SCHEMA}.snapshot order by as_of_date desc limit 1"
            ).fetchone()
    except duckdb.Error:
        return ReadersSee(is_known=False)
    return ReadersSee(*newest) if newest else ReadersSee()
