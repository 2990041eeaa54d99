/** @file What the commands print, by its place. Numbers and names come formatted. */
import { say } from '../../say.js';
import { usageError } from './usage-errors.js';

/** In the language that is spoken now. */
export const messages = () => ({
  common: {
    seconds: (seconds: number | string) => say`${seconds} s`,
    minutes: (minutes: number, seconds: number) => say`${minutes} min ${seconds} s`,
    hours: (hours: number, minutes: number) => say`${hours} h ${minutes} min`,
    bytes: (bytes: number) => say`${bytes} byte|bytes`,
    counted: (what: string, done: string, total: string) => say`${what}: ${done} of ${total}`,
    warning: (text: string) => say`Warning: ${text}`,
    loss: say`loss`,
    perplexity: say`perplexity`,
    accuracy: say`accuracy`,
    step: (step: string) => say`step ${step}`,
    report: (file: string) => say`Report: ${file}`,
    predictions: (file: string) => say`Predictions: ${file}`,
    exactly: (label: string, share: string) => say`always ${label}: accuracy ${share}`,
    belowMajority: say`The accuracy is below that: nothing is gained over the most frequent label.`,
  },
  help: {
    methods: (names: readonly string[]) =>
      say`The options of ${names.join(say` and `)} are listed. For another method, see promptune train --method NAME
        --help.`,
    afterError: (command: string) => say`(${command} --help shows all options)`,
    /** A message of commander's. */
    error: usageError,
  },
  progress: {
    tokenizer: say`Learning a tokenizer`,
    data: say`Reading the data`,
    training: say`Training`,
    model: say`The model alone`,
    adapter: say`With the adapter`,
    head: say`With the head`,
    other: (name: string) => say`With ${name}`,
    labeling: say`Labeling`,
    works: (done: number, total: number, timeLeft: string) => say`${done} of ${total} done${timeLeft}`,
    timeLeft: (duration: string) => say`, about ${duration} left`,
    starting: say`starting`,
    stages: { data: say`data`, tokenizer: say`tokenizer`, training: say`training`, scoring: say`scoring` },
    part: (stage: string, done: number, total: number) => say`${stage} ${done} of ${total}`,
  },
  training: {
    figures: (loss: string, speed: string, left: string) =>
      say`loss ${loss}  ${speed} tokens/s  ${left} left`,
    step: (step: number, total: number, figures: string) => say`step ${step}/${total}  ${figures}`,
    what: (method: string, model: string, parameters: string, initialization: string) =>
      say`${method} on ${model}: ${parameters} trainable parameter|parameters, initialized from ${initialization}`,
    recognized: (shape: string) => say`read as ${shape}`,
    examples: (count: string) => say`${count} example|examples`,
    truncated: (count: string) => say`${count} truncated`,
    dropped: (count: string) => say`${count} more skipped as too long`,
    validation: (count: string) => say`${count} for validation`,
    steps: (data: readonly string[], steps: string, perEpoch: string) =>
      say`${data.join(say`, `)}: ${steps} step|steps, ${perEpoch} per epoch`,
    states: (size: string, place: 'memory' | 'folder', saved: number) => {
      const where = place === 'memory' ? say`in memory` : say`in the run's folder`;
      const saving = saved > 0 ? say`, which saves ${saved} % of each step after the first epoch` : '';
      return say`frozen states: up to ${size} kept ${where}${saving}`;
    },
    memory: (size: string, weights: string) =>
      say`estimated memory: ${size}, plus ${weights} of weights, which stay in their file`,
    duration: (duration: string) => say`time: about ${duration} on this machine, from one step`,
    time: (duration: string, steps: number) => say`time: about ${duration} for the other ${steps} step|steps`,
    resuming: (step: number, total: number) => say`Resuming after step ${step} of ${total}`,
    allDone: (total: number) => say`All ${total} step|steps is|are done`,
    sampled: (step: number, prompt: string, text: string) => say`step ${step}: ${prompt} goes on ${text}`,
    validated: (step: number, loss: string, accuracy: string | undefined, isBest: boolean) =>
      say`step ${step}: validation loss ${loss}${accuracy === undefined ? '' : say`, accuracy ${accuracy}`}` +
      (isBest ? say`, best so far` : ''),
    labels: (examples: number, accuracy: string, untuned: string | undefined, majority: string) =>
      say`validation accuracy ${accuracy} on ${examples} row|rows` +
      (untuned === undefined ? '' : say`; the model alone: ${untuned}`) +
      say`; always the most frequent label: ${majority}`,
    trial: (number: number, count: number, options: string, loss: string | undefined, steps: number) =>
      say`trial ${number}/${count}: ${options}: ` +
      say`${loss === undefined ? say`diverged` : say`validation loss ${loss}`} after ${steps} step|steps`,
    stopping: say`Stopping. Press Ctrl-C again to end at once, which loses the steps since the last checkpoint.`,
    stopped: (step: number, command: string) => say`Stopped after step ${step}. Resume with: ${command}`,
    bestAt: (loss: string, step: number) => say`best validation loss ${loss} at step ${step}`,
    afterStep: (step: number) => say`after step ${step}`,
    done: (which: string, stoppedEarly: boolean, path: string) =>
      say`Done (${which}${stoppedEarly ? say`, stopped early` : ''}). The result is in ${path}`,
    tryIt: (command: string) => say`Try it: ${command}`,
  },
  evaluation: {
    data: (path: string, examples: number, truncated: number, dropped: number, shape: string | undefined) =>
      say`${path}: ${examples} example|examples${truncated > 0 ? say` (${truncated} truncated)` : ''}` +
      (dropped > 0 ? say` (${dropped} more skipped as too long)` : '') +
      (shape === undefined ? '' : say`, read as ${shape}`),
    labelTokens: (count: number) => say`, ${count} label token|tokens`,
    labels: (count: number) => say`, ${count} label|labels`,
    withAdapter: say`with the adapter`,
    withoutIt: say`without it`,
    theModel: say`the model`,
    headScores: (loss: string, findsAnswers: boolean, accuracy: string) =>
      say`loss ${loss}, ${findsAnswers ? say`exact answers` : say`accuracy`} ${accuracy}`,
    precisions: [
      say`dtype`,
      say`loss`,
      say`perplexity`,
      '',
      say`weights`,
      say`private`,
      say`load`,
      say`evaluation`,
    ],
    scored: (path: string, count: number) =>
      say`${path}: ${count} example|examples (in brackets: 95 % intervals over rows)`,
    score: say`score`,
    difference: say`difference`,
    correct: (accuracy: string, correct: number, total: number) =>
      say`accuracy ${accuracy} (${correct} of ${total})`,
    answerAt: (score: string, start: number) => say`(${score}, at ${start})`,
  },
  benchmark: {
    majority: (label: string, share: string, rows: number) =>
      say`Always ${label}: ${share} % of ${rows} row|rows.`,
  },
  compare: {
    rows: (count: number) =>
      say`${count} row|rows of the same data; difference: second minus first, with its 95 % interval`,
    lost: (id: string, note: string | undefined) => say`${id}: lost (${note}); it is computed again`,
    failed: (id: string, message: string) => say`${id}: failed: ${message}`,
    kept: say` (kept)`,
    stopped: (command: string) => say`Stopped. Resume with the same command: ${command}`,
    part: (number: number, of: number, cells: number, url: string) =>
      say`Part ${number} of ${of}: ${cells} cell|cells is|are in ${url}`,
    gather: say`When all parts are done, the same command without --part makes the table`,
    output: (folder: string) => say`The table, all results and a report with charts are in ${folder}`,
    someFailed: (failed: number, total: number) => say`${failed} of ${total} cell|cells failed:`,
    again: say`The same command computes them again`,
  },
  inspect: {
    notShown: (note: string) => say`The nearest tokens are not shown; add --model to see them. ${note}`,
    model: (name: string) => say`Model: ${name}`,
    rows: (name: string, rows: string) => say`${name} (${rows} row|rows)`,
    trained: (steps: number, examples: string, sources: readonly string[]) =>
      say`Trained: ${steps} step|steps on ${examples} example|examples of ${sources.join(', ')}`,
    validation: (loss: string, accuracy: string | undefined, examples: number) =>
      say`Validation: loss ${loss}${accuracy === undefined ? '' : say`, accuracy ${accuracy}`} on ${examples} example|examples`,
    chat: say`Prompts: messages in the model's chat format`,
    template: (template: string) => say`Prompts: ${template}`,
    labels: (names: readonly string[]) => say`Labels: ${names.join(', ')}`,
    size: (folder: string, kind: string, parameters: string, size: string) =>
      say`${folder}: ${kind}, ${parameters} parameter|parameters, ${size}`,
    cannotBeLoaded: (problem: string) => say`  cannot be loaded: ${problem}`,
    inLayers: (tensor: string, count: number) => say`${tensor}, in ${count} layer|layers`,
    nearest: say`Nearest tokens (cosine of the embeddings):`,
    token: (place: string, length: string, list: string) => say`  ${place}  length ${length}  ${list}`,
    more: (count: number) => say`  … and ${count} more; --full shows all`,
  },
  runs: {
    columns: [say`run`, say`method`, say`state`, say`steps`, say`loss`, say`best validation`, say`time`],
    note: say`note`,
    stays: (folder: string, left: readonly string[]) =>
      say`${folder} stays, because it also has ${left.join(', ')}`,
    loss: say`loss`,
    validationLoss: say`validation loss`,
  },
  serve: {
    finishing: say`Finishing what is under way; once more to end at once.`,
    serving: (models: readonly string[], url: string) => say`Serving ${models.join(', ')} at ${url}`,
    owner: (url: string) => say`Its owner's port is at ${url}`,
    refused: (id: string, reason: string) => say`${id} is not served: ${reason}`,
    loaded: (id: string) => say`${id} is served`,
    unloaded: (id: string) => say`${id} is not served any more`,
  },
  studio: {
    stopping: say`Stopping jobs, which keep what they have learned; once more to end at once.`,
    open: (model: string, folder: string, url: string) =>
      say`The studio over ${model} and ${folder} is at ${url}`,
    written: (folder: string) =>
      say`The studio's page is in ${folder}, to be served by any host of static files: ${`npx serve ${folder}`}`,
  },
  quickstart: {
    begin: (model: string, rows: number, first: string, second: string) => {
      const what = say`Training a soft prompt: 20 vectors before every text. The model (${model}) stays frozen; only the
vectors change, until it finds descriptions of cats likely. It sees ${rows} of them, such as`;
      return `${what}\n   ${first}\n   ${second}\n`;
    },
    step: (step: number, steps: number, loss: string) => say`step ${step} of ${steps}, loss ${loss}`,
    same: say`\nThe same beginnings, without the soft prompt and with it:\n`,
    without: say`without`,
    with: say`with   `,
    next: (adapter: string) =>
      say`The soft prompt is in ${adapter}, and PEFT can load it too. What you can do next:`,
    prompt: say`A clever cat`,
  },
  files: {
    merged: (output: string, model: string, method: string) => say`${output}: ${model} with ${method}`,
    lora: (output: string) => say`${output}: a LoRA, which llama.cpp loads with --lora`,
    prefix: (count: number, output: string) => say`${count} keys and values per layer are in ${output}`,
  },
});
