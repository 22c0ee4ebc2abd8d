"""What the three sides of an organisation share: its records, its clock, and what others do not see yet.

What belongs here: putting an organisation together, transactions that end later. What does not: acts of users
(users.py), of administrators (administration.py), reading (org.py).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.changes import Changes
from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.deletions import Deletions
from connectors.salesforce_emulator.ids import make_id
from connectors.salesforce_emulator.replication import DeleteLog
from connectors.salesforce_emulator.schema import Schema, SObject
from connectors.salesforce_emulator.store import Store, Values

_ORGANIZATION: Values = {
    "Name": "Emulated Company",
    "DefaultCurrencyIsoCode": "EUR",
    "FiscalYearStartMonth": "1",
    "TimeZoneSidKey": "Europe/Berlin",
    "DefaultLocaleSidKey": "en_US",
    "LanguageLocaleKey": "en_US",
    "OrganizationType": "Enterprise Edition",
    "InstanceName": "EM1",
    "IsSandbox": "false",
}
_NEWEST = 999.0


@dataclass(frozen=True)
class Features:
    """What the organisation has switched on.

    Attributes
    ----------
    multi_currency : bool
        CurrencyType, and CurrencyIsoCode in every object.
    dated_rates : bool
        DatedConversionRate.
    person_accounts : bool
        Account.IsPersonAccount and PersonContactId.
    account_plans, account_teams, opportunity_teams, orders : bool
        Their objects.
    history : bool
        OpportunityHistory, OpportunityFieldHistory and AccountHistory, written when single records are saved.
    """

    multi_currency: bool = True
    dated_rates: bool = True
    person_accounts: bool = False
    account_plans: bool = True
    account_teams: bool = True
    opportunity_teams: bool = True
    orders: bool = True
    history: bool = True


@dataclass(frozen=True)
class Transaction:
    """A change that has its stamp already and that others do not see yet."""

    visible_at: datetime
    began: datetime
    record_id: str
    apply: Callable[[], None]


class OrgState:
    """One organisation, put together.

    Parameters
    ----------
    clock : Clock or None
        Its clock, None for the real time.
    features : Features or None
        What it has switched on, None for the usual.
    organization : Mapping[str, str | None] or None
        Values of its one record of Organization.
    """

    def __init__(
        self, *, clock: Clock | None = None, features: Features | None = None, organization: Values | None = None
    ) -> None:
        self.clock = clock or Clock()
        self.features = features or Features()
        self.user_id = make_id("005", 0)
        self.org_id = make_id("00D", 0)
        self._store = Store()
        self._schema = Schema(asdict(self.features))
        for owner in self._schema:
            self._store.make_table(owner)
        self._changes = Changes(self._schema, self._store, self.user_id, has_history=self.features.history)
        self._log = DeleteLog(self._store)
        self._deletions = Deletions(self._schema, self._store, self._changes, self._log)
        self._pending: list[Transaction] = []
        values = {**_ORGANIZATION, **(organization or {})}
        self._changes.insert(self._schema.find("Organization"), self.org_id, values, self.clock.now())
        self._changes.currency = values["DefaultCurrencyIsoCode"]

    def close(self) -> None:
        """Let go of all records."""
        self._store.close()

    @property
    def commit_horizon(self) -> datetime:
        """Until when everything is visible: now, or where the oldest transaction began that is not."""
        return min((one.began for one in self._pending), default=self.clock.now())

    @contextmanager
    def _settled(self) -> Iterator[datetime]:
        """Hold the records still, with everything done that is due by now."""
        with self._store.lock:
            now = self.clock.now()
            due = sorted((one for one in self._pending if one.visible_at <= now), key=lambda one: one.visible_at)
            for one in due:
                self._pending.remove(one)
                # Of a record that has gone with its parent nothing is left to save: the transaction fails.
                with suppress(RefusalError):
                    one.apply()
            self._deletions.let_go(now)
            yield now

    def _shown(self, sobject: str, version: float = _NEWEST) -> SObject:
        found = self._schema.shown(sobject, version)
        if found is None:
            raise RefusalError("NOT_FOUND", "The requested resource does not exist", 404)
        return found
