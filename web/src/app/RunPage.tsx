import { lazy, Suspense, useMemo, useState } from "react";
import { get, post, problemsIn } from "../api/client";
import { useRunStream } from "../api/follow";
import { queries, useReuse, useRun, useRunDocument } from "../api/queries";
import type { Artifact, NodeRun, State } from "../api/shapes";
import { Images } from "../features/dataset-preview/Images";
import { Visualize } from "../features/dataset-preview/Visualize";
import { FolderFiles } from "../features/pipelines/FolderFiles";
import { Locals } from "../features/runs/Locals";
import { LogView } from "../features/runs/LogView";
import { PreparingLine } from "../features/runs/PreparingLine";
import { formatBytes, formatNumber, formatSeconds, formatTime, secondsBetween, t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Loading } from "../ui/Page";
import type { ShownProblem } from "../ui/Problems";
import { Problems } from "../ui/Problems";
import { saveFile } from "../ui/save-file";
import { StateMark } from "../ui/StateMark";
import { Tabs } from "../ui/Tabs";
import { Link } from "./Link";
import { isPipelineRun, PipelineRunActions, PipelineRunLine } from "./pipelines/PipelineRunParts";
import { RunAgainDialog } from "./RunAgainDialog";
import { go } from "./router";

const RunGraph = lazy(async () => ({ default: (await import("./RunGraph")).RunGraph }));

const ENDED = ["completed", "failed", "canceled"];
const BUSY = ["preparing", "running", "finalizing"];
type Tab = "log" | "outputs" | "images" | "metrics" | "problem" | "inputs" | "why";

export function RunPage({ id, node: wished }: { id: string; node: string }) {
  const found = useRun(id);
  const run = found.data;
  const [live, setLive] = useState<ReadonlyMap<string, State>>(new Map());
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const source = useRunDocument(id).data;
  const [wishedGraph, setGraph] = useState<boolean>();
  const [isAgain, setAgain] = useState(false);
  const [seen, setSeen] = useState<{ title: string; artifact: Artifact } | null>(null);
  // steps are drawn as what they are; what the canvas ran is seen there
  const isGraph = wishedGraph ?? (run !== undefined && isPipelineRun(run));
  const isOver = run !== undefined && ENDED.includes(run.state ?? "created");
  useRunStream(run && !isOver ? id : undefined, {
    onEvent: ({ kind, node, body }) => {
      if (kind === "state" && node) setLive((before) => new Map(before).set(node, body?.state as State));
    },
    onNode: () => void queries.invalidateQueries({ queryKey: ["run", id] }),
    onEnd: () => void queries.invalidateQueries({ queryKey: ["run", id] }),
  });
  const nodes = useMemo(
    () => (run?.nodes ?? []).map((node) => ({ ...node, state: node.ended_at ? node.state : (live.get(node.node) ?? node.state) })),
    [run, live],
  );
  // on a failure the failed step is what one came to see
  const failed = nodes.find((node) => node.state === "failed");
  const busy = nodes.find((node) => BUSY.includes(node.state ?? "created")) ?? nodes.findLast((node) => node.ended_at);
  const chosen = nodes.find((node) => node.node === wished) ?? failed ?? busy ?? nodes[0];
  if (found.error) {
    return (
      <main className="page" id="main">
        <Problems problems={problemsIn(found.error)} />
      </main>
    );
  }
  if (!run) {
    return (
      <main className="page" id="main">
        <Loading what={t("ui.loading")} />
      </main>
    );
  }
  const act = (verb: "cancel" | "resume") =>
    post<{ run: string }>(`/runs/${encodeURIComponent(id)}/${verb}`, {})
      .then((answer) => {
        void queries.invalidateQueries({ queryKey: ["run", id] });
        if (verb === "resume") go(`/runs/${answer.run}`);
      })
      .catch((error: unknown) => setProblems(problemsIn(error)));
  const canRepair = isPipelineRun(run) && failed !== undefined;
  const done = nodes.filter((node) => node.state === "completed").length;
  return (
    <main className="page full" id="main" tabIndex={-1}>
      <header className="page-head">
        <div className="grow stack">
          <h1>{run.experiment}</h1>
          <div className="row wrap muted">
            <StateMark mark={run.state ?? "created"} />
            <span>{formatTime(run.created_at ?? "")}</span>
            {run.ended_at && <span>{formatSeconds(secondsBetween(run.created_at ?? "", run.ended_at))}</span>}
            <span>{t("run.nodesDone", { done, all: nodes.length })}</span>
            <span className="mono small">{run.id}</span>
          </div>
          {isPipelineRun(run) && <PipelineRunLine run={run} />}
        </div>
        <div className="row wrap">
          {source?.experiment && (
            <Link className="button" href={`/experiments/${source.experiment}`}>
              {t("run.openExperiment")}
            </Link>
          )}
          {source && (
            <>
              <Button icon="flow" aria-pressed={isGraph} onClick={() => setGraph(!isGraph)}>
                {t("run.graph")}
              </Button>
              <Button icon="download" title={t("studio.exportPython")} onClick={() => void saveProgram(id, run.experiment).catch((error: unknown) => setProblems(problemsIn(error)))}>
                Python
              </Button>
              <Button icon="reused" onClick={() => setAgain(true)}>
                {t("run.again")}
              </Button>
            </>
          )}
          {source && isOver && isPipelineRun(run) && <PipelineRunActions run={run} failed={chosen?.state === "failed" ? chosen : failed} document={source.document} />}
          {isOver ? (
            run.state !== "completed" && (
              <Button look={canRepair ? undefined : "primary"} icon="run" onClick={() => void act("resume")}>
                {t("run.resume", { left: nodes.length - done, reused: done })}
              </Button>
            )
          ) : (
            <Button icon="stop" onClick={() => void act("cancel")}>
              {t("studio.cancel")}
            </Button>
          )}
        </div>
      </header>
      <Problems problems={problems} />
      <div className="run-grid">
        {isGraph && source ? (
          <div className="card run-graph">
            <Suspense fallback={<Loading what={t("ui.loading")} />}>
              <RunGraph
                document={source.document}
                nodes={nodes}
                chosen={chosen?.node}
                onChoose={(node) => go(`/runs/${id}?node=${encodeURIComponent(node)}`, true)}
                onVisualize={({ node, port }) => {
                  const artifact = nodes.find((one) => one.node === node)?.outputs?.[port];
                  if (artifact?.type === "Dataset") setSeen({ title: `${node} · ${port}`, artifact });
                }}
              />
            </Suspense>
          </div>
        ) : (
        <NodeList nodes={nodes} run={run.created_at ?? ""} chosen={chosen?.node} onChoose={(node) => go(`/runs/${id}?node=${encodeURIComponent(node)}`, true)} />
        )}
        {chosen && <NodeView key={chosen.node} run={id} node={chosen} />}
      </div>
      {isAgain && source && <RunAgainDialog run={run} document={source.document} onClose={() => setAgain(false)} />}
      {seen && <Visualize title={seen.title} artifact={seen.artifact} onClose={() => setSeen(null)} />}
    </main>
  );
}

