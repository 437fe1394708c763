import { app, type Session } from 'electron';

/**
 * Makes every look-up of Chromium's fail at once, but those of `hosts`, whoever asks. The page's policy
 * stops requests, but not hints such as `dns-prefetch`, nor the servers that WebRTC is told of; each would
 * carry a name of the page's choice out of the machine. Must run before the app is ready.
 */
export function resolveOnly(hosts: readonly string[]): void {
  const rules = ['MAP * ~NOTFOUND', ...hosts.map((host) => `EXCLUDE ${host}`)];
  app.commandLine.appendSwitch('host-resolver-rules', rules.join(', '));
  // Chromium's own upkeep: updates of its components and reports of its requests.
  app.commandLine.appendSwitch('disable-background-networking');
  app.commandLine.appendSwitch('disable-component-update');
  app.commandLine.appendSwitch('disable-domain-reliability');
}

/** Keeps a session with pages from asking for anything by itself. */
export function keepOffline(session: Session): void {
  // Else Electron fetches a dictionary for each language at every launch, whether words are checked or not.
  session.setSpellCheckerLanguages([]);
  // The system's proxy would be asked in place of a name server, or be looked for in the network (WPAD).
  void session.setProxy({ mode: 'direct' });
}
