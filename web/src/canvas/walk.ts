import type { Place } from "../graph/edits";

/** The box that an arrow key leads to: the nearest in that direction, sideways distance counting double. */
export function step(
  places: ReadonlyMap<string, Place>,
  selection: ReadonlySet<string>,
  key: string,
): string | undefined {
  const from = [...selection].find((node) => places.has(node));
  const ordered = [...places].sort(([, one], [, other]) => one[1] - other[1] || one[0] - other[0]);
  if (from === undefined) return ordered[0]?.[0];
  const [x, y] = places.get(from) as Place;
  let best: { node: string; far: number } | undefined;
  for (const [node, [left, top]] of places) {
    if (node === from) continue;
    const ways: Record<string, [number, number]> = { ArrowDown: [top - y, left - x], ArrowUp: [y - top, left - x], ArrowRight: [left - x, top - y], ArrowLeft: [x - left, top - y] };
    const [along, across] = ways[key] ?? [0, 0];
    if (along <= 0) continue;
    const far = along + 2 * Math.abs(across);
    if (!best || far < best.far) best = { node, far };
  }
  return best?.node;
}
