"""The merge that the schedule does every ten minutes, in a process of its own: `python -m bench.merging` prints what it merged as JSON."""

from __future__ import annotations

import json
import sys

import django


def main() -> None:
    """Merge the parts that lie side by side after the loads, as `usage.tasks.merge_small_parts` does."""
    django.setup()
    from sportello.usage import queries
    from sportello.usage.tasks import merge_small_parts

    before = len(queries.parts_listed())
    merge_small_parts.call()
    sys.stdout.write(json.dumps({"parts_before": before, "parts_after": len(queries.parts_listed())}))


if __name__ == "__main__":
    main()
