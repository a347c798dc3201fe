import type { Json } from "./json";

/** Shapes of core/module.py and core/parameter.py as the server sends them: fields at their default are left out. */
export interface InputPort {
  name: string;
  accepts?: string[];
  required?: boolean;
  doc?: string;
}

export interface OutputPort {
  name: string;
  type?: string;
  optional?: boolean;
  doc?: string;
}

export type ParameterType =
  | "string"
  | "int"
  | "float"
  | "bool"
  | "choice"
  | "columns"
  | "script"
  | "secret"
  | "path"
  | "json";

export interface Parameter {
  name: string;
  type?: ParameterType;
  default?: Json;
  required?: boolean;
  choices?: string[];
  minimum?: number;
  maximum?: number;
  shown_when?: [string, Json[]];
  label?: string;
  doc?: string;
}

export interface ModuleSpec {
  name: string;
  version: string;
  category: string;
  entry: { $kind: string; language?: string };
  inputs?: InputPort[];
  outputs?: OutputPort[];
  parameters?: Parameter[];
  further_outputs?: boolean;
  family?: string;
  aliases?: string[];
  doc?: string;
}

/** Where module names lead to definitions; of one name the newest version comes last. */
export class Catalogue {
  private readonly byName = new Map<string, ModuleSpec[]>();

  constructor(readonly modules: readonly ModuleSpec[]) {
    for (const spec of modules) {
      for (const name of [spec.name, ...(spec.aliases ?? [])]) {
        this.byName.set(name, [...(this.byName.get(name) ?? []), spec]);
      }
    }
  }

  find(name: string, version?: string): ModuleSpec | undefined {
    const found = this.byName.get(name) ?? [];
    return version ? found.find((spec) => spec.version === version) : found.at(-1);
  }
}

/** The name of a parameter for people. */
export function labelOf(parameter: Parameter): string {
  return parameter.label || parameter.name;
}
