"""The channel `alerts.email`: one message through one mail server.

What belongs here: the message with its headers, and the talk with the server. What does not: what the message says
(rendering.py).

The server's answers may quote what it was sent, so of them only the number is repeated.
"""

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from kam_pipeline.alerting.message import Alert
from kam_pipeline.alerting.rendering import headline, text
from kam_pipeline.settings.alerts import Email
from kam_pipeline.settings.secret import reveal

WHERE = "alerts.email.password"


def mail_of(alert: Alert, email: Email) -> EmailMessage:
    """Return an alert as an e-mail: plain text in UTF-8.

    The Message-ID follows from what the alert is about, so that one sent twice can be seen to be one.
    """
    about = "\n".join([alert.pipeline, alert.failure.kind, alert.run_id or alert.noticed_at.isoformat()])
    message = EmailMessage()
    message["Subject"] = headline(alert)
    message["From"] = email.sender
    message["To"] = ", ".join(email.to)
    message["Date"] = format_datetime(alert.noticed_at)
    message["Message-ID"] = f"<{hashlib.sha256(about.encode()).hexdigest()[:32]}@{email.sender.rpartition('@')[2]}>"
    # no out-of-office replies to a machine
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text(alert) + "\n", charset="utf-8")
    return message


def password_of(email: Email) -> str | None:
    """Return the password that the settings name, None where none is needed.

    Raises
    ------
    ConfigurationError
        When the variable is not set.
    """
    return reveal(email.password, WHERE) if email.password is not None else None


def tell(alert: Alert, email: Email, timeout_seconds: float) -> str | None:
    """Hand an alert to the mail server.

    Parameters
    ----------
    alert : Alert
        What to say.
    email : Email
        The server and the addresses.
    timeout_seconds : float
        How long to wait for a connection, and then for each of the server's answers.

    Returns
    -------
    str or None
        What went wrong, None when the server took it for every address.

    Raises
    ------
    ConfigurationError
        When the password's variable is not set.
    ConnectionError
        When no connection came about or it broke, so that another try may help.
    """
    password = password_of(email)
    try:
        with _connected(email, timeout_seconds) as server:
            if email.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if email.user is not None and password is not None:
                server.login(email.user, password)
            refused = server.send_message(mail_of(alert, email))
    except ssl.SSLError:
        return "its certificate could not be verified, or it speaks no TLS"
    except TimeoutError:
        return f"did not answer within {timeout_seconds:g} seconds"
    except smtplib.SMTPServerDisconnected:
        raise ConnectionError("the server hung up, or said nothing") from None
    except smtplib.SMTPException as error:
        return _refusal(error)
    except OSError:
        raise ConnectionError("could not be reached") from None
    return f"the server refused {len(refused)} of {len(email.to)} addresses" if refused else None


def _connected(email: Email, timeout_seconds: float) -> smtplib.SMTP:
    if email.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(email.host, email.port, timeout=timeout_seconds, context=context)
    return smtplib.SMTP(email.host, email.port, timeout=timeout_seconds)


def _refusal(error: smtplib.SMTPException) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"the server refused to sign in ({error.smtp_code})"
        case smtplib.SMTPRecipientsRefused():
            return "the server refused every address in alerts.email.to"
        case smtplib.SMTPSenderRefused():
            return f"the server refused alerts.email.sender ({error.smtp_code})"
        case smtplib.SMTPResponseException():
            return f"the server refused ({error.smtp_code})"
        case smtplib.SMTPNotSupportedError():
            return "the server does not do what alerts.email asks of it: STARTTLS, or signing in"
        case _:
            return f"could not be sent ({type(error).__name__})"
