"""The made-up company Nordlys Components, written as a Data Export folder with feeds beside it.

What belongs here: a company that looks like a real one to every reader, with all the dirt that real exports have, and a
list of that dirt. What does not: reading exports (connectors), business rules (sql/), a configuration file.

`model` draws the company as arrays, `files` turns the arrays into the text of each file, `export` writes them.
"""

from kam_pipeline.demo.export import LAST_DAY, write_export
from kam_pipeline.demo.summary import DemoSummary, DirtyRecord

__all__ = ["write_export", "LAST_DAY", "DemoSummary", "DirtyRecord"]
