"""The channel `alerts.webhook`: one JSON message to one address.

What belongs here: the address and the request. What does not: what the message says (rendering.py).

Whoever knows the address can post to it. So it is in no text that this module returns, and the library's errors, which
repeat it, go no further than this module.
"""

import logging
from urllib.parse import urlsplit

import requests

from kam_pipeline.alerting.message import Alert
from kam_pipeline.alerting.rendering import payload
from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings.alerts import Webhook, is_loopback
from kam_pipeline.settings.secret import reveal

WHERE = "alerts.webhook.url"
_LOOPBACK_NAMES = "localhost,127.0.0.1,::1"


def address_of(webhook: Webhook) -> str:
    """Return the address that a webhook's variable holds.

    Raises
    ------
    ConfigurationError
        When the variable is not set, or what it holds is no address that may be posted to; it is not repeated.
    """
    url = reveal(webhook.url, WHERE).strip()
    no_address = ConfigurationError([f"{WHERE}: what {webhook.url} holds is no address; it begins with https://"])
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        # from None: the library's text quotes parts of the address
        raise no_address from None
    if not host or parts.scheme not in ("http", "https"):
        raise no_address
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(
            [f"{WHERE}: what {webhook.url} holds is an open line to another machine; use https://"]
        )
    return url


def tell(alert: Alert, webhook: Webhook, timeout_seconds: float) -> str | None:
    """Post an alert.

    Parameters
    ----------
    alert : Alert
        What to say.
    webhook : Webhook
        The address.
    timeout_seconds : float
        How long to wait for a connection, and then for each part of the answer.

    Returns
    -------
    str or None
        What went wrong, None when it was taken.

    Raises
    ------
    ConfigurationError
        As `address_of`.
    ConnectionError
        When no connection came about or it broke, so that another try may help.
    """
    url = address_of(webhook)
    # below INFO, urllib3 logs the path of every address
    logging.getLogger("urllib3").setLevel(logging.INFO)
    proxies = {"no_proxy": _LOOPBACK_NAMES} if is_loopback(urlsplit(url).hostname or "") else None
    try:
        with requests.post(
            url,
            json=payload(alert),
            timeout=timeout_seconds,
            proxies=proxies,
            allow_redirects=False,  # an alert goes where it was addressed to, or nowhere
            stream=True,  # the answer's status is enough
        ) as response:
            taken = 200 <= response.status_code < 300
            return None if taken else f"answered with status {response.status_code}"
    except requests.exceptions.SSLError:
        return "its certificate could not be verified, or it speaks no TLS"
    except requests.exceptions.ReadTimeout:
        return f"did not answer within {timeout_seconds:g} seconds"
    except requests.exceptions.ProxyError:
        return "could not be reached through the proxy"
    except requests.exceptions.ConnectionError:
        raise ConnectionError("could not be reached") from None
    except requests.exceptions.RequestException as error:
        return f"could not be sent ({type(error).__name__})"
