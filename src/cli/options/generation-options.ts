/** @file The options of generation, for every command that generates. */
import { Option } from 'commander';
import { countingNumber, decimalNumber, texts, wholeNumber } from './arguments.js';

/** Where a text ends. Each call makes options of its own. */
export const lengthOptions = (): Option[] => [
  new Option('--max-new-tokens <n>', 'most tokens to generate (default: 64)').argParser(countingNumber),
  new Option('--stop <text>', 'end before this text; may be given several times (default: none)').argParser(
    texts,
  ),
];

/** How tokens are chosen, under their headings. */
export const choiceOptions = (): [heading: string, options: Option[]][] => [
  [
    'Drawing tokens (default: always take the likeliest):',
    [
      new Option('--temperature <x>', 'bolder above 1, safer below (default: 1)').argParser(decimalNumber),
      new Option('--top-k <n>', 'among the n likeliest; 0: among all (default: 50)').argParser(wholeNumber),
      new Option('--top-p <x>', 'among the likeliest that make up this probability (default: 1)').argParser(
        decimalNumber,
      ),
      new Option('--seed <n>', 'the same seed draws the same tokens (default: 0)').argParser(wholeNumber),
    ],
  ],
  [
    'Other ways to choose tokens:',
    [
      new Option('--num-beams <n>', 'beam search with n beams (default: 1, none)').argParser(countingNumber),
      new Option('--length-penalty <x>', 'of beam search; above 0 favours long texts (default: 1)').argParser(
        decimalNumber,
      ),
      new Option(
        '--repetition-penalty <x>',
        'above 1, tokens that were used become less likely (default: 1)',
      ).argParser(decimalNumber),
    ],
  ],
];
