import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const fromHere = createRequire(import.meta.url);

/** The version of ONNX Runtime that this program is built for. */
export function packagedVersion(): string {
  return (fromHere('onnxruntime-node/package.json') as { version: string }).version;
}

/**
 * The library of ONNX Runtime that onnxruntime-node carries for this platform. Throws an `Error` where it carries none.
 */
export function packagedFile(): string {
  const home = dirname(fromHere.resolve('onnxruntime-node/package.json'));
  const name = {
    linux: 'libonnxruntime.so.1',
    darwin: 'libonnxruntime.1.dylib',
    win32: 'onnxruntime.dll',
  }[process.platform as string];
  if (!name) throw new Error(`ONNX Runtime is not to be had on ${process.platform}.`);
  const file = join(home, 'bin/napi-v6', process.platform, process.arch, name);
  // The system's loader cannot look into the packaged archive.
  return file.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');
}
