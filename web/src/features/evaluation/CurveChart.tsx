import type { Curve, Kind } from "../../graph/evaluation";
import { figuresAt, pointsOf } from "../../graph/evaluation";
import { formatNumber, t } from "../../i18n/i18n";

/** A scored set of the picture. */
export interface Model {
  id: number;
  name: string;
  curve: Curve;
}

/** ROC, precision and recall, or lift of one or two scored sets over each other, with a dot at the threshold. */
export function CurveChart({ models, kind, threshold }: { models: Model[]; kind: Kind; threshold: number }) {
  const size = 380;
  const left = 46;
  const bottom = 40;
  const atX = (x: number) => left + x * (size - left - 10);
  const atY = (y: number) => size - bottom - y * (size - bottom - 10);
  const names = {
    roc: [t("evaluation.falsePositiveRate"), t("evaluation.truePositiveRate")],
    pr: [t("evaluation.recall"), t("evaluation.precision")],
    lift: [t("evaluation.positiveRate"), t("evaluation.truePositiveRate")],
  }[kind];
  return (
    <svg className="chart curve" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={`${t(`evaluation.${kind}`)}: ${models.map((model) => `${model.name} AUC ${formatNumber(model.curve.area, 3)}`).join(", ")}`}>
      {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
        <g key={tick}>
          <line className="grid" x1={atX(0)} x2={atX(1)} y1={atY(tick)} y2={atY(tick)} />
          <line className="grid" x1={atX(tick)} x2={atX(tick)} y1={atY(0)} y2={atY(1)} />
          <text x={atX(tick)} y={size - bottom + 16} textAnchor="middle">
            {formatNumber(tick, 2)}
          </text>
          <text x={left - 6} y={atY(tick) + 4} textAnchor="end">
            {formatNumber(tick, 2)}
          </text>
        </g>
      ))}
      {kind !== "pr" && <line className="axis chance" x1={atX(0)} y1={atY(0)} x2={atX(1)} y2={atY(1)} />}
      {models.map((model, place) => {
        const path = pointsOf(model.curve, kind)
          .map(({ x, y }, at) => `${at ? "L" : "M"}${atX(x).toFixed(1)} ${atY(y).toFixed(1)}`)
          .join("");
        const { truePositive, falsePositive } = figuresAt(model.curve, threshold);
        const called = truePositive + falsePositive;
        const { positives, negatives } = model.curve;
        const spot = {
          roc: { x: falsePositive / (negatives || 1), y: truePositive / (positives || 1) },
          pr: { x: truePositive / (positives || 1), y: called ? truePositive / called : 1 },
          lift: { x: called / (positives + negatives || 1), y: truePositive / (positives || 1) },
        }[kind];
        return (
          <g key={model.id}>
            <path className={`line-${place + 1} curve-line`} d={path} />
            <circle className={`dot-${place + 1}`} cx={atX(spot.x)} cy={atY(spot.y)} r={4.5} />
          </g>
        );
      })}
      <text x={(left + size) / 2} y={size - 6} textAnchor="middle">
        {names[0]}
      </text>
      <text transform={`translate(12 ${(size - bottom) / 2}) rotate(-90)`} textAnchor="middle">
        {names[1]}
      </text>
    </svg>
  );
}
