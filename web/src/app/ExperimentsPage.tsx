import { useState } from "react";
import { problemsIn, remove } from "../api/client";
import { queries, useExperiments } from "../api/queries";
import type { ExperimentSummary } from "../api/shapes";
import { formatTime, t } from "../i18n/i18n";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { ListPage } from "../ui/ListPage";
import type { ListColumn } from "../ui/ListTable";
import { StateMark } from "../ui/StateMark";
import { AskDialog } from "./AskDialog";
import { ImportDialog } from "./ImportDialog";
import { Link } from "./Link";

export function ExperimentsPage() {
  const found = useExperiments();
  const [gone, setGone] = useState<ExperimentSummary | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const columns: ListColumn<ExperimentSummary>[] = [
    { title: t("experiments.name"), cell: (one) => <Link href={`/experiments/${one.id}`}>{one.name}</Link> },
    { title: t("experiments.kind"), isMuted: true, cell: (one) => (one.role ? t(`experiments.${one.role}` as "experiments.predictive") : t("experiments.training")) },
    { title: t("runs.state"), cell: (one) => <StateMark mark={one.state} /> },
    { title: t("experiments.changed"), isMuted: true, cell: (one) => formatTime(one.changed_at) },
    { title: t("ui.actions"), isBare: true, isNumber: true, cell: (one) => <IconButton small icon="trash" label={t("experiments.delete", { name: one.name })} onClick={() => setGone(one)} /> },
  ];
  return (
    <ListPage
      title={t("nav.experiments")}
      actions={
        <>
          <label className="button">
            <Icon name="upload" /> {t("experiments.import")}
            <input
              type="file"
              className="hidden-text"
              accept=".json,.yaml,.yml"
              onChange={(event) => {
                const [chosen] = event.target.files ?? [];
                if (chosen) setFile(chosen);
                event.target.value = "";
              }}
            />
          </label>
          <Link href="/experiments/new" className="button primary">
            <Icon name="plus" /> {t("experiments.new")}
          </Link>
        </>
      }
      rows={found.data}
      problems={found.error ? problemsIn(found.error) : []}
      columns={columns}
      keyOf={(one) => one.id}
      search={{ label: t("experiments.search"), textOf: (one) => one.name }}
      empty={{
        title: t("experiments.noneTitle"),
        children: (
          <>
            <p>{t("experiments.noneText")}</p>
            <Link href="/experiments/new" className="button primary">
              {t("experiments.new")}
            </Link>
          </>
        ),
      }}
    >
      {gone && (
        <AskDialog
          title={t("experiments.deleteTitle")}
          verb={t("ui.delete")}
          onClose={() => setGone(null)}
          onDo={async () => {
            await remove("/experiments/version", { experiment: gone.id });
            await queries.invalidateQueries({ queryKey: ["experiments"] });
          }}
        >
          <p>{t("experiments.deleteText", { name: gone.name })}</p>
        </AskDialog>
      )}
      {file && <ImportDialog file={file} onClose={() => setFile(null)} />}
    </ListPage>
  );
}
