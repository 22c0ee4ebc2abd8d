"""Secrets: named in kam.yaml by the environment variable that holds them, looked up at the moment of use.

What belongs here: the form `${NAME}` and its look-up. What does not: which settings are secrets (alerts.py,
operation.py).
"""

import os
import re
from typing import Annotated

from pydantic import BeforeValidator

from kam_pipeline.errors import ConfigurationError

_FORM = re.compile(r"^\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}$")


def _is_reference(text: object) -> object:
    if not isinstance(text, str) or _FORM.match(text) is None:
        # what was written may be the secret itself: it is not repeated
        raise ValueError("is a secret and does not belong in this file; write the name of a variable: ${ENV_NAME}")
    return text


SecretReference = Annotated[str, BeforeValidator(_is_reference)]
"""`${NAME}`: the value stands in the environment variable NAME."""


def reveal(reference: str, where: str) -> str:
    """Return the secret that a setting names.

    Parameters
    ----------
    reference : str
        A checked `SecretReference`.
    where : str
        The setting's path in kam.yaml, for the message.

    Returns
    -------
    str
        The value of the environment variable.

    Raises
    ------
    ConfigurationError
        When the variable is not set, or is empty.
    """
    name = reference[2:-1]
    value = os.environ.get(name, "")
    if not value:
        raise ConfigurationError(
            [f"{where}: the environment variable {name} is not set; set it where `kam` is started"]
        )
    return value
