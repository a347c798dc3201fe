import "@xyflow/react/dist/style.css";
import "./canvas.css";
import type { Connection, EdgeChange, NodeChange } from "@xyflow/react";
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
} from "@xyflow/react";
import type { ReactNode } from "react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { GraphDocument, PortRef } from "../graph/document";
import { titleOf } from "../graph/document";
import type { Place } from "../graph/edits";
import { insertOnLink, moveNodes } from "../graph/edits";
import { refuseJoin } from "../graph/joins";
import { NODE_HEIGHT, NODE_WIDTH, placesOf, tidyPlaces } from "../graph/layout";
import type { Catalogue } from "../graph/module";
import { t } from "../i18n/i18n";
import type { CanvasNode } from "./boxes";
import { boxesOf, edgesOf, freePlace, linkUnder } from "./boxes";
import type { CanvasFacts, CanvasMark, Joining } from "./CanvasContext";
import { CanvasContext } from "./CanvasContext";
import { CanvasTools } from "./CanvasTools";
import type { Dragged } from "./dragged";
import { DRAGGED } from "./dragged";
import { ModuleNode } from "./ModuleNode";
import { fitsOf } from "./offers";
import type { Quick } from "./QuickPick";
import { QuickPick } from "./QuickPick";
import { ServiceNode } from "./ServiceNode";
import { useCanvasEdits } from "./useCanvasEdits";
import { useCanvasKeys } from "./useCanvasKeys";

export interface CanvasProps {
  document: GraphDocument;
  catalogue: Catalogue;
  marks: ReadonlyMap<string, CanvasMark>;
  faults: ReadonlyMap<string, string>;
  datasets: { name: string; type: string }[];
  selection: ReadonlySet<string>;
  isLocked: boolean;
  /** Whether the graph is to be seen whole when it is there for the first time. */
  isFitted: boolean;
  onSelect: (nodes: ReadonlySet<string>) => void;
  onChange: (make: (document: GraphDocument) => GraphDocument, key?: string) => void;
  onNodeMenu: (node: string, at: { x: number; y: number }) => void;
  onPortMenu: (ref: PortRef, side: "in" | "out", at: { x: number; y: number }) => void;
  onOpen: (node: string) => void;
  onSay: (words: string) => void;
  children?: ReactNode;
}

const NODE_TYPES = { box: ModuleNode, service: ServiceNode };
/** All of a graph, but no smaller than can be read. */
const SEEN = { padding: 0.12, maxZoom: 1, minZoom: 0.4 };

export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Surface {...props} />
    </ReactFlowProvider>
  );
}

