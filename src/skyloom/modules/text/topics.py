"""Topics of texts, remembered for other texts (Latent Dirichlet Allocation)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skyloom.data.column_type import ColumnAttributes
from skyloom.data.table import Table
from skyloom.data.text_cells import cells_from_bytes
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.cells import column_of_text
from skyloom.modules.tables.naming import with_appended
from skyloom.modules.tables.numbers import new_numbers
from skyloom.modules.text.topic_words import CountedWords
from skyloom.modules.text.words import texts_of

_MOST_STEPS, _TOLERANCE = 100, 1e-3  # those of scikit-learn
_TINY = np.finfo(float).eps
_WHERE = "Target columns"


@dataclass(frozen=True)
class TopicsTransformation:
    """Weights of words in topics, (n_topics, n_words), and the prior of topics in a text."""

    columns: tuple[str, ...]
    words: CountedWords
    weights: Any
    prior: float
    normalizes: bool

    def apply(self, table: Table) -> Table:
        """The table with Topic 1, Topic 2, ... on the right.

        Raises
        ------
        ProblemError
            D010 a column is not there (Studio error 0001), M0017 it is no text.
        """
        shares = self.shares(joined_texts(table, self.columns))
        made = [new_numbers(f"Topic {topic}", cells) for topic, cells in enumerate(shares.T, 1)]
        return with_appended(table, made)

    def shares(self, texts: Sequence[str]) -> Any:
        """What each topic has in each text, (n_texts, n_topics)."""
        from scipy.special import psi  # scipy is loaded where it is needed

        expected = np.exp(psi(self.weights) - psi(self.weights.sum(axis=1))[:, None])
        found = np.empty((len(texts), len(self.weights)))
        for row, text in enumerate(texts):
            counts = self.words.counts(text)
            places = np.fromiter(counts.keys(), np.int64, len(counts))
            numbers = np.fromiter(counts.values(), np.float64, len(counts))
            found[row] = _topics_of(numbers, expected[:, places], self.prior, psi)
        return found / found.sum(axis=1, keepdims=True) if self.normalizes else found


def fit_topics(
    columns: Sequence[str], texts: Sequence[str], words: CountedWords, values: Mapping[str, Any]
) -> TopicsTransformation:
    """Topics fitted to the texts; ``values`` has every parameter of the module. Equal texts, equal topics.

    Raises
    ------
    ProblemError
        M0039 no text has a word that counts.
    """
    from scipy.sparse import csr_matrix  # these are loaded where they are needed
    from sklearn.decomposition import LatentDirichletAllocation

    counted = [words.counts(text) for text in texts]
    if not any(counted):
        raise studio_error(39, "No text has any word.", _WHERE, "Choose a column with text in it.")
    ends = np.cumsum([0, *map(len, counted)])
    places = np.array([place for one in counted for place in one], np.int64)
    numbers = np.array([number for one in counted for number in one.values()], float)
    matrix = csr_matrix((numbers, places, ends), shape=(len(texts), len(words.names)))
    model = LatentDirichletAllocation(
        values["Number of topics to model"],
        doc_topic_prior=values["Alpha parameter"],
        topic_word_prior=values["Rho parameter"],
        learning_method="online",
        learning_decay=values["Power applied to the iteration during updates"],
        learning_offset=float(values["Initial value of iteration count"]),
        max_iter=values["passes"],
        batch_size=values["Size of the batch"],
        total_samples=values["Estimated number of documents"],
        random_state=0,
    ).fit(matrix)
    weights = np.array(model.components_)
    return TopicsTransformation(
        tuple(columns), words, weights, values["Alpha parameter"], bool(values["Normalize"])
    )


def topic_table(transformation: TopicsTransformation) -> Table:
    """A row for each word: the word, and its weight in each topic."""
    weights = transformation.weights
    if transformation.normalizes:
        weights = weights / weights.sum(axis=1, keepdims=True)
    parts = [name.encode("utf-8", "replace") for name in transformation.words.names]
    names = column_of_text(
        ColumnAttributes("Feature", "String"), cells_from_bytes(parts, np.zeros(len(parts), bool))
    )
    topics = [new_numbers(f"Topic {topic}", cells) for topic, cells in enumerate(weights, 1)]
    return Table(len(parts), (names, *topics))


def joined_texts(table: Table, names: Sequence[str]) -> list[str]:
    """The texts of several columns in each row, one behind the other."""
    columns = [texts_of(table.column(name), _WHERE) for name in names]
    return [" ".join(parts) for parts in zip(*columns)]


def _topics_of(numbers: Any, expected: Any, prior: float, psi: Any) -> Any:
    """The weight of each topic in one text: the mean-field estimate, improved until it hardly changes.

    Parameters
    ----------
    numbers
        How often each word of the text occurs, (n_own_words,).
    expected
        The exponential of the expected logarithm of these words' shares, (n_topics, n_own_words).
    """
    weights = np.ones(len(expected))
    shares = np.exp(psi(weights) - psi(weights.sum()))
    for _ in range(_MOST_STEPS):
        before = weights
        weights = prior + shares * (expected @ (numbers / (shares @ expected + _TINY)))
        shares = np.exp(psi(weights) - psi(weights.sum()))
        if np.abs(before - weights).mean() < _TOLERANCE:
            break
    return weights
