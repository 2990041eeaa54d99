/** @file `promptune classify`: labels texts, or finds answers in them, with a trained head. */

import { text as readText } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import * as z from 'zod';
import {
  type Classification,
  createClassifier,
  type Fields,
  type LabelingConfig,
  type Question,
  readRows,
  UsageError,
} from '../../index.js';
import { say } from '../../say.js';
import { fetchDatasets, notedWords, openAdapter, withHeadIfAny } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { fieldsOrText, text as oneText, textHelp, texts } from '../options/arguments.js';
import {
  type AdapterFlags,
  adapterChoice,
  adapterOptions,
  addOptions,
  type DeviceFlags,
  deviceOptions,
  type ModelFlags,
  modelOptions,
  openModel,
} from '../options/model-options.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { labelsOf, printLabeledRows } from '../terminal/labeled-rows.js';
import { byWordsOptions, classifyByWords } from './classify-by-words.js';

interface ClassifyFlags extends ModelFlags, AdapterFlags, DeviceFlags, LabelingConfig {
  text?: string[];
  question?: string[];
  context?: string;
  json?: boolean;
}

export const classifyCommand = new Command('classify')
  .description(
    'label texts or their words, or find answers in them, with a head trained by train --task-type; or label texts by words (--verbalizer)',
  )
  .addHelpText(
    'after',
    textHelp('Every line of standard input is a text, or a JSON object with a question and its context.'),
  )
  .action(runClassify);

addOptions(classifyCommand, 'Model:', [...Object.values(modelOptions()), ...adapterOptions()]);
addOptions(classifyCommand, 'Texts:', [
  new Option(
    '--text <text>',
    'a text to label; may be repeated (default: lines of standard input)',
  ).argParser(texts),
  new Option('--question <text>', 'a question about --context; may be repeated').argParser(texts),
  new Option('--context <text>', 'the text that contains the answers').argParser(oneText),
  new Option('--json', 'print one JSON object per text'),
]);
addOptions(classifyCommand, 'Labels by words:', byWordsOptions());
addOptions(classifyCommand, 'Device:', deviceOptions());

async function runClassify(flags: ClassifyFlags): Promise<void> {
  const { text, question, context, json, device, threads } = flags;
  const signal = interruptSignal();
  const { model, tokenizer } = await openModel(flags, signal);
  const learned = await openAdapter(adapterChoice(flags), model, signal);
  const usage = learned ? learned.usage : model.source.usage;
  const byWords = notedWords(model, learned) !== undefined;
  if ((flags.verbalizer !== undefined && learned?.head === undefined) || byWords) {
    const texts = flags.data === undefined ? (text ?? (await pipedLines())) : undefined;
    return classifyByWords({ model, tokenizer, adapter: learned, texts, flags, signal });
  }
  const adapter = await withHeadIfAny(learned, model);
  if (!adapter)
    throw new UsageError(
      say`there is nothing to label texts with; add --adapter with a head trained by train
        --task-type, or --verbalizer with the words of each label`,
    );
  const findsAnswers = adapter.head!.taskType === 'question-answering';
  checkFlags(flags, adapter.head!.taskType);
  const rows = flags.data === undefined ? undefined : await rowsOf(flags.data, flags, signal);
  const given = rows ? [] : (text ?? question ?? (await pipedLines()));
  const [template, another] = flags.template ?? [];
  if (another !== undefined)
    throw new UsageError(say`--template: a head has only one; several need labels by words (--verbalizer)`);
  const classifier = createClassifier({ model, tokenizer, adapter, template, device, threads });
  try {
    if (findsAnswers) {
      const questions =
        question?.map((asked) => ({ question: asked, context: context! })) ?? given.map(askedIn);
      for (const [i, { answer, ...rest }] of (await classifier.answer(questions)).entries()) {
        const { question: asked } = questions[i]!;
        const found = messages().evaluation.answerAt(rest.score.toFixed(3), rest.start);
        const line = `${answer}  ${found}  ${asked}`;
        console.log(json ? JSON.stringify({ question: asked, answer, ...rest }) : line);
      }
      return;
    }
    if (rows) {
      const labelField = flags.labelField ?? `${usage?.reading.labelField ?? 'label'}`;
      const labels = rows.flatMap((row) => (row[labelField] == null ? [] : `${row[labelField]}`));
      const expected = labels.length === rows.length ? labels : [];
      printLabeledRows(rows, await classifier.classify(rows), { labelField, expected, json });
      return;
    }
    if (adapter.head!.taskType === 'token-classification') {
      const words = given.map((line) => line.split(/\s+/).filter(Boolean));
      for (const [i, tags] of (await classifier.tag(words)).entries())
        console.log(json ? JSON.stringify({ words: words[i], tags }) : taggedWords(words[i]!, tags));
      return;
    }
    for (const [i, result] of (await classifier.classify(given.map(fieldsOrText))).entries())
      console.log(json ? JSON.stringify({ text: given[i], ...result }) : `${labelsOf(result)}  ${given[i]}`);
  } finally {
    await classifier.dispose();
  }
}

const taggedWords = (words: readonly string[], tags: readonly (Classification | undefined)[]) =>
  words.map((word, i) => `${word}/${tags[i]?.label ?? '?'}`).join(' ');

async function pipedLines(): Promise<string[]> {
  const piped = process.stdin.isTTY ? '' : await readText(process.stdin);
  const lines = piped.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new UsageError(say`there is no text; add --text "...", or pipe texts in`);
  return lines;
}

/** The rows of a file, which may have labels. */
async function rowsOf(
  data: string,
  { encoding, columns, header }: ClassifyFlags,
  signal: AbortSignal,
): Promise<Fields[]> {
  await fetchDatasets([data], { signal });
  const rows: Fields[] = [];
  for await (const row of readRows(data, { encoding, columns, header, signal })) rows.push(row);
  return rows;
}

/** Each kind of head has its own flags. */
function checkFlags(
  { text, question, context, data, verbalizer, shots, calibrate }: ClassifyFlags,
  taskType: string,
): void {
  const findsAnswers = taskType === 'question-answering';
  for (const [name, value] of Object.entries({ verbalizer, shots, calibrate }))
    if (value) throw new UsageError(say`--${name}: the adapter has a head, which needs no words of labels`);
  if (data !== undefined && taskType !== 'sequence-classification')
    throw new UsageError(say`--data: a head for words or answers is scored on a file by promptune eval`);
  if (data !== undefined && text) throw new UsageError(say`--text and --data cannot be used together`);
  if (findsAnswers && text)
    throw new UsageError(say`--text: the head finds answers; use --question and --context`);
  if (!findsAnswers && (question || context !== undefined))
    throw new UsageError(say`--question: the head labels texts; use --text`);
  if ((question === undefined) !== (context === undefined))
    throw new UsageError(say`--question and --context must be used together`);
}

const questionSchema = z.object({ question: z.string(), context: z.string() });

/** Parses a line of standard input, for a head that finds answers. */
function askedIn(line: string, index: number): Question {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // reported below
  }
  const { data } = questionSchema.safeParse(value);
  if (data) return data;
  throw new UsageError(say`line ${index + 1}: expected {"question": "…", "context": "…"}, got ${line}`);
}
