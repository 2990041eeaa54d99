/** @file The README.md of an adapter on the Hub: method, base model, settings, and how to load it. */
import { hasHead as isHeaded } from '../attach/head-files.js';
import type { Method } from '../attach/method.js';
import { embeddedModel } from '../embedded-model.js';
import { architectureOf, baseModelOf, type SingleContent } from '../formats/adapter-content.js';
import { methods as registered } from '../methods/registry.js';

/** What a card is about. */
export interface CardSubject {
  /** An adapter, or those that a composition is of. */
  readonly parts: readonly SingleContent[];
  /** Whether its soft tokens are in a template. */
  readonly isPlaced: boolean;
  /** Methods of your own. */
  readonly methods?: readonly Method[];
  /** `owner/name` */
  readonly repository: string;
  /** The base model's name on the Hub; undefined where it is not known to be there. */
  readonly base: string | undefined;
}

/** @param subject with the address of the repository's page */
export function adapterCard(subject: CardSubject & { readonly page: string }): string {
  const { parts, isPlaced, repository, base, page } = subject;
  const methods = methodNames(subject);
  const loading = isPlaced ? undefined : peftLoading(subject);
  const folder = repository.split('/')[1]!;
  const named = base ?? baseModelOf(parts[0]!);
  const modelFlag = named === embeddedModel ? '' : ` --model ${base ?? 'MODEL'}`;
  const command = parts.some((part) => hasHead(part, subject))
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
    `${markdown(capitalized(methods.join(' and ')))} over ${named === undefined ? 'the base model' : markdown(named)}, learned with Promptune. The model itself is not in this repository.`,
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

export const commitTitle = (subject: CardSubject): string =>
  `Upload an adapter (${methodNames(subject).join(', ')})`;

/** As `promptune train --method` calls them; those that are not known by what their files call them. */
const methodNames = ({ parts, methods }: Pick<CardSubject, 'parts' | 'methods'>): string[] =>
  parts.map((part) => {
    const called = part.form === 'adapterhub' ? architectureOf(part) : part.config.peft_type;
    return methodOf(part, methods)?.name ?? called.toLowerCase().replaceAll('_', '-');
  });

function methodOf(part: SingleContent, own: readonly Method[] = []): Method | undefined {
  const known = [...own, ...registered];
  return part.form === 'adapterhub'
    ? known.find(({ adapterHubArchitecture }) => adapterHubArchitecture === architectureOf(part))
    : known.find(({ peftType }) => peftType === part.config.peft_type);
}

/** Whether it ends in scores of labels, so that it does not write. */
const hasHead = (part: SingleContent, { methods }: CardSubject): boolean =>
  part.form === 'peft' && (isHeaded(part) || methodOf(part, methods)?.needsHead === true);

/** An adapter in PEFT's form of which nothing is known here is one of PEFT's. */
const isInPeft = (part: SingleContent, { methods }: CardSubject): boolean =>
  part.form === 'peft' && (methodOf(part, methods) ?? { isInPeft: true }).isInPeft === true;

/** adapter_config.json less what stands elsewhere in the card, or says nothing. */
function settingsOf({ config }: SingleContent): Record<string, unknown> {
  const elsewhere = ['base_model_name_or_path', 'model_name', 'inference_mode'];
  const entries = Object.entries(config);
  return Object.fromEntries(entries.filter(([key, value]) => value !== null && !elsewhere.includes(key)));
}

/** By PEFT's task_type. */
const autoModels: Readonly<Record<string, string>> = {
  CAUSAL_LM: 'AutoModelForCausalLM',
  SEQ_2_SEQ_LM: 'AutoModelForSeq2SeqLM',
  SEQ_CLS: 'AutoModelForSequenceClassification',
  TOKEN_CLS: 'AutoModelForTokenClassification',
  QUESTION_ANS: 'AutoModelForQuestionAnswering',
};

function peftLoading(subject: CardSubject): string[] | undefined {
  const { parts, repository, base } = subject;
  const [part, ...more] = parts;
  if (!part || more.length > 0 || !isInPeft(part, subject)) return undefined;
  const taskType = String(part.config.task_type ?? 'CAUSAL_LM');
  const autoModel = Object.hasOwn(autoModels, taskType) ? autoModels[taskType]! : 'AutoModel';
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
  'The soft tokens are in the template of `template.json`; PEFT only supports soft tokens before the text.';

function whyNotInPeft(parts: readonly SingleContent[]): string {
  if (parts.length > 1)
    return 'These are several adapters that are used together, which PEFT does not support.';
  const [part] = parts;
  if (part && part.form === 'adapterhub')
    return "PEFT does not have this method. The files are in AdapterHub's format: `model.load_adapter(folder, use_safetensors=True)` of its library `adapters`.";
  return 'PEFT does not have this method.';
}

/** Text of a file as text of a page: one line, in which nothing is markup. */
const markdown = (text: string) =>
  text
    .slice(0, maxShown)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>()#!|~&]/g, '\\$&');

/** Of a name from a file, in characters. */
const maxShown = 200;

const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
