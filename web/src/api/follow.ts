import { useEffect, useRef } from "react";
import { address } from "./client";
import type { NodeRun, RunEvent, RunSummary, State } from "./shapes";

interface Told {
  onEvent: (event: RunEvent) => void;
  onNode?: (node: NodeRun) => void;
  onEnd: (state: State) => void;
}

/** Follow a run by server-sent events; a lost connection goes on where it stopped, by itself. */
export function useRunStream(run: string | undefined, told: Told): void {
  const now = useRef(told);
  now.current = told;
  useEffect(() => {
    if (!run) return;
    const source = new EventSource(address(`/runs/${encodeURIComponent(run)}/stream`));
    source.addEventListener("run", (event) => now.current.onEvent(JSON.parse(event.data) as RunEvent));
    source.addEventListener("node", (event) => now.current.onNode?.(JSON.parse(event.data) as NodeRun));
    source.addEventListener("end", (event) => {
      source.close();
      now.current.onEnd((JSON.parse(event.data) as { state: State }).state);
    });
    return () => source.close();
  }, [run]);
}

/** Follow the list of runs: each run that is new or has changed. */
export function useRunChanges(onRun: (run: RunSummary) => void): void {
  const now = useRef(onRun);
  now.current = onRun;
  useEffect(() => {
    const source = new EventSource(address("/runs/changes"));
    source.addEventListener("run", (event) => now.current(JSON.parse(event.data) as RunSummary));
    return () => source.close();
  }, []);
}

/** Follow a node's log from its first byte. */
export function followLog(
  run: string,
  node: string,
  stream: "stdout" | "stderr",
  onText: (text: string) => void,
  onEnd: (isWhole: boolean) => void,
): () => void {
  const source = new EventSource(address(`/runs/${encodeURIComponent(run)}/log/stream`, { node, stream }));
  source.addEventListener("log", (event) => onText((JSON.parse(event.data) as { text: string }).text));
  source.addEventListener("end", () => {
    source.close();
    onEnd(true);
  });
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) onEnd(false);
  };
  return () => source.close();
}
