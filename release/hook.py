"""Runs first in the frozen program and restores the environment variables that PyInstaller has set.

Programs that we start (Terraform during an export, a credential process of AWS) would otherwise load libraries from our
runtime. Source: docs/design/0008-sources.md#packaging.
"""

import os

for _name in [name for name in os.environ if name.startswith("_PYI_")]:
    del os.environ[_name]
for _name in ("LD_LIBRARY_PATH", "LIBPATH"):
    _before = os.environ.pop(f"{_name}_ORIG", None)
    os.environ.pop(_name, None)
    if _before is not None:
        os.environ[_name] = _before
