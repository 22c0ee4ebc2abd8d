"""Sign-in by SOAP: `POST /services/Soap/u/{version}` with login(), which Salesforce is retiring.

What belongs here: the one SOAP call that clients still make. What does not: OAuth (sign_in.py).
"""

import html
import re
from xml.sax.saxutils import escape

from connectors.salesforce_emulator.credentials import Credentials
from connectors.salesforce_emulator.messages import Answer, Request
from connectors.salesforce_emulator.organisation import Organisation
from connectors.salesforce_emulator.server_settings import SOAP_LOGIN_UNTIL, ServerSettings
from connectors.salesforce_emulator.sessions import Sessions
from connectors.salesforce_emulator.sign_in import password_fits

_XML_TYPE = "text/xml;charset=UTF-8"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns="urn:partner.soap.sforce.com" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{}</soapenv:Body></soapenv:Envelope>'
)


class SoapLogin:
    """The SOAP endpoint, as far as login() goes.

    Parameters
    ----------
    org : Organisation
        Whose sessions are opened.
    settings : ServerSettings
        Whether login() still exists.
    credentials : Credentials
        What is accepted.
    sessions : Sessions
        Where the sessions are opened.
    url : str
        Address of the server.
    """

    def __init__(
        self, org: Organisation, settings: ServerSettings, credentials: Credentials, sessions: Sessions, url: str
    ) -> None:
        self._org = org
        self._settings = settings
        self._credentials = credentials
        self._sessions = sessions
        self._url = url

    def answer(self, request: Request) -> Answer:
        """Answer login()."""
        version = request.path.rsplit("/", 1)[-1]
        text = request.body.decode("utf-8", "replace")
        refused = self._refused(version, text)
        return refused if refused is not None else self._success(version)

    def _refused(self, version: str, text: str) -> Answer | None:
        if not _is_number(version) or int(float(version)) not in self._settings.versions:
            return _fault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
        if not re.search(r"<(?:\w+:)?login[\s>]", text):
            return _fault("INVALID_OPERATION", "Only login() is spoken here")
        way = self._settings.soap_login
        if way == "absent" or float(version) >= SOAP_LOGIN_UNTIL + 1:
            return _fault(
                "INVALID_OPERATION",
                f"The SOAP Login operation is not available in the API version specified ({version}).",
            )
        if way == "disabled":
            return _fault("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.")
        organisation = _element(text, "organizationId")
        # An organisation is named by 15 or by 18 characters.
        known = organisation == "" or organisation[:15] == self._org.org_id[:15]
        username, password = _element(text, "username"), _element(text, "password")
        if not known or not password_fits(username, password, self._credentials, self._settings):
            return _fault(
                "INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", kind="LoginFault"
            )
        if way == "insufficient_access":
            return _fault("INSUFFICIENT_ACCESS", "The user needs the permission Use Any API Auth to call login()")
        return None

    def _success(self, version: str) -> Answer:
        token = self._sessions.open(self._org.clock.now())
        base = self._settings.instance_url or self._url
        org_id, user_id = self._org.org_id, self._credentials.user_id
        result = (
            f"<metadataServerUrl>{base}/services/Soap/m/{version}/{org_id[:15]}</metadataServerUrl>"
            "<passwordExpired>false</passwordExpired><sandbox>false</sandbox>"
            f"<serverUrl>{base}/services/Soap/u/{version}/{org_id[:15]}</serverUrl>"
            f"<sessionId>{token}</sessionId><userId>{user_id}</userId><userInfo>"
            f"<organizationId>{org_id}</organizationId><organizationName>Acme</organizationName>"
            f"<sessionSecondsValid>{self._settings.session_seconds}</sessionSecondsValid>"
            f"<userId>{user_id}</userId><userName>{escape(self._credentials.username)}</userName>"
            "<userTimeZone>Europe/Berlin</userTimeZone></userInfo>"
        )
        return _soap(200, f"<loginResponse><result>{result}</result></loginResponse>")


def _is_number(version: str) -> bool:
    return re.fullmatch(r"\d+\.\d", version) is not None


def _element(text: str, name: str) -> str:
    found = re.search(rf"<(?:\w+:)?{name}>(.*?)</(?:\w+:)?{name}>", text, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def _fault(code: str, message: str, kind: str = "UnexpectedErrorFault") -> Answer:
    detail = (
        f'<sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:{kind}>"
    )
    return _soap(
        500,
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {escape(message)}</faultstring>"
        f"<detail>{detail}</detail></soapenv:Fault>",
    )


def _soap(status: int, body: str) -> Answer:
    return Answer(status, _ENVELOPE.format(body).encode(), _XML_TYPE)
