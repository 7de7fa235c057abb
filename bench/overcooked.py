"""Speed of the Overcooked rules and observations on one pinned core: `python bench/overcooked.py > result.json`.

The same as `talkoot bench overcooked --json`.
"""

import contextlib
import json
import sys

from talkoot.worlds.overcooked.speed import measure

if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        result = measure()
    print(json.dumps(result, indent=2))
