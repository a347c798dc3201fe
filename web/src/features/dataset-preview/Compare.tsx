import { problemsIn } from "../../api/client";
import { useComparison } from "../../api/queries";
import type { Artifact, Cell } from "../../api/shapes";
import { formatCount, formatNumber, t } from "../../i18n/i18n";
import { Loading } from "../../ui/Page";
import { Problems } from "../../ui/Problems";
import { Boxes } from "./Chart";

interface Props {
  artifact: Artifact;
  one: { name: string; index: number };
  other: { name: string; index: number };
}

/** Two columns against each other: a scatter plot, a cross table, or box plots by class. */
export function Compare({ artifact, one, other }: Props) {
  const found = useComparison(artifact.digest, one.index, other.index);
  if (found.error) return <Problems problems={problemsIn(found.error)} />;
  if (!found.data) return <Loading what={t("visualize.reading")} />;
  const { kind, points, boxes, rows, columns, counts, numberOfRows } = found.data;
  return (
    <>
      {kind === "scatter" && <Scatter points={points ?? []} names={[one.name, other.name]} />}
      {kind === "boxes" && (
        <Boxes
          boxes={(boxes ?? []).flatMap((each) => (each.box ? [{ name: each.class, box: each.box }] : []))}
          label={t("visualize.boxesOf", { one: one.name, other: other.name })}
        />
      )}
      {kind === "crosstab" && (
        <CrossTable rows={rows ?? []} columns={columns ?? []} counts={counts ?? []} names={[one.name, other.name]} />
      )}
      <p className="muted small">{t("visualize.comparedRows", { rows: formatCount(numberOfRows) })}</p>
    </>
  );
}

function Scatter({ points, names }: { points: [Cell, Cell][]; names: [string, string] }) {
  const dots = points.flatMap(([a, b]) => (typeof a === "number" && typeof b === "number" ? [[a, b] as const] : []));
  if (!dots.length) return <p className="muted">{t("visualize.noNumbers")}</p>;
  const width = 320;
  const height = 240;
  const [left, bottom] = [46, 34];
  const range = (values: number[]) => [Math.min(...values), Math.max(...values)] as const;
  const [xLow, xHigh] = range(dots.map(([a]) => a));
  const [yLow, yHigh] = range(dots.map(([, b]) => b));
  const atX = (value: number) => left + 6 + ((value - xLow) / (xHigh - xLow || 1)) * (width - left - 14);
  const atY = (value: number) => height - bottom - 6 - ((value - yLow) / (yHigh - yLow || 1)) * (height - bottom - 14);
  return (
    <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t("visualize.scatterOf", { one: names[0], other: names[1] })}>
      <line className="axis" x1={left} x2={width} y1={height - bottom} y2={height - bottom} />
      <line className="axis" x1={left} x2={left} y1={0} y2={height - bottom} />
      {dots.map(([a, b], place) => (
        <circle key={place} className="dot-1 faint" cx={atX(a)} cy={atY(b)} r={2} />
      ))}
      {[xLow, xHigh].map((value, end) => (
        <text key={end} x={atX(value)} y={height - 18} textAnchor={end ? "end" : "start"}>
          {formatNumber(value, 3)}
        </text>
      ))}
      <text x={(left + width) / 2} y={height - 4} textAnchor="middle">
        {names[0]}
      </text>
      {[yLow, yHigh].map((value, end) => (
        <text key={end} x={left - 5} y={atY(value) + 4} textAnchor="end">
          {formatNumber(value, 3)}
        </text>
      ))}
    </svg>
  );
}

function CrossTable({ rows, columns, counts, names }: { rows: string[]; columns: string[]; counts: number[][]; names: [string, string] }) {
  const most = Math.max(1, ...counts.flat());
  return (
    <div className="table-box">
      <table className="cross small">
        <caption className="hidden-text">{t("visualize.crossOf", { one: names[0], other: names[1] })}</caption>
        <thead>
          <tr>
            <th scope="col">
              {names[0]} / {names[1]}
            </th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {columns.map((column, place) => {
                const count = counts[at]?.[place] ?? 0;
                const share = Math.round((count / most) * 40);
                return (
                  <td key={column} className="num" style={{ backgroundColor: `color-mix(in srgb, var(--type-table) ${share}%, transparent)` }}>
                    {formatCount(count)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
