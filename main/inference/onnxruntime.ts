import { createRequire } from 'node:module';
import type * as Onnxruntime from 'onnxruntime-node';

/**
 * The one place that loads onnxruntime. Its builds for Linux and macOS queue telemetry for their maker
 * and look up its server, unless this variable stands in the environment when the library is
 * initialised. Imports run before all else of a module, so the library is required after it. Node
 * writes the variable into the environment of the process itself, where C code finds it; a worker
 * thread has a copy, so no worker may open graphs. The build for Windows holds no uploader and asks
 * for no variable: it offers events to Windows' own tracing.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
const library: typeof Onnxruntime = createRequire(import.meta.url)('onnxruntime-node');

export const { env, InferenceSession, Tensor, listSupportedBackends } = library;
export type InferenceSession = Onnxruntime.InferenceSession;
export type Tensor = Onnxruntime.Tensor;
export type SessionOptions = Onnxruntime.InferenceSession.SessionOptions;
export type ValueMetadata = Onnxruntime.InferenceSession.ValueMetadata;
export type OnnxValueMapType = Onnxruntime.InferenceSession.OnnxValueMapType;
