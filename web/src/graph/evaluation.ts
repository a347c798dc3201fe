/** What Evaluate Model draws, computed from scored rows: how well scores tell the positive class apart. */

export interface ScoredRow {
  score: number;
  isPositive: boolean;
}

/** Counts when all rows with a score of `threshold` and more are called positive. */
export interface Cut {
  threshold: number;
  truePositive: number;
  falsePositive: number;
}

export interface Curve {
  positives: number;
  negatives: number;
  /** From the highest threshold (nothing positive) to the lowest (everything). */
  cuts: Cut[];
  area: number;
}

/** Every place where the counts change, and the area under the ROC curve by trapezia. */
export function curveOf(rows: readonly ScoredRow[]): Curve {
  const sorted = rows.filter((row) => Number.isFinite(row.score)).sort((one, other) => other.score - one.score);
  const positives = sorted.filter((row) => row.isPositive).length;
  const negatives = sorted.length - positives;
  const cuts: Cut[] = [{ threshold: Number.POSITIVE_INFINITY, truePositive: 0, falsePositive: 0 }];
  let [truePositive, falsePositive, area] = [0, 0, 0];
  sorted.forEach((row, place) => {
    if (row.isPositive) truePositive += 1;
    else falsePositive += 1;
    if (sorted[place + 1]?.score === row.score) return;
    const last = cuts.at(-1) as Cut;
    area += ((falsePositive - last.falsePositive) * (truePositive + last.truePositive)) / 2;
    cuts.push({ threshold: row.score, truePositive, falsePositive });
  });
  return { positives, negatives, cuts, area: positives && negatives ? area / (positives * negatives) : Number.NaN };
}

/** Counts at a threshold. */
export function cutAt(curve: Curve, threshold: number): Cut {
  return curve.cuts.findLast((cut) => cut.threshold >= threshold) ?? (curve.cuts[0] as Cut);
}

export interface Figures {
  truePositive: number;
  falsePositive: number;
  trueNegative: number;
  falseNegative: number;
  accuracy: number;
  precision: number;
  recall: number;
  f1: number;
}

/** The table of a threshold: confusion matrix, accuracy, precision, recall and F1. */
export function figuresAt(curve: Curve, threshold: number): Figures {
  const { truePositive, falsePositive } = cutAt(curve, threshold);
  const trueNegative = curve.negatives - falsePositive;
  const falseNegative = curve.positives - truePositive;
  const share = (part: number, whole: number) => (whole ? part / whole : 0);
  const precision = share(truePositive, truePositive + falsePositive);
  const recall = share(truePositive, curve.positives);
  return {
    truePositive,
    falsePositive,
    trueNegative,
    falseNegative,
    accuracy: share(truePositive + trueNegative, curve.positives + curve.negatives),
    precision,
    recall,
    f1: share(2 * precision * recall, precision + recall),
  };
}

export type Kind = "roc" | "pr" | "lift";

/** Points of a chart, both axes in 0..1; lift is true positives found over the share of rows called positive. */
export function pointsOf(curve: Curve, kind: Kind): { x: number; y: number }[] {
  const all = curve.positives + curve.negatives;
  const points = curve.cuts.map(({ truePositive, falsePositive }) => {
    const called = truePositive + falsePositive;
    if (kind === "roc") return { x: falsePositive / (curve.negatives || 1), y: truePositive / (curve.positives || 1) };
    if (kind === "pr") return { x: truePositive / (curve.positives || 1), y: called ? truePositive / called : 1 };
    return { x: called / (all || 1), y: truePositive / (curve.positives || 1) };
  });
  return thinned(points);
}

const MOST_POINTS = 400;

function thinned<T>(points: T[]): T[] {
  if (points.length <= MOST_POINTS) return points;
  const every = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, place) => points[Math.round(place * every)] as T);
}
