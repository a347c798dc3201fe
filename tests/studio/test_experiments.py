from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from skyloom.core.experiments_api import ExperimentRun
from skyloom.core.problem import ProblemError
from skyloom.core.state import State
from tests.studio.classic_files import OWN, ClassicFile, income_file
from tests.studio.desk import COMPLETED, Desk, document, pipeline, script, selected

SLOW = "import time; time.sleep(30)"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def code_of(told: pytest.ExceptionInfo[ProblemError]) -> str:
    return told.value.problem.code


def test_a_new_experiment_is_a_draft_and_its_run_keeps_its_id(desk: Desk) -> None:
    draft = desk.create(pipeline())
    assert draft.is_draft and draft.history == draft.id
    assert set(desk.states(draft.id).values()) == {"created"}
    ran, run = desk.run("Income")
    assert (ran.id, ran.run, run.state, run.origin) == (draft.id, run.id, State.COMPLETED, "studio")
    assert run.experiment == "Income"
    assert set(desk.states(draft.id).values()) == {COMPLETED}
    assert [one.state for one in desk.api.experiments()] == [COMPLETED]


def test_editing_a_run_makes_a_draft_with_a_parent_and_leaves_the_run_alone(desk: Desk) -> None:
    ran, _ = desk.run(desk.create(pipeline()).id)
    draft = desk.api.edit_experiment(ran.id, document(pipeline("print(2)")))
    assert (draft.parent, draft.history, draft.run) == (ran.id, ran.history, None)
    assert desk.api.experiment(ran.id) == ran
    assert desk.api.experiment("Income").id == draft.id
    assert [one.id for one in desk.api.prior_runs("Income")] == [draft.id, ran.id]


def test_editing_a_draft_changes_it_in_place(desk: Desk) -> None:
    draft = desk.create(pipeline())
    now = desk.api.edit_experiment(draft.id, document(pipeline("print(2)"), "Wealth"))
    assert (now.id, now.name, now.parent) == (draft.id, "Wealth", None)
    assert now.etag != draft.etag
    assert [one.name for one in desk.api.experiments()] == ["Wealth"]


def test_an_edit_that_changes_nothing_makes_no_version(desk: Desk) -> None:
    ran, _ = desk.run(desk.create(pipeline()).id)
    assert desk.api.edit_experiment(ran.id, document(pipeline())) == ran


def test_a_draft_inherits_the_state_of_every_node_that_no_change_reaches(desk: Desk) -> None:
    ran, run = desk.run(desk.create(pipeline()).id)
    draft = desk.api.edit_experiment(ran.id, document(pipeline("print(2)")))
    assert desk.states(draft.id) == {"a": COMPLETED, "b": "created", "c": "created", "d": COMPLETED}
    nodes = {one.node: one for one in desk.api.experiment_nodes(draft.id)}
    a = nodes[run.nodes[0].node]
    assert a.executed_by == ran.id and a.node_run is not None and a.node_run.run == run.id


def test_titles_comments_and_places_dirty_nothing(desk: Desk) -> None:
    nodes = pipeline()
    ran, _ = desk.run(desk.create(nodes).id)
    nodes["b"] |= {"title": "Second", "comment": "why", "position": [1, 2]}
    draft = desk.api.edit_experiment(ran.id, document(nodes))
    assert draft.id != ran.id
    assert set(desk.states(draft.id).values()) == {COMPLETED}


def test_run_selected_runs_a_node_with_what_it_needs_and_the_next_run_completes_the_rest(desk: Desk) -> None:
    draft = desk.create(pipeline())
    first, run = desk.run(draft.id, options=selected("b"))
    assert [node.node for node in run.nodes] == ["a", "b"]
    assert desk.states(first.id) == {"a": COMPLETED, "b": COMPLETED, "c": "created", "d": "created"}
    second, run = desk.run(first.id)
    assert (second.parent, run.state) == (first.id, State.COMPLETED)
    assert {node.node: node.reused_from is not None for node in run.nodes} == {
        "a": True, "b": True, "c": False, "d": False,
    }  # fmt: skip


def test_nodes_that_a_partial_run_left_out_keep_what_an_ancestor_gave(desk: Desk) -> None:
    whole, _ = desk.run(desk.create(pipeline()).id)
    partial, run = desk.run(whole.id, options=selected("d"))
    assert [node.node for node in run.nodes] == ["d"]
    nodes = {str(one.node): one.executed_by for one in desk.api.experiment_nodes(partial.id)}
    assert nodes == {"a": whole.id, "b": whole.id, "c": whole.id, "d": partial.id}


def test_an_experiment_that_runs_is_not_run_again(desk: Desk) -> None:
    version = desk.api.run_experiment(desk.create({"a": script(SLOW)}).id)
    with pytest.raises(ProblemError) as told:
        desk.api.run_experiment(version.id)
    assert code_of(told) == "G203"
    assert version.run is not None and desk.workspace.cancel(version.run)


