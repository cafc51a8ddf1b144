"""Usage records, counters and itemised traffic."""

import os

# Arrow's allocator gives memory back to the system after ten milliseconds and asks for it again: a tenth of a load's time. It reads this
# when it is loaded, so it stands before everything that loads it.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "5000")
