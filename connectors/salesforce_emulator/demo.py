"""The made-up company as a Salesforce organisation, for `kam demo --via salesforce`.

What belongs here: taking the demo's export over into an organisation. What does not: the company itself
(kam_pipeline.demo), the server (server.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.org import Org
from connectors.salesforce_emulator.server import Emulator
from kam_pipeline.demo import LAST_DAY

# What the export cannot say of the company's own fields: 1 and 0 are flags, and amounts are money.
_KINDS = {
    "Account": {"Internal_Test__c": "boolean", "Has_Portal__c": "boolean", "Potential__c": "currency"},
    "Key_Account_Plan__c": {"Target_Amount__c": "currency"},
}
_MORNING_AFTER = datetime.combine(LAST_DAY + timedelta(days=1), time(4), UTC)


@contextmanager
def demo_organisation(export: Path) -> Iterator[Emulator]:
    """Serve an export as an organisation on this machine, whose clock stands at the morning after its last day.

    Parameters
    ----------
    export : Path
        Folder that `kam_pipeline.demo.write_export` has written.

    Yields
    ------
    Emulator
        The server; inside, `url` answers.
    """
    org = Org(clock=Clock(_MORNING_AFTER))
    try:
        for file in sorted(export.glob("*.csv")):
            org.load(file.stem, file, kinds=_KINDS.get(file.stem), from_export=True)
        with Emulator(org) as emulator:
            yield emulator
    finally:
        org.close()
