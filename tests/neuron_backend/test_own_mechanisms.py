"""NMODL of the user: what a file declares, what is refused, and which engine runs it."""

from __future__ import annotations

import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.neuron_backend.engines import CoreNeuron, Neuron
from cerebella.neuron_backend.mechanisms_cache import mechanism_key
from cerebella.neuron_backend.own_mechanisms import add_mechanisms, read_mechanisms
from cerebella.neuron_backend.translation import check_translation, why_not_coreneuron
from cerebella.runs.mechanisms import describe_choice, engine_for

HCN = """\
TITLE hyperpolarization-activated channels
COMMENT
SUFFIX in_a_comment
ENDCOMMENT
NEURON {
    SUFFIX hcn  : a name
    NONSPECIFIC_CURRENT i
    RANGE gbar, e, i, ninf
}
PARAMETER {
    gbar = 1e-4 (S/cm2) <0, 1>
    e = -34 (mV)
    tau = 40 (ms)
}
ASSIGNED { v (mV)  i (mA/cm2)  ninf  hidden[3] }
STATE { n }
INITIAL {
    rates()
    n = ninf
}
BREAKPOINT {
    SOLVE relax METHOD cnexp
    i = gbar*n*n*(v - e)
}
DERIVATIVE relax {
    rates()
    n' = (ninf - n)/tau
}
PROCEDURE rates() { ninf = 1/(1 + exp((v + 82)/9)) }
"""


def test_what_a_file_declares():
    own = read_mechanisms({"hcn.mod": HCN})
    (hcn,) = own.described.values()
    assert list(own.described) == ["hcn"]
    assert hcn.parameters == {"gbar": "S/cm2", "e": "mV"}
    assert hcn.quantities == {"n": "1", "i": "mA/cm2", "ninf": "1"}


def test_a_folder_is_read_with_its_include_files(tmp_path):
    main, _, rest = HCN.partition("PARAMETER")
    (tmp_path / "hcn.mod").write_text(f'{main}INCLUDE "values.inc"\n{rest.partition("}")[2]}')
    (tmp_path / "values.inc").write_text("PARAMETER { gbar = 1 (S/cm2) }")
    (tmp_path / "notes.txt").write_text("not NMODL")
    own = read_mechanisms(tmp_path)
    assert list(own.texts) == ["hcn.mod", "values.inc"]
    assert own.described["hcn"].parameters == {"gbar": "S/cm2"}
    before = own.described["hcn"].sha256
    (tmp_path / "values.inc").write_text("PARAMETER { gbar = 2 (S/cm2) }")
    assert read_mechanisms(tmp_path).described["hcn"].sha256 != before


def test_point_processes_are_left_out_and_named():
    synapse = "NEURON { POINT_PROCESS syn RANGE g }"
    own = read_mechanisms({"hcn.mod": HCN, "syn.mod": synapse})
    assert own.left_out == {"syn.mod": "POINT_PROCESS"}
    assert list(own.texts) == ["hcn.mod"]
    assert describe_choice(Neuron(), own)[0].startswith(
        "syn.mod is left out: it is a POINT_PROCESS"
    )


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({}, "there is no density mechanism"),
        ({"syn.mod": "NEURON { POINT_PROCESS syn }"}, r"there is no .* syn.mod is a POINT_PROCESS"),
        ({"../hcn.mod": HCN}, r"\.\./hcn.mod: an NMODL file cannot have this name"),
        ({"my-hcn.mod": HCN}, r"my-hcn.mod: an NMODL file cannot have this name. .* letters"),
        ({"a.mod": HCN, "b.mod": HCN}, "b.mod: has the SUFFIX hcn of a.mod"),
        ({"a.mod": "PARAMETER { g = 1 }"}, "a.mod: has no NEURON block with a SUFFIX"),
        ({"a.mod": HCN.replace("RANGE gbar, e,", "RANGE")}, r"a.mod has no parameter that can be"),
        ({"a.mod": HCN.replace("e, i", "e POINTER p")}, "a.mod, row 8: contains POINTER, and noth"),
        ({"a.mod": f"{HCN}FUNCTION_TABLE f(x)"}, "a.mod, row 30: contains FUNCTION_TABLE"),
        ({"a.mod": f'INCLUDE "/etc/x.inc"\n{HCN}'}, "a.mod, row 1: includes /etc/x.inc, which is"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_row(texts, message):
    with pytest.raises(InputError, match=message):
        read_mechanisms(texts)


def test_folders_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match=r"absent: no such folder. Give the folder"):
        read_mechanisms(tmp_path / "absent")
    (tmp_path / "file.mod").write_text(HCN)
    with pytest.raises(InputError, match=r"file.mod: is a file"):
        read_mechanisms(tmp_path / "file.mod")
    (tmp_path / "bytes.mod").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"bytes.mod: is not UTF-8 text"):
        read_mechanisms(tmp_path)


