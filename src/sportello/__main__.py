"""`python -m sportello` is the command `sportello`."""

from sportello.config.cli import main

if __name__ == "__main__":
    main()
