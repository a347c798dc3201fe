import type { ReactNode } from "react";
import { useState } from "react";
import type { PublishedPipeline } from "../../api/pipelines";
import { usePipelineRuns, usePublished } from "../../api/pipelines";
import { formatTime, t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import type { ListColumn } from "../../ui/ListTable";
import { StateMark } from "../../ui/StateMark";
import { Link } from "../Link";
import { FoundList } from "./FoundList";
import { StatusWord } from "./StatusWord";

const AT_ONCE = 50;

/** Published pipelines, newest first. */
export function PublishedList() {
  const found = usePublished();
  const [shown, setShown] = useState(AT_ONCE);
  const [isAll, setAll] = useState(false);
  const all = found.data ?? [];
  const active = all.filter((one) => one.is_active !== false);
  const pipelines = isAll ? all : active;
  const disabled = all.length - active.length;
  const columns: ListColumn<PublishedPipeline>[] = [
    { title: t("ui.name"), cell: (one) => <Named href={`/pipelines/${one.id}`} name={one.name} description={one.description} /> },
    { title: t("pipelines.version"), cell: (one) => one.version },
    { title: t("pipelines.status"), cell: (one) => <StatusWord isActive={one.is_active !== false} /> },
    { title: t("pipelines.parameters"), cell: (one) => <span className="small">{Object.keys(one.parameters ?? {}).join(", ")}</span> },
    { title: t("pipelines.steps"), isNumber: true, cell: (one) => one.steps?.length ?? 0 },
    { title: t("pipelines.last"), cell: (one) => <LastRun property="azureml.pipelineid" id={one.id} /> },
    { title: t("pipelines.published"), isMuted: true, cell: (one) => formatTime(one.created_at ?? "") },
  ];
  return (
    <div className="stack-3">
      {disabled > 0 && (
        <label className="check">
          <input type="checkbox" checked={isAll} onChange={(event) => setAll(event.target.checked)} /> {t("pipelines.showDisabled", { count: disabled })}
        </label>
      )}
      {(pipelines.length > 0 || disabled === 0) && (
        <FoundList
          found={found}
          rows={pipelines.slice(0, shown)}
          label={t("pipelines.tab.published")}
          columns={columns}
          keyOf={(one) => one.id}
          empty={{
            title: t("pipelines.nonePublished"),
            children: (
              <>
                <p>{t("pipelines.nonePublishedText")}</p>
                <pre className="code">{'pipeline = Pipeline(ws, steps=[...])\npublished = pipeline.publish(name="train", version="1.0")'}</pre>
              </>
            ),
          }}
        />
      )}
      {pipelines.length > shown && (
        <div>
          <Button onClick={() => setShown(shown + AT_ONCE)}>{t("runs.more")}</Button>
        </div>
      )}
    </div>
  );
}

/** A name that leads to its page, and what was said of it. */
export function Named({ href, name, description }: { href: string; name: ReactNode; description?: string | null }) {
  return (
    <>
      <Link href={href}>{name}</Link>
      {description && <div className="small muted cut">{description}</div>}
    </>
  );
}

/** The newest run that came of a pipeline, an endpoint or a schedule. */
export function LastRun({ property, id }: { property: Parameters<typeof usePipelineRuns>[0]; id: string }) {
  const [run] = usePipelineRuns(property, id, 1).data ?? [];
  if (!run) return null;
  return (
    <Link href={`/runs/${run.id}`} className="row">
      <StateMark mark={run.state} />
      <span className="small muted">{formatTime(run.created_at)}</span>
    </Link>
  );
}
