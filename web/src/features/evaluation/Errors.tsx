import { useMemo } from "react";
import type { ScoredNumbers } from "../../graph/scored-table";
import { errorFigures } from "../../graph/scored-table";
import { formatNumber, t } from "../../i18n/i18n";

const MOST_POINTS = 800;

/** Scored numbers over true ones; on the line they are equal. */
export function Errors({ name, table }: { name: string; table: ScoredNumbers }) {
  const figures = useMemo(() => errorFigures(table), [table]);
  const every = Math.max(1, Math.ceil(table.truth.length / MOST_POINTS));
  const points = table.truth.flatMap((truth, place) => (place % every ? [] : [{ truth, scored: table.scored[place] ?? 0 }]));
  const all = points.flatMap(({ truth, scored }) => [truth, scored]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const [size, left, bottom] = [380, 62, 40];
  const atX = (value: number) => left + ((value - low) / (high - low || 1)) * (size - left - 10);
  const atY = (value: number) => size - bottom - ((value - low) / (high - low || 1)) * (size - bottom - 10);
  return (
    <section className="card stack">
      <h3>{name}</h3>
      <svg className="chart curve" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={`${name}: ${t("evaluation.scoredOverTrue")}, ${t("evaluation.determination")} ${formatNumber(figures.determination, 3)}`}>
        {[low, (low + high) / 2, high].map((tick, place) => (
          <g key={place}>
            <line className="grid" x1={atX(low)} x2={atX(high)} y1={atY(tick)} y2={atY(tick)} />
            <text x={atX(tick)} y={size - bottom + 16} textAnchor={["start", "middle", "end"][place] as "start"}>
              {formatNumber(tick, 3)}
            </text>
            <text x={left - 6} y={atY(tick) + 4} textAnchor="end">
              {formatNumber(tick, 3)}
            </text>
          </g>
        ))}
        <line className="axis chance" x1={atX(low)} y1={atY(low)} x2={atX(high)} y2={atY(high)} />
        {points.map(({ truth, scored }, place) => (
          <circle key={place} className="dot-1 faint" cx={atX(truth)} cy={atY(scored)} r={2.4} />
        ))}
        <text x={(left + size) / 2} y={size - 6} textAnchor="middle">
          {t("evaluation.true")}
        </text>
        <text transform={`translate(12 ${(size - bottom) / 2}) rotate(-90)`} textAnchor="middle">
          {t("evaluation.scored")}
        </text>
      </svg>
      <dl className="figures">
        {(["meanAbsolute", "rootMeanSquared", "determination"] as const).map((figure) => (
          <div key={figure}>
            <dt>{t(`evaluation.${figure}`)}</dt>
            <dd className="num">{formatNumber(figures[figure], 4)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
