"""A neural network of scikit-learn, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skyloom.modules.machine_learning.models.features import Features
from skyloom.modules.machine_learning.models.predictor import LINKS, in_chunks


@dataclass(frozen=True)
class LayerPredictor:
    """Hidden layers with the rectifier, then the output's own function.

    ``weights`` is a tuple of (n_in, n_out), ``intercepts`` of (n_out,).
    """

    weights: tuple[Any, ...]
    intercepts: tuple[Any, ...]
    link: str  # of LINKS

    def predict(self, features: Features) -> Any:
        return in_chunks(features, len(self.weights[0]), self._predict)

    def _predict(self, features: Features) -> Any:
        signal = features.dense()
        last = len(self.weights) - 1
        for layer, (weights, intercepts) in enumerate(zip(self.weights, self.intercepts)):
            signal = signal @ weights + intercepts
            if layer != last:
                signal = np.maximum(signal, 0)
        return LINKS[self.link](list(signal.T))
