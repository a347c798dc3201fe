import { useState } from "react";
import { post, problemsIn } from "../api/client";
import { useRunChanges } from "../api/follow";
import { queries, useRunPages } from "../api/queries";
import type { RunSummary } from "../api/shapes";
import { formatNumber, formatSeconds, formatTime, secondsBetween, t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { ListPage } from "../ui/ListPage";
import type { ListColumn } from "../ui/ListTable";
import type { ShownProblem } from "../ui/Problems";
import { markName, StateMark } from "../ui/StateMark";
import { Link } from "./Link";

const STATES = ["running", "completed", "failed", "canceled"] as const;
const LIVE = ["created", "queued", "preparing", "running", "finalizing"];

export function RunsPage() {
  const [state, setState] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const [changed, setChanged] = useState<ReadonlyMap<string, RunSummary>>(new Map());
  useRunChanges((run) => setChanged((before) => new Map(before).set(run.id, run)));
  const pages = useRunPages();
  const known = (pages.data?.pages ?? []).flatMap((page) => page.runs);
  const fresh = [...changed.values()].filter((run) => !known.some((one) => one.id === run.id)).sort((one, other) => other.id.localeCompare(one.id));
  const all = [...fresh, ...known.map((run) => changed.get(run.id) ?? run)];
  const isInState = (run: RunSummary) => !state || run.state === state || (state === "running" && LIVE.includes(run.state));
  const flip = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const forChosen = async (verb: "cancel" | "resume") => {
    const answers = await Promise.allSettled([...chosen].map((run) => post(`/runs/${encodeURIComponent(run)}/${verb}`, {})));
    setProblems(answers.flatMap((one) => (one.status === "rejected" ? problemsIn(one.reason) : [])));
    setChosen(new Set());
    void queries.invalidateQueries({ queryKey: ["run-pages"] });
  };
  const columns: ListColumn<RunSummary>[] = [
    {
      title: t("runs.choose"),
      isBare: true,
      cell: (run) => (
        <label className="check">
          <input type="checkbox" checked={chosen.has(run.id)} aria-label={t("runs.chooseOne", { name: `${run.experiment} ${formatTime(run.created_at)}` })} onChange={() => flip(run.id)} />
        </label>
      ),
    },
    { title: t("runs.state"), cell: (run) => <StateMark mark={run.state} /> },
    { title: t("runs.experiment"), cell: (run) => <Link href={`/runs/${run.id}`}>{run.experiment}</Link> },
    { title: t("runs.origin"), isMuted: true, cell: (run) => run.origin },
    { title: t("runs.nodes"), isNumber: true, cell: (run) => run.nodes },
    { title: t("runs.duration"), isNumber: true, cell: (run) => (run.ended_at ? formatSeconds(secondsBetween(run.created_at, run.ended_at)) : "") },
    { title: t("runs.metrics"), isMuted: true, cell: (run) => <span className="small">{metricsText(run)}</span> },
    { title: t("runs.started"), isMuted: true, cell: (run) => formatTime(run.created_at) },
  ];
  return (
    <ListPage
      title={t("nav.runs")}
      rows={pages.data && all}
      problems={[...(pages.error ? problemsIn(pages.error) : []), ...problems]}
      columns={columns}
      keyOf={(run) => run.id}
      search={{ label: t("runs.search"), textOf: (run) => `${run.experiment}\n${run.id}` }}
      isShown={isInState}
      isChosen={(run) => chosen.has(run.id)}
      tools={
        <>
          {STATES.map((one) => (
            <Button key={one} small aria-pressed={state === one} onClick={() => setState(state === one ? "" : one)}>
              {markName(one)}
            </Button>
          ))}
          <span className="grow" />
          {chosen.size > 0 && (
            <>
              <span className="small muted">{t("runs.chosen", { count: chosen.size })}</span>
              {chosen.size > 1 && (
                <Link className="button small" href={`/compare?runs=${[...chosen].join(",")}`}>
                  {t("runs.compare")}
                </Link>
              )}
              <Button small onClick={() => void forChosen("resume")}>
                {t("runs.resume")}
              </Button>
              <Button small onClick={() => void forChosen("cancel")}>
                {t("runs.cancel")}
              </Button>
            </>
          )}
        </>
      }
      foot={
        pages.hasNextPage && (
          <div>
            <Button disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              {t("runs.more")}
            </Button>
          </div>
        )
      }
      empty={{
        title: t("runs.noneTitle"),
        children: (
          <>
            <p>{t("runs.noneText")}</p>
            <code className="code">skyloom run graph.yaml</code>
          </>
        ),
      }}
    />
  );
}

function metricsText(run: RunSummary): string {
  return Object.entries(run.metrics ?? {})
    .filter(([, value]) => typeof value === "number")
    .slice(0, 2)
    .map(([name, value]) => `${name} ${formatNumber(value as number, 3)}`)
    .join(" · ");
}
