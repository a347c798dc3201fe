import type { Artifact } from "../../api/shapes";

/** The dialog that is open over an experiment. */
export type Shown =
  | { kind: "visualize"; title: string; artifact: Artifact }
  | { kind: "evaluate"; node: string }
  | { kind: "log"; node: string }
  | { kind: "save-output"; node: string; port: string; type: string }
  | { kind: "history" | "service" | "shortcuts" | "save-as" };
