/**
 * @file The special tokens that transformers' tokenizer classes supply if a folder names none, and the class for each
 *   folder.
 */

/** `bos_token`, `mask_token` and the like. */
export type SpecialNames = Readonly<Record<string, string>>;

const bert: SpecialNames = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
};
const llama: SpecialNames = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' };
const roberta: SpecialNames = {
  ...llama,
  sep_token: '</s>',
  pad_token: '<pad>',
  cls_token: '<s>',
  mask_token: '<mask>',
};
const endOfText = '<|endoftext|>';
const gpt2: SpecialNames = { bos_token: endOfText, eos_token: endOfText, unk_token: endOfText };
const qwen: SpecialNames = { eos_token: endOfText, unk_token: endOfText, pad_token: endOfText };
const t5: SpecialNames = { eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' };
const albert: SpecialNames = {
  ...roberta,
  ...bert,
  bos_token: '[CLS]',
  eos_token: '[SEP]',
  unk_token: '<unk>',
  pad_token: '<pad>',
};
const deberta: SpecialNames = { ...bert, bos_token: '[CLS]', eos_token: '[SEP]' };

/** Former names of classes. */
const aliases: Readonly<Record<string, string>> = {
  BartTokenizer: 'RobertaTokenizer',
  ElectraTokenizer: 'BertTokenizer',
  LayoutLMTokenizer: 'BertTokenizer',
  LEDTokenizer: 'RobertaTokenizer',
  LongformerTokenizer: 'RobertaTokenizer',
  MobileBertTokenizer: 'BertTokenizer',
  MvpTokenizer: 'RobertaTokenizer',
  SqueezeBertTokenizer: 'BertTokenizer',
};

/** Constructor defaults of transformers 5.18 by class, without the suffix Fast. */
const defaultsOf: Readonly<Record<string, SpecialNames>> = {
  AlbertTokenizer: albert,
  BarthezTokenizer: roberta,
  BertTokenizer: bert,
  BigBirdTokenizer: { ...roberta, sep_token: '[SEP]', cls_token: '[CLS]', mask_token: '[MASK]' },
  CLIPTokenizer: { ...gpt2, bos_token: '<|startoftext|>', pad_token: endOfText },
  CamembertTokenizer: roberta,
  CodeGenTokenizer: gpt2,
  CodeLlamaTokenizer: llama,
  CohereTokenizer: {
    bos_token: '<BOS_TOKEN>',
    eos_token: '<|END_OF_TURN_TOKEN|>',
    unk_token: '<UNK>',
    sep_token: '<SEP>',
    pad_token: '<PAD>',
    cls_token: '<CLS>',
    mask_token: '<MASK_TOKEN>',
  },
  DebertaTokenizer: deberta,
  DebertaV2Tokenizer: deberta,
  DistilBertTokenizer: bert,
  FunnelTokenizer: { ...roberta, sep_token: '<sep>', cls_token: '<cls>' },
  GPT2Tokenizer: gpt2,
  GPTNeoXTokenizer: { ...gpt2, pad_token: '<|padding|>' },
  GemmaTokenizer: {
    bos_token: '<bos>',
    eos_token: '<eos>',
    unk_token: '<unk>',
    pad_token: '<pad>',
    mask_token: '<mask>',
  },
  HerbertTokenizer: {
    unk_token: '<unk>',
    sep_token: '</s>',
    pad_token: '<pad>',
    cls_token: '<s>',
    mask_token: '<mask>',
  },
  LlamaTokenizer: llama,
  MBartTokenizer: roberta,
  MPNetTokenizer: { ...roberta, unk_token: '[UNK]' },
  NllbTokenizer: roberta,
  OpenAIGPTTokenizer: { unk_token: '<unk>' },
  PegasusTokenizer: { ...t5, mask_token: '<mask_2>' },
  Qwen2Tokenizer: qwen,
  Qwen3_5Tokenizer: qwen,
  ReformerTokenizer: { eos_token: '</s>', unk_token: '<unk>' },
  RemBertTokenizer: albert,
  RobertaTokenizer: roberta,
  T5Tokenizer: t5,
  WhisperTokenizer: gpt2,
  XGLMTokenizer: { ...llama, sep_token: '</s>', pad_token: '<pad>', cls_token: '<s>' },
  XLMRobertaTokenizer: roberta,
  XLNetTokenizer: { ...roberta, sep_token: '<sep>', cls_token: '<cls>' },
};

/** The class of a model type if the folder names none; '' is the class that uses tokenizer.json as it is. */
const classOfModel: Readonly<Record<string, string>> = {
  albert: 'AlbertTokenizer',
  bert: 'BertTokenizer',
  distilbert: 'BertTokenizer',
  electra: 'BertTokenizer',
  gemma: 'GemmaTokenizer',
  gemma2: 'GemmaTokenizer',
  gemma3_text: 'GemmaTokenizer',
  gpt2: 'GPT2Tokenizer',
  gpt_neo: 'GPT2Tokenizer',
  gpt_neox: 'GPTNeoXTokenizer',
  gptj: 'GPT2Tokenizer',
  mistral: '',
  mt5: 'T5Tokenizer',
  opt: 'GPT2Tokenizer',
  phi: 'GPT2Tokenizer',
  phi3: '',
  qwen2: 'Qwen2Tokenizer',
  qwen3: 'Qwen2Tokenizer',
  roberta: 'RobertaTokenizer',
  t5: 'T5Tokenizer',
};

/** Model types for which transformers ignores the class that the folder names and uses its own. */
const ownClass: ReadonlySet<string> = new Set(['qwen2']);

/**
 * The class that AutoTokenizer uses, without the suffix Fast, or '' for one that supplies no special tokens.
 * @param named `tokenizer_class` of tokenizer_config.json, or else of config.json
 * @param modelType `model_type` of config.json
 */
export function tokenizerClassOf(named: unknown, modelType: unknown): string {
  const type = String(modelType);
  const registered = Object.hasOwn(classOfModel, type) ? classOfModel[type] : undefined;
  if (typeof named !== 'string') return registered ?? '';
  if (registered === '' || (registered !== undefined && ownClass.has(type))) return registered;
  const ending = named.replace(/Fast$/, '');
  const plain = Object.hasOwn(aliases, ending) ? aliases[ending]! : ending;
  return Object.hasOwn(defaultsOf, plain) ? plain : '';
}

export function defaultNames(tokenizerClass: string): SpecialNames {
  return Object.hasOwn(defaultsOf, tokenizerClass) ? defaultsOf[tokenizerClass]! : {};
}
