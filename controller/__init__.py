"""The service that runs a sitting: who may vote, each vote once, the result for the hall."""

__version__ = "0.1.0"
