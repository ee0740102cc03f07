"""cerebella: simulate the cerebellar circuit."""

__version__ = "0.1.0.dev0"
