"""A folder of tables under their published names, in the form of the published ones."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.network.load import load_network, save_network

NAME = "43_20241112_153832"
CELLS = ["IN1", "IN1", "IN2", "PF2", "PF3", "PF4", "PF6", "CF"]
SYNAPSES = [  # source, target, dendid, x, label
    (3, 0, 4, 0.25, "PF2->IN1"),
    (2, 0, 11, 0.7101343323701736, "IN2->IN1"),
    (7, 2, 0, 0.5, "CF->IN2"),
    (1, 0, 5, 0.125, "IN1->IN1"),
    (4, 2, 9, 0.0, "PF3->IN2"),
    (0, 1, 7, 1.0, "IN1->IN1"),
    (2, 1, 3, 0.5, "IN2->IN1"),
]
GAPS = [(0, 1, 5, 0.6, 6, 0.9), (1, 0, 6, 0.9, 5, 0.6)]


@pytest.fixture
def folder(tmp_path):
    def write(name, header, rows):
        lines = [header, *(",".join(map(str, row)) for row in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n")

    write(f"cells_{NAME}.csv", "gid,cell_type", enumerate(CELLS))
    write(f"synaptic_connections_{NAME}.csv", "source,target,dendid,x,label", SYNAPSES)
    write(
        f"gap_connections_{NAME}.csv",
        "source,target,source_dendid,source_x,target_dendid,target_x",
        GAPS,
    )
    for level, time_ms in ((0, 10_150.0), (8, 150.0)):
        write(f"cf_times_43_sync_{level}.csv", "gid,spiketime", [(7, time_ms)])
    write("pf_syn_table.csv", ",syn,cluster,shared,pf_index", [(0, 1, 2, 3, 4)])
    write(f"spk_{NAME}_cfsync_sync_8_w2_70_trial_11.csv", "0.00706209,3", [])
    return tmp_path


def rows_in_table_order(network):
    table = network.synapses
    columns = (table.source_gid, table.target_gid, table.dendrite, table.x)
    return list(zip(*(column[table.table_order].tolist() for column in columns), strict=True))


def test_the_tables_are_read_as_one_network(folder):
    network = load_network(folder)
    assert network.name == NAME
    assert list(network.cell_counts.values()) == [2, 1, 1, 1, 1, 0, 1, 0, 1]
    assert len(network.gap_junctions) == 1
    assert list(network.cf_times_ms) == [0, 8]
    assert rows_in_table_order(network) == [row[:4] for row in SYNAPSES]


@pytest.mark.parametrize("formats", [["csv"], ["sonata"], ["sonata", "csv", "sonata"]])
def test_the_order_of_the_table_survives_a_copy_in_any_format(folder, tmp_path, formats):
    network = load_network(folder)
    for copy, form in enumerate(formats):
        network = load_network(save_network(network, tmp_path / f"copy{copy}", format=form))
    assert rows_in_table_order(network) == [row[:4] for row in SYNAPSES]
    assert network == load_network(folder)


def test_a_missing_synaptic_table_is_said_to_be_public(folder):
    (folder / f"synaptic_connections_{NAME}.csv").unlink()
    with pytest.raises(InputError, match=rf"no synaptic_connections_{NAME}\.csv") as caught:
        load_network(folder)
    assert "github.com/cns-kim-lab/park_cerebellar_disinhibition" in str(caught.value)
    assert "cerebella network build OUT --from" in str(caught.value)
