/** @file Simple code: small functions in Python and JavaScript, what they are for, and what they print. */
import type { Language, Pair, Writer } from '../engine/frames.js';
import type { Random } from '../engine/random.js';
import type { Genre } from './genre.js';

interface Snippet {
  readonly purpose: Pair;
  readonly python: string;
  readonly javascript: string;
  /** The call, the same in both, and what it gives. */
  readonly call: string;
  readonly result: string;
}

const nouns = [
  'apples',
  'cats',
  'books',
  'coins',
  'points',
  'steps',
  'days',
  'stars',
  'cups',
  'trees',
  'birds',
  'songs',
] as const;
const names = ['Tom', 'Lucy', 'Anna', 'Ben', 'Emma', 'Leo', 'Mary', 'Sam', 'Amy', 'Max'] as const;
const words = [
  'cat',
  'dog',
  'tea',
  'moon',
  'river',
  'apple',
  'house',
  'bread',
  'cloud',
  'green',
  'stone',
  'level',
] as const;

const numbersIn = (random: Random, count: number) =>
  Array.from({ length: count }, () => 1 + random.below(20));

type Make = (random: Random) => Snippet;

/** `name(x)` that gives back one expression of x. */
function oneLine(
  name: string,
  en: string,
  zh: string,
  python: string,
  javascript: string,
  compute: (x: number) => number | boolean,
): Make {
  return (random) => {
    const x = random.below(30);
    const value = compute(x);
    return {
      purpose: { en, zh },
      python: `def ${name}(x):\n    return ${python}`,
      javascript: `function ${name}(x) {\n  return ${javascript};\n}`,
      call: `${name}(${x})`,
      result: `${value}`,
    };
  };
}

function onTwo(
  name: string,
  en: string,
  zh: string,
  python: string,
  javascript: string,
  compute: (a: number, b: number) => number,
): Make {
  return (random) => {
    const [a, b] = [random.below(20), random.below(20)];
    return {
      purpose: { en, zh },
      python: `def ${name}(a, b):\n    return ${python}`,
      javascript: `function ${name}(a, b) {\n  return ${javascript};\n}`,
      call: `${name}(${a}, ${b})`,
      result: `${compute(a, b)}`,
    };
  };
}

function onList(
  name: string,
  en: string,
  zh: string,
  python: string,
  javascript: string,
  compute: (list: number[]) => string,
): Make {
  return (random) => {
    const list = numbersIn(random, 2 + random.below(4));
    return {
      purpose: { en, zh },
      python: `def ${name}(numbers):\n${python}`,
      javascript: `function ${name}(numbers) {\n${javascript}\n}`,
      call: `${name}([${list.join(', ')}])`,
      result: compute(list),
    };
  };
}

function onText(
  name: string,
  en: string,
  zh: string,
  python: string,
  javascript: string,
  compute: (text: string) => string,
): Make {
  return (random) => {
    const text = random.pick(words);
    return {
      purpose: { en, zh },
      python: `def ${name}(text):\n    return ${python}`,
      javascript: `function ${name}(text) {\n  return ${javascript};\n}`,
      call: `${name}("${text}")`,
      result: compute(text),
    };
  };
}

const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);

