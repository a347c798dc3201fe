import "./visualize.css";
import { useEffect, useMemo, useRef, useState } from "react";
import { problemsIn } from "../../api/client";
import { useQueries } from "@tanstack/react-query";
import { contentAddress, fetchRows, useFirstRows, useProfile } from "../../api/queries";
import type { Artifact, Bin, BoxPlot, Cell, Profile, TableRows } from "../../api/shapes";
import { formatCount, formatNumber, t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { Loading } from "../../ui/Page";
import { Problems } from "../../ui/Problems";
import { Boxes, Histogram, MiniHistogram } from "./Chart";
import { Compare } from "./Compare";

interface Props {
  title: string;
  artifact: Artifact;
  onClose: () => void;
}

/** A dialog with the rows of a table, a picture over each column, and the figures of the chosen one. */
export function Visualize({ title, artifact, onClose }: Props) {
  const [isWhole, setWhole] = useState(false);
  const rows = useFirstRows(artifact);
  const profile = useProfile(rows.data && artifact, isWhole); // behind the rows, not beside them
  const sampled = profile.data?.sampledRows;
  return (
    <Dialog
      title={title}
      size="wide"
      onClose={onClose}
      head={
        <>
          {sampled !== undefined && (
            <>
              <span className="muted small" role="status">
                {t(isWhole ? "visualize.readingAll" : "visualize.sampled", { rows: formatCount(sampled) })}
                {isWhole && <progress className="working" aria-label={t("visualize.readingAll")} />}
              </span>
              {!isWhole && (
                <Button small onClick={() => setWhole(true)}>
                  {t("visualize.useAll")}
                </Button>
              )}
            </>
          )}
          {rows.data && (
            <span className="muted small">
              {t("visualize.size", { rows: formatCount(rows.data.numberOfRows), columns: formatCount(rows.data.numberOfColumns) })}
            </span>
          )}
          <a className="button small" href={contentAddress(artifact, "csv", `${title}.csv`)} download>
            <Icon name="download" /> CSV
          </a>
        </>
      }
    >
      {rows.isPending && <Loading what={t("visualize.reading")} />}
      {(rows.error ?? profile.error) && <Problems problems={problemsIn(rows.error ?? profile.error)} />}
      {rows.data && <TableView rows={rows.data} profile={profile.data} artifact={artifact} />}
    </Dialog>
  );
}

function binsOf(profile: Profile | undefined, column: number): readonly Bin[] {
  return profile?.layout.records[column]?.[0]?.bins ?? [];
}

function boxOf(profile: Profile, column: number): BoxPlot | null {
  return profile.layout.records[column]?.[1] ?? null;
}

const ROW = 27;
const PAGE = 100;
const AROUND = 12;

/** All rows of a table: those in sight are drawn, and fetched a page at a time; figures come when they are known. */
function TableView({ rows, profile, artifact }: { rows: TableRows; profile: Profile | undefined; artifact: Artifact }) {
  const [chosen, setChosen] = useState(0);
  const [view, setView] = useState({ top: 0, tall: 700 });
  const box = useRef<HTMLDivElement>(null);
  const { features, records, numberOfRows } = rows;
  useEffect(() => box.current?.focus(), []);
  const first = Math.max(0, Math.floor(view.top / ROW) - AROUND);
  const last = Math.min(numberOfRows, Math.ceil((view.top + view.tall) / ROW) + AROUND);
  const pages = useMemo(() => {
    const found: number[] = [];
    for (let page = Math.floor(first / PAGE); page * PAGE < last; page += 1) found.push(page);
    return found;
  }, [first, last]);
  const fetched = useQueries({
    queries: pages.map((page) => ({
      queryKey: ["rows", artifact.digest, page],
      // the first page is there already
      queryFn: async () => (page === 0 ? records : (await fetchRows(artifact.digest, page * PAGE, PAGE)).records),
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  const rowAt = (place: number) => fetched[pages.indexOf(Math.floor(place / PAGE))]?.data?.[place % PAGE];
  const choose = (column: number) => {
    setChosen(column);
    box.current?.querySelector(`th[data-column="${column}"]`)?.scrollIntoView({ inline: "nearest", block: "nearest" });
  };
  return (
    <div className="visualize">
      <div
        ref={box}
        className="table-box visualize-table"
        tabIndex={0}
        role="group"
        aria-label={t("visualize.rowsLabel")}
        onScroll={({ currentTarget }) => setView({ top: currentTarget.scrollTop, tall: currentTarget.clientHeight })}
        onKeyDown={(event) => {
          const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (!by) return;
          event.preventDefault();
          choose(Math.max(0, Math.min(features.length - 1, chosen + by)));
        }}
      >
        <table className="cells" aria-rowcount={numberOfRows + 1}>
          <thead>
            <tr>
              {features.map((feature, column) => (
                <th key={column} scope="col" data-column={column} className={column === chosen ? "chosen" : ""}>
                  <button type="button" tabIndex={-1} onClick={() => setChosen(column)} title={`${feature.name} · ${feature.featureType}`}>
                    <span className="cut">{feature.name}</span>
                    <MiniHistogram bins={binsOf(profile, column)} />
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first > 0 && <Gap rows={first} columns={features.length} />}
            {Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at).map((place) => (
              <tr key={place} aria-rowindex={place + 2}>
                {features.map((_, column) => {
                  const cell = rowAt(place)?.[column];
                  return (
                    <td key={column} className={`${typeof cell === "number" ? "num" : ""} ${column === chosen ? "chosen" : ""}`}>
                      {cell === undefined ? "" : <CellText value={cell} />}
                    </td>
                  );
                })}
              </tr>
            ))}
            {last < numberOfRows && <Gap rows={numberOfRows - last} columns={features.length} />}
          </tbody>
        </table>
      </div>
      <aside className="visualize-side" aria-label={t("visualize.statistics")}>
        {profile ? <ColumnSide key={chosen} profile={profile} column={chosen} artifact={artifact} /> : <Loading what={t("visualize.figures")} />}
      </aside>
    </div>
  );
}

function Gap({ rows, columns }: { rows: number; columns: number }) {
  return (
    <tr aria-hidden="true" style={{ height: rows * ROW }}>
      <td colSpan={columns} />
    </tr>
  );
}

function CellText({ value }: { value: Cell }) {
  if (value === null || typeof value === "object") return <span className="missing">{t("visualize.missing")}</span>;
  if (typeof value === "number") return <>{Number.isInteger(value) ? value : formatNumber(value, 6)}</>;
  if (typeof value === "boolean") return <>{value ? "true" : "false"}</>;
  return <>{value.replace(TURNING, (letter) => `\\u${letter.charCodeAt(0).toString(16)}`)}</>;
}

/** Marks that turn the direction of text are shown as what they are: a name must not read as another. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

function ColumnSide({ profile, column, artifact }: { profile: Profile; column: number; artifact: Artifact }) {
  const [chart, setChart] = useState<"histogram" | "box">("histogram");
  const [isLog, setLog] = useState(false);
  const [other, setOther] = useState("");
  const feature = profile.data.features[column];
  const bins = binsOf(profile, column);
  const box = boxOf(profile, column);
  const figures = useMemo(
    () => profile.statistics.features.map((one, place) => ({ name: one.name, value: profile.statistics.records[column]?.[place] ?? null })),
    [profile, column],
  );
  const compared = other === "" ? undefined : profile.data.features[Number(other)];
  if (!feature) return null;
  return (
    <div className="stack-3">
      <h3 className="wrap-any">{feature.name}</h3>
      <h4>{t("visualize.statistics")}</h4>
      <dl className="facts">
        {figures
          .filter((one) => one.value !== null)
          .map((one) => (
            <div key={one.name} className="fact">
              <dt>{one.name}</dt>
              <dd className="num">{typeof one.value === "number" ? formatNumber(one.value, 6) : String(one.value)}</dd>
            </div>
          ))}
        <div className="fact">
          <dt>{t("visualize.featureType")}</dt>
          <dd className="num">{feature.featureType}</dd>
        </div>
      </dl>
      <h4>{t("visualize.chart")}</h4>
      <div className="row">
        <select className="select" aria-label={t("visualize.compareTo")} value={other} onChange={(event) => setOther(event.target.value)}>
          <option value="">{t("visualize.compareNone")}</option>
          {profile.data.features.map(
            (one, place) =>
              place !== column && (
                <option key={place} value={place}>
                  {one.name}
                </option>
              ),
          )}
        </select>
      </div>
      {compared ? (
        <Compare artifact={artifact} one={feature} other={compared} />
      ) : (
        <>
          <div className="row">
            {box && (
              <>
                <Button small aria-pressed={chart === "histogram"} onClick={() => setChart("histogram")}>
                  {t("visualize.histogram")}
                </Button>
                <Button small aria-pressed={chart === "box"} onClick={() => setChart("box")}>
                  {t("visualize.boxPlot")}
                </Button>
              </>
            )}
            {chart === "histogram" && (
              <label className="check end">
                <input type="checkbox" checked={isLog} onChange={(event) => setLog(event.target.checked)} />
                {t("visualize.log")}
              </label>
            )}
          </div>
          {chart === "box" && box ? (
            <Boxes boxes={[{ name: feature.name, box }]} label={t("visualize.boxPlotOf", { name: feature.name })} />
          ) : (
            <Histogram bins={bins} name={feature.name} isLog={isLog} />
          )}
        </>
      )}
    </div>
  );
}
