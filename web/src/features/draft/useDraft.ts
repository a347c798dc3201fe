import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { post, problemsIn, RefusedError } from "../../api/client";
import { fetchExperiment, queries } from "../../api/queries";
import { useRunStream } from "../../api/follow";
import type { Experiment, NodeStatus, Problem, State } from "../../api/shapes";
import type { GraphDocument } from "../../graph/document";
import { EMPTY } from "../../graph/document";
import type { Catalogue } from "../../graph/module";
import { changedNodes } from "../../graph/stale";
import type { History } from "../../graph/undo";
import { begin, edit, redo, undo } from "../../graph/undo";
import type { Mark } from "../../ui/StateMark";

const SAVE_AFTER_MS = 700;
const ENDED: readonly State[] = ["completed", "failed", "canceled", "skipped"];

export type Saving = "saved" | "waiting" | "saving" | "refused";

/** What stands on a box. */
export interface NodeMark {
  mark: Mark;
  status?: NodeStatus;
  startedAt?: string;
}

export interface Draft {
  experiment: Experiment | null;
  document: GraphDocument;
  /** The graph as the server has it. */
  saved: GraphDocument;
  /** How often another graph came from the server; the canvas begins anew with each. */
  loads: number;
  marks: ReadonlyMap<string, NodeMark>;
  saving: Saving;
  problems: Problem[];
  isRunning: boolean;
  isMissing: boolean;
  canUndo: boolean;
  canRedo: boolean;
  change: (make: (document: GraphDocument) => GraphDocument, key?: string) => void;
  undo: () => void;
  redo: () => void;
  /** Save what is not saved yet; the experiment as it then is, or nothing when that was refused. */
  save: () => Promise<Experiment | null>;
  run: (selection?: string[], isFresh?: boolean) => Promise<void>;
  cancel: () => Promise<void>;
  reload: () => Promise<void>;
  clearProblems: () => void;
}

/**
 * The experiment on the canvas: edits with undo, the draft that follows them by itself, and the run.
 *
 * `id` null is an experiment that is not saved yet; `onId` tells the id when it gets one or another.
 */
