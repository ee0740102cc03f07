"""Protocols of single cells: f–I curve, I–V curve, input resistance, rheobase, EPSPs."""
