import { createContext, useContext } from "react";
import type { GraphDocument, PortRef } from "../graph/document";
import type { Catalogue } from "../graph/module";
import type { Mark } from "../ui/StateMark";

export interface CanvasMark {
  mark: Mark;
  seconds?: number;
  startedAt?: string;
  message?: string;
  hasOutputs: ReadonlySet<string>;
}

/** A link that is being drawn: where it began and which ports it may end in. */
export interface Joining {
  from: PortRef;
  side: "in" | "out";
  fits: ReadonlySet<string>;
}

export interface CanvasFacts {
  document: GraphDocument;
  catalogue: Catalogue;
  marks: ReadonlyMap<string, CanvasMark>;
  faults: ReadonlyMap<string, string>;
  joining: Joining | null;
  isLocked: boolean;
  onPortMenu: (ref: PortRef, side: "in" | "out", at: { x: number; y: number }) => void;
}

export const CanvasContext = createContext<CanvasFacts | null>(null);

export function useCanvas(): CanvasFacts {
  const facts = useContext(CanvasContext);
  if (!facts) throw new Error("a box stands outside a canvas");
  return facts;
}

export function portKey(node: string, port: string): string {
  return `${node}\n${port}`;
}
