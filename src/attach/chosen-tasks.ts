/** @file An adapter with a prompt per task, of which a batch needs the prompts of its own tasks alone. */
import { gather, type Value } from '../graph/index.js';
import type { Adapter } from './method.js';

/** The adapter with the prompts of `tasks` int64 [chosen] alone, by which they then count. */
export function withTasks(adapter: Adapter, tasks: Value): Adapter {
  const ofTasks = (prompts: Value | undefined) => prompts && gather(prompts, tasks);
  return {
    ...adapter,
    attach(values, text) {
      const { prompt, decoderPrompt, ...others } = adapter.attach(values, text);
      return { ...others, prompt: ofTasks(prompt), decoderPrompt: ofTasks(decoderPrompt) };
    },
  };
}
