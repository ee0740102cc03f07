"""Conditions of the synchrony experiment: controls, and values of parameters."""

from __future__ import annotations

from typing import NamedTuple


class Condition(NamedTuple):
    """A change of the circuit, the same at all synchrony levels.

    Attributes
    ----------
    key, label : str
        Name in files, and label in figures.
    network, cell : tuple of str
        Parameters that differ, as ("section.name=value", ...).
    """

    key: str
    label: str
    network: tuple[str, ...] = ()
    cell: tuple[str, ...] = ()


CONTROL = Condition("control", "control")

VARIANTS: dict[str, Condition] = {
    variant.key: variant
    for variant in (
        Condition(
            "no-gap-junctions", "no gap junctions", network=("connections.gap_conductance_nS=0",)
        ),
        Condition("no-mli1-to-pc", "no MLI1→PC", cell=("connections.mli1_contacts=0",)),
        # With a current of this size, CFs do not make them fire at any level.
        Condition("mli2-silenced", "MLI2 silenced", network=("mli2.bias_nA=-0.1",)),
        Condition("cf-proximal", "CF proximal", cell=("connections.cf_placement=proximal",)),
    )
}
"""Control conditions, which test the necessity of parts of the circuit."""


class ConditionValues(NamedTuple):
    """A parameter whose values are conditions.

    Attributes
    ----------
    key, label : str
        Formats of name and label of a condition.
    of_network : bool
        Whether it is a parameter of the network, not of the cell.
    path : str
        Its path.
    """

    key: str
    label: str
    of_network: bool
    path: str

    def condition(self, value: float) -> Condition:
        """Return the condition with this value."""
        setting = (f"{self.path}={value!r}",)
        of_network, of_cell = (setting, ()) if self.of_network else ((), setting)
        return Condition(self.key.format(value), self.label.format(value), of_network, of_cell)


CONDITION_VALUES = {
    "w2_pS": ConditionValues("w2-{:g}pS", "w2 {:g} pS", True, "connections.mli2_to_mli1_weight_pS"),
    "cf_scale": ConditionValues("cf-scale-{:g}", "CF × {:g}", False, "connections.cf_scale"),
    "pf_scale": ConditionValues("pf-scale-{:g}", "PF × {:g}", False, "connections.pf_scale"),
    "mli1_rate_Hz": ConditionValues(
        "mli1-{:g}Hz", "MLI1 at {:g} Hz", False, "connections.mli1_rate_Hz"
    ),
    "cf_contacts_per_mli1": ConditionValues(
        "cf-mli1-{:g}", "{:g} CF→MLI1", True, "connections.cf_contacts_per_mli1"
    ),
}
"""Parameters whose values are conditions, by the argument of `sweep_cf_synchrony`."""
