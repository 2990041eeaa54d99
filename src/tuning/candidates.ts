/** @file The settings that tuning tries: learning rates, lengths of the prompt, and what it starts from. */
import type { Method } from '../attach/method.js';
import { randomFor, shuffledIndices } from '../random.js';

/** Settings of a run that tuning chooses. */
export interface TrialSettings {
  readonly learningRate: number;
  /** Those among the method's options. */
  readonly methodOptions: Readonly<Record<string, unknown>>;
}

/** Of the method's default. Good rates differ by less between data sets than between methods. */
const rateFactors = [1, 3, 0.3, 10] as const;
/** Around the usual 20 (Lester et al. 2021, figure 3). */
const lengths = [20, 8, 50] as const;
/** What a soft prompt can start from without further options. */
const starts = ['sample-vocab', 'random'] as const;

/** What is not to be chosen, because it is given. */
export interface GivenSettings {
  /** Default: it is chosen, around `defaultRate`. */
  readonly learningRate?: number;
  readonly defaultRate: number;
  readonly methodOptions: Readonly<Record<string, unknown>>;
  /** Whether a template says how many soft tokens there are. */
  readonly isPlaced: boolean;
}

/**
 * Different settings to try: the defaults first, then others in an order of the seed. There may be fewer than `count`.
 */
export function candidatesOf(
  method: Pick<Method, 'schema'>,
  given: GivenSettings,
  { count, seed }: { count: number; seed: number },
): TrialSettings[] {
  const { methodOptions, isPlaced } = given;
  const isFree = (name: string) => name in method.schema.shape && methodOptions[name] === undefined;
  const isStarted = Object.keys(methodOptions).some((name) => name.startsWith('init'));
  const rates =
    given.learningRate === undefined
      ? rateFactors.map((factor) => rounded(factor * given.defaultRate))
      : [given.learningRate];
  const ofLength = isFree('numVirtualTokens') && !isPlaced && !isStarted;
  const ofStart = isFree('init') && isFree('initText') && !isStarted;
  const all = rates.flatMap((learningRate) =>
    (ofLength ? lengths : [undefined]).flatMap((numVirtualTokens) =>
      (ofStart ? starts : [undefined]).map((init) => ({
        learningRate,
        methodOptions: {
          ...methodOptions,
          ...(numVirtualTokens !== undefined && { numVirtualTokens }),
          ...(init !== undefined && { init }),
        },
      })),
    ),
  );
  const order = shuffledIndices(all.length - 1, randomFor('tuning', seed)).map((index) => index + 1);
  return [0, ...order].slice(0, count).map((index) => all[index]!);
}

/** Without the digits that a product of decimals adds. */
const rounded = (rate: number) => Number(rate.toPrecision(3));
