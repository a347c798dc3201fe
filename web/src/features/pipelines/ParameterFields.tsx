import "./pipelines.css";
import { useId, useMemo, useState } from "react";
import { useDatastoreNames, useRegisteredDatasets, useStoredFiles } from "../../api/pipelines";
import type { Json } from "../../graph/json";
import { sameJson } from "../../graph/json";
import type { ParameterKind, Place, Typed } from "../../graph/pipeline-parameters";
import { kindOf, readTyped, typedOf, wordsOf } from "../../graph/pipeline-parameters";
import { t } from "../../i18n/i18n";

/** What a form for the parameters of a pipeline holds. */
export interface ParameterForm {
  names: string[];
  kinds: Record<string, ParameterKind>;
  typed: Record<string, Typed>;
  defaults: Record<string, Json>;
  set: (name: string, typed: Typed) => void;
  /** The values that were typed; those that are none are left out, and stand in `faults`. */
  values: Record<string, Json>;
  faults: Record<string, "number" | "json" | "place">;
  /** Values that differ from the defaults. */
  changed: Record<string, Json>;
}

/** A form filled with `given`, where there is nothing with the defaults. */
export function useParameterForm(defaults: Record<string, Json> | undefined, given: Record<string, Json> | undefined): ParameterForm {
  const [typed, setTyped] = useState<Record<string, Typed>>({});
  return useMemo(() => {
    const known = defaults ?? {};
    const names = Object.keys(known);
    const form: ParameterForm = {
      names,
      kinds: {},
      typed: {},
      defaults: known,
      set: (name, value) => setTyped((before) => ({ ...before, [name]: value })),
      values: {},
      faults: {},
      changed: {},
    };
    for (const name of names) {
      const first = given?.[name] ?? known[name];
      const kind = kindOf(known[name] ?? first);
      form.kinds[name] = kind;
      form.typed[name] = typed[name] ?? typedOf(kind, first);
      const read = readTyped(kind, form.typed[name]);
      if ("fault" in read) form.faults[name] = read.fault;
      else {
        form.values[name] = read.value;
        if (!sameJson(read.value, known[name])) form.changed[name] = read.value;
      }
    }
    return form;
  }, [defaults, given, typed]);
}

/** A row for each parameter: what it takes follows from its default. */
export function ParameterFields({ form }: { form: ParameterForm }) {
  const id = useId();
  if (!form.names.length) return <p className="muted">{t("pipelines.noParameters")}</p>;
  return (
    <div className="parameter-rows">
      {form.names.map((name) => (
        <Row key={name} id={`${id}-${name}`} name={name} form={form} />
      ))}
    </div>
  );
}

function Row({ id, name, form }: { id: string; name: string; form: ParameterForm }) {
  const kind = form.kinds[name] ?? "text";
  const typed = form.typed[name] ?? "";
  const fault = form.faults[name];
  const isPlace = kind === "place" && typeof typed !== "string";
  return (
    <>
      {isPlace ? (
        <span className="label">{name}</span>
      ) : (
        <label htmlFor={id} className="label">
          {name}
        </label>
      )}
      <div>
        {isPlace ? (
          <PlaceFields id={id} name={name} place={typed} onChange={(place) => form.set(name, place)} />
        ) : (
          <PlainField id={id} kind={kind} text={typeof typed === "string" ? typed : ""} isWrong={fault !== undefined} onChange={(text) => form.set(name, text)} />
        )}
        {fault ? (
          <div className="fault">{t(`pipelines.fault.${fault}`)}</div>
        ) : (
          name in form.changed && <div className="hint">{t("pipelines.default", { value: wordsOf(form.defaults[name]) || t("pipelines.nothing") })}</div>
        )}
      </div>
    </>
  );
}

function PlainField({ id, kind, text, isWrong, onChange }: { id: string; kind: ParameterKind; text: string; isWrong: boolean; onChange: (text: string) => void }) {
  const datasets = useRegisteredDatasets(kind === "dataset").data ?? [];
  if (kind === "flag") {
    return (
      <select id={id} className="select" value={text} onChange={(event) => onChange(event.target.value)}>
        <option value="true">{t("pipelines.yes")}</option>
        <option value="false">{t("pipelines.no")}</option>
      </select>
    );
  }
  if (kind === "dataset") {
    return (
      <select id={id} className="select" value={text} onChange={(event) => onChange(event.target.value)}>
        {!datasets.some((one) => one.id === text) && <option value={text}>{text.slice(0, 8)}…</option>}
        {datasets.map((one) => (
          <option key={`${one.name}${one.version}`} value={one.id}>
            {one.name} {t("services.version", { number: one.version })}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      id={id}
      className={kind === "json" ? "input mono" : "input"}
      inputMode={kind === "number" ? "decimal" : undefined}
      aria-invalid={isWrong}
      value={text}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** A datastore and a path in it; the files that are there are offered. */
export function PlaceFields({ id, name, place, onChange }: { id: string; name: string; place: Place; onChange: (place: Place) => void }) {
  const stores = useDatastoreNames().data ?? [];
  const [isAsked, setAsked] = useState(false);
  const files = useStoredFiles(place.datastore, isAsked).data ?? [];
  return (
    <div className="place-fields">
      <select
        className="select"
        aria-label={t("pipelines.datastoreOf", { name })}
        value={place.datastore}
        onChange={(event) => onChange({ ...place, datastore: event.target.value })}
      >
        {!stores.includes(place.datastore) && <option>{place.datastore}</option>}
        {stores.map((store) => (
          <option key={store}>{store}</option>
        ))}
      </select>
      <input
        id={id}
        className="input mono"
        aria-label={t("pipelines.pathOf", { name })}
        list={`${id}-files`}
        value={place.path}
        onFocus={() => setAsked(true)}
        onChange={(event) => onChange({ ...place, path: event.target.value })}
      />
      <datalist id={`${id}-files`}>
        {files.slice(0, 200).map((file) => (
          <option key={file} value={file} />
        ))}
      </datalist>
    </div>
  );
}
