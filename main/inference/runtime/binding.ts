import { call, make } from './api';
import { Handle } from './handle';
import type { Session } from './session';
import type { Tensor } from './tensor';

/**
 * What a session reads and writes when it runs: tensors by the names of inputs and outputs, bound once. A tensor may be
 * an input and an output at a time, and is then changed in place.
 */
export class Binding {
  private readonly handle: Handle;
  private readonly options: Handle;

  /** `graphId`: the number of the captured graph that a device is to make and use for this binding. */
  constructor(
    private readonly session: Session,
    /** Kept for as long as the library may read and write their memory. */
    readonly tensors: {
      inputs: Readonly<Record<string, Tensor>>;
      outputs: Readonly<Record<string, Tensor>>;
    },
    graphId?: number,
  ) {
    this.handle = new Handle('IoBinding', make('CreateIoBinding', session.handle.pointer));
    this.options = new Handle('RunOptions', make('CreateRunOptions'));
    try {
      if (graphId !== undefined) {
        call('AddRunConfigEntry', this.options.pointer, 'gpu_graph_id', String(graphId));
      }
      for (const [name, { handle }] of Object.entries(tensors.inputs)) {
        call('BindInput', this.handle.pointer, name, handle.pointer);
      }
      for (const [name, { handle }] of Object.entries(tensors.outputs)) {
        call('BindOutput', this.handle.pointer, name, handle.pointer);
      }
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Runs the graph; blocks this thread while it does. Throws an `Error` with the library's words. */
  run(): void {
    const { session, options, handle } = this;
    call('RunWithBinding', session.handle.pointer, options.pointer, handle.pointer);
  }

  release(): void {
    this.handle.release();
    this.options.release();
  }
}
