"""Schedule and ScheduleRecurrence: a published pipeline that starts by itself. Source: sdk.md 14."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from skyloom.core.data_reference import DataReference as Place
from skyloom.core.recurrence import WEEK_DAYS, Recurrence, recurrence_faults
from skyloom.core.schedule import Schedule as Kept
from skyloom.core.schedule import Trigger, Watch
from skyloom.sdk.published_pipeline import json_values, told
from skyloom.sdk.time_zone import TimeZone, place_of, zone_of

if TYPE_CHECKING:
    from skyloom.sdk.pipeline_run import PipelineRun
    from skyloom.sdk.workspace import Workspace

_DETAILS = (
    "description", "pipeline_parameters", "wait_for_provisioning", "wait_timeout", "polling_interval",
    "data_path_parameter_name", "continue_on_step_failure", "path_on_datastore",
)  # fmt: skip


class ScheduleRecurrence:
    """Every so many minutes, hours, days, weeks or months.

    Parameters
    ----------
    frequency
        Minute, Hour, Day, Week or Month.
    interval
        A whole number from 1.
    start_time
        A datetime without a zone, or ``YYYY-MM-DDThh:mm:ss``; the first run. Without it the first is at once.
    time_zone
        A member of TimeZone; UTC where only a start is given.
    hours, minutes
        Of a day, with Day and Week; ``time_of_day`` ('hh:mm') says both.
    week_days
        With Week.

    Raises
    ------
    ValueError
        By ``validate``, and wherever it is used: what makes it none.
    """

    def __init__(
        self,
        frequency: str,
        interval: int,
        start_time: datetime | str | None = None,
        time_zone: Any = None,
        hours: Iterable[int] | None = None,
        minutes: Iterable[int] | None = None,
        week_days: Iterable[str] | None = None,
        time_of_day: str | None = None,
    ) -> None:
        self.frequency = frequency
        self.interval = interval
        self.start_time = start_time
        self.time_zone = time_zone
        self.hours = None if hours is None else [*hours]
        self.minutes = None if minutes is None else [*minutes]
        self.week_days = None if week_days is None else [*week_days]
        self.time_of_day = time_of_day

    def validate(self) -> None:
        """Raise ValueError with everything that is wrong."""
        self._rule()

    def _rule(self) -> Recurrence:
        if self.time_zone is not None and not isinstance(self.time_zone, TimeZone):
            raise ValueError(f"time_zone must be a member of TimeZone, not {self.time_zone!r}.")
        hours, minutes = self.hours, self.minutes
        if self.time_of_day is not None:
            if hours or minutes:
                raise ValueError("time_of_day goes without hours and minutes.")
            hours, minutes = _time_of_day(self.time_of_day)
        zone = "UTC" if self.time_zone is None else place_of(str(self.time_zone.value))
        rule = Recurrence(
            self.frequency,  # type: ignore[arg-type]
            self.interval,
            _start_text(self.start_time),
            zone,
            tuple(hours or ()),
            tuple(minutes or ()),
            tuple(self.week_days or ()),
        )
        faults = recurrence_faults(rule)
        if faults:
            raise ValueError("; ".join(faults))
        return rule

    @staticmethod
    def _of(rule: Recurrence) -> ScheduleRecurrence:
        zones = [zone for zone in TimeZone if zone.value == zone_of(rule.zone)]
        return ScheduleRecurrence(
            rule.frequency,
            rule.interval,
            rule.start,
            zones[0] if zones else None,
            rule.hours or None,
            rule.minutes or None,
            [day for day in WEEK_DAYS if day in rule.week_days] or None,
        )

    def __repr__(self) -> str:
        return f"ScheduleRecurrence(frequency={self.frequency!r}, interval={self.interval!r})"


class Schedule:
    """Made by ``create`` and ``create_for_pipeline_endpoint``, found by ``get`` and ``list``.

    The workspace's agent starts the runs; it stays while there is an active schedule. ``triggers()`` (ours)
    tells when the schedule went off, why, and what run that became.
    """

    def __init__(self, workspace: Workspace, kept: Kept) -> None:
        self.workspace = workspace
        self._kept = kept

    # --- making and finding ----------------------------------------------------------------------------

    @staticmethod
    def create(
        workspace: Workspace,
        name: str,
        pipeline_id: str,
        experiment_name: str,
        recurrence: ScheduleRecurrence | None = None,
        description: str | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        wait_for_provisioning: bool = False,
        wait_timeout: int = 3600,
        datastore: Any = None,
        polling_interval: float = 5,
        data_path_parameter_name: str | None = None,
        continue_on_step_failure: bool | None = None,
        path_on_datastore: str | None = None,
        **_: Any,
    ) -> Schedule:
        """A schedule of a published pipeline.

        Parameters
        ----------
        recurrence
            When it starts; or else
        datastore, path_on_datastore, polling_interval
            What is looked at, and every how many minutes. All changes of one look become one run.
        data_path_parameter_name
            Receives the path that changed, or the folder with all that did.

        Raises
        ------
        ValueError
            Both a recurrence and a datastore, or neither.
        """
        watched = datastore, polling_interval, data_path_parameter_name, path_on_datastore
        wish = Kept(
            "",
            name,
            experiment_name,
            pipeline_id,
            description=description or "",
            recurrence=_rule(recurrence, watched),
            watch=_watch(workspace, *watched),
            values=json_values(pipeline_parameters),
            continue_on_step_failure=continue_on_step_failure,
        )
        return Schedule(workspace, told(lambda: workspace._api.create_schedule(wish)))

    @staticmethod
    def create_for_pipeline_endpoint(
        workspace: Workspace,
        name: str,
        pipeline_endpoint_id: str,
        experiment_name: str,
        recurrence: ScheduleRecurrence | None = None,
        description: str | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        wait_for_provisioning: bool = False,
        wait_timeout: int = 3600,
        datastore: Any = None,
        polling_interval: float = 5,
        data_path_parameter_name: str | None = None,
        continue_on_step_failure: bool | None = None,
        path_on_datastore: str | None = None,
        **_: Any,
    ) -> Schedule:
        """The same for an endpoint: each run is of the version that is the default then."""
        watched = datastore, polling_interval, data_path_parameter_name, path_on_datastore
        wish = Kept(
            "",
            name,
            experiment_name,
            "",
            pipeline_endpoint_id,
            description or "",
            _rule(recurrence, watched),
            _watch(workspace, *watched),
            json_values(pipeline_parameters),
            continue_on_step_failure,
        )
        return Schedule(workspace, told(lambda: workspace._api.create_schedule(wish)))

    @staticmethod
    def get(workspace: Workspace, id: str, **_: Any) -> Schedule:
        return Schedule(workspace, told(lambda: workspace._api.schedule(id)))

    @staticmethod
    def list(
        workspace: Workspace,
        active_only: bool = True,
        pipeline_id: str | None = None,
        pipeline_endpoint_id: str | None = None,
        **_: Any,
    ) -> list[Schedule]:
        """Newest first."""
        found = workspace._api.schedules(active_only, pipeline_id or "", pipeline_endpoint_id or "")
        return [Schedule(workspace, one) for one in found]

    get_all = list

    @staticmethod
    def get_schedules_for_pipeline_id(workspace: Workspace, pipeline_id: str, **_: Any) -> Any:
        return Schedule.list(workspace, False, pipeline_id)

    @staticmethod
    def get_schedules_for_pipeline_endpoint_id(
        workspace: Workspace, pipeline_endpoint_id: str, **_: Any
    ) -> Any:
        return Schedule.list(workspace, False, pipeline_endpoint_id=pipeline_endpoint_id)

    @staticmethod
    def load_yaml(workspace: Workspace, filename: str, **_: Any) -> dict[str, Any]:
        """The arguments of ``create`` that a YAML file holds: ``Schedule.create(ws, ..., **details)``.

        Raises
        ------
        ValueError
            The file has no ``Schedule``, or a recurrence that is none.
        """
        from skyloom.sdk.pipeline_yaml import read_yaml

        told = read_yaml(filename, "Schedule")
        found: dict[str, Any] = {name: told[name] for name in _DETAILS if told.get(name) is not None}
        if told.get("recurrence") is not None:
            found["recurrence"] = _recurrence_from(told["recurrence"])
        if told.get("datastore_name"):
            from skyloom.sdk.datastore import Datastore

            found["datastore"] = Datastore.get(workspace, str(told["datastore_name"]))
        return found

    # --- what it is ------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self._kept.id

    @property
    def name(self) -> str:
        return self._kept.name

    @property
    def description(self) -> str:
        return self._kept.description

    @property
    def pipeline_id(self) -> str | None:
        return self._kept.pipeline or None

    @property
    def pipeline_endpoint_id(self) -> str | None:
        return self._kept.endpoint or None

    @property
    def status(self) -> str:
        return "Active" if self._kept.is_active else "Disabled"

    @property
    def recurrence(self) -> ScheduleRecurrence | None:
        """None for a schedule that watches a datastore."""
        return None if self._kept.recurrence is None else ScheduleRecurrence._of(self._kept.recurrence)

    @property
    def datastore_name(self) -> str | None:
        return None if self._kept.watch is None else self._kept.watch.place.datastore

    @property
    def path_on_datastore(self) -> str | None:
        return None if self._kept.watch is None else self._kept.watch.place.path

    @property
    def polling_interval(self) -> float | None:
        return None if self._kept.watch is None else self._kept.watch.every_minutes

    @property
    def data_path_parameter_name(self) -> str | None:
        return None if self._kept.watch is None else (self._kept.watch.parameter or None)

    @property
    def continue_on_step_failure(self) -> bool | None:
        return self._kept.continue_on_step_failure

    @property
    def next_run_time(self) -> str | None:
        """When it starts, or looks, next; UTC (ours)."""
        return self._refresh().next_at

    # --- doing -----------------------------------------------------------------------------------------

    def update(
        self,
        name: str | None = None,
        description: str | None = None,
        recurrence: ScheduleRecurrence | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        status: str | None = None,
        wait_for_provisioning: bool = False,
        wait_timeout: int = 3600,
        datastore: Any = None,
        polling_interval: float | None = None,
        data_path_parameter_name: str | None = None,
        continue_on_step_failure: bool | None = None,
        path_on_datastore: str | None = None,
        **_: Any,
    ) -> None:
        """Change what is given; a schedule by the clock stays one."""
        kept = self._refresh()
        given: dict[str, Any] = {
            "name": name,
            "description": description,
            "values": None if pipeline_parameters is None else json_values(pipeline_parameters),
            "is_active": None if status is None else status == "Active",
            "recurrence": None if recurrence is None else recurrence._rule(),
            "continue_on_step_failure": continue_on_step_failure,
        }
        watched = (datastore, polling_interval, data_path_parameter_name, path_on_datastore)
        if any(one is not None for one in watched):
            if kept.watch is None:
                raise ValueError("A schedule by the clock cannot become one by a datastore.")
            old = kept.watch
            store = old.place.datastore if datastore is None else _store_name(datastore)
            place = Place(
                store, old.place.path if path_on_datastore is None else path_on_datastore.strip("/")
            )
            given["watch"] = Watch(
                place,
                old.every_minutes if polling_interval is None else float(polling_interval),
                old.parameter if data_path_parameter_name is None else data_path_parameter_name,
            )
        self._keep(**{key: one for key, one in given.items() if one is not None})

    def enable(self, wait_for_provisioning: bool = False, wait_timeout: int = 3600, **_: Any) -> None:
        self._keep(is_active=True)

    def disable(self, wait_for_provisioning: bool = False, wait_timeout: int = 3600, **_: Any) -> None:
        """Of a disabled one: nothing."""
        self._keep(is_active=False)

    def get_pipeline_runs(self, **_: Any) -> Sequence[PipelineRun]:
        """Every run that it started, newest first."""
        return [self.workspace._pipeline_run_of(call.id) for call in self.workspace._api.calls("", self.id)]

    def get_last_pipeline_run(self, **_: Any) -> PipelineRun | None:
        found = self.get_pipeline_runs()
        return found[0] if found else None

    def triggers(self, limit: int = 100) -> Sequence[Trigger]:
        """When it went off, newest first: state, run, changed paths, times it stands for (ours)."""
        found: Sequence[Trigger] = told(lambda: self.workspace._api.triggers(self.id, limit))
        return found

    def _keep(self, **facts: Any) -> None:
        changed = replace(self._refresh(), **facts)
        self._kept = told(lambda: self.workspace._api.change_schedule(changed))

    def _refresh(self) -> Kept:
        self._kept = told(lambda: self.workspace._api.schedule(self.id))
        return self._kept

    def __repr__(self) -> str:
        return (
            f"Schedule(Name: {self.name},\nId: {self.id},\nStatus: {self.status},\n"
            f"Pipeline Id: {self.pipeline_id},\nPipeline Endpoint Id: {self.pipeline_endpoint_id})"
        )

    def _repr_html_(self) -> str:
        cells = (self.name, self.id, self.status, self.pipeline_id or self.pipeline_endpoint_id or "")
        body = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        head = "".join(f"<th>{one}</th>" for one in ("Name", "Id", "Status", "Pipeline or endpoint"))
        return f"<table><tr>{head}</tr><tr>{body}</tr></table>"


def _recurrence_from(told: Mapping[str, Any]) -> ScheduleRecurrence:
    """A recurrence as YAML has it; a time zone by its member's name or by the name that Windows gives it."""
    zone = told.get("time_zone")
    if zone is not None:
        members = [one for one in TimeZone if str(zone) in (one.name, one.value)]
        if not members:
            raise ValueError(f"There is no time zone {zone!r}; TimeZone names them.")
        zone = members[0]
    names = ("start_time", "hours", "minutes", "week_days", "time_of_day")
    made = ScheduleRecurrence(
        str(told.get("frequency")), int(told.get("interval", 1)), time_zone=zone,
        **{name: told.get(name) for name in names},
    )  # fmt: skip
    made.validate()
    return made


def _rule(recurrence: ScheduleRecurrence | None, watched: tuple[Any, ...]) -> Recurrence | None:
    datastore, _, parameter, path = watched
    if recurrence is None:
        return None
    if datastore is not None or parameter is not None or path is not None:
        raise ValueError("A schedule has a recurrence or a datastore with its path and parameter, not both.")
    return recurrence._rule()


def _watch(
    workspace: Workspace, datastore: Any, every: float, parameter: str | None, path: str | None
) -> Watch | None:
    if datastore is None:
        return None
    place = Place(_store_name(datastore), (path or "").strip("/"))
    return Watch(place, float(every), parameter or "")


def _store_name(datastore: Any) -> str:
    return datastore if isinstance(datastore, str) else str(datastore.name)


def _time_of_day(text: str) -> tuple[list[int], list[int]]:
    hour, colon, minute = text.partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal()):
        raise ValueError(f"time_of_day must read hh:mm, not {text!r}.")
    return [int(hour)], [int(minute)]


def _start_text(start: datetime | str | None) -> str | None:
    if isinstance(start, datetime):
        if start.tzinfo is not None:
            raise ValueError("start_time must not have a time zone of its own; time_zone says it.")
        return start.isoformat(timespec="seconds")
    return start or None
