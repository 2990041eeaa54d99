/** @file From a request to its row: the prompt's ids, the options and their limits, all checked before it waits. */
import { UsageError } from '../../errors.js';
import { endTokensOf } from '../../generation/end-tokens.js';
import { grammarFor, grammarsOf } from '../../generation/grammar-row.js';
import { resolveGenerationOptions } from '../../generation/options.js';
import { guessCostOf } from '../../generation/prompt-lookup.js';
import { isConversation, promptEncoder, rowOptionsOf } from '../../generation/prompts.js';
import { recordOf } from '../../records/data.js';
import { say } from '../../say.js';
import { promptOf } from '../../selection/selective-generator.js';
import type { Choice } from '../../selection/selector.js';
import { decodeOf } from '../../text/text-stream.js';
import type { EngineOptions } from './engine-options.js';
import type { LoadedAdapter } from './loaded-adapter.js';
import type { Served } from './models.js';
import { ContextLengthError, type EngineRequest } from './requests.js';
import { Row } from './row.js';
import type { SharedPrompt } from './shared-prompt.js';

/** Makes rows of requests that are given to them. */
export type RowMaker = (request: EngineRequest, served: Served, shared?: SharedPrompt) => Row;

/**
 * @param cancel called with a row whose reader has left
 * @returns a function that throws a UsageError for an invalid request
 */
export function rowMaker(
  { model, tokenizer, promptLookupNumTokens }: EngineOptions,
  maxCacheTokens: number,
  cancel: (row: Row) => void,
): RowMaker {
  const encode = promptEncoder(tokenizer, model);
  const endsOf = endTokensOf(model, tokenizer);
  const { vocabSize } = model.config;
  const guessCost = guessCostOf(model);
  return (request, served, shared) => {
    const { prompt, options: given = {}, seedRow = 0, client = '' } = request;
    const { logprobs, promptLogprobs, calls } = request;
    const { id } = served.info;
    const { loaded, info } = served;
    if (!info.generates)
      throw new UsageError(say`${id} labels texts, and generates none; send them to /v1/classify`, {
        code: 'unsupported',
      });
    if (!isIds(prompt) && Object.keys(rowOptionsOf(prompt)).length > 0)
      throw new UsageError(say`a prompt has no options of its own here; give them with the request`);
    const isTurn = !isIds(prompt) && isConversation(prompt);
    const ends = given.eosTokenId ?? endsOf({ isLearned: loaded !== undefined, isTurn });
    const options = resolveGenerationOptions({ promptLookupNumTokens, ...given, eosTokenId: ends });
    if (options.strategy.kind === 'beam-search')
      throw new UsageError(say`a server has no beam search; leave numBeams out`, { code: 'unsupported' });
    const promptIds = isIds(prompt) ? prompt : encode(prompt, loaded?.adapter);
    checkIds(promptIds, vocabSize, loaded);
    if (promptIds.length === 0 && !loaded?.predictsFirst)
      throw new UsageError(say`an empty prompt has nothing to go on from; give at least one token`);
    if (promptLogprobs && loaded?.adapter.placement)
      throw new UsageError(
        say`the prompt's own tokens have no scores with ${id}, whose soft tokens stand among them`,
        { code: 'unsupported' },
      );
    const room = info.maxLength - promptIds.length;
    if (room < 1) throw new ContextLengthError(promptIds.length, info.maxLength);
    const grammar = calls
      ? grammarsOf(tokenizer).ofCalls(calls)
      : grammarFor(options, () => grammarsOf(tokenizer));
    const decode = decodeOf(tokenizer, { cleansUp: !grammar });
    const row: Row = new Row(
      {
        ...{ client, model: id, served, promptIds, options, seedRow, logprobs, promptLogprobs, room },
        ...{ decode, grammar, shared, vocabSize, guessCost },
      },
      () => cancel(row),
    );
    if (row.mostPositions > maxCacheTokens)
      throw new UsageError(
        say`the request may come to take ${row.mostPositions} positions, and the server has room for
          ${maxCacheTokens}`,
        { code: 'too-long' },
      );
    return row;
  };
}

function checkIds(ids: readonly number[], vocabSize: number, loaded: LoadedAdapter | undefined): void {
  const soft = loaded?.adapter.placement?.count ?? 0;
  const at = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize + soft));
  if (at >= 0)
    throw new UsageError(say`token ${at} of the prompt is ${ids[at]}; ids go from 0 to ${vocabSize - 1}`);
}

/**
 * The request as it is for the prompt that a selector chooses, and that prompt's version.
 * @throws UsageError for an invalid request
 */
export async function chosenRequest(
  { prompt, ...request }: EngineRequest,
  { info, ...served }: Served,
): Promise<{ request: EngineRequest; served: Served }> {
  const [selector, candidates] = [served.selector!, served.candidates!];
  const text = textIn(prompt);
  if (text === undefined)
    throw new UsageError(say`${info.id} chooses a prompt by the text; give the prompt as a text`, {
      code: 'unsupported',
    });
  const [{ candidate, index }] = (await selector.select([text], request)) as [Choice];
  const record = recordOf({ [selector.inputField]: text }, 0);
  const written = { text: promptOf(candidate, selector, record), raw: true };
  return { request: { ...request, prompt: written }, served: candidates[index]! };
}

const isIds = (prompt: EngineRequest['prompt']): prompt is readonly number[] => Array.isArray(prompt);

/** The text of a prompt that is one. */
function textIn(prompt: EngineRequest['prompt']): string | undefined {
  if (typeof prompt === 'string') return prompt;
  return !isIds(prompt) && !isConversation(prompt) && typeof prompt.text === 'string'
    ? prompt.text
    : undefined;
}
