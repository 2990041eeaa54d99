import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { UsageError } from '../errors.js';
import { methods } from '../methods/registry.js';
import { readRows } from '../records/data.js';
import { pathOptions } from './cell-contents.js';
import { type CellResult, finishedResult, noteCell, planCells, writeResult, writeSamples } from './cells.js';
import { resolveComparison } from './config.js';
import { comparisonReport } from './report.js';
import { comparisonRows, markdownTable, spreadOf, tableCells } from './table.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-comparison-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const settings = (own: object = {}) => ({
  data: join(folder, 'train.csv'),
  test: 'test.jsonl',
  output: join(folder, 'out'),
  labels: ['yes', 'no'],
  seeds: [1, 2],
  sizes: [3, 'all'],
  epochs: 2,
  methods: ['prompt-tuning', { name: 'lora-4', method: 'lora', methodOptions: { r: 4 }, epochs: 5 }],
  ...own,
});

describe('a configuration', () => {
  it('becomes a cell for each method, size and seed, and one for the bare model', () => {
    const cells = planCells(resolveComparison(settings()));
    expect(cells.map(({ id }) => id)).toEqual([
      'untuned',
      ...['prompt-tuning', 'lora-4'].flatMap((name) =>
        ['3-seed-1', '3-seed-2', 'all-seed-1', 'all-seed-2'].map((rest) => `${name}-${rest}`),
      ),
    ]);
    expect(cells[0]!.settings).toMatchObject({
      labels: ['yes', 'no'],
      metrics: ['accuracy', 'macro-f1', 'mcc', 'ece'],
    });
    expect(cells[0]!.settings.run).toBeUndefined();
    expect(cells[6]!.settings.run).toMatchObject({
      data: join(folder, 'out/data/3-seed-2.jsonl'),
      method: 'lora',
      methodOptions: { r: 4 },
      epochs: 5,
      seed: 2,
    });
    expect(cells[3]!.settings.run).toMatchObject({ data: join(folder, 'train.csv'), epochs: 2, seed: 1 });
    // Labels to choose from are no setting of a run without a head.
    expect(cells[3]!.settings.run!.labels).toBeUndefined();
  });

  it('passes the labels to a head, and leaves out the model without one', () => {
    const headed = settings({
      taskType: 'sequence-classification',
      methods: ['lora'],
      seeds: [1],
      sizes: ['all'],
    });
    const cells = planCells(resolveComparison(headed));
    expect(cells.map(({ id }) => id)).toEqual(['lora-all-seed-1']);
    expect(cells[0]!.settings.run!.labels).toEqual(['yes', 'no']);
    expect(cells[0]!.settings.labels).toBeUndefined();
  });

  it("lets the model's tokenizer determine the end token of answers", () => {
    const { generation } = resolveComparison(settings({ generation: { numBeams: 2 } }));
    expect(generation).toMatchObject({ numBeams: 2, maxNewTokens: 64 });
    expect(generation.eosTokenId).toBeUndefined(); // an empty list would mean that none does
  });

  it('leaves out the bare model on request', () => {
    const cells = planCells(resolveComparison(settings({ untuned: false, methods: ['lora'], seeds: [1] })));
    expect(cells.map(({ id }) => id)).toEqual(['lora-3-seed-1', 'lora-all-seed-1']);
  });

  it.each([
    [{ untuned: 'no' }, ['untuned']],
    [{ methods: [] }, ['methods']],
    [{ methods: ['lora', 'lorra'] }, ['methods', 1, 'method']],
    [{ methods: ['lora', { method: 'lora' }] }, ['methods', 1]],
    [{ methods: [{ method: 'lora', epocs: 3 }] }, ['methods', 0, 'epocs']],
    [{ methods: ['lora', 'ia3'], epocs: 3 }, ['epocs']],
    [{ metrics: ['accuracy', 'acuracy'] }, ['metrics', 1]],
    [{ labels: undefined }, ['metrics']],
    [{ labels: ['yes'] }, ['labels']],
    [{ seed: 3 }, ['seed']],
    [{ test: undefined }, ['test']],
    [{ data: ['a.jsonl', 'b.jsonl'] }, ['sizes']],
  ])('%j is wrong at %j', (own, path) => {
    let error: unknown;
    try {
      resolveComparison(settings(own));
    } catch (thrown) {
      error = thrown;
    }
    if (!(error instanceof UsageError)) return expect.fail('it was not refused');
    const paths = error.problems.map((problem) => problem.path);
    expect(paths).toContainEqual(path);
    expect(new Set(paths.map((one) => one.join('.'))).size).toBe(paths.length);
  });
});

it('samples of data in another encoding keep that encoding', async () => {
  await writeFile(join(folder, 'train.csv'), Buffer.from('prompt,completion\ncaf\xe9,a\n', 'latin1'));
  await writeSamples(resolveComparison(settings({ sizes: [1], encoding: 'latin1' })));
  const rows = readRows(join(folder, 'out/data/1-seed-1.jsonl'), { encoding: 'latin1' });
  expect((await rows.next()).value).toEqual({ prompt: 'café', completion: 'a' });
});

