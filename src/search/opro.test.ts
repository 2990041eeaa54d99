import { describe, expect, it } from 'vitest';
import { instructionsIn, metaPrompt, type OproOptions, opro } from './opro.js';

const tagged = (...texts: string[]) => texts.map((text) => `<instruction>${text}</instruction>`).join('\n');

it('finds the instructions in an answer, each made one line', () => {
  expect(
    instructionsIn('Sure!\n<instruction>Say\n it.</instruction> or <INSTRUCTION> 说 </INSTRUCTION>'),
  ).toEqual(['Say it.', '说']);
  for (const nonsense of ['Say it.', '<instruction>open', '', '<instruction> </instruction>'])
    expect(instructionsIn(nonsense)).toEqual([]);
});

it('shows examples and earlier attempts, the best last', () => {
  const tried = [
    { text: 'b\n', loss: 2 },
    { text: 'a\n', loss: 1 },
    { text: 'c\n', loss: 3 },
  ];
  const message = metaPrompt(tried, [{ input: 'cat\n', output: ' 猫' }], 4);
  expect(message).toContain('Input: cat\nOutput: 猫\n');
  expect(message).toContain(
    'Instruction: c\nLoss: 3.0000\n\nInstruction: b\nLoss: 2.0000\n\nInstruction: a\nLoss: 1.0000\n\nWrite 4 new',
  );
  const many = Array.from({ length: 30 }, (_, i) => ({ text: `t${i}`, loss: i }));
  expect(metaPrompt(many, [], 4).match(/Loss: /g)).toHaveLength(20);
  expect(metaPrompt(many, [], 4)).not.toContain('t20\n');
  expect(metaPrompt([{ text: '', loss: 1 }], [], 4)).not.toContain('Loss');
});

describe('the rounds', () => {
  async function run(answers: readonly string[], changes: Partial<OproOptions> = {}) {
    const messages: string[] = [];
    const warnings: string[] = [];
    const options: OproOptions = {
      ask: async (message) => {
        messages.push(message);
        return answers[messages.length - 1]!;
      },
      score: async (text) => ({ loss: text.length }),
      drawExamples: async () => [],
      fits: (text) => text.length < 10,
      steps: answers.length,
      numCandidates: 3,
      onWarning: (message) => warnings.push(message),
      ...changes,
    };
    const found: { step: number; text: string }[] = [];
    for await (const proposal of opro({ text: 'begin', loss: 5 }, options)) found.push(proposal);
    return { found, messages, warnings };
  }

  it('yield new texts that fit, and pass their scores to the next round', async () => {
    const { found, messages, warnings } = await run([
      tagged('one', 'one', 'far too long for this', 'not asked for'),
      tagged('one', 'three'),
    ]);
    expect(found).toEqual([
      { step: 1, text: 'one\n' },
      { step: 2, text: 'three\n' },
    ]);
    expect(messages[0]).toContain('Instruction: begin\nLoss: 5.0000');
    expect(messages[1]).toContain('Instruction: begin\nLoss: 5.0000\n\nInstruction: one\nLoss: 4.0000');
    expect(warnings).toEqual([]);
  });

  it('warn of an answer without an instruction, and end at the third in a row', async () => {
    const { found, warnings } = await run([
      'What?',
      'I cannot.',
      tagged('one'),
      tagged('one'),
      tagged('two'),
    ]);
    expect(found.map(({ step }) => step)).toEqual([3, 5]);
    expect(warnings).toEqual([
      `the model's answer has no instruction: "What?"`,
      `the model's answer has no instruction: "I cannot."`,
      `the model's answer has only instructions that were tried or are too long: ${JSON.stringify(tagged('one'))}`,
    ]);
    await expect(run(['What?', 'No.', 'Never.', tagged('one')])).rejects.toThrow(
      `the model's answer has no instruction: "Never.", in each of 3 rounds in a row; use a more capable model`,
    );
  });
});
