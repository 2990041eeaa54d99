/**
 * @file `npm run test:golden -- DIR`: puts every case in DIR to the test, one line each; exit code 1 where one
 * disagrees.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkCase, disagreements } from './check-case.js';

const root = process.argv[2] ?? process.env.PROMPTUNE_GOLDEN ?? join(import.meta.dirname, 'cases');
let failed = 0;
const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'expected.json')));
for (const name of names.sort()) {
  try {
    const differences = await checkCase(join(root, name));
    const wrong = disagreements(differences);
    if (wrong.length > 0) failed++;
    const figures = Object.entries(differences).map(
      ([what, difference]) => `${what} ${difference.toExponential(1)}`,
    );
    console.log(`${wrong.length === 0 ? 'agrees   ' : 'DISAGREES'} ${name}: ${figures.join(', ')}`);
  } catch (error) {
    failed++;
    console.log(`CANNOT   ${name}: ${(error as Error).message}`);
  }
}
console.log(`${names.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || names.length === 0 ? 1 : 0;