def test_a_repeated_run_request_of_a_draft_gives_one_run(desk: Desk) -> None:
    draft = desk.create(pipeline())
    first = desk.api.run_experiment(draft.id)
    desk.workspace.experiment_records.change(draft, first.etag)  # as if recording the first had failed
    assert desk.api.run_experiment(draft.id).run == first.run
    assert len(desk.workspace.runs()) == 1


def test_values_of_graph_parameters_reach_the_run_and_count_as_change(desk: Desk) -> None:
    nodes = {"a": script(), "b": script(Dataset1="a")}
    nodes["b"]["parameters"]["Seconds"] = {"$parameter": "wait"}
    made = desk.create(nodes, parameters={"wait": 1})
    ran, run = desk.run(made.id, values={"wait": 2})
    assert run.values == {"wait": 2}
    draft = desk.api.edit_experiment(ran.id, document(nodes, parameters={"wait": 1}, summary="new"))
    assert desk.states(draft.id) == {"a": COMPLETED, "b": "created"}  # it ran with 2, it would run with 1


def test_saving_under_another_name_begins_an_empty_history(desk: Desk) -> None:
    ran, _ = desk.run(desk.create(pipeline()).id)
    copy = desk.api.save_experiment_as("Income", "Income 2")
    assert (copy.parent, copy.run, copy.history) == (None, None, copy.id)
    assert copy.graph == ran.graph
    assert len(desk.api.prior_runs("Income 2")) == 1
    assert set(desk.states(copy.id).values()) == {"created"}


def test_an_earlier_version_is_read_only(desk: Desk) -> None:
    ran, _ = desk.run(desk.create(pipeline()).id)
    desk.api.edit_experiment(ran.id, document(pipeline("print(2)")))
    with pytest.raises(ProblemError) as told:
        desk.api.edit_experiment(ran.id, document(pipeline("print(3)")))
    assert code_of(told) == "G208"
    with pytest.raises(ProblemError) as told:
        desk.api.run_experiment(ran.id)
    assert code_of(told) == "G208"
    assert desk.api.save_experiment_as(ran.id, "From before").graph == ran.graph


def test_an_etag_guards_edits_and_runs(desk: Desk) -> None:
    draft = desk.create(pipeline())
    desk.api.edit_experiment(draft.id, document(pipeline("print(2)")), draft.etag)
    with pytest.raises(ProblemError) as told:
        desk.api.edit_experiment(draft.id, document(pipeline("print(3)")), draft.etag)
    assert code_of(told) == "G207"
    with pytest.raises(ProblemError) as told:
        desk.api.run_experiment(draft.id, ExperimentRun(etag=draft.etag))
    assert code_of(told) == "G207"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "G201"),
        ({"nodes": {"x": {"dataset": "x"}}}, "G013"),
        ({"inputs": {"a:b": "b.Dataset1"}}, "G015"),
        ({"nodes": {**pipeline(), "x": {"dataset": "x"}, "y": {"dataset": "x"}}}, "G202"),
    ],
)
def test_saving_is_refused(desk: Desk, change: dict[str, object], code: str) -> None:
    with pytest.raises(ProblemError) as told:
        desk.api.create_experiment({**document(pipeline()), **change})  # type: ignore[dict-item]
    assert code in [problem.code for problem in told.value.problems]
    assert desk.api.experiments() == []


def test_running_is_refused_with_every_reason_and_the_draft_stays_a_draft(desk: Desk) -> None:
    nodes = pipeline()
    nodes["b"]["parameters"]["Colour"] = "blue"
    nodes["c"]["inputs"]["Dataset1"] = "lost"
    nodes["lost"] = {"dataset": "nobody has it"}
    draft = desk.create(nodes)
    with pytest.raises(ProblemError) as told:
        desk.api.run_experiment(draft.id)
    assert [problem.code for problem in told.value.problems] == ["G204", "G009"]
    assert desk.api.experiment(draft.id).is_draft and desk.workspace.runs() == []


def test_a_refused_run_of_a_finished_version_leaves_no_draft_behind(desk: Desk) -> None:
    desk.dataset("here")
    nodes = {**pipeline(), "x": {"dataset": "here"}}
    ran, _ = desk.run(desk.create(nodes).id)
    desk.workspace.delete_dataset("here")
    with pytest.raises(ProblemError) as told:
        desk.api.run_experiment(ran.id)
    assert code_of(told) == "G204"
    assert [one.id for one in desk.api.prior_runs(ran.id)] == [ran.id]


def test_an_unknown_name_and_one_that_several_have(desk: Desk) -> None:
    desk.create(pipeline())
    with pytest.raises(ProblemError) as told:
        desk.api.experiment("Incame")
    assert code_of(told) == "G205" and "'Income'" in told.value.problem.fix
    other = desk.create(pipeline())
    with pytest.raises(ProblemError) as told:
        desk.api.experiment("Income")
    assert code_of(told) == "G206" and other.id in told.value.problem.fix


