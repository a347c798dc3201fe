import type { GraphDocument } from "./document";

/** A document with the ways back and forward. Every edit is one step; typing in one field is one step together. */
export interface History {
  past: readonly GraphDocument[];
  present: GraphDocument;
  future: readonly GraphDocument[];
  /** What the newest step belongs to; a further edit with the same key and soon after joins it. */
  key: string;
  at: number;
}

const MOST_STEPS = 500;
const TOGETHER_MS = 1500;

export function begin(document: GraphDocument): History {
  return { past: [], present: document, future: [], key: "", at: 0 };
}

/** `key` "" never joins steps; `at` is the time of the edit in milliseconds. */
export function edit(history: History, next: GraphDocument, key: string, at: number): History {
  if (next === history.present) return history;
  const joins = key !== "" && key === history.key && at - history.at < TOGETHER_MS && history.past.length > 0;
  const past = joins ? history.past : [...history.past, history.present].slice(-MOST_STEPS);
  return { past, present: next, future: [], key, at };
}

export function undo(history: History): History {
  const before = history.past.at(-1);
  if (!before) return history;
  const future = [history.present, ...history.future];
  return { past: history.past.slice(0, -1), present: before, future, key: "", at: 0 };
}

export function redo(history: History): History {
  const [next, ...future] = history.future;
  return next ? { past: [...history.past, history.present], present: next, future, key: "", at: 0 } : history;
}
