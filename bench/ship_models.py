"""Make the small models that `talkoot judge demo` shows from a run of the pipeline.

talkoot judge pipeline --preset cpu --out RUN
python bench/ship_models.py RUN      copies policy and judge into the package, in half precision
"""

from __future__ import annotations

import sys
from pathlib import Path

from talkoot.judging.demo import SHIPPED
from talkoot.learning.tiny import open_tiny


def main() -> int:
    """Copy the two models; says how large they are."""
    run = Path(sys.argv[1])
    for name, source in (("policy", run / "policy"), ("judge", run / "judges/stepwiser")):
        model = open_tiny(source)
        model.net.half()
        model.save(SHIPPED / name)
        print(f"{SHIPPED / name}: {(SHIPPED / name / 'model.safetensors').stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
