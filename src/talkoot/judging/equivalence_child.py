"""The process behind `judging.equivalence`: JSON lines `[gold, answer]` in, "same" or "different" out.

A program, not a module to import: it knows nothing of talkoot, so that it starts as fast as sympy does. Its arguments
are the seconds for a pair and the megabytes of address space.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module


def main() -> None:
    """Say "ready" (or what cannot be imported), then answer line by line until the input ends."""
    seconds, memory_mb = float(sys.argv[1]), int(sys.argv[2])
    replies = os.fdopen(os.dup(1), "w", encoding="ascii", buffering=1)
    os.dup2(2, 1)  # what a library prints must not come between the replies
    try:
        verifier = import_module("math_verify")
        verifier.verify(*(verifier.parse(text, parsing_timeout=None) for text in ("$1/2$", "$x+1$")),
                        timeout_seconds=None)  # fmt: skip
    except Exception as error:
        print(json.dumps(f"{type(error).__name__}: {error}"), file=replies)
        return
    _bound(memory_mb)
    print(json.dumps("ready"), file=replies)
    for line in sys.stdin:
        # The parent kills us at the limit; should it be gone, the kernel does a little later.
        signal.setitimer(signal.ITIMER_REAL, seconds + 5)
        try:
            gold, answer = (verifier.parse(text, parsing_timeout=None) for text in json.loads(line))
            same = bool(verifier.verify(gold, answer, timeout_seconds=None))
        except MemoryError:
            os._exit(3)
        except Exception:
            same = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps("same" if same else "different"), file=replies)


def _bound(memory_mb: int) -> None:
    import resource

    size = memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
