import "./pipelines.css";
import { useId, useMemo, useState } from "react";
import { post, problemsIn, put } from "../../api/client";
import type { Recurrence, Schedule } from "../../api/pipelines";
import { pipelinesChanged, useDatastoreNames } from "../../api/pipelines";
import type { Json } from "../../graph/json";
import type { Key } from "../../i18n/en";
import { t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import type { ShownProblem } from "../../ui/Problems";
import { Problems } from "../../ui/Problems";
import { ParameterFields, PlaceFields, useParameterForm } from "./ParameterFields";
import { dayName, FREQUENCIES, recurrenceWords, WEEK_DAYS } from "./recurrence-words";

interface Props {
  /** What is to be started: a published pipeline or an endpoint. */
  target: { pipeline: string } | { endpoint: string };
  defaults: Record<string, Json> | undefined;
  /** The schedule that is changed; a new one without. */
  before?: Schedule;
  onClose: () => void;
  onMade: (schedule: Schedule) => void;
}

/** When a pipeline is started by itself: by the clock, or when files of a datastore change. */
export function ScheduleDialog({ target, defaults, before, onClose, onMade }: Props) {
  const id = useId();
  const [name, setName] = useState(before?.name ?? "");
  const [experiment, setExperiment] = useState(before?.experiment ?? "");
  const [isWatch, setWatch] = useState(before?.watch !== undefined && before.watch !== null);
  const stores = useDatastoreNames().data ?? [];
  const [place, setPlace] = useState(before?.watch?.place ?? { datastore: "", path: "" });
  const [minutes, setMinutes] = useState(String(before?.watch?.every_minutes ?? 5));
  const [receiver, setReceiver] = useState(before?.watch?.parameter ?? "");
  const clock = useClock(before?.recurrence ?? null);
  const given = before?.values as Record<string, Json> | undefined;
  const form = useParameterForm(defaults, given);
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const watched = { datastore: place.datastore || (stores[0] ?? ""), path: place.path };
  const isReady = name.trim() !== "" && experiment.trim() !== "" && Object.keys(form.faults).length === 0;
  const save = () => {
    const wish: Schedule = {
      ...(before ?? { id: "", ...target }),
      name: name.trim(),
      experiment: experiment.trim(),
      values: form.changed,
      recurrence: isWatch ? null : clock.rule,
      watch: isWatch ? { place: watched, every_minutes: Number(minutes) || 5, parameter: receiver } : null,
    };
    return (before ? put<Schedule>("/schedules", wish) : post<Schedule>("/schedules", wish))
      .then((made) => {
        pipelinesChanged();
        onMade(made);
      })
      .catch((error: unknown) => setProblems(problemsIn(error)));
  };
  return (
    <Dialog
      title={t(before ? "schedules.changeTitle" : "schedules.new")}
      size="middle"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="primary" disabled={!isReady} onClick={() => void save()}>
            {t(before ? "ui.save" : "schedules.make")}
          </Button>
        </>
      }
    >
      <div className="stack-5">
        <Problems problems={problems} />
        <div className="parameter-rows">
          <label className="label" htmlFor={`${id}-name`}>
            {t("ui.name")}
          </label>
          <input id={`${id}-name`} className="input" value={name} onChange={(event) => setName(event.target.value)} />
          <label className="label" htmlFor={`${id}-experiment`}>
            {t("pipelines.experiment")}
          </label>
          <input id={`${id}-experiment`} className="input" value={experiment} onChange={(event) => setExperiment(event.target.value)} />
          <label className="label" htmlFor={`${id}-kind`}>
            {t("schedules.starts")}
          </label>
          <select id={`${id}-kind`} className="select" disabled={before !== undefined} value={isWatch ? "watch" : "clock"} onChange={(event) => setWatch(event.target.value === "watch")}>
            <option value="clock">{t("schedules.byClock")}</option>
            <option value="watch">{t("schedules.byFiles")}</option>
          </select>
          {isWatch ? (
            <>
              <span className="label">{t("schedules.folder")}</span>
              <PlaceFields id={`${id}-place`} name={t("schedules.folder")} place={watched} onChange={setPlace} />
              <label className="label" htmlFor={`${id}-minutes`}>
                {t("schedules.lookEvery")}
              </label>
              <div className="recurrence-line">
                <input id={`${id}-minutes`} className="input" inputMode="decimal" value={minutes} onChange={(event) => setMinutes(event.target.value)} /> {t("schedules.unit.Minute")}
              </div>
              <label className="label" htmlFor={`${id}-receiver`}>
                {t("schedules.receiver")}
              </label>
              <select id={`${id}-receiver`} className="select" value={receiver} onChange={(event) => setReceiver(event.target.value)}>
                <option value="">{t("schedules.noReceiver")}</option>
                {form.names.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </>
          ) : (
            <ClockFields clock={clock} id={id} />
          )}
        </div>
        {!isWatch && <p className="note">{recurrenceWords(clock.rule, before?.created_at ?? "")}</p>}
        {form.names.length > 0 && (
          <section className="stack-3">
            <h3>{t("pipelines.parameters")}</h3>
            <ParameterFields form={form} />
          </section>
        )}
      </div>
    </Dialog>
  );
}

interface Clock {
  frequency: Recurrence["frequency"];
  interval: string;
  time: string;
  start: string;
  zone: string;
  days: string[];
  set: (change: Partial<Pick<Clock, "frequency" | "interval" | "time" | "start" | "zone" | "days">>) => void;
  rule: Recurrence;
}

function useClock(before: Recurrence | null): Clock {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const [state, setState] = useState(() => ({
    frequency: before?.frequency ?? ("Day" as Recurrence["frequency"]),
    interval: String(before?.interval ?? 1),
    time: before?.hours?.length ? `${String(before.hours[0]).padStart(2, "0")}:${String(before.minutes?.[0] ?? 0).padStart(2, "0")}` : before ? "" : "06:30",
    start: before?.start?.slice(0, 16) ?? "",
    zone: before?.zone ?? (before ? "UTC" : here),
    days: [...(before?.week_days ?? [])],
  }));
  return useMemo(() => {
    const { frequency, interval, time, start, zone, days } = state;
    const rule: Recurrence = { frequency, interval: Math.max(1, Math.round(Number(interval)) || 1), zone };
    if (start) rule.start = `${start}:00`;
    if (time && (frequency === "Day" || frequency === "Week")) {
      const [hour = 0, minute = 0] = time.split(":").map(Number);
      // several hours a day come from Python: they stay while the time in the form is the first of them
      const isKept = before?.hours?.[0] === hour && (before.minutes?.[0] ?? 0) === minute;
      rule.hours = isKept ? before.hours : [hour];
      rule.minutes = isKept ? before.minutes : [minute];
    }
    if (frequency === "Week" && days.length) rule.week_days = WEEK_DAYS.filter((day) => days.includes(day));
    return { ...state, set: (change: Partial<typeof state>) => setState((now) => ({ ...now, ...change })), rule };
  }, [state, before]);
}

function ClockFields({ clock, id }: { clock: Clock; id: string }) {
  const zones = useMemo(() => [...new Set(["UTC", clock.zone, ...Intl.supportedValuesOf("timeZone")])], [clock.zone]);
  const hasTime = clock.frequency === "Day" || clock.frequency === "Week";
  return (
    <>
      <label className="label" htmlFor={`${id}-interval`}>
        {t("schedules.every")}
      </label>
      <div className="recurrence-line">
        <input id={`${id}-interval`} className="input" inputMode="numeric" value={clock.interval} onChange={(event) => clock.set({ interval: event.target.value })} />
        <select className="select" aria-label={t("schedules.unit")} value={clock.frequency} onChange={(event) => clock.set({ frequency: event.target.value as Clock["frequency"] })}>
          {FREQUENCIES.map((one) => (
            <option key={one} value={one}>
              {t(`schedules.unit.${one}` as Key)}
            </option>
          ))}
        </select>
      </div>
      {clock.frequency === "Week" && (
        <>
          <span className="label">{t("schedules.days")}</span>
          <div className="day-choice" role="group" aria-label={t("schedules.days")}>
            {WEEK_DAYS.map((day) => (
              <label key={day} className="check">
                <input
                  type="checkbox"
                  checked={clock.days.includes(day)}
                  onChange={(event) => clock.set({ days: event.target.checked ? [...clock.days, day] : clock.days.filter((one) => one !== day) })}
                />
                {dayName(day, "short")}
              </label>
            ))}
          </div>
        </>
      )}
      {hasTime && (
        <>
          <label className="label" htmlFor={`${id}-time`}>
            {t("schedules.time")}
          </label>
          <div className="recurrence-line">
            <input id={`${id}-time`} className="input wide" type="time" value={clock.time} onChange={(event) => clock.set({ time: event.target.value })} />
          </div>
        </>
      )}
      <label className="label" htmlFor={`${id}-zone`}>
        {t("schedules.zone")}
      </label>
      <select id={`${id}-zone`} className="select" value={clock.zone} onChange={(event) => clock.set({ zone: event.target.value })}>
        {zones.map((zone) => (
          <option key={zone}>{zone}</option>
        ))}
      </select>
      <label className="label" htmlFor={`${id}-start`}>
        {t("schedules.start")}
      </label>
      <div>
        <div className="recurrence-line">
          <input id={`${id}-start`} className="input wide" type="datetime-local" value={clock.start} onChange={(event) => clock.set({ start: event.target.value })} />
        </div>
        <div className="hint">{t("schedules.startHint")}</div>
      </div>
    </>
  );
}
