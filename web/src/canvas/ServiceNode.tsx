import type { Node, NodeProps } from "@xyflow/react";
import { Handle, Position } from "@xyflow/react";
import { memo } from "react";
import { t } from "../i18n/i18n";
import { Icon } from "../ui/Icon";

export type ServiceBox = Node<{ side: "inputs" | "outputs"; name: string }, "service">;

/** Where the rows of a web service's request come in, or its answer goes out. */
export const ServiceNode = memo(function ServiceNode({ data, selected }: NodeProps<ServiceBox>) {
  const isInput = data.side === "inputs";
  return (
    <div className={`box service ${selected ? "chosen" : ""}`}>
      {!isInput && <Handle id="in" type="target" position={Position.Top} isConnectable={false} className="port service" />}
      <span className="box-icon">
        <Icon name="service" />
      </span>
      <span className="box-words">
        <span className="box-title">{t(isInput ? "canvas.serviceInput" : "canvas.serviceOutput")}</span>
        <span className="box-under mono">{data.name}</span>
      </span>
      {isInput && <Handle id="out" type="source" position={Position.Bottom} isConnectable={false} className="port service" />}
    </div>
  );
});
