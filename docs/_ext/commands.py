"""The reference of all commands: what each prints with ``--help``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import typer.core
import typer.testing

from cerebella.cli.main import app


def pages() -> dict[str, str]:
    """Return the text of the page by its name."""
    lines = ["# Commands", "", "What each command prints with `--help`.", ""]
    runner = typer.testing.CliRunner()
    part = ""
    for words in _commands(typer.main.get_command(app)):
        if len(words) > 1 and words[0] != part:
            lines += [f"## cerebella {words[0]}", ""]
        part = words[0]
        shown = runner.invoke(
            app,
            [*words, "--help"],
            prog_name="cerebella",
            env={"COLUMNS": "96", "TERM": "dumb"},
        )
        text = "\n".join(line.rstrip() for line in shown.output.strip("\n").splitlines())
        level = "###" if len(words) > 1 else "##"
        lines += [f"{level} cerebella {' '.join(words)}", "", f"```text\n{text}\n```", ""]
    return {"commands.md": "\n".join(lines)}


def _commands(group, words: Sequence[str] = ()) -> Iterator[Sequence[str]]:
    """Return the words of each command, in the order of the help."""
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from _commands(command, (*words, name))
        else:
            yield (*words, name)
