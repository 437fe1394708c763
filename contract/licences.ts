import { z } from 'zod';

/** Where the page finds `Licences`, beside itself; `scripts/licences.mjs` writes it. */
export const LICENCES_FILE = 'licences.json';

/** Everything that travels with the app: what was built in, what lies beside it, and the app itself. */
export const Licences = z.array(
  z.object({
    /** Those that come under one text, by name. */
    packages: z.array(z.object({ name: z.string(), version: z.string() })).min(1),
    /** As the packages state it, such as `MIT`. */
    licence: z.string(),
    /** Licence, copyright lines and notices, in full. */
    text: z.string().min(1),
  }),
);
export type Licences = z.infer<typeof Licences>;
