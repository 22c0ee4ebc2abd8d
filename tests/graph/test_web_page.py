"""The Dagster page, started as documented: the whole graph is materialised from it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kam_pipeline.demo import write_export

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 180

LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""
STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
ASSETS = """
{ assetNodes { assetKey { path } description
    assetMaterializations(limit: 1) { metadataEntries { label ... on IntMetadataEntry { intValue } } }
    metadataEntries { label ... on TableSchemaMetadataEntry { schema { columns { name } } } } } }
"""


def ask(port: int, query: str, **variables: object) -> dict[str, Any]:
    """Send one GraphQL query to the page."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        data: dict[str, Any] = json.load(answer)["data"]
        return data


@pytest.fixture
def page(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    write_export(tmp_path, accounts=40)
    (tmp_path / "kam.yaml").write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "kam_pipeline.cli", "ui", "--port", str(port)],
        cwd=tmp_path,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5).close()
                break
            time.sleep(1)
        yield tmp_path, port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


def test_the_whole_graph_is_materialised_from_the_page(page):
    folder, port = page
    selector = {
        "repositoryLocationName": "kam_pipeline.definitions",
        "repositoryName": "__repository__",
        "jobName": "ingest_and_evaluate",
    }
    tags = [{"key": "dagster/partition", "value": "2026-07-01"}]
    params = {"selector": selector, "runConfigData": {}, "executionMetadata": {"tags": tags}}
    launched = ask(port, LAUNCH, params=params)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    status = "STARTING"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while status not in ("SUCCESS", "FAILURE", "CANCELED") and time.monotonic() < deadline:
        time.sleep(2)
        status = ask(port, STATUS, id=launched["run"]["runId"])["runOrError"]["status"]
    assert status == "SUCCESS"
    with duckdb.connect(str(folder / "published" / "key_accounts.duckdb"), read_only=True) as connection:
        assert connection.sql("select count(*) from kam.key_account_candidate").fetchall()[0][0] > 0
    for asset in ask(port, ASSETS)["assetNodes"]:
        name = "/".join(asset["assetKey"]["path"])
        assert asset["description"], name
        entries = {entry["label"] for entry in asset["assetMaterializations"][0]["metadataEntries"]}
        # the report is a page and no table: its size says that it was made
        assert ("size_bytes" if name == "published/report" else "dagster/row_count") in entries, name
