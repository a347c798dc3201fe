"""Words that the SDK, the agent and a step's own process agree on. Also read inside boxes (Python 3.8)."""

from __future__ import annotations

DATASET_PORT = "azureml_dataset_"  # and a number: inputs of datasets that a step names without listing them
DATASETS_VARIABLE = "SKYLOOM_DATASETS"  # which registered datasets these are, as JSON
SECRETS_VARIABLE = "SKYLOOM_SECRETS"  # names of secrets that a step asks for, as a JSON list
OF_RUN = "(run) "  # begins the names of metrics that a step logged for its whole run
RECORD_FOLDER = ".skyloom"  # below the work folder: what the agent tells the step, and the step the agent
RUN_FILE = "run.json"  # there: tags, properties and metrics of the whole run
SECRETS_FILE = "secrets.json"  # there: secrets by name
