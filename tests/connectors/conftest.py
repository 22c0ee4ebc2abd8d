"""What the tests of connectors share: reading a folder of files into plain records."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.base import arrow_schema
from connectors.files import ExportFiles
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.settings.source import FilesSource, Mapping

Records = list[dict[str, Any]]


@pytest.fixture(scope="session")
def source_of() -> Callable[..., ExportFiles]:
    """Make a source from a path, a mapping and settings."""

    def make(path: Path, mapping: dict[str, Any] | None = None, **settings: Any) -> ExportFiles:
        files = FilesSource(kind="files", path=str(path), **settings)
        return ExportFiles(files, Mapping.model_validate(mapping or {}), Path())

    return make


@pytest.fixture(scope="session")
def read(source_of: Callable[..., ExportFiles]) -> Callable[..., Records]:
    """Read all records of one object from a path."""

    def records(path: Path, crm_object: CrmObject, mapping: dict[str, Any] | None = None, **settings: Any) -> Records:
        (extract,) = source_of(path, mapping, **settings).extract([crm_object])
        return pa.Table.from_batches(extract.batches, schema=arrow_schema(crm_object)).to_pylist()

    return records


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public sample data beside the repository; tests that need it are skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder shared/data beside the repository is absent")
    return folder
