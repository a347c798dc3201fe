import { Pick } from "../ui/Pick";
import { useDatasets, useExperiments, useRuns, useServices } from "../api/queries";
import { formatTime, t } from "../i18n/i18n";
import { Dialog } from "../ui/Dialog";
import { go } from "./router";

/** Ctrl+K: every experiment, dataset, run and web service by a few letters. */
export function QuickFind({ onClose }: { onClose: () => void }) {
  const experiments = useExperiments().data ?? [];
  const datasets = useDatasets().data ?? [];
  const services = useServices().data ?? [];
  const runs = useRuns(50).data ?? [];
  const choices = [
    ...["experiments", "runs", "datasets", "models", "services", "pipelines", "compute", "datastores", "environments", "settings"].map((path) => ({
      key: `/${path}`,
      title: t(`nav.${path}` as "nav.runs"),
      note: t("find.page"),
    })),
    ...experiments.map((one) => ({ key: `/experiments/${one.id}`, title: one.name, note: t("find.experiment") })),
    ...datasets.map((one) => ({ key: `/datasets?name=${encodeURIComponent(one.name)}`, title: one.name, note: t("find.dataset") })),
    ...services.map((one) => ({ key: `/services/${one.id}`, title: one.name, note: t("find.service") })),
    ...runs.map((one) => ({ key: `/runs/${one.id}`, title: one.experiment, note: `${t("find.run")} ${formatTime(one.created_at)}` })),
  ];
  return (
    <Dialog title={t("nav.find")} onClose={onClose}>
      <div className="find">
        <Pick
          label={t("find.label")}
          choices={choices}
          onClose={onClose}
          onChoose={(choice) => {
            onClose();
            go(choice.key);
          }}
        />
      </div>
    </Dialog>
  );
}
