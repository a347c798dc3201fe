import { useCallback } from "react";
import { contentAddress } from "../../api/queries";
import type { Artifact, Dataset, NodeRun } from "../../api/shapes";
import type { Draft } from "../../features/draft/useDraft";
import { copyText, pastable, paste } from "../../graph/clipboard";
import { canVisualize, familyOf } from "../../graph/data-type";
import type { PortRef } from "../../graph/document";
import { DATA_PORT, datasetName, inputsOf, linksOf, outputsOf, specOf, titleOf } from "../../graph/document";
import type { Place } from "../../graph/edits";
import { addServiceInput, addServiceOutput, disconnect, removeNodes, setDisabled } from "../../graph/edits";
import type { Catalogue } from "../../graph/module";
import { t } from "../../i18n/i18n";
import type { MenuItem } from "../../ui/Menu";
import { holds } from "../../ui/StateMark";
import type { Shown } from "./shown";

interface Given {
  draft: Draft;
  catalogue: Catalogue;
  datasets: readonly Dataset[];
  selection: ReadonlySet<string>;
  setSelection: (nodes: ReadonlySet<string>) => void;
  setEditing: (place: { node: string; parameter: string } | null) => void;
  setShown: (shown: Shown | null) => void;
  setPane: (isOpen: boolean) => void;
  setSaid: (words: string) => void;
}

