/** What may travel along a link; the twin of core/data_type.py, held to it by tests/vectors/joins.json. */
const PARENTS: Record<string, string[]> = {
  Any: [],
  File: ["Any"],
  Folder: ["Any"],
  Zip: ["File"],
  PlainText: ["File"],
  Dataset: ["Any"],
  UntrainedLearner: ["Any"],
  UntrainedCluster: ["Any"],
  ILearner: ["Any"],
  ICluster: ["Any"],
  ITransform: ["Any"],
  Object: ["Any"],
};

/** Whether content of type `child` may enter a port that takes `ancestor`. */
export function isA(child: string, ancestor: string): boolean {
  return child === ancestor || (PARENTS[child] ?? []).some((parent) => isA(parent, ancestor));
}

/** Families of types that share a colour on the canvas. */
export type TypeFamily = "table" | "learner" | "model" | "transform" | "file" | "other";

export function familyOf(type: string): TypeFamily {
  switch (type) {
    case "Dataset":
      return "table";
    case "UntrainedLearner":
    case "UntrainedCluster":
      return "learner";
    case "ILearner":
    case "ICluster":
      return "model";
    case "ITransform":
      return "transform";
    case "File":
    case "Folder":
    case "Zip":
    case "PlainText":
      return "file";
    default:
      return "other";
  }
}

/** Whether Visualize has something to show of content: the rows of a table, what a model is. */
export function canVisualize(type: string | undefined): boolean {
  return type !== undefined && (type === "Object" || ["table", "learner", "model", "transform"].includes(familyOf(type)));
}

/** Names of types for people. */
export const TYPE_NAMES: Record<string, string> = {
  Dataset: "dataset",
  UntrainedLearner: "untrained model",
  UntrainedCluster: "untrained clustering",
  ILearner: "trained model",
  ICluster: "trained clustering",
  ITransform: "transformation",
  Zip: "zip bundle",
  File: "file",
  Folder: "folder",
  PlainText: "text file",
  Object: "Python object",
  Any: "anything",
};

export function typeName(type: string): string {
  return TYPE_NAMES[type] ?? type;
}

/** Whether content is a model, trained or not, a clustering or a transformation. */
export function isModel(type: string): boolean {
  return ["learner", "model", "transform"].includes(familyOf(type));
}
