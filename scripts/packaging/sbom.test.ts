import { expect, it } from 'vitest';
import { ofWhatTravels } from './sbom.mjs';

it('keeps of npm’s list what travels, and what that depends on of the same', () => {
  const component = (name: string, version = '1.0.0') => ({
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
  });
  const sbom = ofWhatTravels(
    {
      serialNumber: 'urn:uuid:1',
      metadata: { timestamp: 'now', component: { ...component('timbrel'), name: 'folder' } },
      components: [component('zod'), component('zod', '2.0.0'), component('vite'), component('ms')],
      dependencies: [
        { ref: 'timbrel@1.0.0', dependsOn: ['zod@1.0.0', 'vite@1.0.0'] },
        { ref: 'zod@1.0.0', dependsOn: [] },
        { ref: 'vite@1.0.0', dependsOn: ['zod@2.0.0'] },
      ],
    },
    new Set(['zod 1.0.0', 'ms 1.0.0']),
  );
  expect(sbom).toEqual({
    metadata: { component: { ...component('timbrel'), type: 'application', name: 'timbrel' } },
    components: [component('zod'), component('ms')],
    dependencies: [
      { ref: 'timbrel@1.0.0', dependsOn: ['zod@1.0.0'] },
      { ref: 'zod@1.0.0', dependsOn: [] },
    ],
  });
});
