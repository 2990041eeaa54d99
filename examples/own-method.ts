/** @file A method of your own: a steering vector, trained and added to the output of every sub-layer. */
import { type Adapter, defineMethod, evaluate, fromPretrained, loadAdapter, trainAdapter } from 'promptune';
import { add, type Value } from 'promptune/graph';
import * as z from 'zod';

const name = 'steering';
const adapterOf = (tensors: Adapter['tensors'], subLayers: Iterable<string>): Adapter => ({
  method: name,
  tensors,
  numVirtualTokens: 0,
  attach(values) {
    type Use = { residual: Value; output: Value };
    const steer = ({ residual, output }: Use) => add(residual, add(output, values.get(name)!));
    return { subLayers: new Map([...subLayers].map((subLayer) => [subLayer, steer])) };
  },
});
const steering = defineMethod({
  name,
  summary: 'a learned vector added to the output of every sub-layer',
  schema: z.strictObject({}),
  defaultLearningRate: 0.02,
  peftType: 'STEERING',
  load: ({ tensors }, { subLayers }) => adapterOf(tensors, subLayers.keys()),
  async createLearner({ model: { config, subLayers } }) {
    const zeros = new Float32Array(config.hiddenSize);
    const tensors = new Map([[name, { dtype: 'float32', shape: [zeros.length], data: zeros } as const]]);
    const content = () => ({ form: 'peft', config: { peft_type: 'STEERING' }, tensors }) as const;
    return { ...adapterOf(tensors, subLayers.keys()), initialization: 'zeros', content };
  },
});

const { model, tokenizer } = await fromPretrained();
const data = 'presets/classify-en.jsonl';
const text = { template: '{{ text }}\n', completionTemplate: '{{ label }}' };
const run = { batchSize: 4, maxSteps: 30, output: 'runs/examples/own-method', overwrite: true };
const { adapterPath } = await trainAdapter({ model, tokenizer, data, ...text, method: steering, ...run });
const adapter = await loadAdapter(adapterPath, model, { methods: [steering] });
const { scores } = await evaluate({ model, tokenizer, adapter, data, ...text, metrics: ['loss'] });
console.log(`loss: ${scores.loss!.value.toFixed(3)}`);
