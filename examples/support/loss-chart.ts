/**
 * @file Draws the falling loss: a chart that grows on a terminal, and is printed once if the output is not a terminal.
 */

const width = 60;
const height = 6;
/** Milliseconds between two drawings. */
const pause = 100;

/** A bar chart as lines of text, with its scale on the left. `values` may end before the full width. */
export function chartLines(values: readonly number[], columns: number, caption: string): string[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const lines: string[] = [];
  for (let row = height; row > 0; row--) {
    const floor = low + ((high - low) * (row - 1)) / height;
    const label = row === height ? high.toFixed(2) : row === 1 ? low.toFixed(2) : '';
    lines.push(
      `${label.padStart(6)} │${values.map((value) => (value >= floor ? '▄' : ' ')).join('')}`.trimEnd(),
    );
  }
  return [...lines, `       └${'─'.repeat(columns)} ${caption}`];
}

/** Takes the loss of each step in order; every column is the mean of several. */
export function lossChart(steps: number): { add(step: number, loss: number): void; end(): void } {
  const columns = Math.min(width, steps);
  const sums: { loss: number; count: number }[] = [];
  const { isTTY = false } = process.stdout;
  let drawn = 0;
  let drawnAt = 0;

  function draw(caption: string): void {
    const lines = chartLines(
      sums.map(({ loss, count }) => loss / count),
      columns,
      caption,
    );
    const back = drawn > 0 ? `\x1b[${drawn}A\x1b[J` : '';
    process.stdout.write(`${back}${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
  }

  return {
    add(step, loss) {
      const column = Math.floor(((step - 1) * columns) / steps);
      sums[column] ??= { loss: 0, count: 0 };
      sums[column].loss += loss;
      sums[column].count++;
      if (!isTTY || performance.now() - drawnAt < pause) return;
      drawnAt = performance.now();
      draw(`step ${step} of ${steps}, loss ${loss.toFixed(2)}`);
    },
    end() {
      draw(`${steps} steps`);
    },
  };
}
