"""PipelineStep: what every kind of step has, and the rules its inputs, outputs and arguments keep.

Source: sdk.md 12, rules 1 to 6.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from skyloom.core.identity import NodeId, digest_of
from skyloom.core.problem import Problem
from skyloom.sdk.abstract_dataset import AbstractDataset
from skyloom.sdk.data_reference import DataReference
from skyloom.sdk.datapath import DataPathComputeBinding, DataPathInput
from skyloom.sdk.dataset_consumption_config import DatasetConsumptionConfig
from skyloom.sdk.output_dataset_config import OutputDatasetConfig
from skyloom.sdk.pipeline_data import InputPortBinding, OutputPortBinding, PipelineData
from skyloom.sdk.pipeline_output_dataset import PipelineOutputAbstractDataset
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.port_data_reference import PortDataReference

Input = (
    DataReference
    | PipelineData
    | InputPortBinding
    | PortDataReference
    | DatasetConsumptionConfig
    | DataPathInput
)
Output = PipelineData | OutputPortBinding | OutputDatasetConfig | PipelineOutputAbstractDataset
DatasetOutput = (OutputDatasetConfig, PipelineOutputAbstractDataset)
Argument = str | int | float | bool | PipelineParameter | Input | Output

_WORD = re.compile(r"\w+", re.ASCII)


class PipelineStep:
    """A box of a pipeline.

    Raises
    ------
    ValueError
        A port name is repeated or is none, an output has another producer, or an argument is data that is
        neither an input nor an output.
    """

    node_id: NodeId | None = None  # of the node it becomes; None: made from its name
    renames_inputs = False  # an input with the name of an output becomes INPUT_<name> (rule 1)

    def __init__(
        self,
        name: str,
        inputs: Sequence[Any] | None,
        outputs: Sequence[Any] | None,
        arguments: Iterable[Any] | None = None,
        fix_port_name_collisions: bool = False,
        resource_inputs: Sequence[Any] | None = None,
    ) -> None:
        self.name = name
        self.inputs: list[Input] = [_as_input(one) for one in (*(inputs or ()), *(resource_inputs or ()))]
        self.outputs: list[Output] = [_as_output(one) for one in outputs or ()]
        self.arguments: list[Any] = [_as_argument(one) for one in arguments or ()]
        self._after: list[PipelineStep] = []
        self._take_datasets_of_arguments()
        for place, output in enumerate(self.outputs):
            _name_output(output, name, place)
        self._check_names()
        for one in self.arguments:
            self._check_argument(one)
        for output in self.outputs:
            output._data.set_producer(self)
            output._data.is_given_as_dataset |= isinstance(output, DatasetOutput)

    def run_after(self, step: PipelineStep) -> None:
        """Start when ``step`` has ended well, without taking data from it."""
        if not isinstance(step, PipelineStep):
            raise ValueError(f"run_after takes a step, not {type(step).__name__}.")
        self._after.append(step)

    def predecessors(self) -> list[PipelineStep]:
        """Steps that must end first: producers of inputs, and those named by run_after."""
        producers = [
            data.producer for data in map(data_of, self.inputs) if data is not None and data.producer
        ]
        return list(dict.fromkeys([*producers, *self._after]))

    def input_name(self, one: Input) -> str:
        """The port by which an input is known."""
        name = port_name(one)
        taken = self.renames_inputs and name in {output.output_name for output in self.outputs}
        return f"INPUT_{name}" if taken else name

    def parameters(self) -> list[PipelineParameter]:
        """Every PipelineParameter that the step refers to."""
        found = [one for one in self.arguments if isinstance(one, PipelineParameter)]
        for output in self.outputs:
            found += output.parameters if isinstance(output, OutputDatasetConfig) else []
        return found

    def data_parameters(self) -> list[PipelineParameter]:
        """Every PipelineParameter whose value is the place or dataset of an input."""
        found = [one.parameter for one in self.inputs if isinstance(one, DataPathInput)]
        consumed = [one.parameter for one in self.inputs if isinstance(one, DatasetConsumptionConfig)]
        return [*found, *(one for one in consumed if one is not None)]

    def _take_datasets_of_arguments(self) -> None:
        """Datasets among the arguments are inputs or outputs without being listed (rule 3)."""
        for argument in self.arguments:
            if isinstance(argument, DatasetOutput):
                if any(same(argument, known) for known in (*self.outputs, *self.inputs)):
                    continue
                if isinstance(argument, OutputDatasetConfig):
                    self.outputs.append(argument)
                else:
                    self.inputs.append(_as_input(argument))
            elif isinstance(argument, (DatasetConsumptionConfig, DataPathInput)) and not any(
                same(argument, known) for known in self.inputs
            ):
                self.inputs.append(argument)

    def faults(self) -> list[Problem]:
        """Why this machine cannot carry the step out: a program or an engine that is missing."""
        return []

    def _check_names(self) -> None:
        outputs = [output.output_name for output in self.outputs]
        inputs = [self.input_name(one) for one in self.inputs]
        for kind, names in (("input", inputs), ("output", outputs)):
            for name in names:
                if not _WORD.fullmatch(name):
                    raise ValueError(
                        f"Step '{self.name}': {kind} name {name!r} may hold only letters, digits, '_'."
                    )
                if names.count(name) > 1:
                    raise ValueError(f"Step '{self.name}': the {kind} name '{name}' is used more than once.")
        both = sorted(set(inputs) & set(outputs))
        if both:
            raise ValueError(f"Step '{self.name}': '{both[0]}' names an input and an output.")

    def _check_argument(self, argument: Any) -> None:
        if isinstance(argument, AbstractDataset):
            raise ValueError(_raw_dataset(self.name))
        if not isinstance(argument, (DataReference, PipelineData, InputPortBinding, OutputPortBinding)):
            return
        if not any(same(argument, known) for known in (*self.inputs, *self.outputs)):
            raise ValueError(
                f"Step '{self.name}': the argument {argument} is data; list it in inputs or outputs too."
            )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


def port_name(one: Input) -> str:
    """The name of the port that an input makes."""
    if isinstance(one, DataReference):
        return one.data_reference_name
    return one.input_name or one.output_name if isinstance(one, PipelineData) else one.name


def data_of(one: Any) -> PipelineData | None:
    """The PipelineData behind an input, if it is one."""
    if isinstance(one, InputPortBinding):
        return data_of(one.bind_object)
    if isinstance(one, DatasetConsumptionConfig):
        return one.data
    return one._data if isinstance(one, (PipelineData, OutputPortBinding, *DatasetOutput)) else None


def same(argument: Any, known: Any) -> bool:
    """Whether an argument means this input or output; copies made by as_mount and the like count (trap 7)."""
    if argument is known:
        return True
    if isinstance(argument, DataPathInput) or isinstance(known, DataPathInput):
        return type(argument) is type(known) and argument.name == known.name
    consumed = [isinstance(one, DatasetConsumptionConfig) for one in (argument, known)]
    if all(consumed) or (any(consumed) and data_of(argument) is None):
        return all(consumed) and argument.name == known.name
    data = data_of(argument)
    if data is not None:
        return data is data_of(known)
    mine, theirs = reference_of(argument), reference_of(known)
    return (
        isinstance(mine, DataReference)
        and isinstance(theirs, DataReference)
        and mine.data_reference_name == theirs.data_reference_name
    )


def reference_of(one: Any) -> DataReference | PortDataReference | None:
    """The place behind an input, if it is one."""
    if isinstance(one, InputPortBinding):
        return reference_of(one.bind_object)
    return one if isinstance(one, (DataReference, PortDataReference)) else None


def _as_input(one: Any) -> Input:
    if isinstance(one, OutputPortBinding):
        return one._data
    if isinstance(one, PipelineOutputAbstractDataset):
        if one._data.producer is not None and not one._data.is_given_as_dataset:
            raise ValueError(
                f"'{one.name}' is to be read as a dataset: put what as_dataset() gives into the outputs of "
                f"step '{one._data.producer.name}', not the PipelineData itself."
            )
        return one.consumption()
    if isinstance(one, OutputDatasetConfig):
        return one.as_input()
    if _is_bound_parameter(one):
        return DataPathInput(*one)
    if isinstance(one, AbstractDataset):
        raise ValueError(_raw_dataset("it"))
    if isinstance(
        one,
        (
            DataReference,
            PipelineData,
            InputPortBinding,
            PortDataReference,
            DatasetConsumptionConfig,
            DataPathInput,
        ),
    ):
        return one
    raise ValueError(f"{type(one).__name__} cannot be an input: use a DataReference or a PipelineData.")


def _as_argument(one: Any) -> Any:
    return DataPathInput(*one) if _is_bound_parameter(one) else one


def _is_bound_parameter(one: Any) -> bool:
    """The old form: a tuple of a parameter and how its place is given."""
    is_pair = isinstance(one, tuple) and len(one) == 2
    return is_pair and isinstance(one[0], PipelineParameter) and isinstance(one[1], DataPathComputeBinding)


def _raw_dataset(step: str) -> str:
    return f"A dataset was given to step '{step}' as it is: use dataset.as_named_input('name')."


def _name_output(output: Output, step: str, place: int) -> None:
    """Give an output without a name one that stays, so that its step may be reused (sdk.md 7)."""
    data = output._data
    if data.is_unnamed:
        data.name = data.output_name = f"output_{digest_of([step, place])[7:15]}"
        data.is_unnamed = False


def _as_output(one: Any) -> Output:
    if isinstance(one, (PipelineData, OutputPortBinding, *DatasetOutput)):
        return one
    raise ValueError(f"{type(one).__name__} cannot be an output: use a PipelineData.")
