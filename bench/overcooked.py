"""Speed of the Overcooked rules and observations on one pinned core: `python bench/overcooked.py > result.json`.

The same as `talkoot bench overcooked --json`.
"""

import json

from talkoot.worlds.overcooked.speed import measure, peers_to_stderr

if __name__ == "__main__":
    with peers_to_stderr():
        result = measure()
    print(json.dumps(result, indent=2))
