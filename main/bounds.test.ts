import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CallName, calls } from '../contract/calls';

type JsonSchema = { [key: string]: unknown };

/** Places in a schema where a text, a list or a table may be of any length. */
function unbounded(schema: JsonSchema, place: string): string[] {
  const found: string[] = [];
  const types = [schema.type].flat();
  if (types.includes('string') && !('const' in schema) && !('enum' in schema)) {
    if (schema.maxLength === undefined && schema.format !== 'uuid') found.push(place);
  }
  if (types.includes('array') && schema.maxItems === undefined) found.push(`${place}[]`);
  for (const [key, value] of Object.entries(schema)) {
    if (typeof value !== 'object' || value === null) continue;
    const children = Array.isArray(value) ? value.entries() : [[key, value] as const];
    for (const [name, child] of children) {
      if (typeof child === 'object' && child !== null) {
        found.push(...unbounded(child as JsonSchema, `${place}.${key}.${name}`));
      }
    }
  }
  return found;
}

describe('what the page sends', () => {
  it.each(Object.keys(calls) as CallName[])('%s: every text and list has a maximum', (name) => {
    const schema = z.toJSONSchema(calls[name].input, { io: 'input', unrepresentable: 'any' });
    expect(unbounded(schema as JsonSchema, name)).toEqual([]);
  });

  it('the walk sees what has none', () => {
    const loose = z.object({
      name: z.string(),
      list: z.array(z.union([z.uuid(), z.literal('a')])),
      table: z.record(z.string(), z.number()),
      deep: z.object({ text: z.string().nullable() }).optional(),
      fine: z.enum(['a', 'b']),
    });
    const found = unbounded(z.toJSONSchema(loose, { io: 'input' }) as JsonSchema, 'loose');
    expect(found.map((place) => place.split('.').at(-1))).toEqual([
      'name',
      'list[]',
      'propertyNames',
      'text',
    ]);
  });

  it('a table of settings has a maximum too', () => {
    const settings = Object.fromEntries(
      Array.from({ length: 1001 }, (_, i) => [`pack-${i}`, null]),
    );
    const one = {
      voice: 'a',
      method: 'plain',
      theta: 0.5,
      lookahead: 1,
      temperature: 1,
      topK: 0,
      topP: 1,
      repetitionPenalty: 1,
      seed: 1,
    } as const;
    for (const name of Object.keys(settings)) settings[name] = one as never;
    const change = { settingsByPack: settings };
    expect(calls.setPreferences.input.safeParse(change).success).toBe(false);
  });
});
