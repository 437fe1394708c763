import { z } from 'zod';
import { Failure } from './failure';
import { PackSummary } from './pack';

/** Where the graphs run, and why nowhere better. */
export const DeviceReport = z.object({
  /** The device's name on the command line: cpu, webgpu. */
  name: z.string(),
  /** As the window calls it: CPU, GPU (WebGPU). */
  label: z.string(),
  /** Whether it computes in half precision. */
  half: z.boolean(),
  /** Whether drafts are made on the CPU beside it. */
  draftsOnCpu: z.boolean(),
  /** A sentence for each provider that was tried or asked for and is not in use. */
  passedOver: z.array(z.string()),
  /** Of the inference process, once the pack is loaded and after takes. */
  memoryBytes: z.number().positive().optional(),
});
export type DeviceReport = z.infer<typeof DeviceReport>;

/** Life cycle of the inference process, as the window sees it. */
export const EngineState = z.discriminatedUnion('status', [
  z.object({ status: z.literal('loading'), message: z.string() }),
  z.object({
    status: z.literal('ready'),
    pack: PackSummary,
    device: DeviceReport,
    /** Plain decoding here with this pack: measured after loading, then with every take. */
    plainTokensPerSecond: z.number().positive().nullable(),
  }),
  z.object({ status: z.literal('failed'), failure: Failure }),
]);
export type EngineState = z.infer<typeof EngineState>;
