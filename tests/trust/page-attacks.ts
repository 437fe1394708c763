/** Code that a page which was taken over might run: the body of an async function. */
export type Attack = {
  name: string;
  code: string;
  /** Whether what it came to means that it was refused. */
  refused: (outcome: string) => boolean;
  /** What Chromium writes into the console where it refuses and tells the page nothing. */
  said?: RegExp;
  /** Whether main is asked, and the page told nothing. */
  asksMain?: true;
};

/**
 * How an attack ends, as the page tells it: `threw NAME`, `violation DIRECTIVE` of the page's policy,
 * `refused` for a navigation, `error` or `load` of an element, `silent` after five seconds of nothing, or
 * what the code returned.
 */
const isStopped = (outcome: string) => /^(threw|violation|error|refused)\b/.test(outcome);

/** What the attacks have to aim at: a server of HTTP and, on the same port, a listener of UDP. */
export type Target = { port: number };

/** A name that can be found in a trace of system calls when it is looked up. */
export const LOOKED_UP = 'timbrel-attack';

const each = <Item>(
  items: readonly Item[],
  attack: (item: Item, index: number) => Attack,
): Attack[] => items.map(attack);

/** Node and Electron by the names that they would have, in the page and in an empty frame of it. */
export const names: Attack[] = each(
  [
    'require',
    'process',
    'module',
    'Buffer',
    'global',
    '__dirname',
    'setImmediate',
    'electron',
    'ipcRenderer',
  ].flatMap((name) => [
    { name, where: 'window' },
    { name, where: 'a frame' },
  ]),
  ({ name, where }) => ({
    name: `${name} in ${where}`,
    code:
      where === 'window'
        ? `return '${name}' in window`
        : `const frame = document.body.appendChild(document.createElement('iframe'));
           const found = '${name}' in frame.contentWindow;
           frame.remove();
           return found`,
    refused: (outcome) => outcome === 'false',
  }),
);

const element = (tag: string, properties: Record<string, string>, inside = '') => `
  const element = document.createElement('${tag}');
  Object.assign(element, ${JSON.stringify(properties)});
  element.innerHTML = ${JSON.stringify(inside)};
  return await settle(element)`;

