#!/usr/bin/env python3
"""Django's usual door for developers; people run `sportello`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))

from sportello.config.cli import main

if __name__ == "__main__":
    main()
