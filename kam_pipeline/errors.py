"""The error tree: everything this product raises on purpose, and nothing else.

Messages name the thing, where it is, and the way out. Exit codes of `kam` follow from the branch.

KamError
├── ConfigurationError        kam.yaml or a command line cannot be used (exit 2)
├── ConnectorError            the source cannot be read
│   └── SourceFormatError     what the source holds is not what was announced (exit 2)
├── ContractError             a SQL file or a table breaks its own contract (a defect here, not in the data)
├── WarehouseError            the warehouse cannot do what was asked
│   └── WarehouseBusyError    another process is writing
├── PublicationError          the publication could not be written; the last one is untouched
│   └── ReportError           the report could not be made from the publication; the last report is untouched
└── PublicationBlockedError   a blocking check failed; nothing was published (exit 3)
"""

from collections.abc import Sequence


class KamError(Exception):
    """Base of all errors that the product raises on purpose."""

    exit_code = 1


class ConfigurationError(KamError):
    """Raised when the configuration or a command line cannot be used.

    Parameters
    ----------
    problems : Sequence[str]
        Every problem found, each naming its path in the file and the way out.
    """

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class ConnectorError(KamError):
    """Raised when a source cannot be reached or read."""


class SourceFormatError(ConnectorError):
    """Raised when a file is not what it was announced to be: column, encoding, delimiter, archive."""

    exit_code = 2


class ContractError(KamError):
    """Raised when a SQL model or a table does not keep its own header."""


class WarehouseError(KamError):
    """Raised when the warehouse cannot do what was asked of it."""


class WarehouseBusyError(WarehouseError):
    """Raised when another process holds the warehouse open for writing."""


class PublicationError(KamError):
    """Raised when a publication could not be written; readers keep the last one."""


class ReportError(PublicationError):
    """Raised when the report could not be made from the published file, or not written; readers keep the last one."""


class PublicationBlockedError(KamError):
    """Raised when a blocking check failed, so that nothing was published."""

    exit_code = 3
