"""The error tree: everything this product raises on purpose, and nothing else.

Messages name the thing, where it is, and the way out. Exit codes of `kam` follow from the branch.

KamError
├── ConfigurationError        kam.yaml or a command line cannot be used (exit 2)
├── ConnectorError            the source cannot be read
│   ├── SignInError           the CRM does not let us in (exit 2)
│   ├── RequestRefusedError   the CRM refuses a request: a permission, a field, a limit
│   └── SourceFormatError     what the source holds is not what was announced (exit 2)
├── ContractError             a SQL file or a table breaks its own contract (a defect here, not in the data)
├── WarehouseError            the warehouse cannot do what was asked
│   └── WarehouseBusyError    another process is writing
├── DaemonRunningError        a second daemon was asked for
├── PublicationError          the publication could not be written; the last one is untouched
│   ├── TargetUnavailableError a database that readers use cannot be reached, or is held by others, just now
│   └── ReportError           the report could not be made from the publication; the last report is untouched
├── WhatIfError               what is published is not enough to hold other criteria against
├── PublicationBlockedError   a blocking check failed; nothing was published (exit 3)
└── AlertError                an alert could not be sent; what it was about stands as it is
"""

from collections.abc import Sequence


class KamError(Exception):
    """Base of all errors that the product raises on purpose.

    `can_pass` says that the cause may be gone in a while, so that a night may try again; `first_step` what whoever is
    called does first, in words that hold without the message.
    """

    exit_code = 1
    can_pass = False
    first_step = "look at the run in `kam ui`"


class ConfigurationError(KamError):
    """Raised when the configuration or a command line cannot be used.

    Parameters
    ----------
    problems : Sequence[str]
        Every problem found, each naming its path in the file and the way out.
    """

    exit_code = 2
    first_step = "try `kam check`: it names every setting that cannot be used"

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class ConnectorError(KamError):
    """Raised when a source cannot be reached or read."""

    can_pass = True
    first_step = "try `kam check`: it reads the source and says what it finds"


class SignInError(ConnectorError):
    """Raised when the CRM does not let us in; asking again with the same credentials could lock the user out."""

    exit_code = 2
    can_pass = False
    first_step = "try `kam check`; see source.sign_in in kam.yaml and the connected app in the CRM"


class RequestRefusedError(ConnectorError):
    """Raised when the CRM refuses a request for a reason that does not pass by asking again.

    Parameters
    ----------
    message : str
        What was refused, where, and the way out.
    code : str
        The CRM's own code of the reason, such as INVALID_FIELD.
    """

    can_pass = False

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class SourceFormatError(ConnectorError):
    """Raised when a file is not what it was announced to be: column, encoding, delimiter, archive."""

    exit_code = 2
    can_pass = False
    first_step = "try `kam check`, then correct the export or the mapping in kam.yaml"


class ContractError(KamError):
    """Raised when a SQL model or a table does not keep its own header."""


class WarehouseError(KamError):
    """Raised when the warehouse cannot do what was asked of it."""

    first_step = "look for free space and rights in the state folder, then `kam run`"


class WarehouseBusyError(WarehouseError):
    """Raised when another process holds the warehouse open for writing."""

    can_pass = True
    first_step = "see which run is going on (`kam status`) and let it end, or stop it"


class DaemonRunningError(KamError):
    """Raised when a second daemon of the same configuration is to be started."""


class PublicationError(KamError):
    """Raised when a publication could not be written; readers keep the last one."""

    first_step = "look for free space and rights where the publication lies, then `kam run`"


class TargetUnavailableError(PublicationError):
    """Raised when a database that readers use does not answer, or a lock in it was not given in time."""

    can_pass = True
    first_step = "see whether the database of publish.postgresql is up and free, then `kam publish`"


class ReportError(PublicationError):
    """Raised when the report could not be made from the published file, or not written; readers keep the last one."""


class WhatIfError(KamError):
    """Raised when nothing is published, or not what other criteria can be held against."""

    first_step = "`kam run` publishes what is needed"


class PublicationBlockedError(KamError):
    """Raised when a blocking check failed, so that nothing was published."""

    exit_code = 3
    first_step = "read the failed checks in `kam status`; correct the source, or the limit in section quality"


class AlertError(KamError):
    """Raised when an alert could not be sent through every channel, where nothing else would say so."""

    first_step = "try `kam check --alert`: it sends a test through every channel"
