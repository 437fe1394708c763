import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type Child, forkChild } from '../child';
import {
  type Device,
  type DeviceChoice,
  type EnginePack,
  PLAIN_USE,
  type TrialCommand,
  type TrialReport,
} from '../inference/messages';
import { chooseDevice } from './choose-device';
import { Verdicts } from './verdicts';

const PACK = {} as EnginePack;
const ENTRY = join(import.meta.dirname, 'testing/device-on-trial.mjs');

let folder: string;
let started: Child<TrialCommand, TrialReport>[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-trials-'));
  started = [];
  return () => rm(folder, { recursive: true });
});

const choose = (
  candidates: Device[],
  key = 'one',
  deadlineMs = 10_000,
  choice: DeviceChoice = 'auto',
) =>
  chooseDevice(PACK, choice, {
    start: () => {
      const child = forkChild<TrialCommand, TrialReport>(ENTRY);
      started.push(child);
      return child;
    },
    verdicts: new Verdicts(join(folder, 'verdicts.json'), key),
    candidates,
    deadlineMs,
  });

const isAlive = (pid: number | undefined) => {
  try {
    return process.kill(pid as number, 0);
  } catch {
    return false;
  }
};

it('outlives a driver that aborts, and says so', async () => {
  expect(await choose(['cuda'])).toEqual({
    name: 'cpu',
    use: PLAIN_USE,
    passedOver: ['CUDA ended the process in which it was tried.'],
  });
});

it('ends a trial that hangs, and no other process', async () => {
  const kill = vi.spyOn(process, 'kill');
  onTestFinished(() => kill.mockRestore());
  const bystander = forkChild(ENTRY);
  onTestFinished(() => bystander.kill());
  expect(await choose(['webgpu'], 'one', 1000)).toEqual({
    name: 'cpu',
    use: PLAIN_USE,
    passedOver: ['WebGPU did not answer within 1 s of being tried.'],
  });
  await expect.poll(() => isAlive(started[0].pid)).toBe(false);
  expect(isAlive(bystander.pid)).toBe(true);
});

it('passes over one that disagrees, takes the next, and tries neither again', async () => {
  const chosen = {
    name: 'dml',
    use: { half: true, smallBlocks: true, captured: true, draftsOnCpu: true },
    passedOver: ['Core ML does not compute what the CPU does.'],
  };
  expect(await choose(['coreml', 'dml'])).toEqual(chosen);
  expect(await choose(['coreml', 'dml'])).toEqual(chosen);
  expect(started).toHaveLength(2);
  await expect.poll(() => started.some(({ pid }) => isAlive(pid))).toBe(false);
});

it('tries again with another pack, driver or program, and when what it kept is damaged', async () => {
  await choose(['dml']);
  await choose(['dml'], 'another');
  expect(started).toHaveLength(2);
  await choose(['dml'], 'one');
  expect(started).toHaveLength(2);
  await writeFile(join(folder, 'verdicts.json'), '{"one":{"dml":');
  expect((await choose(['dml'])).name).toBe('dml');
  expect(started).toHaveLength(3);
});

it('tries again, to the end, one that the user names and that was passed over before its fastest use was known', async () => {
  const objection = 'DirectML works here, but a token of this voice pack takes at least 9 ms.';
  const brief = { one: { dml: { objection, tokenMs: 9, use: null } } };
  await writeFile(join(folder, 'verdicts.json'), JSON.stringify(brief));
  expect(await choose(['dml'])).toEqual({ name: 'cpu', use: PLAIN_USE, passedOver: [objection] });
  expect(started).toHaveLength(0);
  const { use } = await choose(['dml'], 'one', 10_000, 'dml');
  expect(use).toEqual({ half: true, smallBlocks: true, captured: true, draftsOnCpu: true });
  expect(started).toHaveLength(1);
});

it('believes a user who names a device, and learns from its trial how it is best used', async () => {
  const named = (device: Device) => choose(['cuda', 'webgpu'], 'one', 10_000, device);
  const use = { half: true, smallBlocks: true, captured: true, draftsOnCpu: true };
  const best = { name: 'dml', use, passedOver: [] };
  expect(await named('dml')).toEqual(best);
  expect(await named('dml')).toEqual(best);
  expect(started).toHaveLength(1);
  const refused = { use: PLAIN_USE, passedOver: [] };
  expect(await named('coreml')).toEqual({ name: 'coreml', ...refused });
  expect(await named('cpu')).toEqual({ name: 'cpu', ...refused });
  expect(started).toHaveLength(2);
});
