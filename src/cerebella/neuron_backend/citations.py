"""Citations of simulations in NEURON."""

NEURON_CITATIONS = (
    "Carnevale NT, Hines ML (2006) The NEURON Book. Cambridge University Press",
    "Kumbhar P et al. (2019) CoreNEURON: an optimized compute engine for the NEURON simulator. "
    "Front Neuroinform 13:63",
)
