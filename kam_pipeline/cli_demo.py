"""The company that `kam demo` makes up, and where it is read from: its exported files, or an emulated Salesforce.

What belongs here: the folder, its kam.yaml, the server for the time of the command. What does not: the company (demo/),
running it (cli.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from kam_pipeline.demo import DemoSummary, write_export
from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings import set_environment

_TEXT = Path(__file__).parent / "demo" / "kam.yaml"
_KEY, _SECRET = "KAM_DEMO_CONSUMER_KEY", "KAM_DEMO_CONSUMER_SECRET"
_SALESFORCE = """source:                        # an emulated Salesforce that is there for as long as `kam demo` runs
  kind: salesforce
  login: {url}
  sign_in:
    method: client_credentials
    client_id: ${{{key}}}
    client_secret: ${{{secret}}}
"""


class Via(StrEnum):
    """Where the demo company is read from."""

    FILES = "files"
    SALESFORCE = "salesforce"


def make_company(directory: Path, *, accounts: int, seed: int) -> DemoSummary:
    """Write the demo company's export and feeds into a folder.

    Raises
    ------
    ConfigurationError
        When the folder holds something else.
    """
    if directory.exists() and any(directory.iterdir()) and not (directory / "feeds").is_dir():
        raise ConfigurationError([f"{directory}: is not empty and no demo folder; name another one with --dir"])
    return write_export(directory, accounts=accounts, seed=seed)


@contextmanager
def demo_configuration(directory: Path, via: Via) -> Iterator[str]:
    """Yield the text of kam.yaml; through Salesforce, the organisation answers inside and is gone afterwards."""
    text = _TEXT.read_text(encoding="utf-8")
    if via is Via.FILES:
        yield text
        return
    # the emulator is heavy, and most demos do without it
    from connectors.salesforce_emulator.demo import demo_organisation

    with demo_organisation(directory / "export") as emulator:
        credentials = emulator.credentials
        set_environment(**{_KEY: credentials.consumer_key, _SECRET: credentials.consumer_secret})
        before, _, after = text.partition("source:")
        source = _SALESFORCE.format(url=emulator.url, key=_KEY, secret=_SECRET)
        yield before + source + after[after.index("\n\n") + 1 :]
