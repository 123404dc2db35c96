"""Runs first in the frozen program: what PyInstaller put into the environment is for this process only.

A program that we start (Terraform for an export, a credential process of AWS) must not load its libraries from our
runtime, nor take itself for a part of us. Source: PyInstaller, "LD_LIBRARY_PATH considerations".
"""

import os

for _name in [name for name in os.environ if name.startswith("_PYI_")]:
    del os.environ[_name]
for _name in ("LD_LIBRARY_PATH", "LIBPATH"):
    _before = os.environ.pop(f"{_name}_ORIG", None)
    os.environ.pop(_name, None)
    if _before is not None:
        os.environ[_name] = _before
