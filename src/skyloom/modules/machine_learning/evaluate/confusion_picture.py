"""The confusion matrix as a picture, normalized by the true class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

MOST_CLASSES = 30  # from so many on there is no picture (studio.md 2.4)


def confusion_picture(matrix: Any, words: Sequence[str]) -> Any:
    """A figure with a cell for each pair of true and predicted class."""
    from matplotlib.figure import Figure

    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    size = 3 + 0.5 * len(words)
    figure = Figure(figsize=(size, size))
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set(
        xlabel="Predicted class",
        ylabel="Actual class",
        xticks=range(len(words)),
        yticks=range(len(words)),
    )
    axes.set_xticklabels(words, rotation=45, ha="right")
    axes.set_yticklabels(words)
    for row, line in enumerate(shares):
        for column, share in enumerate(line):
            axes.text(
                column,
                row,
                f"{share:.1%}",
                ha="center",
                va="center",
                color="white" if share > 0.5 else "black",
            )
    figure.tight_layout()
    return figure
