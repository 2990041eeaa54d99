/** @file What of conversations a model's chat template does not write, and so nobody learns. */
import type { Conversation } from './chat.js';

/** Watches conversations for parts that a template has no word about. */
export function chatNotes(template: string): { see(conversation: Conversation): void; lines(): string[] } {
  const unread = new Map<string, number>();
  const writes = { tools: /\btools\b/.test(template), calls: template.includes('tool_calls') };
  const add = (what: string) => unread.set(what, (unread.get(what) ?? 0) + 1);
  return {
    see({ messages, tools }) {
      if (tools && !writes.tools) add('tools');
      if (!writes.calls && messages.some((message) => message.tool_calls)) add('calls of tools (tool_calls)');
    },
    lines: () =>
      [...unread].map(
        ([what, count]) => `not written by the model's chat template: ${what}, in ${count} rows`,
      ),
  };
}
