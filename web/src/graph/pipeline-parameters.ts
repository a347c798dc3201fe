import type { Json } from "./json";
import { isObject } from "./json";

/** What a parameter of a pipeline takes, told by its default (core/data_value.py for places and datasets). */
export type ParameterKind = "text" | "number" | "flag" | "place" | "dataset" | "json";

export interface Place {
  datastore: string;
  path: string;
}

/** What stands in a form for a parameter: text of a field, or a place in two fields. */
export type Typed = string | Place;

export function kindOf(value: Json | undefined): ParameterKind {
  if (typeof value === "boolean") return "flag";
  // a whole number or any: in JSON 10.0 reads as 10 does, so the server is left to say which
  if (typeof value === "number") return "number";
  if (typeof value === "string") return "text";
  if (isObject(value)) {
    if (typeof value.dataset === "string") return "dataset";
    if (typeof value.datastore === "string") return "place";
  }
  return "json";
}

export function typedOf(kind: ParameterKind, value: Json | undefined): Typed {
  if (kind === "place") {
    const place = isObject(value) ? value : {};
    return { datastore: String(place.datastore ?? ""), path: String(place.path ?? "") };
  }
  if (kind === "dataset") return isObject(value) ? String(value.dataset ?? "") : "";
  if (kind === "json") return value === undefined || value === null ? "" : JSON.stringify(value);
  return value === undefined || value === null ? "" : String(value);
}

/** The value that was typed, or why it is none. */
export function readTyped(kind: ParameterKind, typed: Typed): { value: Json } | { fault: "number" | "json" | "place" } {
  if (typeof typed !== "string") {
    return typed.datastore.trim() && typed.path.trim() ? { value: { datastore: typed.datastore.trim(), path: typed.path.trim() } } : { fault: "place" };
  }
  switch (kind) {
    case "flag":
      return { value: typed === "true" };
    case "number":
      return typed.trim() !== "" && Number.isFinite(Number(typed)) ? { value: Number(typed) } : { fault: "number" };
    case "dataset":
      return typed ? { value: { dataset: typed } } : { fault: "place" };
    case "json":
      if (typed.trim() === "") return { value: null };
      try {
        return { value: JSON.parse(typed) as Json };
      } catch {
        return { fault: "json" };
      }
    default:
      return { value: typed };
  }
}

/** Values by parameter as a call of a published pipeline sends them: plain ones, places and datasets apart. */
export interface CallValues {
  values: Record<string, Json>;
  data_paths: Record<string, Json>;
  datasets: Record<string, Json>;
}

export function callValues(given: Record<string, Json>): CallValues {
  const call: CallValues = { values: {}, data_paths: {}, datasets: {} };
  for (const [name, value] of Object.entries(given)) {
    const kind = kindOf(value);
    const part = kind === "place" ? call.data_paths : kind === "dataset" ? call.datasets : call.values;
    part[name] = value;
  }
  return call;
}

/** A value for people, in a line. */
export function wordsOf(value: Json | undefined): string {
  const kind = kindOf(value);
  if (kind === "place") {
    const place = typedOf(kind, value) as Place;
    return `${place.datastore}/${place.path}`;
  }
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
