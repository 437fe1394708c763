import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Counters } from '../../contract/counters';
import { Round } from '../../contract/rounds';
import { AppendingFile } from '../audio/appending-file';
import { errorCode, storageFailure } from '../audio/storage-failure';
import { countRound, noCounts } from '../decoding/counters';

/** The rounds of a take while it is generated, one a line. */
export class RoundsFile {
  private constructor(private readonly file: AppendingFile) {}

  static async create(path: string): Promise<RoundsFile> {
    return new RoundsFile(await AppendingFile.create(path));
  }

  append(rounds: Round[]): Promise<void> {
    const lines = rounds.map((round) => `${JSON.stringify(round)}\n`);
    return this.file.append(Buffer.from(lines.join('')));
  }

  sync(): Promise<void> {
    return this.file.sync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/**
 * The rounds in a file, up to the first line that is torn or damaged: what follows a gap would be
 * drawn in the wrong place. A missing file holds none.
 */
export async function readRounds(path: string): Promise<Round[]> {
  const rounds: Round[] = [];
  for (const line of (await readText(path)).split('\n').slice(0, -1)) {
    const round = parseRound(line);
    if (!round) break;
    rounds.push(round);
  }
  return rounds;
}

/**
 * The counts of recorded rounds. Draft calls are not recorded round by round: there are at least as
 * many as drafted tokens, and at least as `counted` has.
 */
export function countersOf(rounds: Round[], counted: Counters): Counters {
  const counters = noCounts();
  for (const round of rounds) countRound(counters, { ...round, draftCalls: 0 });
  return { ...counters, draftCalls: Math.max(counters.drafted, counted.draftCalls) };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw storageFailure(error, dirname(path));
  }
}

function parseRound(line: string): Round | null {
  try {
    return Round.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
