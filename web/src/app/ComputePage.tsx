import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, problemsIn, put, remove } from "../api/client";
import { queries, useDoctor, useRuns } from "../api/queries";
import type { ComputeView } from "../api/shapes";
import { formatBytes, formatSeconds, formatTime, t } from "../i18n/i18n";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import type { ListColumn } from "../ui/ListTable";
import { ListTable } from "../ui/ListTable";
import { Loading, Page } from "../ui/Page";
import type { ShownProblem } from "../ui/Problems";
import { Problems } from "../ui/Problems";
import { StateMark } from "../ui/StateMark";
import { AskDialog } from "./AskDialog";
import { Link } from "./Link";

const LOOK_AGAIN_MS = 3000;
const LIVE = ["queued", "preparing", "running", "finalizing"];

/** This machine and its pools of slots: what there is, what runs where, how it is kept apart. */
export function ComputePage() {
  return (
    <Page title={t("nav.compute")} lead={t("compute.lead")}>
      <Targets />
      <Running />
      <Machine />
    </Page>
  );
}

function Targets() {
  const found = useQuery({
    queryKey: ["computes"],
    queryFn: async () => (await get<{ computes: ComputeView[] }>("/computes")).computes,
    refetchInterval: LOOK_AGAIN_MS,
  });
  const [edited, setEdited] = useState<ComputeView | "new" | null>(null);
  const [gone, setGone] = useState<ComputeView | null>(null);
  const columns: ListColumn<ComputeView>[] = [
    {
      title: t("ui.name"),
      cell: (one) => (
        <>
          {one.name}
          {one.description && <div className="small muted">{one.description}</div>}
        </>
      ),
    },
    { title: t("compute.type"), isMuted: true, cell: (one) => one.type },
    { title: t("compute.nodes"), cell: (one) => (one.pool ? <Nodes pool={one.pool} /> : <span className="muted">{t("compute.onThisMachine")}</span>) },
    { title: t("compute.limits"), isMuted: true, cell: (one) => (one.pool ? t("compute.limitsText", { least: one.pool.settings.min_nodes ?? 0, most: one.pool.settings.max_nodes ?? 4, idle: formatSeconds(one.pool.settings.idle_s ?? 1800) }) : "") },
    { title: t("compute.waiting"), isNumber: true, cell: (one) => one.pool?.waiting ?? 0 },
    {
      title: t("ui.actions"),
      isBare: true,
      isNumber: true,
      cell: (one) => (
        <>
          {one.pool && (
            <Button small aria-label={t("compute.changeOf", { name: one.name })} onClick={() => setEdited(one)}>
              {t("compute.change")}
            </Button>
          )}
          <IconButton small icon="trash" label={t("compute.delete", { name: one.name })} onClick={() => setGone(one)} />
        </>
      ),
    },
  ];
  return (
    <section className="stack-3" aria-label={t("compute.targets")}>
      <div className="row wrap">
        <h2 className="grow">{t("compute.targets")}</h2>
        <Button look="primary" icon="plus" onClick={() => setEdited("new")}>
          {t("compute.new")}
        </Button>
      </div>
      <p className="muted">{t("compute.targetsText")}</p>
      {found.error && <Problems problems={problemsIn(found.error)} />}
      {found.data && found.data.length > 0 && <ListTable label={t("compute.targets")} rows={found.data} columns={columns} keyOf={(one) => one.name} />}
      {edited && <TargetForm target={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      {gone && (
        <AskDialog
          title={t("compute.deleteTitle")}
          verb={t("ui.delete")}
          onClose={() => setGone(null)}
          onDo={async () => {
            await remove(`/computes/${encodeURIComponent(gone.name)}`);
            await queries.invalidateQueries({ queryKey: ["computes"] });
          }}
        >
          <p>{t("compute.deleteText", { name: gone.name })}</p>
        </AskDialog>
      )}
    </section>
  );
}

/** Each node with what it does; a node at work leads to its run. */
function Nodes({ pool }: { pool: NonNullable<ComputeView["pool"]> }) {
  if (pool.nodes.length === 0) return <span className="muted">{t("compute.noNodes")}</span>;
  return (
    <ul className="nodes">
      {pool.nodes.map((node) => (
        <li key={node.id}>
          <span className={`state ${node.state === "idle" ? "skipped" : "running"}`}>
            <Icon name={node.state === "idle" ? "clock" : "run"} />
          </span>
          <span className="mono small">{node.id}</span>
          {node.run ? (
            <Link href={`/runs/${node.run}?node=${encodeURIComponent(node.node ?? "")}`}>{node.node}</Link>
          ) : (
            <span className="small muted">{t(`compute.node.${node.state}`)}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

function TargetForm({ target, onClose }: { target: ComputeView | null; onClose: () => void }) {
  const settings = target?.pool?.settings;
  const [name, setName] = useState(target?.name ?? "");
  const [numbers, setNumbers] = useState({ min_nodes: String(settings?.min_nodes ?? 0), max_nodes: String(settings?.max_nodes ?? 4), idle_s: String(settings?.idle_s ?? 1800) });
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const send = async () => {
    try {
      await put("/computes", { name, ...Object.fromEntries(Object.entries(numbers).map(([key, text]) => [key, Number(text)])) });
      await queries.invalidateQueries({ queryKey: ["computes"] });
      onClose();
    } catch (error) {
      setProblems(problemsIn(error));
    }
  };
  return (
    <Dialog title={target ? t("compute.changeOf", { name: target.name }) : t("compute.new")} onClose={onClose}>
      <form
        className="stack-3"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Problems problems={problems} />
        {!target && (
          <div className="field">
            <label htmlFor="target-name">{t("ui.name")}</label>
            <input id="target-name" className="input" required value={name} onChange={(event) => setName(event.target.value)} />
            <div className="hint">{t("compute.nameHint")}</div>
          </div>
        )}
        {(["min_nodes", "max_nodes", "idle_s"] as const).map((key) => (
          <div key={key} className="field">
            <label htmlFor={`target-${key}`}>{t(`compute.${key}`)}</label>
            <input id={`target-${key}`} className="input" type="number" min={key === "max_nodes" ? 1 : 0} step={1} required value={numbers[key]} onChange={(event) => setNumbers({ ...numbers, [key]: event.target.value })} />
          </div>
        ))}
        <p className="small muted">{t("compute.slotHint")}</p>
        <div className="row">
          <span className="grow" />
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <button type="submit" className="button primary">
            {t("ui.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** What is carried out now, on this machine or on a node of a pool. */
function Running() {
  const runs = (useRuns(100).data ?? []).filter((run) => LIVE.includes(run.state));
  return (
    <section className="stack-3">
      <h2>{t("compute.running")}</h2>
      {runs.length === 0 ? (
        <p className="muted">{t("compute.nothingRuns")}</p>
      ) : (
        <ListTable
          label={t("compute.running")}
          rows={runs}
          keyOf={(run) => run.id}
          columns={[
            { title: t("runs.experiment"), cell: (run) => <Link href={`/runs/${run.id}`}>{run.experiment}</Link> },
            { title: t("runs.state"), cell: (run) => <StateMark mark={run.state} /> },
            { title: t("runs.nodes"), isNumber: true, cell: (run) => run.nodes },
            { title: t("runs.started"), isMuted: true, cell: (run) => formatTime(run.created_at) },
          ]}
        />
      )}
    </section>
  );
}

function Machine() {
  const found = useDoctor();
  const doctor = found.data;
  if (found.error) return <Problems problems={problemsIn(found.error)} />;
  if (!doctor) return <Loading what={t("ui.loading")} />;
  return (
    <section className="stack-3">
      <h2>{t("compute.machine")}</h2>
      <div className="two">
        <section className="card stack-3">
          <h3>local</h3>
          <dl className="facts">
            <dt>{t("compute.platform")}</dt>
            <dd>{doctor.platform}</dd>
            <dt>{t("compute.cores")}</dt>
            <dd>{doctor.cores}</dd>
            <dt>{t("compute.memory")}</dt>
            <dd>{formatBytes(doctor.memory_bytes)}</dd>
            <dt>{t("compute.disk")}</dt>
            <dd>{formatBytes(doctor.disk_free_bytes)}</dd>
            <dt>Python</dt>
            <dd>{doctor.python}</dd>
            <dt>{t("compute.isolation")}</dt>
            <dd>{doctor.isolation}</dd>
          </dl>
        </section>
        <section className="card stack-3">
          <h3>{t("compute.interpreters")}</h3>
          <ul className="plain-list">
            {(doctor.environments?.pythons ?? []).map((python) => (
              <li key={python} className="mono">
                {python}
              </li>
            ))}
          </ul>
        </section>
      </div>
      {doctor.warnings.map((warning) => (
        <p key={warning} className="note warn">
          <Icon name="warning" />
          {warning}
        </p>
      ))}
    </section>
  );
}
