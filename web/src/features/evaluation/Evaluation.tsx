import "./evaluation.css";
import { useQueries } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useMemo, useState } from "react";
import { problemsIn } from "../../api/client";
import { csvOf, fetchHeads, useProfile } from "../../api/queries";
import type { Artifact, Profile } from "../../api/shapes";
import { readCsv } from "../../graph/csv";
import type { Kind } from "../../graph/evaluation";
import type { ScoredClasses, ScoredTable } from "../../graph/scored-table";
import { scoredTable } from "../../graph/scored-table";
import { formatNumber, t } from "../../i18n/i18n";
import { Dialog } from "../../ui/Dialog";
import { Loading } from "../../ui/Page";
import { Problems } from "../../ui/Problems";
import { Tabs } from "../../ui/Tabs";
import { ClassMatrix } from "./ClassMatrix";
import type { Model } from "./CurveChart";
import { CurveChart } from "./CurveChart";
import { Errors } from "./Errors";
import { ThresholdMatrix } from "./ThresholdMatrix";

export interface Scored {
  name: string;
  artifact: Artifact;
}

interface Props {
  title: string;
  scored: Scored[];
  results: Artifact | undefined;
  onClose: () => void;
}

interface Read {
  id: number;
  name: string;
  table: ScoredTable;
}

/** Pictures of one or two scored sets: curves with a threshold, confusion matrices, errors of numbers. */
export function Evaluation({ title, scored, results, onClose }: Props) {
  const found = useQueries({
    queries: scored.map(({ artifact }) => ({
      queryKey: ["scored", artifact.digest],
      staleTime: Number.POSITIVE_INFINITY,
      queryFn: () => readScored(artifact),
    })),
  });
  const isPending = found.some((one) => one.isPending);
  const error = found.find((one) => one.error)?.error;
  const read = found.flatMap((one, place): Read[] => (one.data ? [{ id: place, name: scored[place]?.name ?? "", table: one.data }] : []));
  const classes = read.flatMap((one) => (one.table.kind === "classes" ? [{ ...one, table: one.table }] : []));
  return (
    <Dialog title={title} size="wide" onClose={onClose}>
      <div className="evaluation">
        {isPending && <Loading what={t("visualize.reading")} />}
        {error && <Problems problems={problemsIn(error)} />}
        {classes.length > 0 && (
          <Charts read={classes}>{classes.map(({ id, name, table }) => table.classes.length > 2 && <ClassMatrix key={id} name={name} table={table} />)}</Charts>
        )}
        <div className="evaluation-sets">
          {read.map(({ id, name, table }) => table.kind === "numbers" && <Errors key={id} name={name} table={table} />)}
        </div>
        {!isPending && read.length === 0 && !error && <p className="muted">{t("evaluation.noCurves")}</p>}
        {results && <Results artifact={results} />}
      </div>
    </Dialog>
  );
}

async function readScored(artifact: Artifact): Promise<ScoredTable | null> {
  const [csv, heads] = await Promise.all([csvOf(artifact), fetchHeads(artifact.digest)]);
  const { header, rows } = readCsv(csv);
  return scoredTable(header, rows, heads.columns.filter((column) => column.featureType.endsWith(" Label")).map((column) => column.name));
}

function Charts({ read, children }: { read: { id: number; name: string; table: ScoredClasses }[]; children?: ReactNode }) {
  const [kind, setKind] = useState<Kind>("roc");
  const [threshold, setThreshold] = useState(0.5);
  const [wanted, setWanted] = useState("");
  const choices = useMemo(() => [...new Set(read.flatMap(({ table }) => [...table.curves.keys()]))], [read]);
  const isOfTwo = read.every(({ table }) => table.curves.size === 1);
  const label = choices.includes(wanted) ? wanted : (choices[0] ?? "");
  const models = read.flatMap(({ id, name, table }): Model[] => {
    const curve = isOfTwo ? [...table.curves.values()][0] : table.curves.get(label);
    return curve ? [{ id, name, curve }] : [];
  });
  if (!models.length) return null;
  return (
    <div className="evaluation-top">
      <div>
        <Tabs
          label={t("evaluation.charts")}
          chosen={kind}
          onChoose={setKind}
          tabs={[
            { key: "roc", title: t("evaluation.roc") },
            { key: "pr", title: t("evaluation.pr") },
            { key: "lift", title: t("evaluation.lift") },
          ]}
        >
          <CurveChart models={models} kind={kind} threshold={threshold} />
        </Tabs>
        <ul className="legend">
          {models.map((model, place) => (
            <li key={model.id}>
              <svg width="26" height="10" aria-hidden="true" className="chart legend-line">
                <line className={`line-${place + 1}`} x1="1" x2="25" y1="5" y2="5" />
              </svg>
              {model.name} <span className="muted small">AUC {formatNumber(model.curve.area, 4)}</span>
            </li>
          ))}
        </ul>
      </div>
      <div className="stack-3">
        {!isOfTwo && (
          <div className="field">
            <label htmlFor="positive-class">{t("evaluation.oneAgainstAll")}</label>
            <select id="positive-class" className="select" value={label} onChange={(event) => setWanted(event.target.value)}>
              {choices.map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </select>
          </div>
        )}
        <div className="field">
          <label htmlFor="threshold">
            {t("evaluation.threshold")} <span className="num">{formatNumber(threshold, 3)}</span>
          </label>
          <input id="threshold" type="range" min={0} max={1} step={0.01} value={threshold} onChange={(event) => setThreshold(Number(event.target.value))} />
        </div>
        {models.map((model) => (
          <ThresholdMatrix key={model.id} model={model} threshold={threshold} />
        ))}
        {children}
      </div>
    </div>
  );
}

/** The table that Evaluate Model wrote, as it is. */
function Results({ artifact }: { artifact: Artifact }) {
  const profile = useProfile(artifact);
  if (!profile.data) return null;
  return (
    <section className="stack">
      <h3>{t("evaluation.results")}</h3>
      <Plain profile={profile.data} />
    </section>
  );
}

function Plain({ profile }: { profile: Profile }) {
  return (
    <div className="table-box" tabIndex={0} role="group" aria-label={t("evaluation.results")}>
      <table className="list">
        <thead>
          <tr>
            {profile.data.features.map((feature) => (
              <th key={feature.index} className="num">
                {feature.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {profile.data.records.map((row, place) => (
            <tr key={place}>
              {row.map((cell, column) => (
                <td key={column} className="num">
                  {typeof cell === "number" ? formatNumber(cell, 5) : typeof cell === "object" ? "" : String(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
