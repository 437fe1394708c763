import type { SpeakSettings } from './settings';

const METHODS = { plain: 'Plain', exact: 'Exact', pcg: 'PCG' } as const;

/** Whether two takes were asked for alike but for the seed. */
export function sameSettings(a: SpeakSettings, b: SpeakSettings): boolean {
  const { seed: _, ...ofA } = a;
  const { seed: __, ...ofB } = b;
  const keys = Object.keys({ ...ofA, ...ofB }) as (keyof typeof ofA)[];
  return keys.every((key) => ofA[key] === ofB[key]);
}

/** Names of conditions: the method of each, and whatever else they differ in. */
export function conditionNames(conditions: readonly SpeakSettings[]): string[] {
  const differ = <K extends keyof SpeakSettings>(key: K) =>
    conditions.some((settings) => settings[key] !== conditions[0][key]);
  return conditions.map((settings) => {
    const { method, theta } = settings;
    return [
      method === 'pcg' ? `${METHODS.pcg} θ ${theta.toFixed(2)}` : METHODS[method],
      ...(differ('voice') ? [`voice ${settings.voice}`] : []),
      ...(differ('pace') ? [`pace ${settings.pace ?? 'usual'}`] : []),
      ...(differ('lookahead') && method !== 'plain' ? [`lookahead ${settings.lookahead}`] : []),
      ...(differ('temperature') ? [`temperature ${settings.temperature}`] : []),
      ...(differ('topK') ? [`top-k ${settings.topK}`] : []),
      ...(differ('topP') ? [`top-p ${settings.topP}`] : []),
      ...(differ('repetitionPenalty') ? [`repetition penalty ${settings.repetitionPenalty}`] : []),
    ].join(', ');
  });
}