/** Everything that a menu, a key or a double click does to the nodes of an experiment. */
export function useCommands({ draft, catalogue, datasets, selection, setSelection, setEditing, setShown, setPane, setSaid }: Given) {
  const { document: graph, change, marks } = draft;

  const artifactAt = useCallback(
    (ref: PortRef): Artifact | undefined => {
      const body = graph.nodes[ref.node];
      if (!body) return undefined;
      if (!body.module) return datasets.find((one) => one.name === datasetName(body))?.artifact;
      const mark = marks.get(ref.node);
      if (!mark || !holds(mark.mark)) return undefined;
      return mark.status?.node_run?.outputs?.[ref.port];
    },
    [graph, datasets, marks],
  );

  const visualize = useCallback(
    (ref: PortRef) => {
      const artifact = artifactAt(ref);
      if (!artifact) return;
      if (!canVisualize(artifact.type)) return;
      if (graph.nodes[ref.node]?.module === "Evaluate Model") setShown({ kind: "evaluate", node: ref.node });
      else setShown({ kind: "visualize", artifact, title: graph.nodes[ref.node]?.module ? `${titleOf(graph, ref.node)} · ${ref.port}` : titleOf(graph, ref.node) });
    },
    [artifactAt, graph, setShown],
  );

  const portItems = useCallback(
    (ref: PortRef, side: "in" | "out"): MenuItem[] => {
      if (side === "in") {
        const links = linksOf(graph, catalogue).filter((link) => link.target.node === ref.node && link.target.port === ref.port);
        const source = links[0]?.source;
        const type = inputsOf(graph, catalogue, ref.node).find((port) => port.name === ref.port)?.accepts?.[0] ?? "Dataset";
        return [
          { head: ref.port },
          { label: t("menu.visualize"), icon: "eye", isOff: !source || !artifactAt(source), onChoose: () => source && visualize(source) },
          { label: t("menu.unlink"), icon: "link", isOff: !source, onChoose: () => change((now) => disconnect(now, ref)) },
          { label: t("menu.serviceInput"), icon: "service", onChoose: () => change((now) => addServiceInput(now, ref, type)) },
        ];
      }
      const artifact = artifactAt(ref);
      const type = artifact?.type ?? outputsOf(graph, catalogue, ref.node).find((port) => port.name === ref.port)?.type ?? "Dataset";
      const isTable = type === "Dataset";
      return [
        { head: ref.port },
        { label: t("menu.visualize"), icon: "eye", isOff: !artifact || !canVisualize(artifact.type), onChoose: () => visualize(ref) },
        {
          label: saveWords(type),
          icon: "table",
          isOff: !artifact || !graph.nodes[ref.node]?.module,
          onChoose: () => setShown({ kind: "save-output", ...ref, type: artifact?.type ?? "Dataset" }),
        },
        ...(isTable ? (["csv", "parquet"] as const) : (["raw"] as const)).map((format) => ({
          label: format === "raw" ? t("ui.download") : t("menu.download", { format: format.toUpperCase() }),
          icon: "download" as const,
          isOff: !artifact,
          onChoose: () => artifact && location.assign(contentAddress(artifact, format, format === "raw" ? artifact.name : `${titleOf(graph, ref.node)}.${format}`)),
        })),
        { label: t("menu.log"), icon: "outline", isOff: !marks.get(ref.node)?.status?.node_run, onChoose: () => setShown({ kind: "log", node: ref.node }) },
        { label: t("menu.serviceOutput"), icon: "service", onChoose: () => change((now) => addServiceOutput(now, catalogue, ref)) },
      ];
    },
    [graph, catalogue, marks, artifactAt, visualize, change, setShown],
  );

  const openNode = useCallback(
    (which: string) => {
      const spec = specOf(graph, catalogue, which);
      const script = spec?.parameters?.find((parameter) => parameter.type === "script");
      if (script && spec?.entry.$kind === "ScriptEntry") setEditing({ node: which, parameter: script.name });
      else if (!graph.nodes[which]?.module) visualize({ node: which, port: DATA_PORT });
      else window.document.querySelector<HTMLElement>(".studio-side input, .studio-side select, .studio-side button")?.focus();
    },
    [graph, catalogue, visualize, setEditing],
  );

  const writeInPane = useCallback(
    (which: string, field: "title" | "comment") => {
      setPane(true);
      setSelection(new Set([which]));
      requestAnimationFrame(() => {
        const details = window.document.querySelector<HTMLDetailsElement>(".pane-more");
        if (details) details.open = true;
        window.document.querySelector<HTMLElement>(`[data-field="${field}"]`)?.focus();
      });
    },
    [setPane, setSelection],
  );
  const rename = useCallback((which: string) => writeInPane(which, "title"), [writeInPane]);

  const copy = useCallback(() => {
    if (!selection.size) return;
    void navigator.clipboard.writeText(copyText(graph, catalogue, selection)).then(() => setSaid(t("say.copied", { count: selection.size })));
  }, [graph, catalogue, selection, setSaid]);

  const copyDebug = useCallback(
    (run: NodeRun, which: string) => {
      void navigator.clipboard.writeText(debugCommand(run.reused_from ?? run.run, which)).then(() => setSaid(t("say.debugCopied")));
    },
    [setSaid],
  );

  const pasteText = useCallback(
    (text: string, offset: Place = [36, 36]) => {
      const copied = pastable(text);
      if (!copied) return;
      let made: string[] = [];
      change((now) => {
        const [next, names] = paste(now, catalogue, copied, offset);
        made = names;
        return next;
      });
      requestAnimationFrame(() => setSelection(new Set(made)));
    },
    [change, catalogue, setSelection],
  );

  const remove = useCallback(
    (nodes: ReadonlySet<string>) => {
      change((now) => removeNodes(now, catalogue, nodes));
      setSelection(new Set());
    },
    [change, catalogue, setSelection],
  );

  const nodeItems = useCallback(
    (which: string): MenuItem[] => {
      const run = marks.get(which)?.status?.node_run;
      const isData = !graph.nodes[which]?.module;
      const isOff = graph.nodes[which]?.disabled === true;
      const those = selection.has(which) ? selection : new Set([which]);
      const isScript = specOf(graph, catalogue, which)?.entry.$kind === "ScriptEntry";
      const outputs = outputsOf(graph, catalogue, which);
      return [
        ...(isData ? [] : [
          { label: t("menu.runSelected"), icon: "run" as const, keys: "Ctrl+Enter", isOff: draft.isRunning, onChoose: () => void draft.run([...those].filter((one) => graph.nodes[one]?.module)) },
          { label: t("menu.runToHere"), icon: "run" as const, isOff: draft.isRunning || isOff, onChoose: () => void draft.run([which]) },
          { label: t("menu.runFresh"), icon: "reused" as const, isOff: draft.isRunning || isOff, onChoose: () => void draft.run([which], true) },
          "line" as const,
        ]),
        ...outputs.map((port) => ({ label: `${t("menu.visualize")}: ${port.name}`, icon: "eye" as const, isOff: !canVisualize(artifactAt({ node: which, port: port.name })?.type), onChoose: () => visualize({ node: which, port: port.name }) })),
        ...(isData ? [] : [{ label: t("menu.log"), icon: "outline" as const, isOff: !run, onChoose: () => setShown({ kind: "log", node: which }) }]),
        ...(isScript ? [{ label: t("menu.debug"), icon: "code" as const, isOff: !run, onChoose: () => run && copyDebug(run, which) }] : []),
        "line",
        { label: t("menu.open"), icon: "enlarge", keys: "Enter", onChoose: () => openNode(which) },
        { label: t("menu.rename"), icon: "text", keys: "F2", onChoose: () => rename(which) },
        { label: t("menu.comment"), icon: "text", onChoose: () => writeInPane(which, "comment") },
        ...(isData ? [] : [{ label: t(isOff ? "menu.enable" : "menu.disable"), icon: "skip" as const, keys: "D", onChoose: () => change((now) => setDisabled(now, those, !isOff)) }]),
        { label: t("menu.copy"), icon: "copy", keys: "Ctrl+C", onChoose: copy },
        { label: t("menu.duplicate"), icon: "plus", keys: "Ctrl+D", onChoose: () => pasteText(copyText(graph, catalogue, those)) },
        { label: t("ui.delete"), icon: "trash", keys: "Del", onChoose: () => remove(those) },
      ];
    },
    [marks, graph, catalogue, draft, selection, artifactAt, visualize, openNode, rename, writeInPane, copy, copyDebug, pasteText, remove, change, setShown],
  );

  return { artifactAt, visualize, portItems, nodeItems, openNode, rename, copy, pasteText, remove };
}

/** The words for keeping what comes out of a port, by the type of the content. */
function saveWords(type: string): string {
  const family = familyOf(type);
  if (family === "model" || family === "learner") return t("menu.saveModel");
  return t(family === "transform" ? "menu.saveTransform" : "menu.saveDataset");
}

/** A line for a shell; names of nodes may hold blanks and quotes. */
function debugCommand(run: string, node: string): string {
  return `skyloom debug ${run} '${node.replaceAll("'", "'\\''")}'`;
}