const snippets: readonly Make[] = [
  oneLine('double', 'Double a number.', '把一个数翻倍。', 'x * 2', 'x * 2', (x) => x * 2),
  oneLine('square', 'The square of a number.', '求一个数的平方。', 'x * x', 'x * x', (x) => x * x),
  oneLine('triple', 'Three times a number.', '求一个数的三倍。', 'x * 3', 'x * 3', (x) => x * 3),
  oneLine('add_one', 'Add one to a number.', '给一个数加一。', 'x + 1', 'x + 1', (x) => x + 1),
  oneLine('minus_one', 'One less than a number.', '求比一个数小一的数。', 'x - 1', 'x - 1', (x) => x - 1),
  oneLine(
    'half',
    'Half of a number, rounded down.',
    '求一个数的一半，向下取整。',
    'x // 2',
    'Math.floor(x / 2)',
    (x) => Math.floor(x / 2),
  ),
  oneLine('last_digit', 'The last digit of a number.', '求一个数的个位。', 'x % 10', 'x % 10', (x) => x % 10),
  oneLine('add_ten', 'Add ten to a number.', '给一个数加十。', 'x + 10', 'x + 10', (x) => x + 10),
  onTwo('add', 'Add two numbers.', '求两个数的和。', 'a + b', 'a + b', (a, b) => a + b),
  onTwo('multiply', 'Multiply two numbers.', '求两个数的积。', 'a * b', 'a * b', (a, b) => a * b),
  onTwo('subtract', 'Subtract b from a.', '用 a 减去 b。', 'a - b', 'a - b', (a, b) => a - b),
  onTwo(
    'largest',
    'The larger of two numbers.',
    '求两个数中较大的一个。',
    'max(a, b)',
    'Math.max(a, b)',
    Math.max,
  ),
  onTwo(
    'smallest',
    'The smaller of two numbers.',
    '求两个数中较小的一个。',
    'min(a, b)',
    'Math.min(a, b)',
    Math.min,
  ),
  onTwo(
    'distance',
    'How far two numbers are apart.',
    '求两个数相差多少。',
    'abs(a - b)',
    'Math.abs(a - b)',
    (a, b) => Math.abs(a - b),
  ),
  onList(
    'total',
    'The sum of a list.',
    '求列表中所有数的和。',
    '    result = 0\n    for n in numbers:\n        result += n\n    return result',
    '  let result = 0;\n  for (const n of numbers) result += n;\n  return result;',
    (list) => `${sum(list)}`,
  ),
  onList(
    'biggest',
    'The biggest number of a list.',
    '找出列表中最大的数。',
    '    return max(numbers)',
    '  return Math.max(...numbers);',
    (list) => `${Math.max(...list)}`,
  ),
  onList(
    'count',
    'How many numbers there are in a list.',
    '数一数列表中有几个数。',
    '    return len(numbers)',
    '  return numbers.length;',
    (list) => `${list.length}`,
  ),
  onList(
    'first',
    'The first item of a list.',
    '取列表的第一项。',
    '    return numbers[0]',
    '  return numbers[0];',
    (list) => `${list[0]}`,
  ),
  onList(
    'last',
    'The last item of a list.',
    '取列表的最后一项。',
    '    return numbers[-1]',
    '  return numbers.at(-1);',
    (list) => `${list.at(-1)}`,
  ),
  onList(
    'count_even',
    'Count the even numbers.',
    '数一数有几个偶数。',
    '    result = 0\n    for n in numbers:\n        if n % 2 == 0:\n            result += 1\n    return result',
    '  let result = 0;\n  for (const n of numbers) if (n % 2 === 0) result += 1;\n  return result;',
    (list) => `${list.filter((n) => n % 2 === 0).length}`,
  ),
  onText(
    'length',
    'How many letters a word has.',
    '求一个单词有几个字母。',
    'len(text)',
    'text.length',
    (text) => `${text.length}`,
  ),
  onText(
    'shout',
    'A word in capital letters.',
    '把单词变成大写。',
    'text.upper()',
    'text.toUpperCase()',
    (text) => text.toUpperCase(),
  ),
  onText(
    'initial',
    'The first letter of a word.',
    '取单词的第一个字母。',
    'text[0]',
    'text[0]',
    (text) => text[0]!,
  ),
  onText(
    'reverse',
    'A word backwards.',
    '把单词倒过来。',
    'text[::-1]',
    "[...text].reverse().join('')",
    (text) => [...text].reverse().join(''),
  ),
  onText(
    'twice',
    'A word two times.',
    '把单词重复两遍。',
    'text + text',
    'text + text',
    (text) => text + text,
  ),
  (random) => {
    const name = random.pick(names);
    return {
      purpose: { en: 'Say hello to someone.', zh: '跟一个人打招呼。' },
      python: 'def greet(name):\n    return "Hello, " + name + "!"',
      javascript: 'function greet(name) {\n  return "Hello, " + name + "!";\n}',
      call: `greet("${name}")`,
      result: `Hello, ${name}!`,
    };
  },
  (random) => {
    const [noun, count] = [random.pick(nouns), 2 + random.below(18)];
    return {
      purpose: { en: `Say how many ${noun} there are.`, zh: `说出 ${noun} 的数量。` },
      python: `def report(count):\n    return str(count) + " ${noun}"`,
      javascript: `function report(count) {\n  return count + " ${noun}";\n}`,
      call: `report(${count})`,
      result: `${count} ${noun}`,
    };
  },
];

