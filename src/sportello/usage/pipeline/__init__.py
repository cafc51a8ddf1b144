"""From a usage file to parts of the record store and counter deltas."""
