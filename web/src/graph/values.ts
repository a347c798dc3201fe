import { parameterRef } from "./edits";
import type { Json } from "./json";
import { isObject } from "./json";
import type { Parameter } from "./module";

/** The twin of core/parameter.py: which parameters are shown, and what is wrong with a value. */

export type Values = Record<string, Json>;

export function isShown(parameters: readonly Parameter[], parameter: Parameter, values: Values): boolean {
  if (!parameter.shown_when) return true;
  const [parentName, shown] = parameter.shown_when;
  const parent = parameters.find((one) => one.name === parentName);
  if (!parent) return true;
  const value = values[parentName] ?? parent.default ?? null;
  if (parameterRef(value)) return true;
  return shown.some((one) => one === value) && isShown(parameters, parent, values);
}

export type Fault =
  | { kind: "required" }
  | { kind: "whole" }
  | { kind: "number" }
  | { kind: "choice"; choices: string[] }
  | { kind: "least"; bound: number }
  | { kind: "greatest"; bound: number };

/** The first thing that is wrong with a value; values taken from a graph parameter are checked there. */
export function faultOf(parameter: Parameter, value: Json | undefined): Fault | null {
  const given = value ?? parameter.default ?? null;
  if (parameterRef(given)) return null;
  if (given === null || given === "" || isEmptySelection(parameter, given)) {
    return parameter.required ? { kind: "required" } : null;
  }
  if (parameter.type === "int" && !(typeof given === "number" && Number.isInteger(given))) return { kind: "whole" };
  if (parameter.type === "float" && typeof given !== "number") return { kind: "number" };
  if (parameter.choices?.length && !parameter.choices.includes(String(given))) {
    return { kind: "choice", choices: parameter.choices };
  }
  if (typeof given === "number") {
    if (parameter.minimum !== undefined && given < parameter.minimum) return { kind: "least", bound: parameter.minimum };
    if (parameter.maximum !== undefined && given > parameter.maximum) {
      return { kind: "greatest", bound: parameter.maximum };
    }
  }
  return null;
}

/** Text typed into a field as a value; text that does not parse stays text, so that `faultOf` can say so. */
export function valueOfText(parameter: Parameter, text: string): Json | undefined {
  if (parameter.type === "int" || parameter.type === "float") {
    if (text.trim() === "") return undefined;
    const number = Number(text.trim());
    return Number.isFinite(number) ? number : text;
  }
  if (text === "" && (parameter.default ?? "") === "") return undefined;
  return text;
}

function isEmptySelection(parameter: Parameter, value: Json): boolean {
  if (parameter.type !== "columns") return false;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Array.isArray(value.rules) && value.rules.length === 0;
}
