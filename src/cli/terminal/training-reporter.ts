/** @file Shows a training run: a progress bar on a terminal, plain lines elsewhere, JSON lines for programs. */

import cliProgress from 'cli-progress';
import type { KeptStatesSummary, RunSummary, StepEvent, TrainingEvent } from '../../index.js';
import type { FirstUse, TrainJobResult, TrialEvent } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { asTyped } from '../options/arguments.js';
import { flagName } from '../options/schema-flags.js';
import { formatBytes, formatDuration, formatLoss, shellWord } from './format.js';
import { promptune } from './invocation.js';

export interface TrainingReporter {
  event(event: ReportedEvent): void;
  /** A note to the user during the run. */
  note(message: string): void;
  /** @param output the run's folder */
  end(result: TrainJobResult, output: string): void;
  /** Restores the terminal. */
  close(): void;
}

type ReportedEvent = TrainingEvent | TrialEvent;

export function trainingReporter({ json }: { json: boolean }): TrainingReporter {
  if (json) return jsonReporter();
  return process.stdout.isTTY && process.stderr.isTTY ? barReporter() : lineReporter();
}

function jsonReporter(): TrainingReporter {
  const write = (value: object) => console.log(JSON.stringify(value));
  return {
    event: write,
    note: (message) => write({ type: 'warning', message }),
    end: ({ adapterPath, firstUse: _, ...result }) => write({ type: 'end', ...result, adapter: adapterPath }),
    close: () => {},
  };
}

function lineReporter(): TrainingReporter {
  const write = (line: string) => console.log(line);
  const describe = eventDescriber(write);
  let lastStepAt = 0;
  return {
    event(event) {
      describe(event);
      if (event.type !== 'step') return;
      // At most one line every two seconds, but always the first and the last.
      const now = performance.now();
      if (event.step > 1 && event.step < event.totalSteps && now - lastStepAt < 2000) return;
      lastStepAt = now;
      write(messages().training.step(event.step, event.totalSteps, stepFigures(event)));
    },
    note: write,
    end: (result, output) => describeEnd(result, output, write),
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
      describe(event);
      if (event.type !== 'step') return;
      if (!started) bar.start(event.totalSteps, event.step, { figures: '' });
      started = true;
      bar.update(event.step, { figures: stepFigures(event) });
    },
    note: write,
    end(result, output) {
      close();
      describeEnd(result, output, write);
    },
    close,
  };
}

function stepFigures({ loss, tokensPerSecond, etaSeconds }: StepEvent): string {
  const speed = Math.round(tokensPerSecond).toLocaleString('en');
  return messages().training.figures(formatLoss(loss), speed, formatDuration(etaSeconds));
}

/** Summary of a run in sentences. */
export function summaryLines(run: RunSummary): string[] {
  const count = (number: number) => number.toLocaleString('en');
  const { training, common } = messages();
  const data = [
    training.examples(count(run.examples)),
    ...(run.truncated > 0 ? [training.truncated(count(run.truncated))] : []),
    ...(run.dropped > 0 ? [training.dropped(count(run.dropped))] : []),
    ...(run.validationExamples > 0 ? [training.validation(count(run.validationExamples))] : []),
  ];
  return [
    training.what(run.method, run.model, count(run.trainableParameters), run.initialization),
    ...(run.recognized === undefined ? [] : [training.recognized(run.recognized)]),
    ...(run.notes ?? []),
    training.steps(data, count(run.totalSteps), count(run.stepsPerEpoch)),
    ...(run.warnings ?? []).map(common.warning),
    ...(run.keptStates ? [statesLine(run.keptStates)] : []),
    training.memory(formatBytes(run.estimatedMemoryBytes), formatBytes(run.weightBytes)),
    ...(run.estimatedSeconds === undefined ? [] : [training.duration(formatDuration(run.estimatedSeconds))]),
  ];
}

const statesLine = ({ bytes, place, share }: KeptStatesSummary) =>
  messages().training.states(formatBytes(bytes), place, Math.round(100 * share));

/** Steps after which the time of the others is said, where it is worth it. */
const measuredSteps = 3;
const leastSeconds = 20;

/** Writes what events say, but for the progress of steps. */
function eventDescriber(write: (line: string) => void): (event: ReportedEvent) => void {
  let steps = 0;
  return (event) => {
    if (event.type === 'step' && ++steps === measuredSteps && event.etaSeconds >= leastSeconds) {
      const { step, totalSteps, etaSeconds } = event;
      write(messages().training.time(formatDuration(etaSeconds), totalSteps - step));
    }
    if (event.type === 'trial') write(trialLine(event));
    if (event.type === 'start') for (const line of summaryLines(event)) write(line);
    if (event.type === 'resumed') {
      const { step, totalSteps } = event;
      const { resuming, allDone } = messages().training;
      write(step < totalSteps ? resuming(step, totalSteps) : allDone(totalSteps));
    }
    if (event.type === 'sample')
      for (const { prompt, text } of event.samples)
        write(messages().training.sampled(event.step, JSON.stringify(prompt), JSON.stringify(text)));
    if (event.type === 'warning') write(messages().common.warning(event.message));
    if (event.type === 'labels') {
      const { examples, accuracy, untuned, majority } = event;
      write(
        messages().training.labels(examples, accuracy.toFixed(4), untuned?.toFixed(4), majority.toFixed(4)),
      );
      if (accuracy < majority) write(messages().common.belowMajority);
    }
    if (event.type === 'validation') {
      const { step, loss, accuracy, best } = event;
      write(messages().training.validated(step, formatLoss(loss), accuracy?.toFixed(4), loss === best));
    }
  };
}

function trialLine({ number, count, steps, loss, learningRate, methodOptions }: TrialEvent): string {
  const options = Object.entries(methodOptions).map(([name, value]) => `, ${flagName(name)} ${value}`);
  const settings = `--learning-rate ${learningRate}${options.join('')}`;
  return messages().training.trial(
    number,
    count,
    settings,
    loss === null ? undefined : formatLoss(loss),
    steps,
  );
}

function describeEnd(
  { stopped, stoppedEarly, step, best, adapterPath, firstUse }: TrainJobResult,
  output: string,
  write: (line: string) => void,
): void {
  if (stopped) {
    write(messages().training.stopped(step, promptune('train', '--resume', '--output', shellWord(output))));
    return;
  }
  const { bestAt, afterStep, done, tryIt } = messages().training;
  const which = best ? bestAt(formatLoss(best.loss), best.step) : afterStep(step);
  write(done(which, stoppedEarly, adapterPath));
  if (firstUse) write(tryIt(commandOf(firstUse)));
}

/** A command line as it is typed into a shell. */
function commandOf({ command, options }: FirstUse): string {
  const words = Object.entries(options).flatMap(([name, value]) => {
    if (value === true) return [flagName(name)];
    if (typeof value === 'string') return [`${flagName(name)} ${shellWord(escaped(name, value))}`];
    return Object.entries(value).map(
      ([label, own]) => `${flagName(name)} ${shellWord(asTyped(`${label}=${own.join(',')}`))}`,
    );
  });
  return promptune(command, ...words);
}

const escaped = (name: string, value: string) =>
  name === 'adapter' || name === 'model' || name === 'labelField' ? value : asTyped(value);
