/** @file Shows a training run: a progress bar on a terminal, plain lines elsewhere, JSON lines for machines. */
import cliProgress from 'cli-progress';
import type { TrainingEvent } from '../training/events.js';
import type { TrainAdapterResult } from '../training/train-adapter.js';
import { formatDuration, formatLoss } from './format.js';

export interface TrainingReporter {
  start(run: { model: string; method: string; trainableParameters: number; startsFrom: string }): void;
  event(event: TrainingEvent): void;
  /** Something that the user should read while the run goes on. */
  note(message: string): void;
  end(result: TrainAdapterResult, run: { model: string; output: string }): void;
  /** Takes the progress bar away. */
  close(): void;
}

export function trainingReporter({ json }: { json: boolean }): TrainingReporter {
  if (json) return jsonReporter();
  return process.stdout.isTTY ? barReporter() : lineReporter();
}

function jsonReporter(): TrainingReporter {
  const write = (value: object) => console.log(JSON.stringify(value));
  return {
    start: (run) => write({ type: 'start', ...run }),
    event: write,
    note: (message) => write({ type: 'warning', message }),
    end: ({ adapterPath, ...result }) => write({ type: 'end', ...result, adapter: adapterPath }),
    close: () => {},
  };
}

function lineReporter(): TrainingReporter {
  const write = (line: string) => console.log(line);
  let lastStepAt = 0;
  return {
    ...peopleReporter(write),
    event(event) {
      if (event.type === 'step') {
        // At most a line every two seconds, and always the first and the last.
        const now = performance.now();
        if (event.step > 1 && event.step < event.totalSteps && now - lastStepAt < 2000) return;
        lastStepAt = now;
        write(`step ${event.step}/${event.totalSteps}  ${stepFigures(event)}`);
      } else describeEvent(event, write);
    },
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
    gracefulExit: false,
  });
  let started = false;
  /** Prints a line above the bar. */
  const write = (line: string) => {
    if (started) process.stderr.write('\r\x1b[K');
    console.log(line);
    if (started) bar.render();
  };
  return {
    ...peopleReporter(write),
    event(event) {
      if (event.type !== 'step') return describeEvent(event, write);
      if (!started) bar.start(event.totalSteps, event.step, { figures: '' });
      started = true;
      bar.update(event.step, { figures: stepFigures(event) });
    },
    close() {
      if (started) bar.stop();
      started = false;
    },
  };
}

function peopleReporter(write: (line: string) => void): Pick<TrainingReporter, 'start' | 'note' | 'end'> {
  return {
    start: ({ model, method, trainableParameters, startsFrom }) => {
      write(
        `${method} on ${model}: ${trainableParameters.toLocaleString('en')} trained numbers, from ${startsFrom}`,
      );
    },
    note: write,
    end: ({ stopped, stoppedEarly, step, best, adapterPath }, { model, output }) => {
      if (stopped) {
        write(`Stopped at step ${step}. Go on with: promptune train --resume --output ${output}`);
        return;
      }
      const why = stoppedEarly ? ', stopped early' : '';
      const which = best
        ? `best validation loss ${formatLoss(best.loss)} at step ${best.step}`
        : `after step ${step}`;
      write(`Done (${which}${why}). The result is in ${adapterPath}`);
      write(`Try it: promptune generate --model ${model} --adapter ${adapterPath} --prompt "..."`);
    },
  };
}

function stepFigures({ loss, tokensPerSecond, etaSeconds }: TrainingEvent & { type: 'step' }): string {
  return `loss ${formatLoss(loss)}  ${Math.round(tokensPerSecond)} tokens/s  ${formatDuration(etaSeconds)} left`;
}

function describeEvent(event: Exclude<TrainingEvent, { type: 'step' }>, write: (line: string) => void): void {
  if (event.type === 'resumed') write(`Going on from step ${event.step} of ${event.totalSteps}`);
  if (event.type === 'warning') write(`Warning: ${event.message}`);
  if (event.type === 'validation') {
    const best = event.loss === event.best ? ' (best so far)' : '';
    write(`step ${event.step}: validation loss ${formatLoss(event.loss)}${best}`);
  }
}
