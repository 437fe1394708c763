import { z } from 'zod';
import { CudaState } from './cuda';
import { EngineState } from './engine';
import { ExportReport, ExportSettings } from './export';
import type { Failure } from './failure';
import {
  ListeningAnswer,
  ListeningRequest,
  ListeningResult,
  ListeningSummary,
  ListeningTrial,
} from './listening';
import { GroupMember } from './pack';
import { Preferences } from './preferences';
import {
  ImportedLine,
  LINES_AT_ONCE,
  Line,
  LineExportReport,
  LineExportSettings,
  MAX_LINES,
  OpenedProject,
  RecentProject,
  SpokenLine,
} from './project';
import { Pronunciation, PronunciationReport, Pronunciations } from './pronunciation';
import { Round } from './rounds';
import { MAX_TEXT_LENGTH, SpeakSettings } from './settings';
import { Take } from './take';
import { TextReport } from './text';
import { WordTime } from './word-time';

const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output });

const nothing = z.undefined();
const done = z.void();
const takeId = Take.shape.id;
const testId = ListeningSummary.shape.id;
const text = z.string().max(MAX_TEXT_LENGTH);
/** Longer than any system's. */
const path = z.string().max(32_768);
const sound = z.object({
  sampleRate: z.number(),
  samples: z.custom<Float32Array>((value) => value instanceof Float32Array),
});

/** The most takes whose sound is looked for at once. */
export const TAKES_AT_ONCE = 500;

/** Every call from the page to main, once: bridge, handlers and test doubles derive from this. */
export const calls = {
  getState: call(
    nothing,
    z.object({
      version: z.string(),
      engine: EngineState,
      preferences: Preferences,
      /** Whether this copy has a feed to look for updates in. */
      canUpdate: z.boolean(),
    }),
  ),
  /** Absolute paths of where things are kept on this machine. */
  getFolders: call(
    nothing,
    z.object({ user: z.string(), takes: z.string(), cache: z.string(), logs: z.string() }),
  ),
  restartEngine: call(nothing, done),
  /** Opens the licences of Electron's and Chromium's parts in the browser: too long for the page. */
  openChromiumLicences: call(nothing, done),

  /** Asks the feed for a later version. Null when this is the latest. */
  checkForUpdate: call(nothing, z.object({ version: z.string() }).nullable()),
  /** Answers once what was found is here and verified; `updateProgress` tells how it gets on. */
  downloadUpdate: call(nothing, done),
  /** Ends a download, which then fails as cancelled. */
  cancelUpdate: call(nothing, done),
  /** Ends the app and puts the downloaded version in its place. */
  installUpdate: call(nothing, done),

  getCuda: call(nothing, CudaState),
  /** Begins to fetch the libraries for CUDA; `cudaChanged` tells how that gets on. */
  fetchCuda: call(nothing, done),
  cancelCuda: call(nothing, done),
  removeCuda: call(nothing, done),
  setPreferences: call(Preferences.partial(), done),

  inspectText: call(z.object({ text, pronunciations: Pronunciations.optional() }), TextReport),
  inspectPronunciations: call(Pronunciations, z.array(PronunciationReport)),
  /** The word in a short sentence, as the voice says it so; no take is made. */
  hearPronunciation: call(z.object({ entry: Pronunciation, settings: SpeakSettings }), sound),
  /** Queues a job; its port follows as a window message (`JOB_PORT_MESSAGE`). */
  generate: call(
    z.object({ text, settings: SpeakSettings, pair: z.uuid().nullable() }),
    z.object({ job: z.string(), take: takeId }),
  ),
  /** Ends a queued or running job; one that is over already is left alone. */
  cancel: call(z.object({ job: z.string().max(64) }), done),
  /** A short sentence in the voice. */
  getVoiceSample: call(z.object({ voice: SpeakSettings.shape.voice }), sound),

  /** Newest first. */
  listTakes: call(nothing, z.array(Take)),
  /** A sentence for each take that could not be read when the app started. */
  listUnreadableTakes: call(nothing, z.array(z.string())),
  renameTake: call(z.object({ take: takeId, name: z.string().trim().min(1).max(200) }), Take),
  starTake: call(z.object({ take: takeId, starred: z.boolean() }), Take),
  /** Moves the take aside; `restoreTake` brings it back until the app quits. */
  removeTake: call(z.object({ take: takeId }), done),
  restoreTake: call(z.object({ take: takeId }), Take),
  readTake: call(
    z.object({ take: takeId }),
    z.object({ take: Take, sound, rounds: z.array(Round) }),
  ),
  /** Where each word is heard; empty where that cannot be told. */
  getWordTimes: call(z.object({ take: takeId }), z.array(WordTime)),
  /** Begins a drag of the take's WAV file out of the window. */
  dragTake: call(z.object({ take: takeId }), done),
  /** Asks where, writes, reads back. Null when the user changed their mind. */
  exportTake: call(z.object({ take: takeId, settings: ExportSettings }), ExportReport.nullable()),
  /** Shows an exported file in the system's file manager. */
  revealExport: call(z.object({ path }), done),

  /** Asks where, and opens an empty project there. Null when the user changed their mind. */
  newProject: call(nothing, OpenedProject.nullable()),
  /** One opened before, or asks which. Null when the user changed their mind. */
  openProject: call(z.object({ path: path.nullable() }), OpenedProject.nullable()),
  /**
   * Lines of the open project from a place on, `LINES_AT_ONCE` at the most, as the JSON of an array of
   * `Line`: as text they cross at a tenth of the cost.
   */
  readProjectLines: call(
    z.object({ path, from: z.number().int().nonnegative().max(MAX_LINES) }),
    z.string(),
  ),
  /** Lines that are new or have changed, on their way to `saveProject`. */
  stageLines: call(z.object({ path, lines: z.array(Line).max(LINES_AT_ONCE) }), done),
  /** Answers once it is on the disk. Every line was read or staged before; null keeps their order. */
  saveProject: call(
    z.object({
      path,
      order: z.array(Line.shape.id).max(MAX_LINES).nullable(),
      pronunciations: Pronunciations,
    }),
    done,
  ),
  closeProject: call(nothing, done),
  listRecentProjects: call(nothing, z.array(RecentProject)),
  /** Asks for a file and reads it. Null when the user changed their mind. */
  importLines: call(
    nothing,
    z.object({ lines: z.array(ImportedLine), leftOut: z.array(z.string()) }).nullable(),
  ),
  /** Answers when the take has ended; `job` is a new name, by which `cancel` ends it sooner. */
  speakLine: call(
    z.object({ job: z.uuid(), text, settings: SpeakSettings, pronunciations: Pronunciations }),
    SpokenLine,
  ),
  /** Those of the takes that are gone, or whose sound is. */
  findMissingTakes: call(z.object({ takes: z.array(takeId).max(TAKES_AT_ONCE) }), z.array(takeId)),
  /** Names of the files that an export of the open project as it was last saved would write. */
  planLineExport: call(z.object({ settings: LineExportSettings }), z.array(z.string())),
  /** Asks for a folder and exports the open project there, as it was last saved. */
  exportLines: call(
    z.object({ settings: LineExportSettings, sound: ExportSettings }),
    LineExportReport.nullable(),
  ),

  /** Newest first, and a sentence for each that could not be read. */
  listListeningTests: call(
    nothing,
    z.object({ tests: z.array(ListeningSummary), unreadable: z.array(z.string()) }),
  ),
  /** Fixes a blind test and begins to gather its takes; `listeningChanged` tells how it gets on. */
  createListeningTest: call(ListeningRequest, ListeningSummary),
  prepareListeningTest: call(z.object({ test: testId }), done),
  cancelListeningPreparation: call(z.object({ test: testId }), done),
  removeListeningTest: call(z.object({ test: testId }), done),
  /** The one that is asked now. */
  getListeningTrial: call(z.object({ test: testId }), ListeningTrial),
  /** Answers once it is on the disk. Only the trial that is asked now takes an answer, and one. */
  answerListeningTrial: call(
    z.object({
      test: testId,
      trial: ListeningTrial.shape.number,
      answer: ListeningAnswer,
      /** How often each sound was started, in playing order, the open reference last. */
      plays: z.array(z.number().int().nonnegative()).max(6),
    }),
    ListeningSummary,
  ),
  /** Refused until every trial is answered. */
  getListeningResult: call(z.object({ test: testId }), ListeningResult),
  /** Asks where; the path that was written, or null when the user changed their mind. */
  exportListeningTest: call(
    z.object({ test: testId, format: z.enum(['html', 'csv']) }),
    z.string().nullable(),
  ),

  /** Members of G(token) at θ, by falling cosine, the token itself first. */
  getGroup: call(
    z.object({ token: z.number().int().nonnegative(), theta: z.number().min(0).max(1) }),
    z.array(GroupMember),
  ),
  /** A moment of the take around `frame`, with `token` in that frame. */
  hearSwap: call(
    z.object({
      take: takeId,
      frame: z.number().int().nonnegative(),
      token: z.number().int().nonnegative(),
    }),
    sound,
  ),
};