/** Ways out to a server. What none of them may do is be noticed there, whatever the page is told. */
export function network({ port }: Target): Attack[] {
  const http = `http://127.0.0.1:${port}`;
  const stopped = (name: string, code: string): Attack => ({ name, code, refused: isStopped });
  /** Nothing tells the page what came of these; the listeners and the trace do. */
  const unheard = (name: string, code: string): Attack => ({ name, code, refused: () => true });
  const hint = (rel: string, href: string) =>
    unheard(
      `link rel=${rel} to ${href}`,
      `const link = document.createElement('link');
       Object.assign(link, { rel: '${rel}', href: '${href}', as: 'script' });
       document.head.append(link);`,
    );
  const peer = (servers: string, then = '') => `
    const told = [];
    const peer = new RTCPeerConnection({ iceServers: ${servers} });
    peer.onicecandidate = ({ candidate }) => candidate?.candidate && told.push(candidate.candidate);
    peer.createDataChannel('out');
    await peer.setLocalDescription(await peer.createOffer());
    ${then}
    if (peer.iceGatheringState !== 'complete') {
      await new Promise((done) => {
        peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && done();
      });
    }
    peer.close();
    return told.join(' ') || 'no candidate'`;
  const untold = (name: string, code: string): Attack => ({
    name,
    code,
    refused: (outcome) => outcome === 'no candidate' || isStopped(outcome),
  });
  return [
    ...each(
      [http, `https://127.0.0.1:${port}`, 'file:///etc/passwd', 'ftp://127.0.0.1/', 'data:,x'],
      (url) => stopped(`fetch ${url.split(':')[0]}`, `return (await fetch('${url}')).status`),
    ),
    stopped('fetch without CORS', `return (await fetch('${http}', { mode: 'no-cors' })).type`),
    stopped(
      'fetch that outlives the page',
      `return (await fetch('${http}', { method: 'POST', body: 'x', keepalive: true })).status`,
    ),
    stopped(
      'fetch of another host of the scheme',
      `return (await fetch('timbrel://elsewhere/index.html')).ok || Promise.reject(new Error())`,
    ),
    stopped(
      'fetch from a frame',
      `
      const frame = document.body.appendChild(document.createElement('iframe'));
      return (await frame.contentWindow.fetch('${http}')).status`,
    ),
    stopped(
      'XMLHttpRequest',
      `
      const request = new XMLHttpRequest();
      request.open('GET', '${http}');
      const end = settle(request);
      request.send();
      return await end`,
    ),
    stopped('WebSocket', `return await settle(new WebSocket('ws://127.0.0.1:${port}'))`),
    stopped('EventSource', `return await settle(new EventSource('${http}'))`),
    stopped(
      'WebTransport',
      `await new WebTransport('https://127.0.0.1:${port}').ready; return 'open'`,
    ),
    stopped(
      'beacon',
      `const end = violation(); navigator.sendBeacon('${http}', 'x'); return await end`,
    ),
    ...each(['img', 'video', 'audio', 'embed', 'script'], (tag) =>
      stopped(tag, element(tag, { src: `${http}/x` })),
    ),
    stopped(
      'iframe',
      `
      const end = violation();
      document.body.appendChild(document.createElement('iframe')).src = '${http}/x';
      return await end`,
    ),
    stopped('object', element('object', { data: `${http}/x` })),
    stopped('stylesheet', element('link', { rel: 'stylesheet', href: `${http}/x` })),
    stopped(
      'picture in SVG',
      `
      const end = violation();
      document.body.insertAdjacentHTML('beforeend', '<svg><image href="${http}/x"/></svg>');
      return await end`,
    ),
    stopped(
      'picture in a style',
      `const end = violation(); document.body.style.backgroundImage = 'url(${http}/x)'; return await end`,
    ),
    stopped('font', `await new FontFace('Out', 'url(${http}/x)').load(); return 'loaded'`),
    stopped('module', `await import('${http}/x'); return 'loaded'`),
    stopped('worker', `return await settle(new Worker('${http}/x'))`),
    stopped(
      'service worker',
      `await navigator.serviceWorker.register('${http}/x'); return 'registered'`,
    ),
    stopped(
      'audio worklet',
      `await new OfflineAudioContext(1, 1, 8000).audioWorklet.addModule('${http}/x'); return 'loaded'`,
    ),
    stopped(
      'form',
      `
      const end = Promise.race([violation(), refusal()]);
      const form = document.body.appendChild(document.createElement('form'));
      Object.assign(form, { action: '${http}', method: 'post' }).submit();
      return await end`,
    ),
    unheard(
      'ping of a link',
      `
      const link = document.body.appendChild(document.createElement('a'));
      Object.assign(link, { href: '#', ping: '${http}' }).click();`,
    ),
    hint('preconnect', http),
    hint('prefetch', `${http}/x`),
    hint('prerender', `${http}/x`),
    hint('dns-prefetch', `//${LOOKED_UP}-hint.invalid`),
    hint('preconnect', `http://${LOOKED_UP}-connect.invalid`),
    untold('WebRTC', peer('[]')),
    untold('STUN', peer(`[{ urls: 'stun:127.0.0.1:${port}' }]`)),
    untold('STUN by a name', peer(`[{ urls: 'stun:${LOOKED_UP}-stun.invalid' }]`)),
    untold(
      'TURN',
      peer(
        `[{ urls: 'turn:127.0.0.1:${port}?transport=udp', username: 'secret', credential: 'x' }]`,
      ),
    ),
    untold(
      'TURN by TCP',
      peer(
        `[{ urls: 'turn:127.0.0.1:${port}?transport=tcp', username: 'secret', credential: 'x' }]`,
      ),
    ),
    untold(
      'WebRTC to a peer',
      peer(
        '[]',
        `
      const answer = new RTCPeerConnection();
      await answer.setRemoteDescription(peer.localDescription);
      await answer.setLocalDescription(await answer.createAnswer());
      await peer.setRemoteDescription(answer.localDescription);
      await peer.addIceCandidate({ candidate: 'candidate:1 1 udp 2122260223 127.0.0.1 ${port} typ host', sdpMid: '0' });
      answer.close();`,
      ),
    ),
  ];
}

