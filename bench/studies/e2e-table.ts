/** @file The table of the E2E study: each method beside its published figures. */
import { type FinishedCell, formatSpread, spreadOf } from '../../src/comparison/table.js';

interface Published {
  readonly bleu: number;
  readonly nist: number;
  readonly rougeL: number;
}

/** GPT-2 medium on E2E, by our method names: Li and Liang 2021, table 1; for LoRA Hu et al. 2021, table 3. */
export const published: Readonly<Record<string, Published>> = {
  prefix: { bleu: 69.7, nist: 8.81, rougeL: 71.4 },
  adapter: { bleu: 66.3, nist: 8.41, rougeL: 69.8 },
  'adapter-3': { bleu: 68.9, nist: 8.71, rougeL: 71.3 },
  lora: { bleu: 70.4, nist: 8.85, rougeL: 71.8 },
  'full-fine-tuning': { bleu: 68.2, nist: 8.62, rougeL: 71.0 },
};

/**
 * Markdown: means and deviations over seeds, then the published figures. ROUGE-L is in percent, as in papers.
 * @param total number of parameters of the model
 */
export function e2eTable(cells: readonly FinishedCell[], total: number): string {
  const heads = ['method', 'trained', 'share', 'seeds', 'BLEU', 'NIST', 'ROUGE-L'];
  const lines = [...new Set(cells.map(({ method }) => method))].map((name) => {
    const results = cells.filter(({ method }) => method === name).map(({ result }) => result);
    const of = (metric: string, digits: number, factor = 1) =>
      formatSpread(spreadOf(results.map(({ scores }) => factor * scores[metric]!)), (value) =>
        value.toFixed(digits),
      );
    const { trainableParameters } = results[0]!;
    const paper = published[name];
    return [
      name,
      trainableParameters.toLocaleString('en'),
      `${((100 * trainableParameters) / total).toFixed(2)} %`,
      String(results.length),
      of('bleu', 1),
      of('nist', 2),
      of('rouge-l', 1, 100),
      ...(paper ? [paper.bleu.toFixed(1), paper.nist.toFixed(2), paper.rougeL.toFixed(1)] : ['', '', '']),
    ];
  });
  const all = [...heads, 'published BLEU', 'NIST', 'ROUGE-L'];
  return [all, all.map((_, i) => (i === 0 ? '---' : '---:')), ...lines]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
}
