"""How many files and connections a process may have open."""

import contextlib
import resource

_MOST = 1_048_576
"""Linux's own default for the hard limit; where that is lifted, some libraries set up a table of its size."""


def raise_descriptors() -> int:
    """Raise the limit of this process, and of those it starts, to the hard limit; the limit that holds is returned.

    The usual soft limit of 1,024 is there for programs that use select(2), and a thousand connections use it up.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return descriptor_limit()


def descriptor_limit() -> int:
    """The soft limit as it is; at most a million."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if soft == resource.RLIM_INFINITY else min(soft, _MOST)