/** Script from where none may come. Each would set `window.injected`. */
const SET = 'window.injected = true';
const stoppedOrNotRun = (outcome: string) => isStopped(outcome) || outcome === 'not run';
const written = (name: string, html: string): Attack => ({
  name,
  code: `const end = violation(); document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(html)}); return await end`,
  refused: stoppedOrNotRun,
});
const appended = (name: string, properties: Record<string, string>): Attack => ({
  name,
  code: `
    const end = violation();
    const script = document.createElement('script');
    Object.assign(script, ${JSON.stringify(properties)});
    document.body.append(script);
    return await end`,
  refused: stoppedOrNotRun,
});
const evaluated = (name: string, code: string): Attack => ({
  name,
  code,
  refused: stoppedOrNotRun,
});

export const injection: Attack[] = [
  appended('inline script', { textContent: SET }),
  appended('inline module', { type: 'module', textContent: SET }),
  appended('inline script with a guessed nonce', { nonce: 'AAAA', textContent: SET }),
  appended('script of a data URL', { src: `data:text/javascript,${SET}` }),
  appended('module of a data URL', { type: 'module', src: `data:text/javascript,${SET}` }),
  evaluated(
    'script of a blob',
    `
    const script = document.createElement('script');
    script.src = URL.createObjectURL(new Blob(['${SET}'], { type: 'text/javascript' }));
    return await settle(script)`,
  ),
  evaluated('import of a data URL', `await import('data:text/javascript,${SET}'); return 'run'`),
  evaluated(
    'import of a blob',
    `await import(URL.createObjectURL(new Blob(['${SET}'], { type: 'text/javascript' }))); return 'run'`,
  ),
  evaluated('eval', `return eval('${SET}') && 'run'`),
  evaluated('Function', `return new Function('${SET}; return true')() && 'run'`),
  evaluated(
    'Function of an async function',
    `return await (async () => {}).constructor('${SET}; return true')() && 'run'`,
  ),
  evaluated(
    'timeout of a string',
    `const end = violation(); setTimeout('${SET}'); return await end`,
  ),
  evaluated(
    'interval of a string',
    `const end = violation(); const id = setInterval('${SET}', 1); const how = await end; clearInterval(id); return how`,
  ),
  evaluated('worker of a data URL', `return await settle(new Worker('data:text/javascript,'))`),
  evaluated(
    'worker of a blob',
    `return await settle(new Worker(URL.createObjectURL(new Blob([''], { type: 'text/javascript' }))))`,
  ),
  evaluated(
    'WebAssembly',
    `await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); return 'run'`,
  ),
  written('handler of a picture', `<img src="data:image/png;base64,AAAA" onerror="${SET}">`),
  written(
    'handler of an animation',
    `<svg><animate onbegin="${SET}" attributeName="x" dur="1s"/></svg>`,
  ),
  evaluated(
    'handler of a field',
    `
    const end = violation();
    document.body.insertAdjacentHTML('beforeend', '<input onfocus="${SET}">');
    document.body.lastElementChild.focus();
    return await end`,
  ),
  written('handler of details', `<details open ontoggle="${SET}">x</details>`),
  written('handler of a video', `<video src="missing.webm" onerror="${SET}"></video>`),
  evaluated(
    'script in a frame',
    `
    const frame = document.createElement('iframe');
    frame.srcdoc = '<script>parent.injected = true</script>';
    await settle(frame);
    return 'injected' in window ? 'run' : 'not run'`,
  ),
  written('frame of a script', `<iframe src="javascript:parent.injected = true"></iframe>`),
  written(
    'frame of a data URL',
    `<iframe src="data:text/html,<script>parent.injected = true</script>"></iframe>`,
  ),
  written(
    'object of a data URL',
    `<object data="data:text/html,<script>parent.injected = true</script>"></object>`,
  ),
  written('base of another place', `<base href="https://127.0.0.1/">`),
  written('style element', '<style>body { outline: 1px solid red }</style>'),
  evaluated(
    'script in SVG',
    `
    const end = violation();
    const script = document.createElementNS('http://www.w3.org/2000/svg', 'script');
    script.textContent = '${SET}';
    document.body.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'svg')).append(script);
    return await end`,
  ),
  evaluated(
    'script of a fragment',
    `
    const end = violation();
    document.body.append(document.createRange().createContextualFragment('<script>${SET}</script>'));
    return await end`,
  ),
  evaluated(
    'link of a script',
    `
    const end = violation();
    const link = document.body.appendChild(document.createElement('a'));
    link.href = 'javascript:${SET}';
    link.click();
    return await end`,
  ),
];

