import type { Draft } from "../../features/draft/useDraft";
import { setHead } from "../../graph/edits";
import { t } from "../../i18n/i18n";
import { Button, IconButton } from "../../ui/Button";
import type { MenuItem } from "../../ui/Menu";
import type { exportAs } from "./exports";
import type { Shown } from "./shown";

export interface Panes {
  hasPalette: boolean;
  hasPane: boolean;
  isOutline: boolean;
}

interface Props extends Panes {
  draft: Draft;
  onPanes: (panes: Partial<Panes>) => void;
  onShow: (shown: Shown) => void;
  onMenu: (menu: { at: { x: number; y: number }; items: MenuItem[]; label: string }) => void;
  onExport: (kind: Parameters<typeof exportAs>[0]) => void;
}

/** The bar over an experiment: its name, whether it is saved, undo, panes, downloads, run. */
export function StudioBar({ draft, hasPalette, hasPane, isOutline, onPanes, onShow, onMenu, onExport }: Props) {
  const { document: graph, change } = draft;
  return (
    <div className="studio-bar" role="toolbar" aria-label={t("studio.toolbar")}>
      <input
        className="studio-name"
        value={graph.name ?? ""}
        aria-label={t("studio.name")}
        onChange={(event) => change((now) => setHead(now, { name: event.target.value }), "name")}
      />
      {draft.experiment?.role && <span className="chip">{t(`experiments.${draft.experiment.role}` as "experiments.predictive")}</span>}
      <span className="small muted" role="status">
        {t(`saving.${draft.saving}` as "saving.saved")}
      </span>
      <span className="grow" />
      <IconButton icon="undo" label={t("studio.undo")} disabled={!draft.canUndo} onClick={draft.undo} />
      <IconButton icon="redo" label={t("studio.redo")} disabled={!draft.canRedo} onClick={draft.redo} />
      <IconButton icon="panelLeft" label={t("studio.palette")} aria-pressed={hasPalette} onClick={() => onPanes({ hasPalette: !hasPalette })} />
      <IconButton icon="panelRight" label={t("studio.properties")} aria-pressed={hasPane} onClick={() => onPanes({ hasPane: !hasPane })} />
      <IconButton icon="outline" label={t("studio.outline")} aria-pressed={isOutline} onClick={() => onPanes({ isOutline: !isOutline })} />
      <IconButton icon="keyboard" label={t("studio.shortcuts")} onClick={() => onShow({ kind: "shortcuts" })} />
      <IconButton
        icon="more"
        label={t("studio.more")}
        aria-haspopup="menu"
        onClick={(event) => {
          const rect = event.currentTarget.getBoundingClientRect();
          onMenu({
            at: { x: rect.left - 160, y: rect.bottom + 4 },
            label: t("studio.more"),
            items: [
              { label: t("studio.history"), icon: "history", isOff: !draft.experiment, onChoose: () => onShow({ kind: "history" }) },
              { label: t("studio.saveAs"), icon: "copy", isOff: !draft.experiment, onChoose: () => onShow({ kind: "save-as" }) },
              "line",
              { label: t("studio.exportYaml"), icon: "download", onChoose: () => onExport("yaml") },
              { label: t("studio.exportPython"), icon: "download", onChoose: () => onExport("python") },
              { label: t("studio.exportClassic"), icon: "download", isOff: !draft.experiment, onChoose: () => onExport("classic") },
            ],
          });
        }}
      />
      <span className="divider" />
      <Button icon="service" disabled={!draft.experiment || draft.isRunning} onClick={() => onShow({ kind: "service" })}>
        {t("studio.setUpService")}
      </Button>
      {draft.isRunning ? (
        <Button icon="stop" onClick={() => void draft.cancel()}>
          {t("studio.cancel")}
        </Button>
      ) : (
        <Button look="primary" icon="run" title="F5" disabled={!Object.values(graph.nodes).some((body) => body.module)} onClick={() => void draft.run()}>
          {t("studio.run")}
        </Button>
      )}
    </div>
  );
}
