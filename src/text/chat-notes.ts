/**
 * @file Notes about parts of conversations that are not trained on: those that the chat template ignores, and last
 *   turns.
 */
import { said, say } from '../say.js';
import { type Conversation, isLearned, type Message } from './chat.js';
import type { Tokenizer } from './tokenizer.js';

/** Watches conversations for parts that their template ignores, and turns that no learned turn follows. */
export function chatNotes({
  chatTemplate = '',
  toolChatTemplate = chatTemplate,
}: Pick<Tokenizer, 'chatTemplate' | 'toolChatTemplate'>) {
  const [plain, withTools] = [chatTemplate, toolChatTemplate].map(readerOf);
  const unread = new Map<string, number>();
  const unusedFields = new Set<string>();
  let trailing = 0;
  const add = (what: string) => unread.set(what, (unread.get(what) ?? 0) + 1);
  return {
    see({ messages, tools }: Conversation): void {
      const reads = (tools ? withTools : plain)!;
      if (tools && !reads('tools')) add('tools');
      if (!reads('tool_calls') && messages.some((message) => message.tool_calls))
        add(say`calls of tools (tool_calls)`);
      const others = messages.flatMap(otherFields).filter((name) => !reads(name));
      if (others.length > 0) add(fieldsOfMessages);
      for (const name of others) unusedFields.add(name);
      if (!isLearned(messages.at(-1)!)) trailing++;
    },
    lines: () => [
      ...[...unread].map(([what, count]) => {
        const names = what === fieldsOfMessages ? ` (${[...unusedFields].join(', ')})` : '';
        return say`ignored by the model's chat template: ${said(what)}${names}, in ${count} row|rows`;
      }),
      ...(trailing > 0 ? [say`left out: turns that no learned turn follows, in ${trailing} row|rows`] : []),
    ],
  };
}

const fieldsOfMessages = 'fields of messages';

/** Whether a template may read a field of this name: it contains the name, or writes whole messages. */
function readerOf(template: string): (name: string) => boolean {
  const words = new Set(template.match(/\w+/g));
  const writesAll = /\b(?:m|msg|messages?)\s*\|\s*(?:tojson|string)\b|\b(?:m|msg|message)\.items\(/.test(
    template,
  );
  return (name) => writesAll || words.has(name);
}

/** The non-empty fields of a message, other than those that every template reads. */
function otherFields({ role: _, content: __, weight: ___, tool_calls: ____, ...rest }: Message): string[] {
  const saysSomething = (value: unknown) =>
    value != null && value !== '' && !(Array.isArray(value) && value.length === 0);
  return Object.entries(rest).flatMap(([name, value]) => (saysSomething(value) ? name : []));
}
