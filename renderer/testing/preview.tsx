import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { EngineState } from '../../contract/engine';
import type { Preferences } from '../../contract/preferences';
import { App } from '../layout/App';
import { start } from '../start';
import { createFakeBridge, examplePack, exampleSettings, readyEngine } from './fake-bridge';
import '@fontsource-variable/inter';
import '../theme/tokens.css';
import '../theme/base.css';

/*
 * The whole page in a plain browser, without Electron: `npx vite renderer`, then
 * /testing/preview.html. ?theme=light, ?engine=loading|failed, ?takes=N, ?text=… change the scene.
 */
const scene = new URLSearchParams(location.search);

const ENGINES: Record<string, EngineState> = {
  loading: { status: 'loading', message: 'Loading the voice pack' },
  failed: {
    status: 'failed',
    failure: {
      kind: 'pack',
      message: 'The voice pack cannot be used: target.onnx is missing. Install Timbrel again.',
    },
  },
};

const LINES = [
  'The tide was out, and the boats lay on the sand.',
  'Please hold the line; somebody will be with you shortly.',
  'Seven silver spoons, and not one of them clean!',
  'Is this the road to the old observatory?',
  'Turn left after the bridge, then keep to the river.',
];

const fake = createFakeBridge({
  engine: ENGINES[scene.get('engine') ?? ''] ?? readyEngine,
  roundMs: 30,
  preferences: {
    theme: (scene.get('theme') ?? 'dark') as Preferences['theme'],
    text:
      scene.get('text') ??
      'Dr. Zebrel has 3 timbrels, and every one of them rings like glass. Привет! Shall we begin?',
  },
  takes: Array.from({ length: Number(scene.get('takes') ?? 5) }, (_, index) => ({
    text: LINES[index % LINES.length],
    settings: {
      ...exampleSettings,
      seed: 1000 + index * 7919,
      voice: examplePack.voices[index % examplePack.voices.length].name,
      method: index % 2 === 0 ? 'pcg' : 'exact',
    },
  })),
});
Object.assign(window, { timbrel: fake.bridge, fake });

const place = document.getElementById('root');
if (place === null) throw new Error('preview.html holds no element with the id root.');
await start(window);
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
