import { create } from 'zustand';
import { JOB_PORT_MESSAGE, type JobEvent, type JobPortMessage } from '../../contract/job';
import type { SpeakSettings } from '../../contract/settings';
import type { Take } from '../../contract/take';
import { call } from '../bridge';
import type { LaneName } from '../deck/lane-name';
import { useLanes } from '../deck/lanes';
import { notify } from '../notices/notices';
import { upsertTake } from '../takes/takes';

export type Progress = Extract<JobEvent, { type: 'progress' }>;

export type Job = {
  id: string;
  lane: LaneName;
  text: string;
  settings: SpeakSettings;
  pair: string | null;
  state: { phase: 'queued' } | { phase: 'running'; take: Take; progress: Progress | null };
};

/** Jobs that are not over, in the order in which main runs them. */
export const useJobs = create<{ jobs: readonly Job[] }>()(() => ({ jobs: [] }));

/** Ports whose `generate` was not answered yet. A port keeps its messages until it is read. */
const earlyPorts = new Map<string, MessagePort>();
/** Jobs whose port has not come yet. */
const awaitingPort = new Set<string>();

/** Takes the ports of jobs that the bridge hands over. Returns its own off switch. */
export function receiveJobPorts(page: Window): () => void {
  const listener = (event: MessageEvent) => {
    const message = event.data as Partial<JobPortMessage> | null;
    const [port] = event.ports;
    if (event.source !== page || message?.type !== JOB_PORT_MESSAGE) return;
    if (typeof message.job !== 'string' || port === undefined) return;
    if (awaitingPort.delete(message.job)) listen(message.job, port);
    else earlyPorts.set(message.job, port);
  };
  page.addEventListener('message', listener);
  return () => page.removeEventListener('message', listener);
}

/** Queues a take for a lane. Throws `FailureError` when main refuses. */
export async function startJob(
  lane: LaneName,
  text: string,
  settings: SpeakSettings,
  pair: string | null,
): Promise<void> {
  const { job: id } = await call('generate', { text, settings, pair });
  const job: Job = { id, lane, text, settings, pair, state: { phase: 'queued' } };
  useJobs.setState(({ jobs }) => ({ jobs: [...jobs, job] }));
  if (frontOf(lane)?.id === id) useLanes.getState().begin(lane, id);
  const port = earlyPorts.get(id);
  earlyPorts.delete(id);
  if (port) listen(id, port);
  else awaitingPort.add(id);
}

/** Ends jobs that are queued or running. */
export async function cancelJobs(ids: readonly string[]): Promise<void> {
  try {
    await Promise.all(ids.map((job) => call('cancel', { job })));
  } catch (error) {
    notify(error as Error);
  }
}

/** The job that Cancel is about, with the other half of its pair. */
export function cancellable(jobs: readonly Job[]): string[] {
  const first = jobs.find((job) => job.state.phase === 'running') ?? jobs[0];
  if (!first) return [];
  return jobs
    .filter((job) => job === first || (first.pair !== null && job.pair === first.pair))
    .map((job) => job.id);
}

/** A lane shows one job at a time: the first of those that wait for it. */
function frontOf(lane: LaneName): Job | undefined {
  return useJobs.getState().jobs.find((job) => job.lane === lane);
}

function listen(id: string, port: MessagePort): void {
  port.onmessage = ({ data }: MessageEvent<JobEvent>) => {
    receive(id, data);
    if (data.type === 'ended') port.close();
  };
}

function receive(id: string, event: JobEvent): void {
  const job = useJobs.getState().jobs.find((other) => other.id === id);
  if (!job) return;
  if (frontOf(job.lane) === job) useLanes.getState().receive(job.lane, event);
  switch (event.type) {
    case 'started':
      upsertTake(event.take);
      setState(id, { phase: 'running', take: event.take, progress: null });
      break;
    case 'progress':
      if (job.state.phase === 'running') setState(id, { ...job.state, progress: event });
      break;
    case 'notice':
      notify(event.message);
      break;
    case 'ended':
      upsertTake(event.take);
      end(job);
      if (event.failure !== null && event.failure.kind !== 'cancelled') notify(event.failure);
      break;
    case 'rounds':
    case 'audio':
      // The lane's alone.
      break;
  }
}

function setState(id: string, state: Job['state']): void {
  useJobs.setState(({ jobs }) => ({
    jobs: jobs.map((job) => (job.id === id ? { ...job, state } : job)),
  }));
}

function end(job: Job): void {
  const wasFront = frontOf(job.lane)?.id === job.id;
  useJobs.setState(({ jobs }) => ({ jobs: jobs.filter((other) => other.id !== job.id) }));
  const next = frontOf(job.lane);
  if (wasFront && next) useLanes.getState().begin(next.lane, next.id);
}
