"""The commands and the Python code of the README and the guides."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from cerebella.cli.main import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted(DOCS.rglob("*.md")) if "_generated" not in page.parts),
]

# Commands that take long, with options that make them short.
SHORTER = {
    "cerebella experiment cf-synchrony": "--levels 0,8 --trials 1",
    "cerebella experiment olive-to-purkinje": "--events 1 --coupling 0 --loop-duration 120s",
}


def blocks_of(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.M)


def commands_of(page: Path) -> list[list[str]]:
    """Return the lines of the page's sh blocks that start `cerebella`, as words."""
    lines = "\n".join(blocks_of(page, "sh")).replace("\\\n", " ").splitlines()
    words = [shlex.split(line.partition("&& uv run ")[2] or line, comments=True) for line in lines]
    return [line for line in words if line[:1] == ["cerebella"]]


def shortened(command: list[str]) -> list[str]:
    more = SHORTER.get(" ".join(command[:3]), "")
    return [*command, *shlex.split(more)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_and_options_of_the_page_exist(page):
    for words in commands_of(page):
        command, rest = typer.main.get_command(app), shortened(words)[1:]
        while isinstance(command, TyperGroup):
            assert rest[0] in command.commands, f"no command {' '.join(words)}"
            command, rest = command.commands[rest[0]], rest[1:]
        known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
        unknown = {word.partition("=")[0] for word in rest if word.startswith("--")} - known
        assert not unknown, f"no option {unknown} in {' '.join(words)}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "pages",
    [[ROOT / "README.md"], [DOCS / "start.md", DOCS / "citing.md"]],
    ids=["readme", "start"],
)
def test_commands_of_pages_run_from_top_to_bottom(pages, tmp_path):
    program = shutil.which("cerebella", path=str(Path(sys.executable).parent))
    assert program is not None
    for command in map(shortened, [line for page in pages for line in commands_of(page)]):
        done = subprocess.run(
            [program, *command[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


@pytest.mark.slow
def test_python_code_of_the_readme_runs(tmp_path):
    script = tmp_path / "readme.py"
    script.write_text("\n".join(blocks_of(ROOT / "README.md", "python")), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "pc8" / "run.json").is_file()
    assert (tmp_path / "synchrony.png").is_file()
