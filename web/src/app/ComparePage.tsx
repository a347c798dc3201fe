import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { get, problemsIn } from "../api/client";
import type { Run } from "../api/shapes";
import { formatNumber, formatSeconds, formatTime, secondsBetween, t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Loading, Page } from "../ui/Page";
import { Problems } from "../ui/Problems";
import { markName } from "../ui/StateMark";
import { saveFile } from "../ui/save-file";
import { Link } from "./Link";

type Row = { group: string; name: string; values: string[] };

/** Runs side by side: one column each, and of the rows only those that differ. */
export function ComparePage({ runs }: { runs: string[] }) {
  const [isAll, setAll] = useState(false);
  const found = useQueries({
    queries: runs.map((run) => ({ queryKey: ["run", run], queryFn: () => get<Run>(`/runs/${encodeURIComponent(run)}`) })),
  });
  const loaded = found.flatMap((one) => (one.data ? [one.data] : []));
  const error = found.find((one) => one.error)?.error;
  const rows = rowsOf(loaded);
  const shown = isAll ? rows : rows.filter((row) => new Set(row.values).size > 1);
  return (
    <Page
      title={t("compare.title")}
      actions={
        <Button icon="download" onClick={() => saveFile(new Blob([csv(loaded, rows)], { type: "text/csv" }), "runs.csv")}>
          CSV
        </Button>
      }
    >
      {error && <Problems problems={problemsIn(error)} />}
      {loaded.length < runs.length && !error && <Loading what={t("ui.loading")} />}
      <label className="check">
        <input type="checkbox" checked={!isAll} onChange={(event) => setAll(!event.target.checked)} />
        {t("compare.onlyDifferences")}
      </label>
      <div className="table-box" tabIndex={0} role="group" aria-label={t("compare.title")}>
        <table className="list">
          <thead>
            <tr>
              <th>{t("compare.field")}</th>
              {loaded.map((run) => (
                <th key={run.id}>
                  <Link href={`/runs/${run.id}`}>{run.experiment}</Link>
                  <div className="muted">{formatTime(run.created_at ?? "")}</div>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={`${row.group}${row.name}`}>
                <th scope="row">
                  <span className="muted">{row.group}</span> {row.name}
                </th>
                {row.values.map((value, place) => (
                  <td key={place}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && loaded.length > 0 && <p className="muted">{t("compare.same")}</p>}
    </Page>
  );
}

function rowsOf(runs: readonly Run[]): Row[] {
  const rows = new Map<string, Row>();
  const put = (group: string, name: string, place: number, value: string) => {
    const key = `${group}\n${name}`;
    const row = rows.get(key) ?? { group, name, values: runs.map(() => "") };
    row.values[place] = value;
    rows.set(key, row);
  };
  runs.forEach((run, place) => {
    put("", t("runs.state"), place, markName(run.state ?? "created"));
    put("", t("runs.duration"), place, run.ended_at ? formatSeconds(secondsBetween(run.created_at ?? "", run.ended_at)) : "");
    for (const [name, value] of Object.entries(run.values ?? {})) put(t("compare.parameter"), name, place, words(value));
    for (const node of run.nodes ?? []) {
      for (const [name, value] of node.metrics ?? []) put(node.node, name, place, words(value));
    }
    for (const node of run.nodes ?? []) {
      const values = node.parts?.values;
      if (typeof values !== "object" || values === null) continue;
      for (const [name, value] of Object.entries(values)) put(node.node, name, place, words(value));
    }
  });
  return [...rows.values()];
}

function words(value: unknown): string {
  if (typeof value === "number") return formatNumber(value, 6);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function csv(runs: readonly Run[], rows: readonly Row[]): string {
  const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const head = ["", "", ...runs.map((run) => run.id)];
  return [head, ...rows.map((row) => [row.group, row.name, ...row.values])].map((line) => line.map(cell).join(",")).join("\n");
}
