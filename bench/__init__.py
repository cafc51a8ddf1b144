"""The measured work, one command: `python -m bench` (or `make bench`)."""