/** The graph of a run as a program that runs it again, pipelines included. */
async function saveProgram(run: string, name: string): Promise<void> {
  const file = await get<{ text: string }>(`/runs/${encodeURIComponent(run)}/program`);
  saveFile(new Blob([file.text], { type: "text/x-python" }), `${name}.py`);
}

function NodeList({ nodes, run, chosen, onChoose }: { nodes: readonly NodeRun[]; run: string; chosen: string | undefined; onChoose: (node: string) => void }) {
  const begin = Date.parse(run);
  const ends = nodes.map((node) => (node.ended_at ? Date.parse(node.ended_at) : begin));
  const whole = Math.max(1, Math.max(begin, ...ends) - begin);
  return (
    <div className="table-box">
      <table className="list" aria-label={t("run.nodes")}>
        <thead>
          <tr>
            <th>{t("runs.state")}</th>
            <th>{t("run.node")}</th>
            <th className="num">{t("runs.duration")}</th>
            <th>
              <span className="hidden-text">{t("run.when")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => {
            const from = node.started_at ? ((Date.parse(node.started_at) - begin) / whole) * 100 : 0;
            const wide = node.started_at && node.ended_at ? ((Date.parse(node.ended_at) - Date.parse(node.started_at)) / whole) * 100 : 0;
            return (
              <tr key={node.node} aria-selected={node.node === chosen} onClick={() => onChoose(node.node)}>
                <td>
                  <StateMark mark={node.reused_from ? "reused" : (node.state ?? "created")} />
                </td>
                <td>
                  <button type="button" className="link-button" onClick={() => onChoose(node.node)}>
                    {node.node}
                  </button>
                  {(node.attempt ?? 1) > 1 && <span className="chip">{t("run.attempt", { number: node.attempt ?? 1 })}</span>}
                </td>
                <td className="num">{node.started_at && node.ended_at ? formatSeconds(secondsBetween(node.started_at, node.ended_at)) : ""}</td>
                <td>
                  <div className="gantt" aria-hidden="true">
                    {node.started_at && <span className={node.reused_from ? "reused" : (node.state ?? "")} style={{ left: `${from}%`, width: `${wide}%` }} />}
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function NodeView({ run, node }: { run: string; node: NodeRun }) {
  const [wishedTab, setTab] = useState<Tab>();
  const tab = wishedTab ?? (node.problem ? "problem" : "log"); // a step that fails while one looks shows why
  const [shown, setShown] = useState<{ port: string; artifact: Artifact } | null>(null);
  const reuse = useReuse(run).data?.find((one) => one.node === node.node);
  const images = (node.others ?? []).filter((one) => one.role === "image");
  const files = (node.others ?? []).filter((one) => one.role === "file");
  const wasRun = node.state !== "skipped" && node.state !== "created" && node.state !== "queued";
  return (
    <section className="card stack node-view" aria-label={node.node}>
      <h2>{node.node}</h2>
      {node.state === "preparing" && <PreparingLine run={run} node={node.node} />}
      <Tabs
        label={node.node}
        chosen={tab}
        onChoose={setTab}
        tabs={[
          ...(node.problem ? [{ key: "problem" as const, title: t("run.problem") }] : []),
          { key: "log", title: t("run.log") },
          { key: "outputs", title: t("run.outputs") },
          ...(images.length ? [{ key: "images" as const, title: t("script.images", { count: images.length }) }] : []),
          ...(node.metrics?.length ? [{ key: "metrics" as const, title: t("run.metrics") }] : []),
          { key: "inputs", title: t("run.values") },
          { key: "why", title: t("run.why") },
        ]}
      >
        {tab === "problem" && node.problem && (
          <div className="stack-5">
            <Problems problems={[node.problem]} />
            <Locals node={node} />
          </div>
        )}
        {tab === "log" && (wasRun ? <LogView run={node.reused_from ?? run} node={node.node} isLive={!node.ended_at} /> : <p className="muted">{t("log.empty")}</p>)}
        {tab === "outputs" && (
          <ul className="plain-list">
            {Object.entries(node.outputs ?? {}).map(([port, artifact]) => (
              <li key={port} className={artifact.type === "Folder" ? "folder-output" : undefined}>
                <span className="grow">
                  {port} <span className="muted small">{artifact.type}</span>
                </span>
                <span className="small muted">{formatBytes(artifact.size)}</span>
                {artifact.type === "Dataset" && (
                  <Button small icon="eye" onClick={() => setShown({ port, artifact })}>
                    {t("menu.visualize")}
                  </Button>
                )}
                {artifact.type === "Folder" && <FolderFiles artifact={artifact} />}
              </li>
            ))}
            {files.map((file) => (
              <li key={file.name}>
                <span className="grow mono">{file.name}</span>
                <span className="small muted">{formatBytes(file.size)}</span>
              </li>
            ))}
            {Object.keys(node.outputs ?? {}).length + files.length === 0 && <li className="muted">{t("run.noOutputs")}</li>}
          </ul>
        )}
        {tab === "images" && <Images images={images} />}
        {tab === "metrics" && (
          <table className="list">
            <tbody>
              {(node.metrics ?? []).map(([name, value], place) => (
                <tr key={`${name}${place}`}>
                  <th scope="row">{name}</th>
                  <td className="num">{typeof value === "number" ? formatNumber(value, 6) : JSON.stringify(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {tab === "inputs" && <Values node={node} />}
        {tab === "why" && (
          <div className="stack">
            <p>{reuse?.reused ? t("run.wasReused") : t("run.wasRun")}</p>
            <ul className="bullets">
              {(reuse?.reasons ?? []).map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
            {reuse?.from_run && <Link href={`/runs/${reuse.from_run}?node=${encodeURIComponent(node.node)}`}>{t("run.reusedFrom")}</Link>}
          </div>
        )}
      </Tabs>
      {shown && <Visualize title={`${node.node} · ${shown.port}`} artifact={shown.artifact} onClose={() => setShown(null)} />}
    </section>
  );
}

/** What the node was given: its values, the isolation it ran in, and where its time went. */
function Values({ node }: { node: NodeRun }) {
  const values = node.parts?.values;
  const environment = node.parts?.environment;
  const name = typeof environment === "object" && environment !== null && "name" in environment ? String(environment.name) : "";
  return (
    <div className="stack-3">
      <dl className="facts">
        {typeof values === "object" && values !== null &&
          Object.entries(values).map(([key, value]) => (
            <div key={key} style={{ display: "contents" }}>
              <dt>{key}</dt>
              <dd>{typeof value === "string" && value.includes("\n") ? <pre className="code">{value}</pre> : typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        {name && (
          <>
            <dt>{t("pane.environment")}</dt>
            <dd>{name}</dd>
          </>
        )}
        {node.isolation && (
          <>
            <dt>{t("compute.isolation")}</dt>
            <dd>{node.isolation}</dd>
          </>
        )}
        {Object.entries(node.timings_ms ?? {}).map(([part, ms]) => (
          <div key={part} style={{ display: "contents" }}>
            <dt>{part}</dt>
            <dd>{formatSeconds(ms / 1000)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

