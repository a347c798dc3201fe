import { useReactFlow } from "@xyflow/react";
import type { ReactNode } from "react";
import { t } from "../i18n/i18n";
import { IconButton } from "../ui/Button";

/** Zoom, fit and tidy, in a corner of the canvas. */
export function CanvasTools({ isLocked, onTidy, children }: { isLocked: boolean; onTidy: () => void; children?: ReactNode }) {
  const flow = useReactFlow();
  return (
    <div className="canvas-tools" role="toolbar" aria-label={t("canvas.tools")}>
      <IconButton small icon="minus" label={t("canvas.zoomOut")} onClick={() => void flow.zoomOut()} />
      <IconButton small icon="plus" label={t("canvas.zoomIn")} onClick={() => void flow.zoomIn()} />
      <IconButton small icon="fit" label={t("canvas.fit")} onClick={() => void flow.fitView({ padding: 0.15, maxZoom: 1 })} />
      <IconButton small icon="tidy" label={t("canvas.tidy")} disabled={isLocked} onClick={onTidy} />
      {children}
    </div>
  );
}
