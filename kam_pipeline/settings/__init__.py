"""Settings: kam.yaml as checked, frozen values; the only room that reads the environment.

`section` the base, `secret` what stands in the environment, `source`, `feeds`, `business`, `kpis`, `maturity`,
`alerts` and `operation` the sections, `configuration` the whole with its places on disk, `load` the reader that
reports every error at once.
"""

from kam_pipeline.settings.configuration import Configuration, Settings
from kam_pipeline.settings.load import (
    configuration_path,
    load_configuration,
    load_what_can_be_used,
    process_environment,
    schema_text,
    set_environment,
)

__all__ = [
    "Configuration",
    "Settings",
    "configuration_path",
    "load_configuration",
    "load_what_can_be_used",
    "process_environment",
    "schema_text",
    "set_environment",
]
