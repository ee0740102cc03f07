"""Files of stimuli."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cerebella.errors import InputError
from cerebella.files.yaml_file import read_yaml_value
from cerebella.stimuli.grammar import stimuli_from
from cerebella.stimuli.stimulus import Stimulus


def load_stimuli(file: Path | str) -> tuple[Stimulus, ...]:
    r"""Read stimuli from a YAML file with a list, alone or under the name `stimuli`.

    Parameters
    ----------
    file : Path or str
        The file. Each entry of the list is a text of the grammar, or a mapping of kind and fields.

    Returns
    -------
    tuple of Stimulus

    Raises
    ------
    InputError
        The file cannot be read, or an entry is not a stimulus.

    Examples
    --------
    >>> from pathlib import Path
    >>> lines = "- step MLI1[3] 20pA 50ms-150ms\n- noise MLI2 5pA\n"
    >>> _ = Path("stimuli.yaml").write_text(lines)
    >>> [one.kind for one in cb.load_stimuli("stimuli.yaml")]
    ['step', 'noise']
    """
    given = read_yaml_value(Path(file))
    if isinstance(given, Mapping) and set(given) == {"stimuli"}:
        given = given["stimuli"]
    if not isinstance(given, list):
        raise InputError(
            "is not a list of stimuli",
            file=file,
            remedy="Write lines such as - step MLI1[3] 20pA 50ms-150ms",
        )
    try:
        return stimuli_from(given)
    except InputError as error:
        raise InputError(error.problem, file=file, remedy=error.remedy) from None
