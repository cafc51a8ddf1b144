"""What tests of every app share: arranging rows, the standing cast, threads on real connections."""

from sportello.kernel.testing.arranging import arrange, in_threads

__all__ = ["arrange", "in_threads"]
