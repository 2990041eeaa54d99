import { expect, it } from 'vitest';
import type { Message } from './chat.js';
import { chatNotes } from './chat-notes.js';

function linesOf(chatTemplate: string, ...conversations: object[][]): string[] {
  const notes = chatNotes({ chatTemplate });
  for (const messages of conversations) notes.see({ messages: messages as Message[] });
  return notes.lines();
}

const plain = '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}';
const thinking = '{% for m in messages %}{{ m.reasoning_content }}{{ m.content }}{% endfor %}';
const user = { role: 'user', content: 'a' };
const thought = { role: 'assistant', content: 'b', reasoning_content: 'so' };

it('names the fields of messages that the template does not read, and in how many rows they are', () => {
  const named = { ...user, name: 'Ann', refusal: null, annotations: [] };
  expect(
    linesOf(plain, [user, thought], [named, thought], [user, { role: 'assistant', content: 'c' }]),
  ).toEqual([
    "ignored by the model's chat template: fields of messages (reasoning_content, name), in 2 rows",
  ]);
});

it('does not mention fields that the template reads, by name or as whole messages', () => {
  expect(linesOf(thinking, [user, thought])).toEqual([]);
  expect(linesOf('{% for m in messages %}{{ m | tojson }}{% endfor %}', [user, thought])).toEqual([]);
});
