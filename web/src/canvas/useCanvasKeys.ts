import { useReactFlow } from "@xyflow/react";
import type { KeyboardEvent, RefObject } from "react";
import type { GraphDocument } from "../graph/document";
import { titleOf } from "../graph/document";
import type { Place } from "../graph/edits";
import { moveNodes } from "../graph/edits";
import { NODE_HEIGHT, NODE_WIDTH } from "../graph/layout";
import { markName } from "../ui/StateMark";
import type { CanvasProps } from "./Canvas";
import type { Quick } from "./QuickPick";
import { step } from "./walk";

/** Where Alt with an arrow key moves what is chosen. */
const SHIFTS: Record<string, Place> = { ArrowUp: [0, -20], ArrowDown: [0, 20], ArrowLeft: [-20, 0], ArrowRight: [20, 0] };

interface Given extends CanvasProps {
  box: RefObject<HTMLDivElement | null>;
  places: ReadonlyMap<string, Place>;
  onQuick: (kind: Quick["kind"]) => void;
  onRemove: () => void;
}

/** Everything on the canvas by key, while the canvas has the focus. */
export function useCanvasKeys({ document, marks, faults, selection, isLocked, onSelect, onChange, onSay, onOpen, onNodeMenu, box, places, onQuick, onRemove }: Given): (event: KeyboardEvent) => void {
  const flow = useReactFlow();
  const keys = (event: KeyboardEvent) => {
    if (event.target !== box.current) return;
    const { key } = event;
    if (event.altKey) {
      const by = SHIFTS[key];
      if (!by || isLocked || !selection.size) return;
      event.preventDefault();
      onChange((now) => shifted(now, places, selection, by), "shift");
      return;
    }
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand) return;
    if (key.startsWith("Arrow")) {
      const next = step(places, selection, key);
      if (next) {
        onSelect(new Set(event.shiftKey ? [...selection, next] : [next]));
        reveal(next);
        onSay(spoken(next));
      }
    } else if (key === "/" || key === "a") {
      if (!isLocked) onQuick("add");
    } else if (key === "c") {
      if (!isLocked && selection.size === 1) onQuick("link");
    } else if (key === "Delete" || key === "Backspace") onRemove();
    else if (key === "f") void flow.fitView({ padding: 0.15, maxZoom: 1 });
    else if (key === "+") void flow.zoomIn();
    else if (key === "-") void flow.zoomOut();
    else if (key === "Enter" && selection.size === 1) onOpen([...selection][0] ?? "");
    else if (key === "Escape") onSelect(new Set());
    else if ((key === "ContextMenu" || key === "m" || (key === "F10" && event.shiftKey)) && selection.size) {
      const node = [...selection][0] ?? "";
      const place = places.get(node);
      if (place) onNodeMenu(node, flow.flowToScreenPosition({ x: place[0] + 40, y: place[1] + NODE_HEIGHT }));
    } else return;
    event.preventDefault();
  };

  const spoken = (node: string) => {
    const mark = marks.get(node)?.mark;
    return [titleOf(document, node), mark ? markName(mark) : "", faults.get(node) ?? ""].filter(Boolean).join(", ");
  };

  const reveal = (node: string) => {
    const place = places.get(node);
    const rect = box.current?.getBoundingClientRect();
    if (!place || !rect) return;
    const at = flow.flowToScreenPosition({ x: place[0], y: place[1] });
    const isSeen = at.x > rect.left && at.y > rect.top && at.x < rect.right - 160 && at.y < rect.bottom - 60;
    if (!isSeen) void flow.setCenter(place[0] + NODE_WIDTH / 2, place[1] + NODE_HEIGHT / 2, { zoom: flow.getZoom() });
  };

  return keys;
}

function shifted(document: GraphDocument, places: ReadonlyMap<string, Place>, nodes: ReadonlySet<string>, [x, y]: Place): GraphDocument {
  const moved = [...nodes].flatMap((node): [string, Place][] => {
    const at = places.get(node);
    return at ? [[node, [at[0] + x, at[1] + y]]] : [];
  });
  return moveNodes(document, new Map(moved));
}
