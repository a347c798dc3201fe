"""A model can be trained, kept in the working folder and loaded again; threads of numeric libraries work.

status = "completed"
probe = "worked"
wall_max_s = 60
"""

import pickle
from pathlib import Path

import numpy as np
from probes import Probes


def azureml_main(dataframe1=None, dataframe2=None):
    from sklearn.linear_model import LogisticRegression

    probes = Probes(dataframe1)
    chance = np.random.default_rng(0)
    points = chance.normal(size=(200, 4))
    labels = (points[:, 0] > 0).astype(int)
    model = LogisticRegression().fit(points, labels)
    probes.works("keep", lambda: Path("model.pkl").write_bytes(pickle.dumps(model)))
    probes.works("load", lambda: pickle.loads(Path("model.pkl").read_bytes()).predict(points))
    probes.works("linear algebra", lambda: np.linalg.svd(chance.normal(size=(300, 300))))
    return probes.table()
