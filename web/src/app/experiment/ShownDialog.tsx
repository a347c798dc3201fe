import { post } from "../../api/client";
import { queries } from "../../api/queries";
import type { Artifact, Dataset, Experiment } from "../../api/shapes";
import { Visualize } from "../../features/dataset-preview/Visualize";
import type { Draft } from "../../features/draft/useDraft";
import { Evaluation } from "../../features/evaluation/Evaluation";
import { ModelDialog } from "../../features/model-view/ModelView";
import type { PortRef } from "../../graph/document";
import { inputsOf, linksOf, titleOf } from "../../graph/document";
import type { Catalogue } from "../../graph/module";
import { t } from "../../i18n/i18n";
import { HistoryDialog } from "../HistoryDialog";
import { ServiceDialog } from "../ServiceDialog";
import { ShortcutsDialog } from "../ShortcutsDialog";
import { go } from "../router";
import { LogDialog } from "./LogDialog";
import { NameDialog } from "./NameDialog";
import type { Shown } from "./shown";

interface Props {
  shown: Shown;
  draft: Draft;
  catalogue: Catalogue;
  artifactAt: (ref: PortRef) => Artifact | undefined;
  onSay: (words: string) => void;
  onClose: () => void;
}

/** The one dialog that is open over an experiment. */
export function ShownDialog({ shown, draft, catalogue, artifactAt, onSay, onClose }: Props) {
  const { document: graph } = draft;
  return (
    <>
      {shown.kind === "visualize" &&
        (shown.artifact.type === "Dataset" ? (
          <Visualize title={shown.title} artifact={shown.artifact} onClose={onClose} />
        ) : (
          <ModelDialog title={shown.title} artifact={shown.artifact} onClose={onClose} />
        ))}
      {shown.kind === "evaluate" && (
        <Evaluation
          title={titleOf(graph, shown.node)}
          scored={inputsOf(graph, catalogue, shown.node).flatMap((port) => {
            const source = linksOf(graph, catalogue).find((link) => link.target.node === shown.node && link.target.port === port.name)?.source;
            const artifact = source && artifactAt(source);
            if (!artifact) return [];
            const title = titleOf(graph, source.node);
            return [{ name: title === graph.nodes[source.node]?.module ? `${title} (${source.node})` : title, artifact }];
          })}
          results={artifactAt({ node: shown.node, port: "Evaluation results" })}
          onClose={onClose}
        />
      )}
      {shown.kind === "log" && <LogDialog draft={draft} node={shown.node} onClose={onClose} />}
      {shown.kind === "history" && draft.experiment && <HistoryDialog id={draft.experiment.id} onClose={onClose} />}
      {shown.kind === "service" && <ServiceDialog draft={draft} catalogue={catalogue} onClose={onClose} />}
      {shown.kind === "shortcuts" && <ShortcutsDialog onClose={onClose} />}
      {shown.kind === "save-as" && <NameDialog title={t("studio.saveAs")} start={`${graph.name ?? ""} 2`} onClose={onClose} onDone={async (name) => {
        const saved = await draft.save();
        if (!saved) return;
        const made = await post<Experiment>("/experiments/save-as", { experiment: saved.id, name });
        void queries.invalidateQueries({ queryKey: ["experiments"] });
        go(`/experiments/${made.id}`);
      }} />}
      {shown.kind === "save-output" && (
        <NameDialog
          title={t("studio.saveOutput")}
          start={`${titleOf(graph, shown.node)} ${shown.port}`}
          onClose={onClose}
          onDone={async (name) => {
            const saved = await draft.save();
            if (!saved) return;
            await post<Dataset>("/experiments/promote", { experiment: saved.id, node: shown.node, port: shown.port, name });
            void queries.invalidateQueries({ queryKey: ["datasets"] });
            onSay(t("say.saved", { name }));
          }}
        />
      )}
    </>
  );
}
