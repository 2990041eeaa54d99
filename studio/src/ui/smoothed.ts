/** @file Curves of losses with their noise taken out. */

interface Point {
  readonly step: number;
  readonly value: number;
}

/** Of all points, at each side of the one that is averaged; and at most so many. */
const share = 1 / 40;
const most = 25;

/** Means over the neighbors at both sides, so that the curve does not lag behind; fewer of them at its ends. */
export function smoothed(points: readonly Point[]): Point[] {
  const reach = Math.min(most, Math.max(1, Math.round(points.length * share)));
  return points.map(({ step }, i) => {
    const side = Math.min(reach, i, points.length - 1 - i);
    const around = points.slice(i - side, i + side + 1);
    return { step, value: around.reduce((sum, { value }) => sum + value, 0) / around.length };
  });
}
