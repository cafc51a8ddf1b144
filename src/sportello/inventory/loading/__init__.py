"""The files of the inventory, version 1: read the rows, find what they name, judge each row, write what changed."""
