"""The `TINGTING_*` variables of the environment: those that mean something to any part, and those that mean nothing.

A misspelt variable must not be passed over: with `TINGTING_SIP_TRUNKK` a service for real telephones would be a trial.
"""

import difflib
import re
from collections.abc import MutableMapping

from app.core.faults import VARIABLE as FAULT
from app.core.settings import Settings

_PREFIX = "TINGTING_"
_BESIDE_SETTINGS = ("ACCOUNT_PASSWORD", "STACK", "SUPERVISOR", FAULT.removeprefix(_PREFIX))
"""Read elsewhere: by commands, or by the parts of a stack from each other."""

# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
# For a Service called tingting, or tingting-http, in the namespace of the pod.
_KUBERNETES = re.compile(r"TINGTING(_\w+)?_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)")
_KUBERNETES_PORT = re.compile(r"TINGTING(_\w+)?_PORT")
_KUBERNETES_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


def known() -> list[str]:
    """Every variable that some part reads; one that is known to any part is known to all."""
    return sorted(f"{_PREFIX}{name.upper()}" for name in (*Settings.model_fields, *_BESIDE_SETTINGS))


def drop_kubernetes(environment: MutableMapping[str, str]) -> list[str]:
    """Remove what Kubernetes sets for a Service of our name, for some of it would pass for settings; the names."""
    dropped = [name for name, value in environment.items() if _is_of_kubernetes(name, value)]
    for name in dropped:
        del environment[name]
    return sorted(dropped)


def _is_of_kubernetes(name: str, value: str) -> bool:
    if _KUBERNETES.fullmatch(name):
        return True
    return bool(_KUBERNETES_PORT.fullmatch(name) and _KUBERNETES_ADDRESS.match(value))


def unknown(environment: MutableMapping[str, str]) -> dict[str, str]:
    """Variables that no part reads, each with the known name nearest to it. Case does not matter, as in settings."""
    names = known()
    strangers = [
        name for name in environment if name.upper().startswith(_PREFIX) and name.upper() not in names
    ]
    return {
        name: difflib.get_close_matches(name.upper(), names, n=1, cutoff=0)[0] for name in sorted(strangers)
    }
