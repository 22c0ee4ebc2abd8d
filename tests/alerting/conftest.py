"""A listener per channel for each test, one certificate for all, and an alert."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from kam_pipeline.alerting import Alert, FailedCheck, Failure, ReadersSee, Since
from tests.alerting.listeners import PASSWORD, Certificate, Hook, Mailbox, make_certificate, start_mail_server
from tests.factories import utc


@pytest.fixture
def hook(monkeypatch) -> Iterator[Hook]:
    """A web server that takes everything; its address stands in KAM_TEST_HOOK."""
    listener = Hook()
    server = listener.serve()
    monkeypatch.setenv("KAM_TEST_HOOK", listener.url)
    yield listener
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server without TLS and without signing in, as one on the same machine is."""
    listener, controller = start_mail_server()
    yield listener
    controller.stop()


@pytest.fixture
def safe_mailbox(certificate, monkeypatch) -> Iterator[Mailbox]:
    """A mail server that takes mail after STARTTLS and a password only."""
    listener, controller = start_mail_server(
        tls_context=certificate.context(), require_starttls=True, auth_required=True, auth_require_tls=True
    )
    monkeypatch.setenv("KAM_TEST_PASSWORD", PASSWORD)
    yield listener
    controller.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def alert() -> Alert:
    """The second night in a row on which a check blocked."""
    return Alert(
        pipeline="acme on reporting-01",
        noticed_at=datetime(2026, 7, 3, 3, 5, tzinfo=UTC),
        failure=Failure(
            kind="blocked",
            what="1 check that blocks publishing",
            first_step="read the failed checks in `kam status`; correct the source, or the limit in section quality",
            error="PublicationBlockedError",
            step="marts/data_quality",
            checks=(FailedCheck("marts/data_quality", "rejected_share_opportunity", 0.5, 0.2),),
        ),
        readers=ReadersSee(date(2026, 7, 1), utc(2026, 7, 1, 3, 4)),
        since=Since(datetime(2026, 7, 2, 3, 5, tzinfo=UTC), 2, False, datetime(2026, 7, 1, 3, 5, tzinfo=UTC)),
        run_id="6f1b3a52-7a4e-4e0c-9a0e-3a7a6c0f7d11",
    )
