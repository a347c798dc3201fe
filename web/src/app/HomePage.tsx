import { useDatasets, useDoctor, useExperiments, useRuns } from "../api/queries";
import type { RunSummary } from "../api/shapes";
import { formatBytes, formatCount, formatTime, t } from "../i18n/i18n";
import { Icon } from "../ui/Icon";
import { Page } from "../ui/Page";
import { StateMark } from "../ui/StateMark";
import { Link } from "./Link";

/** What is going on, and the way on from there. */
export function HomePage() {
  const experiments = useExperiments();
  const runs = useRuns(20);
  const datasets = useDatasets();
  const doctor = useDoctor();
  const failed = (runs.data ?? []).filter((run) => run.state === "failed").slice(0, 5);
  return (
    <Page
      title={t("home.title")}
      lead={t("home.lead")}
      actions={
        <>
          <Link href="/datasets?upload=1" className="button">
            <Icon name="upload" /> {t("datasets.upload")}
          </Link>
          <Link href="/experiments/new" className="button primary">
            <Icon name="plus" /> {t("experiments.new")}
          </Link>
        </>
      }
    >
      <div className="home-grid">
        <section className="card stack-3">
          <div className="row">
            <h2 className="grow">{t("nav.experiments")}</h2>
            <Link href="/experiments">{t("home.all")}</Link>
          </div>
          <ul className="plain-list">
            {(experiments.data ?? []).slice(0, 7).map((one) => (
              <li key={one.id}>
                <StateMark mark={one.state} isShort />
                <Link href={`/experiments/${one.id}`} className="cut grow">
                  {one.name}
                </Link>
                <span className="small muted">{formatTime(one.changed_at)}</span>
              </li>
            ))}
          </ul>
          {experiments.data?.length === 0 && <p className="muted">{t("home.noExperiments")}</p>}
        </section>
        <section className="card stack-3">
          <div className="row">
            <h2 className="grow">{t("home.lastRuns")}</h2>
            <Link href="/runs">{t("home.all")}</Link>
          </div>
          {runs.data?.length ? <Strip runs={runs.data} /> : <p className="muted">{t("home.noRuns")}</p>}
          {failed.length > 0 && (
            <>
              <h3>{t("home.needCare")}</h3>
              <ul className="plain-list">
                {failed.map((run) => (
                  <li key={run.id}>
                    <StateMark mark="failed" isShort />
                    <Link href={`/runs/${run.id}`} className="cut grow">
                      {run.experiment}
                    </Link>
                    <span className="small muted">{formatTime(run.created_at)}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </section>
        <section className="card stack-3">
          <div className="row">
            <h2 className="grow">{t("nav.datasets")}</h2>
            <Link href="/datasets">{t("home.all")}</Link>
          </div>
          <ul className="plain-list">
            {[...(datasets.data ?? [])]
              .sort((one, other) => other.created_at.localeCompare(one.created_at))
              .slice(0, 7)
              .map((one) => (
                <li key={one.name}>
                  <Icon name="table" />
                  <Link href={`/datasets?name=${encodeURIComponent(one.name)}`} className="cut grow">
                    {one.name}
                  </Link>
                  {one.facts?.rows !== undefined && (
                    <span className="small muted">{t("palette.rows", { rows: formatCount(one.facts.rows) })}</span>
                  )}
                </li>
              ))}
          </ul>
          {datasets.data?.length === 0 && <p className="muted">{t("home.noDatasets")}</p>}
        </section>
        {doctor.data && (
          <section className="card stack-3">
            <h2>{t("home.machine")}</h2>
            <dl className="facts">
              <dt>{t("compute.isolation")}</dt>
              <dd>{doctor.data.isolation}</dd>
              <dt>{t("compute.cores")}</dt>
              <dd>{doctor.data.cores}</dd>
              <dt>{t("compute.memory")}</dt>
              <dd>{formatBytes(doctor.data.memory_bytes)}</dd>
              <dt>{t("compute.disk")}</dt>
              <dd>{formatBytes(doctor.data.disk_free_bytes)}</dd>
            </dl>
          </section>
        )}
      </div>
    </Page>
  );
}

function Strip({ runs }: { runs: readonly RunSummary[] }) {
  return (
    <div className="strip">
      {runs.map((run) => (
        <Link key={run.id} href={`/runs/${run.id}`} title={`${run.experiment} · ${formatTime(run.created_at)}`}>
          <span className="hidden-text">{run.experiment}</span>
          <StateMark mark={run.state} isShort />
        </Link>
      ))}
    </div>
  );
}
