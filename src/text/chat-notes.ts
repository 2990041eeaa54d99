/** @file Notes parts of conversations that a model's chat template ignores, so that they are not trained on. */
import type { Conversation } from './chat.js';
import type { Tokenizer } from './tokenizer.js';

/** Watches conversations for parts that their template ignores. */
export function chatNotes({
  chatTemplate = '',
  toolChatTemplate = chatTemplate,
}: Pick<Tokenizer, 'chatTemplate' | 'toolChatTemplate'>) {
  const unread = new Map<string, number>();
  const add = (what: string) => unread.set(what, (unread.get(what) ?? 0) + 1);
  return {
    see({ messages, tools }: Conversation): void {
      const template = tools ? toolChatTemplate : chatTemplate;
      if (tools && !/\btools\b/.test(template)) add('tools');
      if (!template.includes('tool_calls') && messages.some((message) => message.tool_calls))
        add('calls of tools (tool_calls)');
    },
    lines: () =>
      [...unread].map(([what, count]) => `ignored by the model's chat template: ${what}, in ${count} rows`),
  };
}
