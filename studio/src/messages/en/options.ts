/**
 * @file English words for methods, and for the keys of a configuration. Hints of keys and summaries of methods are in
 *   the schemas in English.
 */

/** By the name of a method. */
type Words = Readonly<Record<string, string>>;

export const options = {
  /** The choice that leaves a setting out. */
  byDefault: 'Default',
  yes: 'Yes',
  no: 'No',
  methods: {
    'prompt-tuning': 'Prompt tuning',
    'late-prompt-tuning': 'Late prompt tuning',
    'late-prefix-tuning': 'Late prefix tuning',
    'p-tuning': 'P-tuning',
    'prefix-tuning': 'Prefix tuning',
    cartridge: 'Cartridge',
    cpt: 'Context-aware prompt tuning',
    'multitask-prompt-tuning': 'Multitask prompt tuning',
    'instance-prompt': 'Instance prompt',
    'prompt-pool': 'Prompt pool',
    lora: 'LoRA',
    ia3: 'IA³',
    'bottleneck-adapter': 'Bottleneck adapter',
    'head-alone': 'Head alone',
    'full-fine-tuning': 'Full fine-tuning',
  } as Words,
  /** What a method costs, and what for. */
  costs: {
    'prompt-tuning': 'A few kilobytes. Its tokens take part of the context.',
    'late-prompt-tuning': 'A few kilobytes, and shorter steps: lower layers do not see it.',
    'late-prefix-tuning': 'Parameters grow with the layers above; steps are shorter than those of a prefix.',
    'p-tuning': 'The encoder is needed in training alone; afterwards as prompt tuning.',
    'prefix-tuning': 'More parameters than a prompt, by the number of layers, and learns faster.',
    cartridge: 'The size of a cache; stands in for a long text.',
    cpt: 'As long as its examples, which it starts from.',
    'multitask-prompt-tuning': 'One prompt for all tasks, and two small factors for each.',
    'instance-prompt': 'A small network, and for causal models one more pass per input.',
    'prompt-pool': 'Its keys and prompts; one short pass chooses among them.',
    lora: 'More parameters and longer steps than a prompt; merges into the weights.',
    ia3: 'One factor per channel: the smallest change of the weights.',
    'bottleneck-adapter': 'Two small matrices per layer, which stay in the model.',
    'head-alone': 'The head alone; the model is left as it is.',
    'full-fine-tuning': 'All weights, in memory and in the file.',
  } as Words,
  summaries: {} as Words,
  labels: {
    numVirtualTokens: 'Virtual tokens',
    init: 'Start from',
    initText: 'Text to start from',
    initLabels: 'Labels to start from',
    initAdapter: 'Adapter to start from',
    r: 'Rank',
    loraAlpha: 'Alpha',
    targetModules: 'Layers to change',
    useDora: 'DoRA',
    useRslora: 'rsLoRA',
    poolSize: 'Prompts in the pool',
    topN: 'Prompts per text',
    promptLength: 'Vectors per prompt',
    maxSteps: 'Steps',
    epochs: 'Epochs',
    learningRate: 'Learning rate',
    batchSize: 'Batch size',
    evalEvery: 'Steps between validations',
    saveEvery: 'Steps between checkpoints',
    validation: 'Validation',
    columns: 'Names of columns',
    header: 'First row names the columns',
    template: 'Prompt',
    completionTemplate: 'Completion',
    layoutLanguage: 'Language of the layout',
    taskType: 'Task',
    dtype: 'Precision of the model',
    samplePrompts: 'Prompts to watch',
    sampleEvery: 'Steps between samples',
    traceEvery: 'Steps between snapshots',
  } as Words,
  /** What a form says of a key, by the description in its schema. */
  hint: (key: string, description: string): string =>
    key === 'learningRate' ? 'The highest it gets (default: by the method)' : withLabels(description),
};

/** Keys in a sentence by their labels, which a reader of the page knows. */
function withLabels(sentence: string): string {
  const labeled = sentence.replaceAll(/[a-z]+[A-Z]\w*/g, (key) => {
    const label = options.labels[key];
    return label === undefined ? key : `“${label}”`;
  });
  return labeled.charAt(0).toUpperCase() + labeled.slice(1);
}
