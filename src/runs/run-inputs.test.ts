import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { loadTokenizer } from '../text/tokenizer.js';
import { differentInputs, digestInputs } from './run-inputs.js';

it('what changes in a tokenizer is found by its name, also in its template for conversations with tools', async () => {
  const model = await loadTinyGpt2();
  const tokenizer = await loadTokenizer(join(import.meta.dirname, '../../models/promptune-mini'));
  const digests = (changed: object) =>
    digestInputs({ model, tokenizer: { ...tokenizer, ...changed } }, { validation: undefined }, []);
  const before = await digests({ toolChatTemplate: '{{ tools }}' });
  expect(differentInputs(before, await digests({ toolChatTemplate: '{{ tools }}' }))).toEqual([]);
  for (const toolChatTemplate of ['{{ tools | tojson }}', undefined])
    expect(differentInputs(before, await digests({ toolChatTemplate }))).toEqual(['chat template for tools']);
  expect(
    differentInputs(before, await digests({ chatTemplate: 'x', toolChatTemplate: '{{ tools }}' })),
  ).toEqual(['tokenizer']);

  const { 'chat template for tools': _, ...ofEarlierVersion } = before;
  expect(differentInputs(ofEarlierVersion, await digests({}))).toEqual([]);
});