const isDenied = (outcome: string) => /^(threw|denied|absent|\[\]$)/.test(outcome);

/** Permissions: their state, then their use. What the page cannot even ask for is `absent`. */
export const permissions: Attack[] = [
  ...each(
    [
      'microphone',
      'camera',
      'geolocation',
      'notifications',
      'clipboard-read',
      'midi',
      'display-capture',
      'idle-detection',
      'window-management',
      'local-fonts',
      'persistent-storage',
      'background-fetch',
    ],
    (name) => ({
      name: `state of ${name}`,
      code: `return (await navigator.permissions.query({ name: '${name}' })).state`,
      refused: isDenied,
    }),
  ),
  ...each(
    [
      ['microphone', `await navigator.mediaDevices.getUserMedia({ audio: true })`],
      ['camera', `await navigator.mediaDevices.getUserMedia({ video: true })`],
      ['screen', `await navigator.mediaDevices.getDisplayMedia()`],
      [
        'place',
        `await new Promise((done, failed) => navigator.geolocation.getCurrentPosition(done, () => failed(new Error())))`,
      ],
      ['notifications', `return await Notification.requestPermission()`],
      ['MIDI', `await navigator.requestMIDIAccess({ sysex: true })`],
      ['clipboard', `return await navigator.clipboard.readText()`],
      [
        'Bluetooth',
        `if (!navigator.bluetooth) return 'absent'; await navigator.bluetooth.requestDevice({ acceptAllDevices: true })`,
      ],
      [
        'USB',
        `if (!navigator.usb) return 'absent'; await navigator.usb.requestDevice({ filters: [] })`,
      ],
      [
        'HID',
        `if (!navigator.hid) return 'absent'; return JSON.stringify(await navigator.hid.requestDevice({ filters: [] }))`,
      ],
      [
        'serial port',
        `if (!navigator.serial) return 'absent'; await navigator.serial.requestPort()`,
      ],
      [
        'fonts',
        `if (!window.queryLocalFonts) return 'absent'; return JSON.stringify(await queryLocalFonts())`,
      ],
      ['lock of the pointer', `await document.body.requestPointerLock()`],
      [
        'lock of the keyboard',
        `if (!navigator.keyboard) return 'absent'; await navigator.keyboard.lock()`,
      ],
      [
        'idle detection',
        `if (!window.IdleDetector) return 'absent'; return await IdleDetector.requestPermission()`,
      ],
      ['screens', `if (!window.getScreenDetails) return 'absent'; await getScreenDetails()`],
    ],
    ([name, code]) => ({ name: `use of ${name}`, code, refused: isDenied }),
  ),
];

