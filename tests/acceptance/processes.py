"""The processes behind a running Terraform: which is the provider's, and whether all of them have ended."""

import subprocess
import time


def provider_of(terraform: int) -> int:
    """Return the process id of the provider that a Terraform has started."""
    processes = [line.split(None, 2) for line in _listed("-ww", "-o", "pid=,ppid=,command=")]
    [found] = [
        int(pid)
        for pid, parent, *command in processes
        if int(parent) == terraform and "terraform_provider_dynatrace" in str(command)
    ]
    return found


def command_lines() -> str:
    """Return the arguments of all processes: every user of the machine can read them."""
    return "\n".join(_listed("-ww", "-o", "command="))


def everything_ends(group: int) -> bool:
    """Wait for the processes of a group to end; of those that are nobody's children here, no event tells."""
    for _ in range(600):
        if not _alive(group):
            return True
        time.sleep(0.1)
    return False


def _alive(group: int) -> list[str]:
    """Return the states of a group's processes, without those that only wait to be reaped."""
    found = (line.split() for line in _listed("-o", "pgid=,stat="))
    return [state for number, state in found if int(number) == group and not state.startswith("Z")]


def _listed(*options: str) -> list[str]:
    return subprocess.run(["ps", "-A", *options], capture_output=True, text=True, check=True).stdout.splitlines()
