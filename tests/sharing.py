"""Which worker runs which tests with `-n`, and in which order."""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

# What takes longest begins first, that no worker is left with it at the end; most of it waits for faults to be noticed
# or for sound to be over, beside what computes.
_FIRST = (
    "tests/faults/test_chaos.py",
    "tests/e2e/",
    "tests/local/",
    "tests/faults/",
    "tests/bench/",
    "tests/scale/",
    "tests/security/",
    "tests/integration/",
    "tests/api/",
)
_ONE_WORKER = {
    "the running service": (
        "tests/docs/test_original_api.py",
        "tests/docs/test_readme.py",
        "tests/e2e/test_campaign.py",
        "tests/e2e/test_sms.py",
        "tests/security/test_closed_accounts_calls.py",
        "tests/security/test_secrets_stay_inside.py",
        "tests/security/test_toll_fraud_calls.py",
    ),
    "the rig": (
        "tests/faults/test_chaos_of_long_waits.py",
        "tests/faults/test_frozen.py",
        "tests/faults/test_orphans.py",
    ),
}
_SHARED = {file: what for what, files in _ONE_WORKER.items() for file in files}


class SharingScheduling(LoadFileScheduling):
    """A file stays whole, and files that share a service run on one worker, so that it is started once."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return _SHARED.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharingScheduling:
    """For `-n`, in the order of collection."""
    config.option.loadscopereorder = False
    return SharingScheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put what takes longest first, where tests run side by side."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((nth for nth, start in enumerate(_FIRST) if nodeid.startswith(start)), len(_FIRST))
