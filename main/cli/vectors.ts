import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { deviations } from '../decoding/vectors';
import { fail, sentence } from './exit';

const TOLERANCE = 1e-6;

const numbers = z.array(z.number());
const WorkedFile = z.object({
  cases: z
    .array(
      z.object({
        codebook: z.number().int().positive(),
        specials: z.number().int().nonnegative(),
        theta: z.number().min(-1).max(1),
        embedding: z.array(numbers),
        p: numbers,
        q: numbers,
        groups: z.array(z.array(z.number().int())),
        owners: numbers,
        P: numbers,
        Q: numbers,
        alpha_exact: z.number(),
        alpha_group: z.number(),
        residual_group: numbers,
        token_given_rejection: numbers,
        token_marginal: numbers,
      }),
    )
    .min(1),
});

const [file, ...rest] = process.argv.slice(2);
if (!file || rest.length > 0) {
  fail('usage', 'Name one file of worked cases: npm run vectors -- FILE.');
}

const worked = await readFile(file, 'utf8')
  .then((text) => WorkedFile.parse(JSON.parse(text)))
  .catch((error) => fail('usage', `${file} cannot be read as worked cases: ${sentence(error)}`));

let most = 0;
worked.cases.forEach((one, i) => {
  const found = deviations(one);
  const [field, deviation] = Object.entries(found).reduce((a, b) => (b[1] > a[1] ? b : a));
  most = Math.max(most, deviation);
  console.log(
    `case ${i + 1}: ${one.codebook} + ${one.specials} tokens, θ ${one.theta}: ` +
      `largest deviation ${deviation.toExponential(2)} (${field})`,
  );
});
console.log(`largest deviation of ${worked.cases.length} cases: ${most.toExponential(2)}`);
if (!(most <= TOLERANCE)) process.exitCode = 1;
