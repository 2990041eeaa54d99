/**
 * @file The README.md of an adapter on the Hub: what it is, over which model, with which settings, and how to load
 * it.
 */
import { embeddedModel } from '../embedded-model.js';
import { architectureOf, baseModelOf, type SingleContent } from '../formats/adapter-content.js';

/** What a card is about: an adapter, or those that a composition is of. */
export interface CardSubject {
  readonly parts: readonly SingleContent[];
  /** Whether its soft tokens stand in a template. */
  readonly isPlaced: boolean;
}

/**
 * @param repository `owner/name`
 * @param page its address
 * @param base the base model's name on the Hub; undefined where it is not known to be there
 */
export function adapterCard(
  { parts, isPlaced }: CardSubject,
  { repository, page, base }: { repository: string; page: string; base: string | undefined },
): string {
  const methods = parts.map(methodOf);
  const loading = isPlaced ? undefined : peftLoading(parts, repository, base);
  const folder = repository.split('/')[1]!;
  const named = base ?? baseModelOf(parts[0]!);
  const modelFlag = named === embeddedModel ? '' : ` --model ${base ?? 'MODEL'}`;
  const command = parts.some(hasHead)
    ? `promptune classify${modelFlag} --adapter ${folder} --text "..."`
    : `promptune generate${modelFlag} --adapter ${folder} --prompt "..."`;
  const lines = [
    '---',
    ...(base ? [`base_model: ${JSON.stringify(base)}`] : []),
    `library_name: ${loading ? 'peft' : 'promptune'}`,
    'tags:',
    ...[...new Set(['promptune', ...methods])].map((tag) => `- ${JSON.stringify(tag)}`),
    '---',
    '',
    `# ${folder}`,
    '',
    `${capitalized(methods.join(' and '))} over ${named ?? 'the base model'}, learned with Promptune. The model itself is not in this repository.`,
    '',
    '## Settings',
    '',
    ...parts.flatMap((part) => ['```json', JSON.stringify(settingsOf(part), undefined, 2), '```', '']),
    '## In Promptune',
    '',
    '```',
    `git clone ${page} ${folder}`,
    command,
    '```',
    '',
    '## In PEFT',
    '',
    ...(loading ? ['```python', ...loading, '```'] : [isPlaced ? placedPrompt : whyNotInPeft(parts)]),
    '',
  ];
  return lines.join('\n');
}

/** As `promptune train --method` calls it: PROMPT_TUNING is prompt-tuning. */
export function methodOf(files: SingleContent): string {
  if (files.form === 'adapterhub')
    return architectureOf(files) === 'bottleneck' ? 'bottleneck-adapter' : architectureOf(files);
  const { peft_type: peftType } = files.config;
  if (peftType === 'HEAD') return 'head-alone';
  return peftType
    .replace(/^PROMPTUNE_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
}

/** Whether it ends in scores of labels, so that it does not write. */
function hasHead(files: SingleContent): boolean {
  if (files.form === 'adapterhub') return false;
  const { peft_type: peftType, task_type: taskType } = files.config;
  return peftType === 'HEAD' || ['SEQ_CLS', 'TOKEN_CLS', 'QUESTION_ANS'].includes(`${taskType}`);
}

/** adapter_config.json less what stands elsewhere in the card, or says nothing. */
function settingsOf({ config }: SingleContent): Record<string, unknown> {
  const elsewhere = ['base_model_name_or_path', 'model_name', 'inference_mode'];
  const entries = Object.entries(config);
  return Object.fromEntries(entries.filter(([key, value]) => value !== null && !elsewhere.includes(key)));
}

/** Types that are Promptune's own, which PEFT does not know. */
const isOwnType = (peftType: string) => peftType === 'HEAD' || peftType.startsWith('PROMPTUNE_');

/** By PEFT's task_type. */
const autoModels: Readonly<Record<string, string>> = {
  CAUSAL_LM: 'AutoModelForCausalLM',
  SEQ_2_SEQ_LM: 'AutoModelForSeq2SeqLM',
  SEQ_CLS: 'AutoModelForSequenceClassification',
  TOKEN_CLS: 'AutoModelForTokenClassification',
  QUESTION_ANS: 'AutoModelForQuestionAnswering',
};

function peftLoading(
  parts: readonly SingleContent[],
  repository: string,
  base: string | undefined,
): string[] | undefined {
  const [part, ...more] = parts;
  if (!part || more.length > 0 || part.form === 'adapterhub' || isOwnType(part.config.peft_type))
    return undefined;
  const autoModel = autoModels[`${part.config.task_type ?? 'CAUSAL_LM'}`] ?? 'AutoModel';
  const { id2label } = part.config;
  const labels =
    typeof id2label === 'object' && id2label ? `, num_labels=${Object.keys(id2label).length}` : '';
  return [
    'from peft import PeftModel',
    `from transformers import ${autoModel}`,
    '',
    `model = ${autoModel}.from_pretrained(${JSON.stringify(base ?? '…')}${labels})${base ? '' : '  # the base model'}`,
    `model = PeftModel.from_pretrained(model, ${JSON.stringify(repository)})`,
  ];
}

const placedPrompt =
  'The soft tokens stand where `template.json` has them; PEFT puts soft tokens before the text alone.';

function whyNotInPeft(parts: readonly SingleContent[]): string {
  if (parts.length > 1)
    return 'These are several adapters that are used together, which PEFT has no form for.';
  const [part] = parts;
  if (part && part.form === 'adapterhub')
    return "PEFT does not have this method. The files are in AdapterHub's form: `model.load_adapter(folder, use_safetensors=True)` of its library `adapters`.";
  return 'PEFT does not have this method.';
}

const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
