import { Handle, Position } from "@xyflow/react";
import { memo } from "react";
import { familyOf, typeName } from "../graph/data-type";
import { t } from "../i18n/i18n";

interface Props {
  name: string;
  type: string;
  doc?: string;
  side: "in" | "out";
  place: number;
  count: number;
  look: "rest" | "fits" | "dim";
  isRequired: boolean;
  hasResult: boolean;
  isLocked: boolean;
}

/** A dot on a box: its colour is its type's, and while a link is drawn it says whether it fits. */
export const Port = memo(function Port({ name, type, doc, side, place, count, look, isRequired, hasResult, isLocked }: Props) {
  const types = type.split(" ").map(typeName).join(` ${t("ui.or")} `);
  const label = `${name}: ${types}${isRequired ? "" : ` (${t("canvas.optional")})`}`;
  return (
    <Handle
      id={name}
      type={side === "in" ? "target" : "source"}
      position={side === "in" ? Position.Top : Position.Bottom}
      isConnectable={!isLocked}
      className={`port ${familyOf(type.split(" ")[0] ?? "Any")} ${look} ${hasResult ? "full" : ""}`}
      style={{ left: `${((place + 1) / (count + 1)) * 100}%` }}
      data-port={name}
      title={doc ? `${label}\n${doc}` : label}
      role="img"
      aria-label={label}
    />
  );
});