export type CallName = keyof typeof calls;
export type CallInput<N extends CallName> = z.input<(typeof calls)[N]['input']>;
export type CallOutput<N extends CallName> = z.output<(typeof calls)[N]['output']>;

/** What crosses the wire: errors are data. */
export type Reply<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export const COMMANDS = [
  'generate',
  'generatePair',
  'cancel',
  'playPause',
  'switchLane',
  'export',
  'focusScript',
  'blindTest',
  'newProject',
  'openProject',
  'closeProject',
  'importLines',
  'exportLines',
  'help',
  'checkForUpdate',
] as const;
export type Command = (typeof COMMANDS)[number];

/** Every message from main to the page. */
export type PageEvents = {
  engineChanged: EngineState;
  cudaChanged: CudaState;
  /** Takes were added, changed or removed by main itself. */
  takesChanged: undefined;
  /** Blind tests came, went or got on. */
  listeningChanged: undefined;
  /** How much of an update is here, from 0 to 1. */
  updateProgress: number;
  /** A menu item that the page carries out. */
  command: Command;
  /** A recent project, by its path, that was chosen from the menu. */
  projectChosen: string;
};
export const PAGE_EVENTS = [
  'engineChanged',
  'cudaChanged',
  'takesChanged',
  'listeningChanged',
  'updateProgress',
  'command',
  'projectChosen',
] as const satisfies readonly (keyof PageEvents)[];
export type PageEventName = keyof PageEvents;

/** The channel of a call or an event, so that no name is spelled twice. */
export const channelOf = (name: CallName | PageEventName) => `timbrel:${name}`;

/** What the bridge puts on `window.timbrel`. */
export type Bridge = {
  [N in CallName]: (input: CallInput<N>) => Promise<Reply<CallOutput<N>>>;
} & {
  /** Returns its own off switch. */
  on<E extends PageEventName>(event: E, listener: (value: PageEvents[E]) => void): () => void;
};
