import { useMemo } from "react";
import { useCatalogue } from "../api/queries";
import type { NodeRun } from "../api/shapes";
import { Canvas } from "../canvas/Canvas";
import type { CanvasMark } from "../canvas/CanvasContext";
import type { GraphDocument, PortRef } from "../graph/document";
import { t } from "../i18n/i18n";
import { Loading } from "../ui/Page";
import type { Mark } from "../ui/StateMark";

interface Props {
  document: GraphDocument;
  nodes: readonly NodeRun[];
  chosen: string | undefined;
  onChoose: (node: string) => void;
  onVisualize: (ref: PortRef) => void;
}

const NOTHING = new Map<string, string>();

/** The graph of a run as it was, with what became of each node; it cannot be edited. */
export function RunGraph({ document, nodes, chosen, onChoose, onVisualize }: Props) {
  const catalogue = useCatalogue().data;
  const marks = useMemo(
    () =>
      new Map<string, CanvasMark>(
        nodes.map((node) => [
          node.node,
          {
            mark: (node.reused_from ? "reused" : (node.state ?? "created")) as Mark,
            startedAt: node.started_at ?? undefined,
            message: node.problem?.message,
            hasOutputs: new Set(Object.keys(node.outputs ?? {})),
          },
        ]),
      ),
    [nodes],
  );
  const selection = useMemo(() => new Set(chosen ? [chosen] : []), [chosen]);
  if (!catalogue) return <Loading what={t("ui.loading")} />;
  return (
    <Canvas
      document={document}
      catalogue={catalogue}
      marks={marks}
      faults={NOTHING}
      datasets={[]}
      selection={selection}
      isLocked
      isFitted
      onSelect={(found) => {
        const next = [...found].find((node) => node !== chosen);
        if (next) onChoose(next);
      }}
      onChange={() => undefined}
      onNodeMenu={onChoose}
      onPortMenu={(ref, side) => {
        if (side === "out") onVisualize(ref);
      }}
      onOpen={onChoose}
      onSay={() => undefined}
    />
  );
}