def test_a_draft_may_have_loops_and_loose_ends_until_it_is_run(desk: Desk) -> None:
    ran, _ = desk.run(desk.create(pipeline()).id)
    nodes = pipeline()
    nodes["a"]["inputs"]["Dataset1"] = "c"
    nodes["d"]["inputs"]["Dataset1"] = "nobody"
    draft = desk.api.edit_experiment(ran.id, document(nodes))
    assert set(desk.states(draft.id).values()) == {"created"}
    assert not desk.api.predict_columns(draft.id, "a").observed
    assert desk.api.experiment_document(draft.id)["nodes"]
    with pytest.raises(ProblemError) as told:
        desk.api.run_experiment(draft.id)
    assert code_of(told) == "G001"
    with pytest.raises(ProblemError) as told:
        desk.api.set_up_web_service(draft.id)
    assert code_of(told) == "G001"


def test_deleting_removes_every_version_and_no_run(desk: Desk) -> None:
    ran, run = desk.run(desk.create(pipeline()).id)
    desk.api.edit_experiment(ran.id, document(pipeline("print(2)")))
    assert desk.api.delete_experiment("Income") == 2
    assert desk.api.experiments() == []
    assert desk.workspace.run(run.id).state is State.COMPLETED


def test_an_output_of_a_finished_node_becomes_a_dataset(desk: Desk) -> None:
    desk.run(desk.create(pipeline()).id)
    saved = desk.api.promote_output("Income", "b", "Result Dataset", "Kept", "of b")
    assert (saved.name, saved.artifact.type, saved.description) == ("Kept", "Dataset", "of b")
    assert (
        desk.api.promote_output("Income", "a", "").name == "Income - Execute Python Script - Result Dataset"
    )


def test_promotion_goes_on_in_a_draft_for_nodes_that_are_clean(desk: Desk) -> None:
    ran, _ = desk.run(desk.create(pipeline()).id)
    draft = desk.api.edit_experiment(ran.id, document(pipeline("print(2)")))
    assert desk.api.promote_output(draft.id, "a", "", "Kept").name == "Kept"
    for node, port, code in (
        ("b", "", "G209"),
        ("a", "Result Dataset2", "G209"),
        ("a", "Nothing", "G002"),
        ("z", "", "G001"),
    ):
        with pytest.raises(ProblemError) as told:
            desk.api.promote_output(draft.id, node, port)
        assert code_of(told) == code


def test_an_import_is_a_draft_with_a_report_and_waits_for_its_data(desk: Desk) -> None:
    version, report = desk.api.import_experiment(income_file().foreign)
    assert version.is_draft and version.name == report.name == "Adult income"
    assert [note.has_twin for note in report.nodes if note.module == "Execute Python Script"] == [True]
    with pytest.raises(ProblemError) as told:
        desk.api.run_experiment(version.id)
    assert {"G200", "G204"} <= {problem.code for problem in told.value.problems}
    assert desk.api.export_experiment(version.id) == income_file().foreign


def _scripts_only() -> ClassicFile:
    file = ClassicFile()
    ports = ("Dataset1", "Dataset2", "Script Bundle")
    script = "import sys; open('result.csv', 'w').write(open(sys.argv[1]).read())"
    file.module("s", "python", {"Python Script": script}, ports, ("Result Dataset", "Python Device"))
    file.asset("s", "Dataset1", f"{OWN}.aabbccddeeff00112233445566778899.v1")
    return file


def test_bound_data_lets_an_import_run_and_is_told_in_the_report(desk: Desk) -> None:
    desk.dataset("adult", "age\n39\n")
    _, report = desk.api.import_experiment(_scripts_only().foreign, "Mine", {"aabbcc": "adult"})
    assert report.is_complete and [note.dataset for note in report.data] == ["adult"]
    ran, run = desk.run("Mine")
    assert run.state is State.COMPLETED
    assert desk.api.export_experiment(ran.id).text != _scripts_only().text  # it has another name now
    value = json.loads(desk.api.export_experiment(ran.id).text)
    assert value.pop("Description") == "Mine"
    assert {**value, "Description": "Adult income"} == _scripts_only().value


def test_data_may_be_bound_later(desk: Desk) -> None:
    version, report = desk.api.import_experiment(_scripts_only().foreign)
    assert not report.is_complete
    desk.dataset("adult")
    version, report = desk.api.bind_data(version.id, {"aabbcc": "adult"})
    assert report.is_complete
    assert desk.run(version.id)[1].state is State.COMPLETED
    with pytest.raises(ProblemError) as told:
        desk.api.bind_data(version.id, {"zzz": "adult"})
    assert code_of(told) == "G211"


def test_reading_an_export_keeps_nothing(desk: Desk) -> None:
    assert not desk.api.read_export(income_file().foreign).is_complete
    assert desk.api.experiments() == []


def test_the_agent_loads_no_pandas_for_experiments() -> None:
    look = "import sys, skyloom.server.app, skyloom.workspace.local; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
