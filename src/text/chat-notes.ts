/** @file Notes parts of conversations that are not trained on: those that a chat template ignores, and last turns. */
import { type Conversation, isLearned } from './chat.js';
import type { Tokenizer } from './tokenizer.js';

/** Watches conversations for parts that their template ignores, and turns that no learned turn follows. */
export function chatNotes({
  chatTemplate = '',
  toolChatTemplate = chatTemplate,
}: Pick<Tokenizer, 'chatTemplate' | 'toolChatTemplate'>) {
  const unread = new Map<string, number>();
  let trailing = 0;
  const add = (what: string) => unread.set(what, (unread.get(what) ?? 0) + 1);
  return {
    see({ messages, tools }: Conversation): void {
      const template = tools ? toolChatTemplate : chatTemplate;
      if (tools && !/\btools\b/.test(template)) add('tools');
      if (!template.includes('tool_calls') && messages.some((message) => message.tool_calls))
        add('calls of tools (tool_calls)');
      if (!isLearned(messages.at(-1)!)) trailing++;
    },
    lines: () => [
      ...[...unread].map(
        ([what, count]) => `ignored by the model's chat template: ${what}, in ${count} rows`,
      ),
      ...(trailing > 0 ? [`left out: turns that no learned turn follows, in ${trailing} rows`] : []),
    ],
  };
}
