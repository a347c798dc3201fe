import { useEffect, useMemo, useRef } from "react";
import type { CanvasMark } from "../../canvas/CanvasContext";
import type { Draft } from "../../features/draft/useDraft";
import { faultText } from "../../features/parameters/ParameterField";
import { titleOf } from "../../graph/document";
import type { Catalogue } from "../../graph/module";
import { faultsOf } from "../../graph/problems";
import { t } from "../../i18n/i18n";
import { holds } from "../../ui/StateMark";

/** What stands on each box, what stands in its way, and the end of each told to screen readers. */
export function useBoxMarks(draft: Draft, catalogue: Catalogue, setSaid: (words: string) => void) {
  const { document: graph, marks } = draft;
  const canvasMarks = useMemo(() => {
    const found = new Map<string, CanvasMark>();
    for (const [name, mark] of marks) {
      const run = !holds(mark.mark) ? undefined : mark.status?.node_run;
      found.set(name, {
        mark: mark.mark,
        startedAt: mark.startedAt,
        message: run?.problem?.message,
        hasOutputs: new Set(Object.keys(run?.outputs ?? {})),
      });
    }
    return found;
  }, [marks]);

  const faults = useMemo(() => {
    const found = new Map<string, string>();
    for (const fault of faultsOf(graph, catalogue)) {
      if (found.has(fault.node)) continue;
      if (fault.kind === "port") found.set(fault.node, t("fault.port", { port: fault.port }));
      else if (fault.kind === "unknown") found.set(fault.node, t("fault.unknownModule", { module: fault.module }));
      else found.set(fault.node, `${fault.label}: ${faultText(fault.fault)}`);
    }
    return found;
  }, [graph, catalogue]);

  // what ends is told once to screen readers; the eyes have the marks
  const before = useRef(new Map<string, string>());
  useEffect(() => {
    for (const [name, { mark }] of marks) {
      const was = before.current.get(name);
      if (was && was !== mark && (mark === "failed" || mark === "completed") && draft.isRunning) {
        setSaid(t(mark === "failed" ? "say.failed" : "say.completed", { name: titleOf(graph, name) }));
      }
      before.current.set(name, mark);
    }
  }, [marks, draft.isRunning, graph, setSaid]);

  return { canvasMarks, faults };
}
