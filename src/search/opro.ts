/**
 * @file Search by a language model (APE, arXiv:2211.01910; OPRO, arXiv:2309.03409): it sees examples and the
 *   instructions tried so far with their losses, and proposes new ones.
 */
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import { beginning } from './chat-endpoint.js';

export interface Example {
  readonly input: string;
  readonly output: string;
}

export interface Tried {
  readonly text: string;
  readonly loss: number;
}

export interface OproOptions {
  ask(message: string): Promise<string>;
  /** The frozen model's loss with the text as prompt. */
  score(text: string): Promise<{ loss: number }>;
  /** Examples to show, new ones in every round. */
  drawExamples(): Promise<readonly Example[]>;
  /** Whether a text can be used as a prompt. */
  fits(text: string): boolean;
  steps: number;
  numCandidates: number;
  onWarning?: (message: string) => void;
}

/** Number of best instructions to show, as in OPRO. */
const numShown = 20;

/** Consecutive rounds without any instruction to score before the search gives up. */
const patience = 3;

/**
 * Yields new instructions round by round, each as a text that ends its line.
 * @param start what was scored before
 * @throws PromptuneError if the answers repeatedly have no new instruction
 */
export async function* opro(
  start: Tried,
  options: OproOptions,
): AsyncGenerator<{ step: number; text: string }> {
  const tried = new Map<string, number>([[start.text, start.loss]]);
  let emptyRounds = 0;
  for (let step = 1; step <= options.steps; step++) {
    const shown = [...tried].map(([text, loss]) => ({ text, loss }));
    const examples = await options.drawExamples();
    const answer = await options.ask(metaPrompt(shown, examples, options.numCandidates));
    const proposals = instructionsIn(answer).slice(0, options.numCandidates);
    const texts = [...new Set(proposals.map((proposal) => `${proposal}\n`))];
    const fresh = texts.filter((text) => !tried.has(text) && options.fits(text));
    for (const text of fresh) {
      tried.set(text, (await options.score(text)).loss);
      yield { step, text };
    }
    emptyRounds = fresh.length > 0 ? 0 : emptyRounds + 1;
    if (fresh.length > 0) continue;
    const found =
      proposals.length > 0 ? say`only instructions that were tried or are too long` : say`no instruction`;
    const problem = say`the model's answer has ${found}: ${JSON.stringify(beginning(answer))}`;
    if (emptyRounds === patience)
      throw new PromptuneError(
        say`${problem}, in each of ${patience} rounds in a row; use a more capable model`,
      );
    options.onWarning?.(problem);
  }
}

/** The request to the language model. The best instruction comes last, next to the question. */
export function metaPrompt(tried: readonly Tried[], examples: readonly Example[], count: number): string {
  const best = tried
    .filter(({ text }) => text.trim() !== '')
    .sort((a, b) => b.loss - a.loss)
    .slice(-numShown);
  const parts = [
    'A language model is given an instruction, then an input on the next line, and must write the output. Find the instruction with which it does so best.',
    'Examples of inputs and their right outputs:',
    ...examples.map(({ input, output }) => `Input: ${input.trim()}\nOutput: ${output.trim()}`),
    ...(best.length > 0
      ? [
          'Instructions tried so far. The loss is the mean of -log p of the right outputs: lower is better. The best one comes last.',
          ...best.map(({ text, loss }) => `Instruction: ${text.trim()}\nLoss: ${loss.toFixed(4)}`),
        ]
      : []),
    `Write ${count} new instructions that differ from each other${best.length > 0 ? ' and from these, with lower losses' : ''}. ` +
      'Each is one short line between <instruction> and </instruction>. Write nothing else.',
  ];
  return parts.join('\n\n');
}

/** The instructions in an answer, each as one line. */
export function instructionsIn(answer: string): string[] {
  return [...answer.matchAll(/<instruction>([\s\S]*?)<\/instruction>/gi)]
    .map(([, text]) => text!.replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '');
}