export function useDraft(id: string | null, catalogue: Catalogue, newName: string, onId: (id: string) => void): Draft {
  const [history, setHistory] = useState<History>(() => begin({ ...EMPTY, name: newName }));
  const [experiment, setExperiment] = useState<Experiment | null>(null);
  const [base, setBase] = useState<GraphDocument>(EMPTY);
  const [nodes, setNodes] = useState<NodeStatus[]>([]);
  const [live, setLive] = useState<ReadonlyMap<string, { state: State; at: string }>>(new Map());
  const [loads, setLoads] = useState(0);
  const [saving, setSaving] = useState<Saving>("saved");
  const [problems, setProblems] = useState<Problem[]>([]);
  const [following, setFollowing] = useState<string | undefined>();
  const [isMissing, setMissing] = useState(false);
  const now = useRef({ history, experiment, saved: history.present, isSaving: null as Promise<Experiment | null> | null });
  now.current.history = history;
  now.current.experiment = experiment;

  const load = useCallback(
    async (which: string, isFirst: boolean) => {
      const found = await fetchExperiment(which);
      setNodes(found.nodes);
      setBase(found.document);
      setExperiment(found.experiment);
      if (isFirst) {
        now.current.saved = found.document;
        setHistory(begin(found.document));
        setLoads((before) => before + 1);
        const run = found.experiment.run;
        const isLive = run && found.nodes.some((node) => !ENDED.includes(node.state as State));
        setFollowing(isLive && run ? run : undefined);
      }
    },
    [],
  );

  useEffect(() => {
    if (id === null || id === now.current.experiment?.id) return;
    setLive(new Map());
    setProblems([]);
    setMissing(false);
    load(id, true).catch((error: unknown) => {
      setMissing(error instanceof RefusedError && error.status === 404);
      setProblems(problemsIn(error));
    });
  }, [id, load]);

  const store = useCallback(async (): Promise<Experiment | null> => {
    const { present } = now.current.history;
    const known = now.current.experiment;
    if (present === now.current.saved && known) return known;
    if (!known && !hasModule(present)) return null; // the server keeps no experiment without one
    setSaving("saving");
    try {
      const made = known
        ? await post<Experiment>("/experiments/edit", { experiment: known.id, document: present, etag: known.etag })
        : await post<Experiment>("/experiments", { document: present, name: present.name ?? newName });
      now.current.saved = present;
      now.current.experiment = made;
      setExperiment(made);
      setSaving(now.current.history.present === present ? "saved" : "waiting");
      setProblems([]);
      if (made.id !== known?.id) {
        setFollowing(undefined);
        onId(made.id);
      }
      const found = await fetchExperiment(made.id);
      setNodes(found.nodes);
      setBase(present);
      setLive(new Map());
      void queries.invalidateQueries({ queryKey: ["experiments"] });
      return made;
    } catch (error) {
      setSaving("refused");
      setProblems(problemsIn(error));
      return null;
    }
  }, [newName, onId]);

  const save = useCallback(async (): Promise<Experiment | null> => {
    // one after the other: a second save waits for the first, whose etag it needs
    while (now.current.isSaving) await now.current.isSaving;
    const under = store();
    now.current.isSaving = under;
    try {
      return await under;
    } finally {
      now.current.isSaving = null;
    }
  }, [store]);

  useEffect(() => {
    if (history.present === now.current.saved || !(experiment || hasModule(history.present))) return;
    setSaving((before) => (before === "saving" ? before : "waiting"));
    const timer = setTimeout(() => void save(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [history.present, experiment, save]);

  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => {
      if (now.current.history.present !== now.current.saved && now.current.experiment) event.preventDefault();
    };
    addEventListener("beforeunload", leave);
    return () => removeEventListener("beforeunload", leave);
  }, []);

  const refresh = useCallback(
    async (isOver: boolean) => {
      const current = now.current.experiment?.id;
      if (current) await load(current, false);
      if (isOver) {
        setFollowing(undefined);
        void queries.invalidateQueries({ queryKey: ["runs"] });
      }
    },
    [load],
  );
  useRunStream(following, {
    onEvent: ({ kind, node, body, at }) => {
      if (kind === "state" && node) setLive((before) => new Map(before).set(node, { state: body?.state as State, at }));
    },
    onNode: (run) => {
      setNodes((before) => [
        ...before.filter((one) => one.node !== run.node),
        { node: run.node, state: run.state ?? "created", node_run: run },
      ]);
    },
    onEnd: () => void refresh(true),
  });

  const run = useCallback(
    async (selection: string[] = [], isFresh = false) => {
      const saved = await save();
      if (!saved) return;
      setProblems([]);
      try {
        const options = { ...(selection.length ? { selection } : {}), ...(isFresh ? { regenerate: true } : {}) };
        const made = await post<Experiment>("/experiments/run", { experiment: saved.id, how: { etag: saved.etag, options } });
        now.current.experiment = made;
        setExperiment(made);
        setLive(new Map());
        setFollowing(made.run ?? undefined);
        if (made.id !== saved.id) onId(made.id);
      } catch (error) {
        setProblems(problemsIn(error));
      }
    },
    [save, onId],
  );

  const cancel = useCallback(async () => {
    if (following) await post(`/runs/${encodeURIComponent(following)}/cancel`, {});
  }, [following]);

  const change = useCallback((make: (document: GraphDocument) => GraphDocument, key = "") => {
    setHistory((before) => edit(before, make(before.present), key, Date.now()));
  }, []);

  const marks = useMemo(() => {
    const changed = changedNodes(base, history.present, catalogue);
    const found = new Map<string, NodeMark>();
    const byNode = new Map(nodes.map((status) => [status.node, status]));
    for (const [node, body] of Object.entries(history.present.nodes)) {
      if (!body.module) continue;
      const status = byNode.get(node);
      const isStale = changed.has(node) && node in base.nodes;
      const lively = live.get(node);
      if (body.disabled) found.set(node, { mark: "disabled", status });
      else if (changed.has(node)) found.set(node, { mark: isStale && status?.node_run ? "stale" : "draft", status });
      else found.set(node, markOf(status, lively, experiment));
    }
    return found;
  }, [base, nodes, live, history.present, catalogue, experiment]);

  return {
    experiment,
    document: history.present,
    saved: base,
    loads,
    marks,
    saving,
    problems,
    isRunning: following !== undefined,
    isMissing,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    change,
    undo: useCallback(() => setHistory(undo), []),
    redo: useCallback(() => setHistory(redo), []),
    save,
    run,
    cancel,
    reload: useCallback(async () => {
      const current = now.current.experiment?.id;
      if (current) await load(current, true);
    }, [load]),
    clearProblems: useCallback(() => setProblems([]), []),
  };
}

function hasModule(document: GraphDocument): boolean {
  return Object.values(document.nodes).some((body) => body.module !== undefined);
}

function markOf(
  status: NodeStatus | undefined,
  lively: { state: State; at: string } | undefined,
  experiment: Experiment | null,
): NodeMark {
  const run = status?.node_run;
  const known = status?.state ?? "created";
  // events come sooner than the status; the status knows more once it has caught up
  const state = lively && !ENDED.includes(known as State) ? lively.state : (known as State);
  if (state === "completed" && run?.reused_from) return { mark: "reused", status };
  if (state === "created" && !run && (experiment?.parent || experiment?.run)) {
    return { mark: experiment?.run ? "created" : "stale", status };
  }
  return { mark: state === "created" ? "draft" : state, status, startedAt: (run?.state === "running" && run.started_at) || lively?.at };
}
