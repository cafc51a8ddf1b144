"""Reading a usage file: its manifest, its rows, and blocks of them as Arrow tables."""

from sportello.usage.pipeline.read.blocks import Block
from sportello.usage.pipeline.read.manifest import Manifest, manifest_path, read_manifest
from sportello.usage.pipeline.read.source import UsageFile, open_usage

__all__ = ["Block", "Manifest", "UsageFile", "manifest_path", "open_usage", "read_manifest"]
