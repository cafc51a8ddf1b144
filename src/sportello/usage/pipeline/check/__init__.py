"""The rules of a usage record: `record` states them for one row, `columnar` finds at once the rows that surely keep them."""
