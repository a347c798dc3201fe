import type { Node, NodeProps } from "@xyflow/react";
import { useUpdateNodeInternals } from "@xyflow/react";
import { memo, useEffect, useRef, useState } from "react";
import { inputsOf, outputsOf, specOf, titleOf } from "../graph/document";
import { formatSeconds, secondsBetween, t } from "../i18n/i18n";
import { Icon } from "../ui/Icon";
import { StateMark } from "../ui/StateMark";
import { portKey, useCanvas } from "./CanvasContext";
import { iconOf } from "../ui/module-icon";
import { Port } from "./Port";

export type BoxNode = Node<Record<string, never>, "box">;

/** A module or data on the canvas. */
export const ModuleNode = memo(function ModuleNode({ id, selected }: NodeProps<BoxNode>) {
  const { document, catalogue, marks, faults, joining, isLocked, onPortMenu } = useCanvas();
  const measure = useUpdateNodeInternals();
  const ports = [...inputsOf(document, catalogue, id), ...outputsOf(document, catalogue, id)].map((port) => port.name).join("\n");
  const measured = useRef(ports);
  useEffect(() => {
    if (measured.current === ports) return; // the first time React Flow measures by itself
    measured.current = ports;
    measure(id);
  }, [measure, id, ports]);
  const body = document.nodes[id];
  if (!body) return null;
  const spec = specOf(document, catalogue, id);
  const inputs = inputsOf(document, catalogue, id);
  const outputs = outputsOf(document, catalogue, id);
  const mark = marks.get(id);
  const fault = faults.get(id);
  const title = titleOf(document, id);
  // of a step of a pipeline its kind tells more than its name once again
  const kind = body.title === body.module ? spec?.category : body.module;
  const under = body.comment || (body.title && body.module ? (kind ?? "") : "");
  const look = (side: "in" | "out", port: string): "rest" | "fits" | "dim" => {
    if (!joining) return "rest";
    if (joining.from.node === id && joining.from.port === port && joining.side === side) return "fits";
    return joining.side !== side && joining.fits.has(portKey(id, port)) ? "fits" : "dim";
  };
  return (
    <div
      className={`box ${selected ? "chosen" : ""} ${body.module ? "" : "data"} ${body.disabled ? "disabled" : mark?.mark ?? ""}`}
      onContextMenu={(event) => {
        const port = (event.target as HTMLElement).closest<HTMLElement>("[data-port]")?.dataset.port;
        if (port === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        const side = (event.target as HTMLElement).closest(".target") ? "in" : "out";
        onPortMenu({ node: id, port }, side, { x: event.clientX, y: event.clientY });
      }}
    >
      {inputs.map((port, place) => (
        <Port
          key={port.name}
          name={port.name}
          type={(port.accepts ?? ["Dataset"]).join(" ")}
          doc={port.doc}
          side="in"
          place={place}
          count={inputs.length}
          look={look("in", port.name)}
          isRequired={port.required !== false}
          hasResult={false}
          isLocked={isLocked}
        />
      ))}
      <span className="box-icon">
        <Icon name={iconOf(spec, !body.module)} />
      </span>
      <span className="box-words">
        <span className="box-title" title={title}>
          {title}
        </span>
        {under && (
          <span className="box-under" title={under}>
            {under}
          </span>
        )}
      </span>
      {fault && mark?.mark !== "failed" ? (
        <span className="box-mark warn" title={fault}>
          <Icon name="warning" />
          <span className="hidden-text">{fault}</span>
        </span>
      ) : (
        mark &&
        mark.mark !== "draft" && (
          <span className="box-mark" title={mark.message}>
            {mark.mark === "running" && mark.startedAt ? <Running since={mark.startedAt} /> : <StateMark mark={mark.mark} isShort />}
          </span>
        )
      )}
      {outputs.map((port, place) => (
        <Port
          key={port.name}
          name={port.name}
          type={port.type ?? "Dataset"}
          doc={port.doc}
          side="out"
          place={place}
          count={outputs.length}
          look={look("out", port.name)}
          isRequired
          hasResult={!body.module || (mark?.hasOutputs.has(port.name) ?? false)}
          isLocked={isLocked}
        />
      ))}
    </div>
  );
});

/** How long a node has been running; told in whole seconds. */
function Running({ since }: { since: string }) {
  const [seconds, setSeconds] = useState(() => secondsBetween(since, null));
  useEffect(() => {
    const timer = setInterval(() => setSeconds(secondsBetween(since, null)), 1000);
    return () => clearInterval(timer);
  }, [since]);
  return (
    <span className="state running" title={t("state.running")}>
      <Icon name="play" />
      <span className="small num">{formatSeconds(Math.floor(seconds))}</span>
    </span>
  );
}
