"""What tests of every app share: arranging rows, the standing cast, threads on real connections."""

from sportello.kernel.testing.arranging import arrange, in_threads, wait_until_somebody_waits

__all__ = ["arrange", "in_threads", "wait_until_somebody_waits"]
