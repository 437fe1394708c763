import { contextBridge, ipcRenderer } from 'electron';
import { type Bridge, type CallName, calls, channelOf, PAGE_EVENTS } from '../contract/calls';
import { JOB_PORT_MESSAGE, type JobPortMessage } from '../contract/job';

const named = Object.fromEntries(
  (Object.keys(calls) as CallName[]).map((name) => [
    name,
    (input: unknown) => ipcRenderer.invoke(channelOf(name), input),
  ]),
);

const on: Bridge['on'] = (event, listener) => {
  if (!PAGE_EVENTS.includes(event)) throw new Error(`There is no event ${String(event)}.`);
  const forward = (_: unknown, value: Parameters<typeof listener>[0]) => listener(value);
  ipcRenderer.on(channelOf(event), forward);
  return () => ipcRenderer.off(channelOf(event), forward);
};

// Main is asked before every navigation but those to `about:`, which would leave an empty window. This
// script runs before the page's own, so nothing of the page hears of a navigation first.
window.navigation.addEventListener('navigate', (event) => {
  const { sameDocument, url } = event.destination;
  if (!sameDocument && url !== window.location.href) event.preventDefault();
});

contextBridge.exposeInMainWorld('timbrel', { ...named, on });

// A port cannot pass through the context bridge; a window message hands it over.
ipcRenderer.on(JOB_PORT_MESSAGE, (event, job: string) => {
  const message: JobPortMessage = { type: JOB_PORT_MESSAGE, job };
  window.postMessage(message, window.location.origin, event.ports);
});
