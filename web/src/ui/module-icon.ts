import type { IconName } from "./Icon";

interface Kind {
  category: string;
  entry: { $kind: string };
}

/** The sign of a module by its category. */
export function iconOf(spec: Kind | undefined, isData: boolean): IconName {
  if (isData) return "table";
  if (!spec) return "warning";
  if (spec.entry.$kind === "ScriptEntry") return "code";
  const category = spec.category;
  if (category.startsWith("Machine Learning")) return "brain";
  if (category.startsWith("Data Input")) return "upload";
  if (category.startsWith("Model Training")) return "target";
  if (category.startsWith("Model Scoring")) return "check";
  if (category.startsWith("Statistical")) return "sigma";
  if (category.startsWith("Text")) return "text";
  if (category.startsWith("Data Transformation")) return "wand";
  if (category.startsWith("Feature")) return "sigma";
  return "flow";
}
