"""The service that runs a sitting: who may vote and when, each vote once, and the result for the hall."""

__version__ = "0.1.0"
