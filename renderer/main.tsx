import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './layout/App';
import { start } from './start';
import '@fontsource-variable/inter';
import './theme/tokens.css';
import './theme/base.css';

const place = document.getElementById('root');
if (place === null) throw new Error('index.html holds no element with the id root.');
// The first paint already shows the remembered theme and script.
await start(window);
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
