"""Reading a usage file: its manifest, its rows, and blocks of them as Arrow tables."""

from sportello.usage.pipeline.read.blocks import Block
from sportello.usage.pipeline.read.manifest import MANIFEST_ENDING, Manifest, manifest_path, read_manifest
from sportello.usage.pipeline.read.source import UsageFile, is_usage_name, open_usage

__all__ = [
    "MANIFEST_ENDING",
    "Block",
    "Manifest",
    "UsageFile",
    "is_usage_name",
    "manifest_path",
    "open_usage",
    "read_manifest",
]
