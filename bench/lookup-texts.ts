/** @file Prompts and what follows them: texts that repeat their prompt in different measure, and one that does not. */

const paragraph =
  'The harbour office opens at seven in the morning, and closes at six. Boats that arrive later tie up at the outer ' +
  'wall and report on the next day. Each boat pays four crowns a night, or twenty for a week. Fresh water is free; ' +
  'electricity is payed by the meter, which the keeper reads before the boat leaves. Dogs are welcome on the quay, ' +
  'but must be kept on a lead between May and September, when the terns are breeding on the shingle behind it.';

const code = `function totalOf(orders) {
  let total = 0;
  for (const order of orders) {
    if (order.cancelled) continue;
    total += order.price * order.count;
  }
  return total;
}

function totalByCustomer(orders) {
  const totals = new Map();
  for (const order of orders) {
    if (order.cancelled) continue;
    const before = totals.get(order.customer) ?? 0;
    totals.set(order.customer, before + order.price * order.count);
  }
  return totals;
}
`;

export const lookupTexts: Readonly<Record<string, readonly [prompt: string, continuation: string]>> = {
  'a text corrected': [
    `Correct the spelling.\n\n${paragraph}\n\nCorrected:\n\n`,
    paragraph.replace('payed', 'paid').replace('harbour', 'harbor'),
  ],
  'code with a name changed': [
    `${code}\n// The same with "cancelled" spelled "canceled":\n\n`,
    code.replaceAll('cancelled', 'canceled'),
  ],
  'an answer from a text': [
    `${paragraph}\n\nQuestion: What do I pay for a week, and when may my dog run free?\nAnswer:`,
    ' Each boat pays twenty crowns for a week. Dogs are welcome on the quay, but must be kept on a lead between May ' +
      'and September, so yours may run free from October to April.',
  ],
  'a summary': [
    `${paragraph}\n\nIn short:`,
    ' The harbour office is open from seven to six. A night costs four crowns, a week twenty; water is free, and ' +
      'electricity is paid by the meter. Dogs must be on a lead between May and September.',
  ],
  'nothing repeated': [
    `${paragraph}\n\nA poem about winter:\n\n`,
    'Snow leans against our door tonight,\nsoft drifts erase what autumn drew;\nan owl complains, one lamp burns ' +
      'bright,\nwhile frost writes ferns no pencil knew.\nWe count old stars through window glass,\nshare bread, some ' +
      'cheese, cheap wine and jokes,\nand wait until these dark weeks pass\nlike patient, leafless, humming oaks.',
  ],
};
