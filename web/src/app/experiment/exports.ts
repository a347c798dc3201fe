import { get } from "../../api/client";
import type { Draft } from "../../features/draft/useDraft";
import type { GraphDocument } from "../../graph/document";
import { saveFile } from "../../ui/save-file";

/** Downloads of an experiment; it is saved first, so that the file is what the server has. */
export async function exportAs(kind: "yaml" | "python" | "classic", draft: Draft, graph: GraphDocument): Promise<void> {
  const saved = await draft.save();
  if (!saved) return;
  const name = graph.name || "experiment";
  if (kind === "yaml") {
    const { writeYaml } = await import("../../graph/yaml");
    saveFile(new Blob([writeYaml(graph)], { type: "application/yaml" }), `${name}.yaml`);
  } else if (kind === "python") {
    const file = await get<{ text: string }>("/experiments/program", { experiment: saved.id });
    saveFile(new Blob([file.text], { type: "text/x-python" }), `${name}.py`);
  } else {
    const file = await get<{ text: string }>("/experiments/export", { experiment: saved.id, format: "classic" });
    saveFile(new Blob([file.text], { type: "application/json" }), `${name}.json`);
  }
}
