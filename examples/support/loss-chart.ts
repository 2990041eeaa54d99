/** @file A falling loss before one's eyes: a progress line on a terminal, and a chart of a few rows at the end. */

const width = 60;
const height = 6;

export function lossChart(steps: number): { add(step: number, loss: number): void; end(): void } {
  const columns = Array.from({ length: Math.min(width, steps) }, () => ({ sum: 0, count: 0 }));
  return {
    add(step, loss) {
      const column = columns[Math.floor(((step - 1) * columns.length) / steps)]!;
      column.sum += loss;
      column.count++;
      if (process.stdout.isTTY) process.stdout.write(`\r   step ${step}/${steps}  loss ${loss.toFixed(3)}  `);
    },
    end() {
      if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
      const means = columns.map(({ sum, count }) => sum / count);
      const [low, high] = [Math.min(...means), Math.max(...means)];
      for (let row = height; row > 0; row--) {
        const floor = low + ((high - low) * (row - 1)) / height;
        const label = row === height ? high.toFixed(2) : row === 1 ? low.toFixed(2) : '';
        console.log(`   ${label.padStart(5)} │${means.map((mean) => (mean >= floor ? '▄' : ' ')).join('')}`);
      }
      console.log(`   loss  └${'─'.repeat(columns.length)} ${steps} steps`);
    },
  };
}
