import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const GLUE = './ebur128_wasm_bg.js';

// Node's types leave the global out, and those of the page have no place here.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: object };
};

type Exports = {
  memory: { buffer: ArrayBuffer };
  __wbindgen_malloc: (bytes: number) => number;
  ebur128_integrated_mono: (sampleRate: number, start: number, length: number) => number;
  ebur128_true_peak_mono: (sampleRate: number, start: number, length: number) => number;
};

let compiled: object | null = null;

/** Integrated loudness in LUFS (EBU R 128); −∞ for silence and for less than 400 ms. */
export function integratedLoudness(samples: Float32Array, sampleRate: number): number {
  return measure('ebur128_integrated_mono', samples, sampleRate);
}

/** True peak in dBTP, of four times oversampled sound; −∞ for silence. */
export function truePeak(samples: Float32Array, sampleRate: number): number {
  return measure('ebur128_true_peak_mono', samples, sampleRate);
}

// The package's own loader imports its .wasm file as a module, as only bundlers can, and never
// frees what it passes: so one instance a measurement, from a file that may lie inside an asar.
function measure(
  name: 'ebur128_integrated_mono' | 'ebur128_true_peak_mono',
  samples: Float32Array,
  sampleRate: number,
): number {
  compiled ??= new WebAssembly.Module(
    readFileSync(createRequire(import.meta.url).resolve('ebur128-wasm/ebur128_wasm_bg.wasm')),
  );
  const glue = {
    __wbg_new_693216e109162396: () => 0,
    __wbg_stack_0ddaca5d1abfb52f: () => undefined,
    __wbg_error_09919627ac0992f5: (start: number, length: number) => {
      throw new Error(Buffer.from(wasm.memory.buffer, start, length).toString());
    },
    __wbindgen_object_drop_ref: () => undefined,
  };
  const wasm = new WebAssembly.Instance(compiled, { [GLUE]: glue }).exports as Exports;
  const start = wasm.__wbindgen_malloc(samples.byteLength);
  new Float32Array(wasm.memory.buffer).set(samples, start / Float32Array.BYTES_PER_ELEMENT);
  return wasm[name](sampleRate, start, samples.length);
}
