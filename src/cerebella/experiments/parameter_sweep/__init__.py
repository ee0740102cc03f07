"""Sweeps over any parameters of a level, with its measures or those of the user."""