@pytest.mark.parametrize("name", ["hh", "ca_ion", "mli_na", "DoubleExponentialSynapse"])
def test_names_of_other_mechanisms_are_refused(name):
    own = read_mechanisms({"a.mod": HCN.replace("SUFFIX hcn", f"SUFFIX {name}")})
    of = "NEURON" if name in ("hh", "ca_ion") else "the package"
    with pytest.raises(InputError, match=f"a.mod: {name} is also the name of a mechanism of {of}"):
        add_mechanisms(molecular_layer_mechanisms(), own, coreneuron=True)
    own = read_mechanisms({"mli_na.mod": HCN})
    with pytest.raises(InputError, match=r"mli_na.mod: the package has a file of this name"):
        add_mechanisms(molecular_layer_mechanisms(), own, coreneuron=True)


def test_the_cache_key_is_that_of_the_content():
    ours = molecular_layer_mechanisms()
    sets = [
        add_mechanisms(ours, read_mechanisms({"hcn.mod": text}), coreneuron=core)
        for text, core in ((HCN, True), (HCN.replace("40", "41"), True), (HCN, False))
    ]
    assert len({mechanism_key(one) for one in (ours, *sets)}) == 4
    again = add_mechanisms(ours, read_mechanisms({"hcn.mod": HCN}), coreneuron=True)
    assert mechanism_key(again) == mechanism_key(sets[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HCN.replace("n' = ", "n' = = "), r"hcn.mod, row 27: .*[Ii]llegal"),
        (HCN.replace("ninf = 1/", "minf = 1/"), "hcn.mod, row 29: minf is used, but not declared"),
    ],
)
def test_errors_are_found_by_translation_before_a_compilation(text, message):
    with pytest.raises(InputError, match=message):
        check_translation(read_mechanisms({"hcn.mod": text}))


def test_what_coreneuron_cannot_run_is_named():
    def reason(text):
        own = read_mechanisms({"hcn.mod": text})
        check_translation(own)
        return why_not_coreneuron(own)

    assert reason(HCN) == ""
    assert reason(f"{HCN}VERBATIM\nint unused;\nENDVERBATIM\n") == "hcn.mod: C code (VERBATIM)"
    with_global = HCN.replace("i, ninf", "i GLOBAL ninf")
    assert "should be defined as a RANGE variable" in reason(with_global)


ENGINES = (Numba, CoreNeuron, Neuron)


def test_engines_that_run_nmodl():
    own = read_mechanisms({"hcn.mod": HCN})
    assert engine_for("auto", ENGINES, own) == CoreNeuron()
    assert engine_for("auto", ENGINES, own, ranks=2) == CoreNeuron(ranks=2)
    assert engine_for("neuron", ENGINES, own) == Neuron()
    assert describe_choice(CoreNeuron(), own) == ["NMODL of the user is run by coreneuron"]
    for numba in ("numba", Numba()):
        with pytest.raises(InputError, match=r"engine numba cannot run NMODL.*formulas run on ev"):
            engine_for(numba, ENGINES, own)
    with_c = read_mechanisms({"hcn.mod": f"{HCN}VERBATIM\nint unused;\nENDVERBATIM\n"})
    chosen = engine_for("auto", ENGINES, with_c, ranks=2)
    assert chosen == Neuron(ranks=2)
    (line,) = describe_choice(chosen, with_c)
    assert line.endswith("neuron, since CoreNEURON cannot run hcn.mod: C code (VERBATIM)")
    with pytest.raises(InputError, match=r"engine coreneuron cannot run hcn.mod: C code"):
        engine_for("coreneuron", ENGINES, with_c)
