"""`cerebella network` as a user meets it."""

from __future__ import annotations

import json

import pytest


def test_build_check_show_and_convert(cerebella_process, tmp_path):
    built = cerebella_process("network", "build", "net", "--scale", 0.1, "--seed", 4)
    assert built.returncode == 0, built.stderr
    assert "21 MLI1" in built.stdout
    checked = cerebella_process("network", "check", "net")
    assert checked.returncode == 0
    assert checked.stdout.startswith("ok: ")
    shown = cerebella_process("network", "show", "net")
    assert shown.returncode == 0, shown.stderr
    assert not [*tmp_path.glob("*.png")], "a figure is saved if asked for"
    drawn = cerebella_process("network", "show", "net", "--out", "net.png")
    assert drawn.returncode == 0, drawn.stderr
    assert "MLI2 → MLI1" in shown.stdout
    assert "(12.8)" in shown.stdout
    assert "Disinhibition coverage: MLI2s of a climbing fiber inhibit" in shown.stdout
    assert (tmp_path / "net.png").read_bytes().startswith(b"\x89PNG")
    assert cerebella_process("network", "convert", "net", "csv", "--to", "csv").returncode == 0
    assert cerebella_process("network", "convert", "csv", "back", "--to", "sonata").returncode == 0
    same = [(tmp_path / name / "edges.h5").read_bytes() for name in ("net", "back")]
    assert same[0] == same[1]
    as_json = cerebella_process("network", "show", "csv", "--json")
    shown_json = json.loads(as_json.stdout)
    assert shown_json["cell_counts"]["MLI1"] == 21
    assert 0 < shown_json["disinhibition_coverage"]["mean"] <= 1


def test_build_from_tables_lists_used_and_generated_tables(cerebella, tmp_path):
    assert cerebella("network", "build", "csv", "--scale", 0.1, "--to", "csv").returncode == 0
    for table in (tmp_path / "csv").glob("gap_*"):
        table.unlink()
    done = cerebella("network", "build", "net", "--from", "csv")
    assert done.returncode == 0, done.stderr
    used, generated = (
        next(text for text in done.stderr.splitlines() if text.startswith(word))
        for word in ("Used", "Generated")
    )
    assert "cells_" in used
    assert "gap junctions" in generated


def test_check_prints_every_file_with_a_problem(cerebella, tmp_path):
    assert cerebella("network", "build", "net", "--scale", 0.1, "--to", "csv").returncode == 0
    (synapses,) = (tmp_path / "net").glob("synaptic_*")
    text = synapses.read_text().splitlines()
    text[4] = text[4].replace(text[4].split(",")[2], "77", 1)
    synapses.write_text("\n".join(text) + "\n")
    (cf,) = (tmp_path / "net").glob("*sync_8.csv")
    cf.write_text("gid,spiketime\n")
    done = cerebella("network", "check", "net")
    assert done.returncode == 2
    assert done.stderr.count("error:") == 2
    assert "row 5" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["build", "net", "--scale", "-1"], "scale"),
        (["build", "net", "--scale", "0.001"], "scale"),
        (["build", "net", "--seed", "-1"], "--seed"),
        (["build", "net", "--from", "absent"], "absent"),
        (["build", "net", "--to", "xml"], "xml"),
        (["build", "net", "--set", "n_frogs=3"], "n_frogs"),
        (["check", "absent"], "absent"),
        (["show", "absent"], "absent"),
        (["convert", "absent", "out", "--to", "csv"], "absent"),
        (["convert", "net", "net", "--to", "csv"], "both input and output"),
        (["convert", "net", "out"], "--to"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(cerebella, tmp_path, arguments, fragment):
    done = cerebella("network", *arguments)
    assert done.returncode == 2, done.stderr
    assert fragment in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