const TRAVERSALS = [
  ...[
    '../',
    '../../',
    '..%2f',
    '..%2f..%2f',
    '%2e%2e/',
    '%2e%2e%2f',
    '%2e%2e%2f%2e%2e%2f',
    '..%5c',
    '..%5c..%5c',
    '%2e%2e%5c',
  ],
  ...[
    '....//',
    '..;/',
    '.%2e/',
    '%2e./',
    '..%252f',
    '%252e%252e%252f',
    '..%c0%af',
    '%c0%ae%c0%ae/',
    '..%ef%bc%8f',
    '%u002e%u002e/',
  ],
  ...[
    'assets/../../',
    'assets/..%2f..%2f',
    'assets/%2e%2e/%2e%2e/',
    'assets/..%5c..%5c',
    '/../',
    '//',
    '/%2f',
    '%2f%2f',
    './..%2f',
    '%00/..%2f',
  ],
].map((way) => `${way}package.json`);
const OTHER_FILES = [
  ...[
    '/etc/passwd',
    '%2fetc%2fpasswd',
    '//etc/passwd',
    'file:///etc/passwd',
    '..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  ],
  ...[
    '..%2fmain%2findex.js',
    '..%2fpreload%2findex.cjs',
    '..%2frenderer-secret',
    '../main/index.js',
    'C:%5cWindows%5cwin.ini',
    '%5c%5cserver%5cshare',
  ],
  ...[
    'index.html%00.js',
    'index.html%00',
    '%E0%A4%A',
    '',
    'assets',
    'assets/',
    '.',
    'package.json',
    'index.html/..%2f..%2fpackage.json',
    'index.html%2f..%2f..%2fpackage.json',
  ],
];
const METHODS = ['POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];

/** The page's own scheme. A path that the browser itself resolves to the page gives the page. */
export const scheme: Attack[] = [
  ...each([...TRAVERSALS, ...OTHER_FILES], (path) => ({
    name: `/${path}`,
    code: `
      const response = await fetch('timbrel://app/' + ${JSON.stringify(path)});
      const own = await (await fetch('timbrel://app/index.html')).text();
      const plain = (text) => text.replace(/nonce[^>]*>/g, '');
      return response.status === 404 || plain(await response.text()) === plain(own) ? 'kept' : 'leaked'`,
    refused: (outcome) => outcome === 'kept' || isStopped(outcome),
  })),
  ...each(METHODS, (method) => ({
    name: `${method} /index.html`,
    code: `return (await fetch('timbrel://app/index.html', { method: '${method}' })).status`,
    refused: (outcome) => outcome === '404' || isStopped(outcome),
  })),
];

/** Where the page may try to go. */
const link = (url: string, target = '') => `
  const link = document.body.appendChild(document.createElement('a'));
  Object.assign(link, { href: '${url}', target: '${target}' }).click();`;
const opened = (code: string) => `return (${code}) === null ? 'refused' : 'opened'`;
const went = (code: string) => `const end = refusal(); ${code}; return await end`;

/** Navigations and new windows. `refusal()` in their code waits for a navigation that is prevented. */
export function navigations({ port }: Target): Attack[] {
  const http = `http://127.0.0.1:${port}/`;
  const attacks: [name: string, code: string][] = [
    ...[
      ...['about:blank', 'about:blank#x', 'about:srcdoc', http, 'https://127.0.0.1:1/'],
      ...['timbrel://elsewhere/', 'timbrel://app/other.html', 'mailto:a@b.invalid'],
    ].map((url): [string, string] => [`location = ${url}`, went(`location.href = '${url}'`)]),
    [
      'location of a blob',
      went(`location.href = URL.createObjectURL(new Blob(['x'], { type: 'text/html' }))`),
    ],
    [
      'location of a script',
      `const end = violation(); location.href = 'javascript:"x"'; return await end`,
    ],
    ['assign', went(`location.assign('${http}')`)],
    ['replace', went(`location.replace('about:blank')`)],
    ['navigate', went(`navigation.navigate('about:blank').finished.catch(() => {})`)],
    ['link', went(link(http))],
    ['link to about:blank', went(link('about:blank'))],
    ['link to the top', went(link(http, '_top'))],
    [
      'top, from a frame',
      went(
        `document.body.appendChild(document.createElement('iframe')).contentWindow.open('about:blank', '_top')`,
      ),
    ],
    [
      'refresh',
      went(`
      const meta = document.createElement('meta');
      Object.assign(meta, { httpEquiv: 'refresh', content: '0;url=${http}' });
      document.head.append(meta)`),
    ],
    ['history', `history.pushState(null, '', '${http}'); return 'went'`],
    [
      'form',
      `
      const end = Promise.race([violation(), refusal()]);
      Object.assign(document.body.appendChild(document.createElement('form')), { action: '${http}' }).submit();
      return await end`,
    ],
    ['window.open', opened(`window.open('${http}')`)],
    ['window.open of about:blank', opened(`window.open('about:blank')`)],
    ['window.open of the page', opened(`window.open(location.href)`)],
    ['window.open of a file', opened(`window.open('file:///etc/passwd', 'name', 'popup')`)],
    ['window.open of itself', went(`window.open('about:blank', '_self')`)],
    ['link to a new window', `${link(http, '_blank')} return 'refused'`],
  ];
  return [
    ...attacks.map(([name, code]) => ({ name, code, refused: isStopped })),
    ...['file:///etc/passwd', 'data:text/html,x', 'chrome://gpu/', 'devtools://devtools/'].map(
      (url) => ({
        name: `location = ${url}`,
        code: `location.href = '${url}'`,
        refused: isStopped,
        said: /^Not allowed to/,
      }),
    ),
    {
      name: 'frame of the page',
      code: `
        const frame = document.createElement('iframe');
        frame.src = location.href;
        document.body.append(frame)`,
      refused: isStopped,
      asksMain: true,
    },
  ];
}
