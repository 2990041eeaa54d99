/** @file The `post_processor` of tokenizer.json: adds the special tokens around one text or two. */
import { PromptuneError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import { say } from '../say.js';
import { isCount, type Part } from './part.js';

/**
 * Takes the ids of one text or two and adds the special tokens, in any number of lists; the result is all of them
 * joined.
 */
export type PostProcessor = (texts: readonly number[][], addSpecialTokens: boolean) => number[][];

/** @throws FileError naming the unknown or invalid part */
export function postProcessorOf(part: Part): PostProcessor {
  switch (part.type) {
    case 'Sequence': {
      const processors = part.parts('processors').map(postProcessorOf);
      return (texts, addSpecialTokens) =>
        processors.reduce<number[][]>((done, next) => next(done, addSpecialTokens), [...texts]);
    }
    case 'ByteLevel': // changes offsets only, which are not computed here
      return (texts) => [...texts];
    case 'BertProcessing':
      return betweenMarkers(part, []);
    case 'RobertaProcessing':
      return betweenMarkers(part, [markerOf(part, 'sep')]);
    case 'TemplateProcessing':
      return template(part);
    default:
      throw part.refuse('type', say`the post-processor ${part.type} is not supported`);
  }
}

/** BERT's: [CLS] a [SEP] b [SEP]; RoBERTa's has one more separator before the second text. */
function betweenMarkers(part: Part, beforeSecond: readonly number[]): PostProcessor {
  const [cls, sep] = [markerOf(part, 'cls'), markerOf(part, 'sep')];
  return (texts, addSpecialTokens) => {
    if (!addSpecialTokens) return [...texts];
    return texts.map((ids, i) => [...(i === 0 ? [cls] : beforeSecond), ...ids, sep]);
  };
}

/** The id in a pair `[token, id]`. */
function markerOf(part: Part, name: string): number {
  const value = part.json[name];
  if (Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isCount(value[1]))
    return value[1];
  throw part.wrong(name, say`a token with its id`);
}

/** A list of ids to insert, or one of the texts. */
type Item = readonly number[] | 'A' | 'B';

function template(part: Part): PostProcessor {
  const [single, pair] = [itemsOf(part, 'single'), itemsOf(part, 'pair')];
  return (texts, addSpecialTokens) => {
    const items = texts.length === 1 ? single : pair;
    if (texts.length > 2)
      throw new PromptuneError(say`${part.path} (${part.place}): it follows another template`);
    return items.flatMap((item) => {
      if (typeof item !== 'string') return addSpecialTokens ? [[...item]] : [];
      const text = texts[item === 'A' ? 0 : 1];
      if (text) return [text];
      throw new PromptuneError(say`${part.path} (${part.place}): the template for one text has a second`);
    });
  };
}

function itemsOf(part: Part, name: string): Item[] {
  return part.parts(name).map((item): Item => {
    const { SpecialToken: special, Sequence: sequence } = item.json;
    if (isJsonObject(sequence) && (sequence.id === 'A' || sequence.id === 'B')) return sequence.id;
    if (!isJsonObject(special) || typeof special.id !== 'string')
      throw item.refuse(undefined, say`expected a Sequence, A or B, or a SpecialToken with its id`);
    const known = part.part('special_tokens');
    if (!known.has(special.id))
      throw item.refuse(
        undefined,
        say`the special token ${JSON.stringify(special.id)} is not in special_tokens`,
      );
    const { ids } = known.part(special.id).json;
    if (Array.isArray(ids) && ids.every(isCount)) return ids;
    throw known.part(special.id).wrong('ids', say`a list of token ids`);
  });
}