function Surface(props: CanvasProps) {
  const { document, catalogue, marks, faults, datasets, selection, isLocked, onSelect, onChange, onSay } = props;
  const flow = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  const [joining, setJoining] = useState<Joining | null>(null);
  const [quick, setQuick] = useState<Quick | null>(null);
  const [chosenEdges, setChosenEdges] = useState<ReadonlySet<string>>(new Set());
  const pointer = useRef<{ x: number; y: number } | null>(null);
  const places = useMemo(() => placesOf(document, catalogue), [document, catalogue]);

  // every box of the canvas; React Flow keeps their measures, the document their places
  const [nodes, setNodes] = useState<CanvasNode[]>(() => boxesOf(document, catalogue, places));
  useEffect(() => {
    setNodes((before) => {
      const known = new Map(before.map((node) => [node.id, node]));
      return boxesOf(document, catalogue, places).map((node) => ({
        ...known.get(node.id),
        ...node,
        selected: selection.has(node.id),
      }));
    });
  }, [document, catalogue, places, selection]);

  const edges = useMemo(() => edgesOf(document, catalogue, chosenEdges), [document, catalogue, chosenEdges]);

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      const selects = changes.filter((change) => change.type === "select");
      if (selects.length) {
        const next = new Set(selection);
        for (const change of selects) {
          if (change.selected) next.add(change.id);
          else next.delete(change.id);
        }
        onSelect(next);
      }
      setNodes((before) => applyNodeChanges(changes.filter((change) => change.type !== "remove"), before));
    },
    [selection, onSelect],
  );

  const onEdgesChange = useCallback((changes: EdgeChange[]) => {
    setChosenEdges((before) => {
      const next = new Set(before);
      for (const change of changes) {
        if (change.type !== "select") continue;
        if (change.selected) next.add(change.id);
        else next.delete(change.id);
      }
      return next;
    });
  }, []);

  const { join, add, removeChosen } = useCanvasEdits({ document, catalogue, datasets, edges, chosenEdges, setChosenEdges, selection, isLocked, onChange, onSelect, onSay });

  const openQuick = useCallback(
    (kind: Quick["kind"]) => {
      const rect = box.current?.getBoundingClientRect();
      if (!rect) return;
      const one = [...selection][0];
      const below = one && selection.size === 1 ? places.get(one) : undefined;
      const middle = flow.screenToFlowPosition(
        pointer.current ?? { x: rect.left + rect.width / 2 - NODE_WIDTH / 2, y: rect.top + rect.height / 3 },
      );
      const place: Place = below ? freePlace([below[0], below[1] + 110], places) : freePlace([middle.x, middle.y], places);
      setQuick({ kind, place });
    },
    [flow, places, selection],
  );

  const keys = useCanvasKeys({ ...props, box, places, onQuick: openQuick, onRemove: removeChosen });

  // the same function for good: each box of hundreds would be drawn again for a new one
  const portMenu = useRef(props.onPortMenu);
  portMenu.current = props.onPortMenu;
  const onPortMenu = useCallback<CanvasFacts["onPortMenu"]>((...asked) => portMenu.current(...asked), []);
  const facts = useMemo<CanvasFacts>(
    () => ({ document, catalogue, marks, faults, joining, isLocked, onPortMenu }),
    [document, catalogue, marks, faults, joining, isLocked, onPortMenu],
  );

  const chosenName = selection.size === 1 ? titleOf(document, [...selection][0] ?? "") : "";
  return (
    <div
      ref={box}
      className="canvas"
      id="canvas"
      tabIndex={0}
      role="application"
      aria-label={t("canvas.label")}
      aria-roledescription={t("canvas.role")}
      aria-describedby="canvas-keys"
      onKeyDown={keys}
      onPointerMove={(event) => {
        pointer.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerLeave={() => {
        pointer.current = null;
      }}
      onDragOver={(event) => {
        if (!isLocked && event.dataTransfer.types.includes(DRAGGED)) {
          event.preventDefault();
          event.dataTransfer.dropEffect = "copy";
        }
      }}
      onDrop={(event) => {
        const text = event.dataTransfer.getData(DRAGGED);
        if (!text || isLocked) return;
        event.preventDefault();
        const at = flow.screenToFlowPosition({ x: event.clientX - 60, y: event.clientY - 25 });
        add(JSON.parse(text) as Dragged, [at.x, at.y], linkUnder(event.clientX, event.clientY, edges));
        box.current?.focus({ preventScroll: true });
      }}
    >
      <span id="canvas-keys" className="hidden-text">
        {t("canvas.keys")} {chosenName}
      </span>
      <CanvasContext.Provider value={facts}>
        <ReactFlow<CanvasNode>
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          fitView={props.isFitted}
          fitViewOptions={SEEN}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          nodesFocusable={false}
          edgesFocusable={false}
          nodesConnectable={!isLocked}
          nodesDraggable={!isLocked}
          deleteKeyCode={null}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={["Control", "Meta", "Shift"]}
          disableKeyboardA11y
          selectionMode={SelectionMode.Partial}
          minZoom={0.15}
          maxZoom={2}
          connectionRadius={28}
          isValidConnection={(link) =>
            refuseJoin(
              document,
              catalogue,
              { node: link.source, port: link.sourceHandle ?? "" },
              { node: link.target, port: link.targetHandle ?? "" },
            ) === null
          }
          onConnectStart={(_, { nodeId, handleId, handleType }) => {
            if (!nodeId || !handleId) return;
            const side = handleType === "target" ? "in" : "out";
            setJoining({ from: { node: nodeId, port: handleId }, side, fits: fitsOf(document, catalogue, { node: nodeId, port: handleId }, side) });
          }}
          onConnect={(link: Connection) =>
            join(
              { node: link.source, port: link.sourceHandle ?? "" },
              { node: link.target, port: link.targetHandle ?? "" },
            )
          }
          onConnectEnd={(event, state) => {
            setJoining(null);
            const from = state.fromNode && state.fromHandle?.id ? { node: state.fromNode.id, port: state.fromHandle.id } : null;
            if (!from || state.isValid) return;
            const side = state.fromHandle?.type === "target" ? "in" : "out";
            const at = "changedTouches" in event ? event.changedTouches[0] : event;
            if (!at) return;
            if (state.toHandle && state.toNode) {
              const to = { node: state.toNode.id, port: state.toHandle.id ?? "" };
              if (side === "out") join(from, to);
              else join(to, from);
              return;
            }
            const rect = box.current?.getBoundingClientRect();
            if (!rect || state.toNode) return;
            const place = flow.screenToFlowPosition({ x: at.clientX - NODE_WIDTH / 2, y: at.clientY });
            setQuick({
              kind: "add",
              place: [place.x, side === "in" ? place.y - NODE_HEIGHT : place.y],
              from,
              side,
              at: { x: Math.min(at.clientX - rect.left, rect.width - 350), y: Math.min(at.clientY - rect.top, rect.height - 380) },
            });
          }}
          onNodeDragStop={(event, node, moved) => {
            const next = new Map<string, Place>(
              moved.filter((one) => one.type === "box").map((one) => [one.id, [one.position.x, one.position.y]]),
            );
            const isAlone = moved.length === 1 && !edges.some((edge) => edge.source === node.id || edge.target === node.id);
            const at = "clientX" in event ? event : undefined;
            const link = isAlone && at ? linkUnder(at.clientX, at.clientY, edges) : undefined;
            onChange((now) => {
              const placed = moveNodes(now, next);
              return link ? insertOnLink(placed, catalogue, link, node.id) : placed;
            });
          }}
          onNodeContextMenu={(event, node) => {
            event.preventDefault();
            if (node.type !== "box") return;
            if (!selection.has(node.id)) onSelect(new Set([node.id]));
            props.onNodeMenu(node.id, { x: event.clientX, y: event.clientY });
          }}
          onNodeDoubleClick={(_, node) => props.onOpen(node.id)}
          onPaneClick={() => box.current?.focus({ preventScroll: true })}
          onNodeClick={() => box.current?.focus({ preventScroll: true })}
          proOptions={{ hideAttribution: true }}
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} />
        </ReactFlow>
      </CanvasContext.Provider>
      {Object.keys(document.nodes).length === 0 && (
        <div className="canvas-hint">
          <div>
            <h2>{t("canvas.emptyTitle")}</h2>
            <p>{t("canvas.emptyText")}</p>
          </div>
        </div>
      )}
      <CanvasTools
        isLocked={isLocked}
        onTidy={() => {
          onChange((now) => moveNodes(now, tidyPlaces(now, catalogue)));
          requestAnimationFrame(() => requestAnimationFrame(() => void flow.fitView({ padding: 0.15, maxZoom: 1 })));
        }}
      >
        {props.children}
      </CanvasTools>
      {quick && (
        <QuickPick
          quick={quick}
          document={document}
          catalogue={catalogue}
          datasets={datasets}
          node={[...selection][0] ?? ""}
          onAdd={(dragged) => add(dragged, quick.place, undefined, quick.from, quick.side)}
          onJoin={join}
          onClose={() => {
            setQuick(null);
            box.current?.focus({ preventScroll: true });
          }}
        />
      )}
    </div>
  );
}
