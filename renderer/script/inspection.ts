import { create } from 'zustand';
import { FailureError } from '../../contract/failure';
import { MAX_TEXT_LENGTH } from '../../contract/settings';
import type { TextReport } from '../../contract/text';
import { call } from '../bridge';

/** What is known of the script's text. A report belongs to exactly the text it was made from. */
export type Inspection =
  | { state: 'none' }
  | { state: 'known'; text: string; report: TextReport }
  | { state: 'unknown'; message: string };

export const useInspection = create<{ inspection: Inspection }>()(() => ({
  inspection: { state: 'none' },
}));

const PAUSE_MS = 120;
let timer: ReturnType<typeof setTimeout> | undefined;
let asked = 0;

/** Asks main about a text once typing pauses; an answer that comes too late is dropped. */
export function inspectSoon(text: string): void {
  asked += 1;
  const question = asked;
  clearTimeout(timer);
  if (text.trim() === '' || text.length > MAX_TEXT_LENGTH) {
    useInspection.setState({ inspection: { state: 'none' } });
    return;
  }
  timer = setTimeout(async () => {
    const inspection = await inspect(text);
    if (question === asked) useInspection.setState({ inspection });
  }, PAUSE_MS);
}

async function inspect(text: string): Promise<Inspection> {
  try {
    return { state: 'known', text, report: await call('inspectText', { text }) };
  } catch (error) {
    const message = error instanceof FailureError ? error.failure.message : String(error);
    return { state: 'unknown', message };
  }
}
