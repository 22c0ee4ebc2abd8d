"""How the emulated server behaves where real organisations differ.

What belongs here: what stays as it is while the server runs. What does not: faults that come and go (faults.py),
features of the organisation's data (org.py).
"""

from dataclasses import dataclass
from typing import Literal

SignInMethod = Literal["client_credentials", "jwt", "refresh_token", "password"]
SoapLogin = Literal["on", "disabled", "absent", "insufficient_access"]

SOAP_LOGIN_UNTIL = 64
"""The last version that has SOAP login()."""


@dataclass(frozen=True)
class ServerSettings:
    """Behaviour of the server.

    Attributes
    ----------
    versions : tuple[int, ...]
        Versions of the API that it speaks, ascending; lower ones are retired.
    page_size : int
        The most records in a page of a REST query, below the asked size where the server thinks rows are wide.
    bulk_page_rows : int
        Records in a page of a Bulk result, as the server picks them.
    bulk_shuffle : bool
        Bulk results come in any order.
    gzip : bool
        Answers are compressed for clients that accept it.
    compress_ahead : bool
        Bulk pages are compressed before the job is complete, not when they are first asked for.
    sign_in_methods : tuple[SignInMethod, ...]
        Ways of OAuth that are allowed.
    soap_login : SoapLogin
        SOAP login(): on; disabled as in new organisations; absent as from version 65.0 on whatever the version;
        insufficient_access as for a user without the permission.
    trusted_network : bool
        User name and password do without the security token.
    refresh_token_rotation : bool
        Each use of a refresh token gives a new one, and a second use of an old one revokes them all.
    instance_url : str or None
        What sign-in says data calls go to, None for the server itself.
    token_lives_calls : int or None
        Data calls after which a session ends, None for no such end.
    session_seconds : int
        Idle time by the organisation's clock after which a session ends.
    daily_calls_limit : int
        Data calls in 24 hours of the organisation's clock.
    locator_ties_session : bool
        Only the session that opened a cursor can read on.
    job_polls : int
        Looks at a Bulk job before one says that it is complete.
    job_seconds : float
        Time by the organisation's clock before a Bulk job is complete.
    daily_jobs_limit : int
        Bulk query jobs in 24 hours of the organisation's clock.
    jobs_per_page : int
        Jobs in a page of their list.
    result_pages : bool
        Parallel download is offered (from version 58.0 on).
    next_pages_key : str
        How the answer spells where more result pages are.
    number_of_records_header : bool
        Bulk pages say in a header how many records they have.
    null_locator : str
        The locator of the last page.
    """

    versions: tuple[int, ...] = tuple(range(47, 69))
    page_size: int = 2000
    bulk_page_rows: int = 50_000
    bulk_shuffle: bool = False
    gzip: bool = True
    compress_ahead: bool = False
    sign_in_methods: tuple[SignInMethod, ...] = ("client_credentials", "jwt", "refresh_token", "password")
    soap_login: SoapLogin = "on"
    trusted_network: bool = False
    refresh_token_rotation: bool = False
    instance_url: str | None = None
    token_lives_calls: int | None = None
    session_seconds: int = 7200
    daily_calls_limit: int = 100_000
    locator_ties_session: bool = True
    job_polls: int = 0
    job_seconds: float = 0.0
    daily_jobs_limit: int = 10_000
    jobs_per_page: int = 1000
    result_pages: bool = True
    next_pages_key: str = "nextRecordsUrl"
    number_of_records_header: bool = True
    null_locator: str = "null"
