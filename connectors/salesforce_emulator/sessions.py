"""Sessions: who may call, and until when.

What belongs here: tokens and their life. What does not: how one gets a token (sign_in.py, soap_login.py).
"""

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.salesforce_emulator.messages import Request, session_invalid
from connectors.salesforce_emulator.server_settings import ServerSettings


@dataclass
class Session:
    """One session.

    Attributes
    ----------
    token : str
        What a client shows.
    last_used : datetime
        By the organisation's clock; use extends its life.
    call_cnt : int
        Data calls so far.
    """

    token: str
    last_used: datetime
    call_cnt: int = 0


class Sessions:
    """The sessions of one organisation.

    Parameters
    ----------
    org_id : str
        Every token begins with its first 15 characters.
    settings : ServerSettings
        How long a session lives.
    """

    def __init__(self, org_id: str, settings: ServerSettings) -> None:
        self._prefix = org_id[:15]
        self._settings = settings
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def open(self, now: datetime) -> str:
        """Return the token of a new session."""
        token = f"{self._prefix}!{secrets.token_urlsafe(72)}"
        with self._lock:
            self._sessions[token] = Session(token, now)
        return token

    def use(self, token: str | None, now: datetime) -> Session:
        """Return the session of a data call, which counts from now on; a dead one is refused."""
        with self._lock:
            session = self._sessions.get(token or "")
            if session is None:
                raise session_invalid()
            lives = self._settings.token_lives_calls
            idle = now - session.last_used
            if idle > timedelta(seconds=self._settings.session_seconds) or session.call_cnt == lives:
                del self._sessions[session.token]
                raise session_invalid()
            session.last_used = now
            session.call_cnt += 1
            return session

    def end(self, token: str | None) -> None:
        """End one session, as a logout elsewhere does."""
        with self._lock:
            self._sessions.pop(token or "", None)

    def end_all(self) -> None:
        """End every session."""
        with self._lock:
            self._sessions.clear()


def token_of(request: Request) -> str | None:
    """Return the token that a request shows, None for none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else None
