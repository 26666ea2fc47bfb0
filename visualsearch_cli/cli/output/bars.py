"""What a progress bar shows. Apart from console.py, so that rich.progress is loaded only when needed."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class RateColumn(ProgressColumn):
    """Items per second."""

    def render(self, task: Task) -> Text:
        """Show the rate over the last seconds."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


class TimeLeftColumn(TimeRemainingColumn):
    """How long it will take yet, where it is known how much there is."""

    def render(self, task: Task) -> Text:
        """Show hours, minutes and seconds."""
        left = super().render(task)
        return left if task.total is None else left.append(" left")


def bars(console: Console) -> Progress:
    """Return a display of progress bars; it disappears when the step is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeLeftColumn(),
        console=console,
        transient=True,
    )
