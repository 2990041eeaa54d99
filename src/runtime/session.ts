/** @file A loaded ONNX graph, ready to run on a device, off the main thread. */
import { availableParallelism } from 'node:os';
import { PromptuneError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkDevice, type Device } from './device.js';
import type { NamedTensors } from './protocol.js';
import { RunError, type WorkerThread, workerThread } from './worker-thread.js';

export interface SessionOptions {
  /** Folder that holds the files of the graph's weights. */
  folder?: string;
  /** Default 'cpu'. */
  device?: Device;
  /** Threads of one operator. Default: one a core. */
  threads?: number;
  /**
   * Lets ONNX Runtime repack weights into its own layout: a private copy of every matrix, which makes steps a little
   * faster and sessions slower to create. Default false: weights stay mapped from their files.
   */
  prepacking?: boolean;
  /**
   * Computes once, when the session is made, what depends on weights alone, and keeps it: 16-bit weights become a private copy
   * in float32. False leaves weights packed until they are used, in each run. Default true.
   */
  folding?: boolean;
  /** Writes ONNX Runtime's profile of every node to a file whose name begins so, when the session is disposed of. */
  profilePrefix?: string;
}

let nextSession = 0;

/**
 * A graph loaded into ONNX Runtime. Runs of all sessions in a process take turns in one worker thread; inside a run
 * the device's own parallelism works.
 */
export class Session {
  readonly #id: number;
  readonly #thread: WorkerThread;
  #disposed = false;

  private constructor(id: number, thread: WorkerThread) {
    this.#id = id;
    this.#thread = thread;
  }

  /** @throws UsageError where the device is not there; PromptuneError where ONNX Runtime refuses the graph or its files */
  static async create(onnx: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const settings = {
      folder: options.folder,
      provider: checkDevice(options.device ?? 'cpu'),
      threads: options.threads ?? availableParallelism(),
      prepacking: options.prepacking ?? false,
      folding: options.folding ?? true,
      profilePrefix: options.profilePrefix,
    };
    const id = nextSession++;
    const thread = workerThread();
    try {
      await thread.request({ type: 'create', session: id, onnx, settings });
    } catch (error) {
      await thread.release();
      if (settings.provider === 'cpu') throw error;
      throw new PromptuneError(
        `device "${settings.provider}" could not be started: ${(error as Error).message}. Use the device "cpu", or check its driver.`,
      );
    }
    return new Session(id, thread);
  }

  /**
   * Runs the graph once.
   * @param feeds tensors by input name; they are copied to the worker
   * @param lent further inputs that travel without a copy: while the run lasts their `data` is empty, and then the same
   *   tensor objects have their numbers again, under a new `data`
   * @param outputs the outputs that are wanted; the others are not copied out of ONNX Runtime. Default: all
   * @returns tensors by output name
   */
  async run(
    feeds: NamedTensors,
    lent: NamedTensors = {},
    outputs?: readonly string[],
  ): Promise<NamedTensors> {
    if (this.#disposed) throw new PromptuneError('this session has been disposed of');
    const giveBack = (returned: NamedTensors) => {
      for (const [name, { data }] of Object.entries(returned)) Object.assign(lent[name]!, { data });
    };
    try {
      const result = await this.#thread.request({ type: 'run', session: this.#id, feeds, lent, outputs });
      giveBack(result!.lent);
      return result!.outputs;
    } catch (error) {
      if (error instanceof RunError) giveBack(error.lent);
      throw error;
    }
  }

  /** Frees the session. After a process's last session the memory of ONNX Runtime goes back to the system. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#thread.request({ type: 'dispose', session: this.#id });
    await this.#thread.release();
  }
}

/** The float32 output `name` of a run. */
export function float32Output(outputs: NamedTensors, name: string): Float32Array {
  const output: Tensor | undefined = outputs[name];
  if (!(output?.data instanceof Float32Array))
    throw new PromptuneError(`the graph has no float32 output "${name}"`);
  return output.data;
}
