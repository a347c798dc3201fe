import type { Curve } from "./evaluation";
import { curveOf } from "./evaluation";

/** A dataset that Score Model wrote, read for the pictures of Evaluate Model (studio.md 2.4). */
export type ScoredTable = ScoredClasses | ScoredNumbers;

export interface ScoredClasses {
  kind: "classes";
  /** Labels as they occur: the truth's and the scored ones. */
  classes: string[];
  truth: string[];
  scored: string[];
  /** One against all others, by class; of two classes only the positive one. */
  curves: Map<string, Curve>;
}

export interface ScoredNumbers {
  kind: "numbers";
  truth: number[];
  scored: number[];
}

const LABEL = /^(Binary Class |Multi Class |Regression )?Scored Labels$/;
const OF_TWO = /^(Binary Class )?Scored Probabilities$/;
const OF_ONE = /^Scored Probabilities(?: for Class "(.*)"|_(.*))$/;
const MOST_CLASSES = 50;

/**
 * What is scored, and against what; nothing when the table has no scored labels or no column of true ones.
 *
 * `labels` are the columns that the schema marks as labels. Without one the truth is the last column before
 * the scores that holds nothing but the scored labels.
 */
export function scoredTable(header: readonly string[], rows: readonly string[][], labels: readonly string[]): ScoredTable | null {
  const scoredAt = header.findIndex((name) => LABEL.test(name));
  if (scoredAt < 0) return null;
  const ofTwo = header.findIndex((name) => OF_TWO.test(name));
  const each = header.flatMap((name, place): [string, number][] => {
    const found = OF_ONE.exec(name);
    return found ? [[found[1] ?? found[2] ?? "", place]] : [];
  });
  const isScore = (place: number) => place === scoredAt || place === ofTwo || each.some(([, at]) => at === place);
  const known = header.findLastIndex((name, place) => !isScore(place) && labels.includes(name));
  const truthAt = known >= 0 ? known : truthByValues(header, rows, scoredAt, isScore);
  if (truthAt < 0) return null;
  const kept = rows.filter((row) => row[truthAt]);
  const truth = kept.map((row) => row[truthAt] ?? "");
  const scored = kept.map((row) => row[scoredAt] ?? "");
  if (ofTwo < 0 && !each.length) {
    const numbers = { truth: truth.map(Number), scored: scored.map(Number) };
    if ([...numbers.truth, ...numbers.scored].every(Number.isFinite)) return { kind: "numbers", ...numbers };
  }
  const classes = [...new Set([...truth, ...scored])].sort((one, other) => one.localeCompare(other, undefined, { numeric: true }));
  if (classes.length > MOST_CLASSES) return null;
  const curves = new Map<string, Curve>();
  const add = (name: string, place: number) =>
    curves.set(name, curveOf(kept.map((row, at) => ({ score: Number(row[place]), isPositive: sameLabel(truth[at] ?? "", name) }))));
  if (ofTwo >= 0) add(positiveClass(kept, scoredAt, ofTwo), ofTwo);
  for (const [name, place] of each) add(name, place);
  return { kind: "classes", classes, truth, scored, curves };
}

/** Rows by true class, columns by scored class. */
export function confusion({ classes, truth, scored }: ScoredClasses): number[][] {
  const counts = classes.map(() => classes.map(() => 0));
  truth.forEach((label, place) => {
    const row = counts[classes.indexOf(label)];
    const column = classes.indexOf(scored[place] ?? "");
    if (row && column >= 0) row[column] = (row[column] ?? 0) + 1;
  });
  return counts;
}

/** Accuracy over all rows; precision and recall of each class, and their plain means. */
export function classFigures(counts: readonly number[][]): { accuracy: number; precision: number[]; recall: number[] } {
  const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
  const share = (part: number, whole: number) => (whole ? part / whole : 0);
  const right = counts.map((row, place) => row[place] ?? 0);
  return {
    accuracy: share(sum(right), sum(counts.map(sum))),
    precision: right.map((count, place) => share(count, sum(counts.map((row) => row[place] ?? 0)))),
    recall: right.map((count, place) => share(count, sum(counts[place] ?? []))),
  };
}

export interface ErrorFigures {
  meanAbsolute: number;
  rootMeanSquared: number;
  /** Coefficient of determination. */
  determination: number;
}

/** How far scored numbers lie from the true ones. */
export function errorFigures({ truth, scored }: ScoredNumbers): ErrorFigures {
  const mean = (values: readonly number[]) => values.reduce((all, one) => all + one, 0) / Math.max(values.length, 1);
  const errors = truth.map((value, place) => (scored[place] ?? 0) - value);
  const middle = mean(truth);
  const spread = mean(truth.map((value) => (value - middle) ** 2));
  const squared = mean(errors.map((error) => error ** 2));
  return { meanAbsolute: mean(errors.map(Math.abs)), rootMeanSquared: Math.sqrt(squared), determination: spread ? 1 - squared / spread : Number.NaN };
}

function truthByValues(header: readonly string[], rows: readonly string[][], scoredAt: number, isScore: (place: number) => boolean): number {
  const classes = new Set(rows.map((row) => row[scoredAt] ?? ""));
  const fits = (place: number) => rows.every((row) => !row[place] || classes.has(row[place] ?? "")) && new Set(rows.map((row) => row[place])).size <= classes.size + 1;
  return header.findLastIndex((_, place) => !isScore(place) && place < scoredAt && fits(place));
}

/** The class that high scores were given. */
function positiveClass(rows: readonly string[][], scoredAt: number, scoreAt: number): string {
  let best = { label: "", score: -1 };
  for (const row of rows) {
    const score = Number(row[scoreAt]);
    if (score > best.score) best = { label: row[scoredAt] ?? "", score };
  }
  return best.label;
}

/** A class is written as text in the names of columns, where a number may look otherwise: 1 and 1.0. */
function sameLabel(one: string, other: string): boolean {
  return one === other || (one !== "" && other !== "" && Number(one) === Number(other));
}