/** Programs without a function: their text and what they print. */
const programs: readonly ((random: Random) => {
  python: string;
  javascript: string;
  printed: string;
  purpose: Pair;
})[] = [
  (random) => {
    const limit = 2 + random.below(5);
    return {
      purpose: { en: `Print the numbers from 0 to ${limit - 1}.`, zh: `打印 0 到 ${limit - 1} 的数。` },
      python: `for i in range(${limit}):\n    print(i)`,
      javascript: `for (let i = 0; i < ${limit}; i++) {\n  console.log(i);\n}`,
      printed: Array.from({ length: limit }, (_, i) => i).join('\n'),
    };
  },
  (random) => {
    const [noun, a, b] = [random.pick(nouns), 1 + random.below(20), 1 + random.below(20)];
    return {
      purpose: { en: `Count the ${noun}.`, zh: `计算 ${noun} 的数量。` },
      python: `${noun} = ${a}\n${noun} = ${noun} + ${b}\nprint(${noun})`,
      javascript: `let ${noun} = ${a};\n${noun} = ${noun} + ${b};\nconsole.log(${noun});`,
      printed: `${a + b}`,
    };
  },
  (random) => {
    const [noun, count, limit] = [random.pick(nouns), 1 + random.below(20), 1 + random.below(20)];
    return {
      purpose: { en: `Are there more than ${limit} ${noun}?`, zh: `${noun} 是不是超过 ${limit} 个？` },
      python: `${noun} = ${count}\nif ${noun} > ${limit}:\n    print("many")\nelse:\n    print("few")`,
      javascript: `const ${noun} = ${count};\nif (${noun} > ${limit}) {\n  console.log("many");\n} else {\n  console.log("few");\n}`,
      printed: count > limit ? 'many' : 'few',
    };
  },
  (random) => {
    const [word, times] = [random.pick(words), 2 + random.below(3)];
    return {
      purpose: { en: `Print a word ${times} times.`, zh: `把一个单词打印 ${times} 次。` },
      python: `for i in range(${times}):\n    print("${word}")`,
      javascript: `for (let i = 0; i < ${times}; i++) {\n  console.log("${word}");\n}`,
      printed: Array(times).fill(word).join('\n'),
    };
  },
  (random) => {
    const list = random.sample(names, 3);
    const quoted = list.map((name) => `"${name}"`).join(', ');
    return {
      purpose: { en: 'Print every name.', zh: '打印每个名字。' },
      python: `names = [${quoted}]\nfor name in names:\n    print(name)`,
      javascript: `const names = [${quoted}];\nfor (const name of names) {\n  console.log(name);\n}`,
      printed: list.join('\n'),
    };
  },
];

function writeCode({ random }: Writer, language: Language): string {
  const python = random.oneIn(2);
  const comment = python ? '#' : '//';
  if (random.oneIn(4)) {
    const program = random.pick(programs)(random);
    const body = python ? program.python : program.javascript;
    const output = language === 'en' ? 'Output:' : '输出：';
    return `${comment} ${program.purpose[language]}\n${body}${random.oneIn(3) ? '' : `\n${output}\n${program.printed}`}`;
  }
  const { purpose, python: inPython, javascript, call, result } = random.pick(snippets)(random);
  const body = python ? inPython : javascript;
  const print = python ? `print(${call})` : `console.log(${call});`;
  switch (random.below(5)) {
    case 0:
      return `${comment} ${purpose[language]}\n${body}`;
    case 1:
      return `${comment} ${purpose[language]}\n${body}\n\n${print}  ${comment} ${result}`;
    case 2:
      return `${body}\n\n${print}\n${language === 'en' ? 'Output:' : '输出：'} ${result}`;
    case 3:
      return `${purpose[language]}\n\n${body}\n\n${call} → ${result}`;
    default:
      return `>>> ${call}\n${result}`;
  }
}

export const code: Genre = { name: 'code', weight: 6, frames: [], write: writeCode };
