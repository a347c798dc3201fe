import type { Draft } from "../../features/draft/useDraft";
import { Images } from "../../features/dataset-preview/Images";
import { LogView } from "../../features/runs/LogView";
import { titleOf } from "../../graph/document";
import { t } from "../../i18n/i18n";
import { Dialog } from "../../ui/Dialog";

/** What a module said, and the pictures that its script saved beside it. */
export function LogDialog({ draft, node, onClose }: { draft: Draft; node: string; onClose: () => void }) {
  const mark = draft.marks.get(node);
  const run = mark?.status?.node_run;
  const images = (run?.others ?? []).filter((one) => one.role === "image");
  return (
    <Dialog title={t("log.label", { node: titleOf(draft.document, node) })} size="wide" onClose={onClose}>
      {run ? (
        <div className={images.length ? "console-and-images" : "console-alone"}>
          <LogView run={run.reused_from ?? run.run} node={node} isLive={mark?.mark === "running"} />
          {images.length > 0 && <Images images={images} />}
        </div>
      ) : (
        <p className="muted">{t("log.empty")}</p>
      )}
    </Dialog>
  );
}
