"""The notebooks of the documentation: each runs from top to bottom in an empty folder."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
NOTEBOOKS = sorted(
    page for page in DOCS.rglob("*.md") if "file_format: mystnb" in page.read_text("utf-8")[:100]
)


def cells_of(page: Path) -> list[str]:
    """Return the code of each cell, without its options."""
    blocks = re.findall(r"^```\{code-cell\}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.M)
    return [re.sub(r"^(:\w+:.*\n)+", "", block) for block in blocks]


def as_python(cell: str) -> str:
    if not cell.startswith("%%bash\n"):
        return cell
    script = cell.partition("\n")[2]
    return f"import subprocess\nsubprocess.run(['bash', '-euc', {script!r}], check=True)\n"


def named(page: Path) -> str:
    return page.relative_to(DOCS).with_suffix("").as_posix()


def test_there_are_notebooks():
    assert len(NOTEBOOKS) > 10


@pytest.mark.parametrize("page", NOTEBOOKS, ids=named)
def test_the_code_of_a_notebook_is_python_or_a_script(page):
    for cell in cells_of(page):
        ast.parse(as_python(cell))


@pytest.mark.slow
@pytest.mark.parametrize("page", NOTEBOOKS, ids=named)
def test_a_notebook_runs(page, tmp_path):
    script = tmp_path / "page.py"
    script.write_text("\n".join(map(as_python, cells_of(page))), encoding="utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.published
def test_published_files_are_drawn_as_the_tutorial_says(
    published_networks, published_purkinje, tmp_path, monkeypatch
):
    page = (DOCS / "tutorials" / "published_figure.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.M)
    (tmp_path / "published").mkdir()
    for folder in (published_networks, published_purkinje):
        for file in (*folder.glob("spk_*.csv"), *folder.glob("*.npz")):
            (tmp_path / "published" / file.name).symlink_to(file)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    assert [len(names[kind]) for kind in ("spikes", "traces")] == [2, 1]
    assert {path.name for path in tmp_path.glob("*.png")} == {
        "published_network.png", "published_cell.png",
    }  # fmt: skip
