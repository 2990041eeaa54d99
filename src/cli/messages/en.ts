/** @file What the command line says, in English. Keys name the place; numbers and names come formatted. */
import { inEnglish } from '../../say.js';

export const en = {
  common: {
    seconds: (seconds: number | string) => `${seconds} s`,
    minutes: (minutes: number, seconds: number) => `${minutes} min ${seconds} s`,
    hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
    bytes: (bytes: number) => `${bytes} bytes`,
    counted: (what: string, done: string, total: string) => `${what}: ${done} of ${total}`,
    warning: (text: string) => `Warning: ${text}`,
    loss: 'loss',
    perplexity: 'perplexity',
    accuracy: 'accuracy',
    step: (step: string) => `step ${step}`,
    report: (file: string) => `Report: ${file}`,
    predictions: (file: string) => `Predictions: ${file}`,
    exactly: (label: string, share: string) => `always ${label}: accuracy ${share}`,
    belowMajority: 'The accuracy is below that: nothing is gained over the most frequent label.',
  },
  help: {
    methods: (names: readonly string[]) =>
      `The options of ${names.join(' and ')} are listed. ` +
      'For another method, see promptune train --method NAME --help.',
    afterError: (command: string) => `(${command} --help shows all options)`,
    /** A message of commander's. */
    error: (message: string) => message,
  },
  progress: {
    tokenizer: 'Learning a tokenizer',
    data: 'Reading the data',
    training: 'Training',
    model: 'The model alone',
    adapter: 'With the adapter',
    head: 'With the head',
    other: (name: string) => `With ${name}`,
    labeling: 'Labeling',
    works: (done: number, total: number, timeLeft: string) => `${done} of ${total} done${timeLeft}`,
    timeLeft: (duration: string) => `, about ${duration} left`,
    starting: 'starting',
    stages: { data: 'data', tokenizer: 'tokenizer', training: 'training', scoring: 'scoring' },
    part: (stage: string, done: number, total: number) => `${stage} ${done} of ${total}`,
  },
  training: {
    figures: (loss: string, speed: string, left: string) => `loss ${loss}  ${speed} tokens/s  ${left} left`,
    step: (step: number, total: number, figures: string) => `step ${step}/${total}  ${figures}`,
    what: (method: string, model: string, parameters: string, initialization: string) =>
      inEnglish`${method} on ${model}: ${parameters} trainable parameter|parameters, initialized from ${initialization}`,
    recognized: (shape: string) => `read as ${shape}`,
    examples: (count: string) => inEnglish`${count} example|examples`,
    truncated: (count: string) => `${count} truncated`,
    dropped: (count: string) => `${count} more skipped as too long`,
    validation: (count: string) => `${count} for validation`,
    steps: (data: readonly string[], steps: string, perEpoch: string) =>
      inEnglish`${data.join(', ')}: ${steps} step|steps, ${perEpoch} per epoch`,
    states: (size: string, place: 'memory' | 'folder', saved: number) => {
      const where = place === 'memory' ? 'in memory' : "in the run's folder";
      const saving = saved > 0 ? `, which saves ${saved} % of each step after the first epoch` : '';
      return `frozen states: up to ${size} kept ${where}${saving}`;
    },
    memory: (size: string, weights: string) =>
      `estimated memory: ${size}, plus ${weights} of weights, which stay in their file`,
    time: (duration: string, steps: number) =>
      inEnglish`time: about ${duration} for the other ${steps} step|steps`,
    resuming: (step: number, total: number) => `Resuming after step ${step} of ${total}`,
    allDone: (total: number) => inEnglish`All ${total} step|steps is|are done`,
    sampled: (step: number, prompt: string, text: string) => `step ${step}: ${prompt} goes on ${text}`,
    validated: (step: number, loss: string, accuracy: string | undefined, isBest: boolean) =>
      `step ${step}: validation loss ${loss}${accuracy === undefined ? '' : `, accuracy ${accuracy}`}` +
      (isBest ? ', best so far' : ''),
    trial: (number: number, count: number, options: string, loss: string | undefined, steps: number) =>
      `trial ${number}/${count}: ${options}: ` +
      inEnglish`${loss === undefined ? 'diverged' : `validation loss ${loss}`} after ${steps} step|steps`,
    stopping: 'Stopping. Press Ctrl-C again to end at once, which loses the steps since the last checkpoint.',
    stopped: (step: number, command: string) => `Stopped after step ${step}. Resume with: ${command}`,
    bestAt: (loss: string, step: number) => `best validation loss ${loss} at step ${step}`,
    afterStep: (step: number) => `after step ${step}`,
    done: (which: string, stoppedEarly: boolean, path: string) =>
      `Done (${which}${stoppedEarly ? ', stopped early' : ''}). The result is in ${path}`,
    tryIt: (command: string) => `Try it: ${command}`,
  },
  evaluation: {
    data: (path: string, examples: number, truncated: number, dropped: number, shape: string | undefined) =>
      inEnglish`${path}: ${examples} example|examples${truncated > 0 ? ` (${truncated} truncated)` : ''}` +
      (dropped > 0 ? ` (${dropped} more skipped as too long)` : '') +
      (shape === undefined ? '' : `, read as ${shape}`),
    labelTokens: (count: number) => inEnglish`, ${count} label token|tokens`,
    labels: (count: number) => inEnglish`, ${count} label|labels`,
    withAdapter: 'with the adapter',
    withoutIt: 'without it',
    theModel: 'the model',
    headScores: (loss: string, findsAnswers: boolean, accuracy: string) =>
      `loss ${loss}, ${findsAnswers ? 'exact answers' : 'accuracy'} ${accuracy}`,
    precisions: ['dtype', 'loss', 'perplexity', '', 'weights', 'private', 'load', 'evaluation'],
    scored: (path: string, count: number) =>
      inEnglish`${path}: ${count} example|examples (in brackets: 95 % intervals over rows)`,
    score: 'score',
    difference: 'difference',
    correct: (accuracy: string, correct: number, total: number) =>
      `accuracy ${accuracy} (${correct} of ${total})`,
    answerAt: (score: string, start: number) => `(${score}, at ${start})`,
  },
  benchmark: {
    majority: (label: string, share: string, rows: number) =>
      inEnglish`Always ${label}: ${share} % of ${rows} row|rows.`,
    headings: {} as Readonly<Record<string, string>>,
    /** What the library advises. */
    advice: (text: string) => text,
  },
  compare: {
    rows: (count: number) =>
      inEnglish`${count} row|rows of the same data; difference: second minus first, with its 95 % interval`,
    lost: (id: string, note: string | undefined) => `${id}: lost (${note}); it is computed again`,
    failed: (id: string, message: string) => `${id}: failed: ${message}`,
    kept: ' (kept)',
    stopped: (command: string) => `Stopped. Resume with the same command: ${command}`,
    part: (number: number, of: number, cells: number, url: string) =>
      inEnglish`Part ${number} of ${of}: ${cells} cell|cells is|are in ${url}`,
    gather: 'When all parts are done, the same command without --part makes the table',
    output: (folder: string) => `The table, all results and a report with charts are in ${folder}`,
    someFailed: (failed: number, total: number) => inEnglish`${failed} of ${total} cell|cells failed:`,
    again: 'The same command computes them again',
  },
  inspect: {
    notShown: (note: string) => `The nearest tokens are not shown; add --model to see them. ${note}`,
    model: (name: string) => `Model: ${name}`,
    rows: (name: string, rows: string) => inEnglish`${name} (${rows} row|rows)`,
    trained: (steps: number, examples: string, sources: readonly string[]) =>
      inEnglish`Trained: ${steps} step|steps on ${examples} example|examples of ${sources.join(', ')}`,
    validation: (loss: string, accuracy: string | undefined, examples: number) =>
      inEnglish`Validation: loss ${loss}${accuracy === undefined ? '' : `, accuracy ${accuracy}`} on ${examples} example|examples`,
    chat: "Prompts: messages in the model's chat format",
    template: (template: string) => `Prompts: ${template}`,
    labels: (names: readonly string[]) => `Labels: ${names.join(', ')}`,
    size: (folder: string, kind: string, parameters: string, size: string) =>
      inEnglish`${folder}: ${kind}, ${parameters} parameter|parameters, ${size}`,
    cannotBeLoaded: (problem: string) => `  cannot be loaded: ${problem}`,
    inLayers: (tensor: string, count: number) => inEnglish`${tensor}, in ${count} layer|layers`,
    nearest: 'Nearest tokens (cosine of the embeddings):',
    token: (place: string, length: string, list: string) => `  ${place}  length ${length}  ${list}`,
    more: (count: number) => `  … and ${count} more; --full shows all`,
  },
  runs: {
    columns: ['run', 'method', 'state', 'steps', 'loss', 'best validation', 'time'],
    note: 'note',
    states: {} as Readonly<Record<string, string>>,
    stays: (folder: string, left: readonly string[]) =>
      `${folder} stays, because it also has ${left.join(', ')}`,
    loss: 'loss',
    validationLoss: 'validation loss',
  },
  serve: {
    finishing: 'Finishing what is under way; once more to end at once.',
    serving: (models: readonly string[], url: string) => `Serving ${models.join(', ')} at ${url}`,
    owner: (url: string) => `Its owner's port is at ${url}`,
    refused: (id: string, reason: string) => `${id} is not served: ${reason}`,
    loaded: (id: string) => `${id} is served`,
    unloaded: (id: string) => `${id} is not served any more`,
  },
  studio: {
    stopping: 'Stopping jobs, which keep what they have learned; once more to end at once.',
    open: (model: string, folder: string, url: string) =>
      `The studio over ${model} and ${folder} is at ${url}`,
    written: (folder: string) =>
      `The studio's page is in ${folder}, to be served by any host of static files: npx serve ${folder}`,
  },
  quickstart: {
    begin: (model: string, rows: number, first: string, second: string) =>
      `Training a soft prompt: 20 vectors before every text. The model (${model}) stays frozen; only the
vectors change, until it finds descriptions of cats likely. It sees ${rows} of them, such as
   ${first}
   ${second}
`,
    step: (step: number, steps: number, loss: string) => `step ${step} of ${steps}, loss ${loss}`,
    same: '\nThe same beginnings, without the soft prompt and with it:\n',
    without: 'without',
    with: 'with   ',
    next: (adapter: string) =>
      `The soft prompt is in ${adapter}, and PEFT can load it too. What you can do next:`,
    prompt: 'A clever cat',
  },
  files: {
    merged: (output: string, model: string, method: string) => `${output}: ${model} with ${method}`,
    lora: (output: string) => `${output}: a LoRA, which llama.cpp loads with --lora`,
    prefix: (count: number, output: string) => `${count} keys and values per layer are in ${output}`,
  },
};

/** All messages; every language has the same. */
export type Messages = typeof en;
