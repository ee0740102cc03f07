"""The documentation site: how Sphinx builds it.

    uv run --all-extras --group docs sphinx-build -W -b html docs site

builds without a network. Tutorials and gallery are run while they are built, and again only after
they have changed; ``-D nb_execution_mode=off`` leaves their outputs out, in a fifth of the time.
Several processes (``-j auto``) need ``-D nb_execution_mode=force``, without the cache of outputs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cerebella

sys.path.insert(0, str(Path(__file__).parent / "_ext"))
import api  # pyright: ignore[reportMissingImports]

project = "cerebella"
author = "The cerebella developers"
copyright = "the cerebella developers; BSD-3-Clause"
version = release = cerebella.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "numpydoc",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "mathml",
    "generated",
    "streams",
]
exclude_patterns = [
    "_ext",
    "inventories",
    "_generated/parameters_*",
    "_generated/trust_*",
    "_generated/densities.md",
]
suppress_warnings = ["myst.strikethrough"]

# Pages.
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 4
nb_execution_mode = "cache"
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_merge_streams = True
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# The reference of public names.
autosummary_generate = True
default_role = "py:obj"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = True
numpydoc_xref_aliases = api.types()
numpydoc_xref_ignore = {"of", "or", "optional", "default", "by", "each", "from", "to", "with"}

# Other projects: lists of their pages, kept here so that the build needs no network.
intersphinx_mapping = {
    "python": ("https://docs.python.org/3/", "inventories/python.txt"),
    "numpy": ("https://numpy.org/doc/stable/", "inventories/numpy.txt"),
    "pandas": ("https://pandas.pydata.org/docs/", "inventories/pandas.txt"),
    "matplotlib": ("https://matplotlib.org/stable/", "inventories/matplotlib.txt"),
}

html_theme = "furo"
html_title = "cerebella"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
templates_path = ["_templates"]
