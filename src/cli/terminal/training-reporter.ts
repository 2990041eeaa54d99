/** @file Shows a training run: a progress bar on a terminal, plain lines elsewhere, JSON lines for programs. */
import cliProgress from 'cli-progress';
import { methodNamed, type RunSummary, type StepEvent, type TrainingEvent } from '../../index.js';
import type { ResolvedRunConfig, TrainJobResult } from '../../workspace/index.js';
import { formatBytes, formatDuration, formatLoss, shellWord } from './format.js';

export interface FinishedRun
  extends Pick<ResolvedRunConfig, 'method' | 'taskType' | 'template' | 'completionTemplate' | 'verbalizer'> {
  model: string;
  output: string;
}

export interface TrainingReporter {
  event(event: TrainingEvent): void;
  /** A note to the user during the run. */
  note(message: string): void;
  end(result: TrainJobResult, run: FinishedRun): void;
  /** Restores the terminal. */
  close(): void;
}

export function trainingReporter({ json }: { json: boolean }): TrainingReporter {
  if (json) return jsonReporter();
  return process.stdout.isTTY && process.stderr.isTTY ? barReporter() : lineReporter();
}

function jsonReporter(): TrainingReporter {
  const write = (value: object) => console.log(JSON.stringify(value));
  return {
    event: write,
    note: (message) => write({ type: 'warning', message }),
    end: ({ adapterPath, ...result }) => write({ type: 'end', ...result, adapter: adapterPath }),
    close: () => {},
  };
}

function lineReporter(): TrainingReporter {
  const write = (line: string) => console.log(line);
  const describe = eventDescriber(write);
  let lastStepAt = 0;
  return {
    event(event) {
      if (event.type !== 'step') return describe(event);
      // At most one line every two seconds, but always the first and the last.
      const now = performance.now();
      if (event.step > 1 && event.step < event.totalSteps && now - lastStepAt < 2000) return;
      lastStepAt = now;
      write(`step ${event.step}/${event.totalSteps}  ${stepFigures(event)}`);
    },
    note: write,
    end: (result, run) => describeEnd(result, run, write),
    close: () => {},
  };
}

function barReporter(): TrainingReporter {
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total}  {figures}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    gracefulExit: false, // it would end the process on Ctrl-C
  });
  let started = false;
  /** Prints a line above the bar. */
  const write = (line: string) => {
    if (started) process.stderr.write('\r\x1b[K');
    console.log(line);
    if (started) bar.render();
  };
  const describe = eventDescriber(write);
  const close = () => {
    if (started) bar.stop();
    started = false;
  };
  return {
    event(event) {
      if (event.type !== 'step') return describe(event);
      if (!started) bar.start(event.totalSteps, event.step, { figures: '' });
      started = true;
      bar.update(event.step, { figures: stepFigures(event) });
    },
    note: write,
    end(result, run) {
      close();
      describeEnd(result, run, write);
    },
    close,
  };
}

function stepFigures({ loss, tokensPerSecond, etaSeconds }: StepEvent): string {
  const speed = Math.round(tokensPerSecond).toLocaleString('en');
  return `loss ${formatLoss(loss)}  ${speed} tokens/s  ${formatDuration(etaSeconds)} left`;
}

/** Summary of a run in sentences. */
export function summaryLines(run: RunSummary): string[] {
  const count = (number: number) => number.toLocaleString('en');
  const data = [
    `${count(run.examples)} examples`,
    ...(run.truncated > 0 ? [`${count(run.truncated)} truncated`] : []),
    ...(run.dropped > 0 ? [`${count(run.dropped)} more skipped as too long`] : []),
    ...(run.validationExamples > 0 ? [`${count(run.validationExamples)} for validation`] : []),
  ];
  return [
    `${run.method} on ${run.model}: ${count(run.trainableParameters)} trainable parameters, initialized from ${run.initialization}`,
    ...(run.recognized === undefined ? [] : [`read as ${run.recognized}`]),
    ...(run.notes ?? []),
    `${data.join(', ')}: ${count(run.totalSteps)} steps, ${count(run.stepsPerEpoch)} per epoch`,
    `estimated memory: ${formatBytes(run.estimatedMemoryBytes)}, plus the model's weights, which stay in their file`,
  ];
}

function eventDescriber(
  write: (line: string) => void,
): (event: Exclude<TrainingEvent, { type: 'step' }>) => void {
  return (event) => {
    if (event.type === 'start') for (const line of summaryLines(event)) write(line);
    if (event.type === 'resumed') {
      const { step, totalSteps } = event;
      write(
        step < totalSteps
          ? `Resuming after step ${step} of ${totalSteps}`
          : `All ${totalSteps} steps are done`,
      );
    }
    if (event.type === 'warning') write(`Warning: ${event.message}`);
    if (event.type === 'validation') {
      const best = event.loss === event.best ? ', best so far' : '';
      const accuracy = event.accuracy === undefined ? '' : `, accuracy ${event.accuracy.toFixed(4)}`;
      write(`step ${event.step}: validation loss ${formatLoss(event.loss)}${accuracy}${best}`);
    }
  };
}

function describeEnd(
  { stopped, stoppedEarly, step, best, adapterPath }: TrainJobResult,
  run: FinishedRun,
  write: (line: string) => void,
): void {
  const { model, method, output } = run;
  if (stopped) {
    write(`Stopped after step ${step}. Resume with: promptune train --resume --output ${shellWord(output)}`);
    return;
  }
  const why = stoppedEarly ? ', stopped early' : '';
  const which = best
    ? `best validation loss ${formatLoss(best.loss)} at step ${best.step}`
    : `after step ${step}`;
  write(`Done (${which}${why}). The result is in ${adapterPath}`);
  const isAdapter = !methodNamed(method).savesModel;
  const options = isAdapter
    ? `--model ${shellWord(model)} --adapter ${shellWord(adapterPath)}`
    : `--model ${shellWord(adapterPath)}`;
  const [command, input] = useOf(run);
  write(`Try it: promptune ${command} ${options} ${input}`);
}

/** The command that uses the adapter, and its input. */
function useOf(run: FinishedRun): [command: string, input: string] {
  const { taskType, template, completionTemplate, verbalizer } = run;
  if (taskType === 'question-answering') return ['classify', '--question "..." --context "..."'];
  if (taskType !== 'causal-lm') return ['classify', '--text "..."'];
  if (!verbalizer) return ['generate', '--prompt "..."'];
  const words = Object.entries(verbalizer).map(
    ([label, given]) => `--verbalizer ${shellWord(`${label}=${[given].flat().join(',')}`)}`,
  );
  const shape = [
    ...(template === undefined ? [] : [`--template ${shellWord(template)}`]),
    ...(completionTemplate === undefined ? [] : [`--completion-template ${shellWord(completionTemplate)}`]),
  ];
  return ['classify', [...shape, ...words, '--data "..."'].join(' ')];
}