it('samples are drawn by the seed, and a smaller one is in the larger', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `q${i},a${i}`);
  await writeFile(join(folder, 'train.csv'), ['prompt,completion', ...rows].join('\n'));
  await writeSamples(resolveComparison(settings({ sizes: [3, 8] })));
  const read = async (name: string) =>
    (await readFile(join(folder, 'out/data', `${name}.jsonl`), 'utf8')).trim().split('\n');
  const [three, eight, other] = [await read('3-seed-1'), await read('8-seed-1'), await read('8-seed-2')];
  expect(three).toEqual(eight.slice(0, 3));
  expect(new Set(eight).size).toBe(8);
  expect(eight).not.toEqual(other);
  expect(JSON.parse(three[0]!)).toEqual({
    prompt: expect.stringMatching(/^q\d+$/),
    completion: expect.stringMatching(/^a\d+$/),
  });
  await expect(writeSamples(resolveComparison(settings({ sizes: [21] })))).rejects.toThrow(
    /sizes: .*train\.csv has 20 records, expected at least 21/,
  );
});

const result = (accuracy: number, more: Partial<CellResult> = {}): CellResult => ({
  scores: { accuracy },
  rows: 40,
  trainExamples: 100,
  trainableParameters: 5120,
  steps: 8,
  seconds: 2,
  peakMemoryBytes: 200e6,
  ...more,
});

describe('a finished cell', () => {
  const contents = { data: 'aa', 'test data': 'bb' };

  it('is kept, and refused where it was made with other settings or of other contents', async () => {
    const [, cell] = planCells(resolveComparison(settings()));
    expect(await finishedResult(cell!, contents)).toBeUndefined();
    await noteCell(cell!, contents);
    expect(await readdir(cell!.folder)).toEqual(['cell.json']);
    expect(await finishedResult(cell!, contents)).toBeUndefined();
    await writeResult(cell!.folder, result(0.5));
    expect(await finishedResult(cell!, contents)).toEqual(result(0.5));
    const [, changed] = planCells(resolveComparison(settings({ epochs: 7 })));
    await expect(finishedResult(changed!, contents)).rejects.toThrow(
      /has results of different settings \(epochs: 2 → 7\); choose another output/,
    );
    await expect(finishedResult(cell!, { ...contents, data: 'cc' })).rejects.toThrow(
      /has results of different settings \(the data: the content is another\); choose another output/,
    );
  });

  it('has what repeats apart from time and memory', async () => {
    const [, cell] = planCells(resolveComparison(settings()));
    const read = async (name: string) => JSON.parse(await readFile(join(cell!.folder, name), 'utf8'));
    expect(Object.keys(await read('result.json'))).not.toContain('seconds');
    expect(await read('measured.json')).toEqual({ seconds: 2, peakMemoryBytes: 200e6 });
  });

  it('of an earlier version, all in one file and without contents, is read', async () => {
    const [, , cell] = planCells(resolveComparison(settings()));
    await mkdir(cell!.folder, { recursive: true });
    await writeFile(join(cell!.folder, 'cell.json'), JSON.stringify(cell!.settings));
    await writeFile(join(cell!.folder, 'result.json'), JSON.stringify(result(0.25)));
    expect(await finishedResult(cell!, contents)).toEqual(result(0.25));
  });
});

describe('contents', () => {
  it('cover every option of a method that is a path', () => {
    const paths = methods.flatMap(({ schema }) => {
      const { properties = {} } = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' });
      const isPath = (name: string) => JSON.stringify(properties[name]).includes('"format":"path"');
      return Object.keys(properties).filter(isPath);
    });
    expect([...new Set(paths)].sort()).toEqual([...pathOptions].sort());
  });
});

describe('the table', () => {
  const cells = [
    {
      method: 'untuned',
      size: 'all' as const,
      seed: 0,
      result: result(0.4, { trainableParameters: 0, seconds: 0 }),
    },
    { method: 'lora|x', size: 3, seed: 1, result: result(0.5) },
    { method: 'lora|x', size: 3, seed: 2, result: result(0.7, { seconds: 4 }) },
    { method: 'lora|x', size: 'all' as const, seed: 1, result: result(0.9) },
  ];

  it('has means and the sample’s deviation over seeds', () => {
    expect(spreadOf([1, 2, 6])).toEqual({ mean: 3, deviation: Math.sqrt(7) });
    expect(spreadOf([4])).toEqual({ mean: 4 });
    const rows = comparisonRows(cells);
    expect(rows[1]).toMatchObject({ method: 'lora|x', size: 3, seeds: [1, 2], seconds: { mean: 3 } });
    expect(tableCells(rows)).toEqual([
      ['method', 'examples', 'seeds', 'accuracy', 'trainable parameters', 'time', 'peak memory'],
      ['untuned', '', '', '0.4000', '0', '', '200 MB'],
      ['lora|x', '100', '2', '0.6000 ± 0.1414', '5,120', '3.0 ± 1.4 s', '200 MB'],
      ['lora|x', '100', '1', '0.9000', '5,120', '2.0 s', '200 MB'],
    ]);
    expect(markdownTable(rows).split('\n').slice(0, 3)).toEqual([
      '| method | examples | seeds | accuracy | trainable parameters | time | peak memory |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
      '| untuned |  |  | 0.4000 | 0 |  | 200 MB |',
    ]);
    expect(markdownTable(rows)).toContain('| lora\\|x | 100 |');
  });

  it('is in the report, with a chart of every seed', () => {
    const title = 'Methods on <b>';
    const report = comparisonReport({ title, facts: {}, rows: comparisonRows(cells), cells });
    expect(report).toContain('Methods on &lt;b&gt;');
    expect(report).toContain('0.6000 ± 0.1414');
    // Three cells of the method, and a line across for the untuned model.
    expect(report.match(/<circle/g)).toHaveLength(3);
    expect(report.match(/class="level"/g)).toHaveLength(1);
    expect(report).not.toContain('NaN');
  });
});
