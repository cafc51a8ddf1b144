"""Every write of usage."""

from sportello.usage.operations.dropped import take_dropped
from sportello.usage.operations.loading import Taken, load_file
from sportello.usage.operations.upkeep import forget_old_records, merge_small_parts, sweep_store

__all__ = ["Taken", "forget_old_records", "load_file", "merge_small_parts", "sweep_store", "take_dropped"]
