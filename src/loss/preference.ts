/**
 * @file Preference losses: of two answers to a prompt, the chosen one should become more probable than the rejected
 *   one.
 */
import {
  add,
  concat,
  divide,
  log,
  logSumExp,
  multiply,
  negate,
  reduceSum,
  reshape,
  subtract,
  tanh,
  type Value,
} from '../graph/index.js';
import { chosenLabels, referenceMargins, rejectedLabels } from './inputs.js';

export const preferenceLossNames = ['dpo', 'orpo'] as const;

/** A loss over pairs of answers, instead of the cross-entropy of one. */
export interface PreferenceLoss {
  readonly name: (typeof preferenceLossNames)[number];
  /** DPO: how close to the frozen model the answers stay. ORPO: the weight of the odds ratio. */
  readonly beta: number;
}

/**
 * The loss of each pair, and the margin of the chosen answer. With s the log-probability of an answer and a its mean
 * per token, both over the answer's label tokens:
 *
 * - DPO (Rafailov et al. 2023, equation 7): -log σ(m), m = β·((s_chosen - s_rejected) - the same of the frozen model).
 * - ORPO (Hong et al. 2024, equations 6 and 7): -a_chosen - β·log σ(log odds(chosen) - log odds(rejected)), where log
 * odds = a - log(1 - eᵃ); m = a_chosen - a_rejected.
 *
 * @param labelLosses [labels], -log p of each label token
 * @returns two values of shape [pairs]
 */
export function preferenceLosses(
  labelLosses: Value,
  { name, beta }: PreferenceLoss,
): { losses: Value; margins: Value } {
  const logProbabilities = negate(labelLosses);
  const sumOver = (labels: Value) => reduceSum(multiply(labels, logProbabilities), { axes: [1] });
  const chosen = sumOver(chosenLabels.value);
  const rejected = sumOver(rejectedLabels.value);
  if (name === 'dpo') {
    const margins = multiply(subtract(subtract(chosen, rejected), referenceMargins.value), beta);
    return { losses: softplus(negate(margins)), margins };
  }
  const lengthOf = (labels: Value) => reduceSum(labels, { axes: [1] });
  const ofChosen = divide(chosen, lengthOf(chosenLabels.value));
  const ofRejected = divide(rejected, lengthOf(rejectedLabels.value));
  const logOddsRatio = subtract(logOdds(ofChosen), logOdds(ofRejected));
  return {
    losses: subtract(multiply(softplus(negate(logOddsRatio)), beta), ofChosen),
    margins: subtract(ofChosen, ofRejected),
  };
}

/** a - log(1 - eᵃ) for a < 0. 1 - eᵃ = tanh(-a/2)·(1 + eᵃ) stays accurate if a is close to 0. */
function logOdds(a: Value): Value {
  return subtract(a, add(log(tanh(multiply(a, -0.5))), softplus(a)));
}

/** log(1 + eˣ) = -log σ(-x), without overflow and with its derivative at 0. @param x [pairs] */
function softplus(x: Value): Value {
  const column = reshape(x, [x.shape[0]!, 1]);
  return logSumExp(concat([multiply(column, 0), column], 1));
}
