"""`visualsearch models`"""

from __future__ import annotations

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.embedders.registry import available


def models(json: options.Json = False) -> ExitCode:
    """List the embedders, and say whether their weights are on this machine."""
    infos = available()
    if json:
        print(to_json({"schema": "visualsearch/models/1", "models": [i._asdict() for i in infos]}, indent=2))
        return ExitCode.DONE
    from rich import box
    from rich.table import Table

    from visualsearch_cli.cli.output.console import stdout

    console = stdout()
    if not console.is_terminal:
        console.width = 10_000
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for heading in ("name", "values", "weights", "what it is"):
        table.add_column(heading, overflow="fold")
    for item in infos:
        name = f"{item.name} (default)" if item.is_default else item.name
        table.add_row(name, str(item.dim or "–"), item.weights, item.summary)
    console.print(table)
    return ExitCode.DONE
