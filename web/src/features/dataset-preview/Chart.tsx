import { useId } from "react";
import type { Bin, BoxPlot, Cell } from "../../api/shapes";
import { formatNumber, t } from "../../i18n/i18n";

/** The small picture over a column. */
export function MiniHistogram({ bins, width = 96, height = 34 }: { bins: readonly Bin[]; width?: number; height?: number }) {
  const most = Math.max(1, ...bins.map((bin) => bin.numElements));
  const step = width / Math.max(bins.length, 1);
  return (
    <svg className="chart mini" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {bins.map((bin, place) => {
        const tall = bin.numElements ? Math.max(1, (bin.numElements / most) * (height - 1)) : 0;
        return <rect key={place} className="bar" x={place * step + 0.5} width={Math.max(step - 1, 1)} y={height - tall} height={tall} />;
      })}
    </svg>
  );
}

/** The histogram of a column with its axis, as counts or on a logarithmic scale. */
export function Histogram({ bins, name, isLog }: { bins: readonly Bin[]; name: string; isLog: boolean }) {
  const width = 320;
  const height = 170;
  const left = 44;
  const bottom = 34;
  const scale = (count: number) => (isLog ? Math.log10(count + 1) : count);
  const most = Math.max(1, ...bins.map((bin) => scale(bin.numElements)));
  const step = (width - left) / Math.max(bins.length, 1);
  const tall = height - bottom - 8;
  const top = isLog ? 10 ** most - 1 : most;
  return (
    <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t("visualize.histogramOf", { name })}>
      {[0, 0.5, 1].map((share) => {
        const y = height - bottom - share * tall;
        const value = isLog ? 10 ** (share * most) - 1 : share * top;
        return (
          <g key={share}>
            <line className="grid" x1={left} x2={width} y1={y} y2={y} />
            <text x={left - 6} y={y + 4} textAnchor="end">
              {formatNumber(Math.round(value), 3)}
            </text>
          </g>
        );
      })}
      {bins.map((bin, place) => {
        const size = (scale(bin.numElements) / most) * tall;
        const words = typeof bin.x === "number" && bin.dx != null ? `${formatNumber(bin.x)} – ${formatNumber(bin.x + bin.dx)}` : cellWords(bin.x);
        return (
          <rect key={place} className="bar" x={left + place * step + 1} width={Math.max(step - 2, 1)} y={height - bottom - size} height={size}>
            <title>{`${words}: ${bin.numElements}`}</title>
          </rect>
        );
      })}
      <line className="axis" x1={left} x2={width} y1={height - bottom} y2={height - bottom} />
      {bins.map((bin, place) => {
        const isNumber = typeof bin.x === "number";
        if (isNumber ? place % 3 !== 0 : bins.length > 6 && place % 2 === 1) return null;
        const words = isNumber ? formatNumber(bin.x as number, 3) : cellWords(bin.x);
        const fits = Math.max(3, Math.floor((step * (bins.length > 6 ? 2 : 1)) / 6.2));
        return (
          <text key={place} x={left + place * step + (isNumber ? 0 : step / 2)} y={height - bottom + 15} textAnchor={isNumber && place === 0 ? "start" : "middle"}>
            {words.length > fits && !isNumber ? `${words.slice(0, fits - 1)}…` : words}
          </text>
        );
      })}
    </svg>
  );
}

/** Box plots side by side on one scale. */
export function Boxes({ boxes: given, label }: { boxes: { name: string; box: BoxPlot }[]; label: string }) {
  const id = useId();
  const boxes = given.flatMap(({ name, box }) => {
    const { median, boxBottom, boxTop, whiskerBottom, whiskerTop } = box;
    if (median === null || boxBottom === null || boxTop === null || whiskerBottom === null || whiskerTop === null) return [];
    const isNumber = (value: number | null): value is number => value !== null;
    return [{ name, box: { median, boxBottom, boxTop, whiskerBottom, whiskerTop, outliersBottom: box.outliersBottom.filter(isNumber), outliersTop: box.outliersTop.filter(isNumber) } }];
  });
  const width = 320;
  const row = 44;
  const left = boxes.length > 1 ? 88 : 14;
  const all = boxes.flatMap(({ box }) => [box.whiskerBottom, box.whiskerTop, ...box.outliersBottom, ...box.outliersTop]);
  const low = Math.min(...all);
  const high = Math.max(...all);
  const at = (value: number) => left + ((value - low) / (high - low || 1)) * (width - left - 14);
  const height = boxes.length * row + 26;
  return (
    <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {boxes.map(({ name, box }, place) => {
        const y = place * row + row / 2 + 4;
        return (
          <g key={`${id}${name}`}>
            <title>{`${name} ${t("visualize.boxWords", { low: formatNumber(box.boxBottom), middle: formatNumber(box.median), high: formatNumber(box.boxTop) })}`}</title>
            {boxes.length > 1 && (
              <text x={left - 8} y={y + 4} textAnchor="end">
                {name.length > 13 ? `${name.slice(0, 12)}…` : name}
              </text>
            )}
            <line className="axis" x1={at(box.whiskerBottom)} x2={at(box.whiskerTop)} y1={y} y2={y} />
            {[box.whiskerBottom, box.whiskerTop].map((value, end) => (
              <line key={end} className="axis" x1={at(value)} x2={at(value)} y1={y - 6} y2={y + 6} />
            ))}
            <rect className="box-body" x={at(box.boxBottom)} width={Math.max(at(box.boxTop) - at(box.boxBottom), 1)} y={y - 11} height={22} />
            <line className="box-median" x1={at(box.median)} x2={at(box.median)} y1={y - 11} y2={y + 11} />
            {[...box.outliersBottom, ...box.outliersTop].map((value, dot) => (
              <circle key={dot} className="outlier" cx={at(value)} cy={y} r={2.2} />
            ))}
          </g>
        );
      })}
      <line className="axis" x1={left} x2={width - 14} y1={height - 20} y2={height - 20} />
      {[low, (low + high) / 2, high].map((value, tick) => (
        <text key={tick} x={at(value)} y={height - 5} textAnchor={["start", "middle", "end"][tick] as "start"}>
          {formatNumber(value, 3)}
        </text>
      ))}
    </svg>
  );
}

function cellWords(cell: Cell): string {
  return cell === null || typeof cell === "object" ? t("visualize.missing") : String(cell);
}
