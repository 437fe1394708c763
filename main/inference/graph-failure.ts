import { totalmem } from 'node:os';
import { FailureError } from '../../contract/failure';

/** What ONNX Runtime says, as the rest of a sentence that begins with the file. The first that fits counts. */
const MEANINGS: readonly [RegExp, string][] = [
  [/NO_SUCHFILE|File doesn't exist|No such file/i, 'is missing'],
  [
    /Protobuf parsing failed|INVALID_PROTOBUF|ModelProto does not have a graph/i,
    'is not a whole ONNX graph',
  ],
  [
    /IR version|opset .*(under development|only guarantees)|Opset \d+/i,
    'was made for a newer ONNX Runtime',
  ],
  [
    /not a registered function\/op|No Op registered|Could not find an implementation|NOT_IMPLEMENTED/i,
    'uses an operator that this ONNX Runtime does not have',
  ],
  [/external data|external initializer/i, 'keeps weights in a file that cannot be read'],
  [
    /Got invalid dimensions|Unexpected input data type|Invalid rank|Missing Input|Invalid (Feed )?Input/i,
    'does not take what the manifest promises',
  ],
  [
    /INVALID_GRAPH|invalid model|Type Error|ShapeInferenceError|TypeInferenceError|Node \(/i,
    'is not a valid ONNX graph',
  ],
];

/** What the library says for want of memory, of this machine's or a device's. */
export const OUT_OF_MEMORY =
  /bad.?alloc|Failed to allocate memory|out of memory|requested size.*exceeds|overflow/i;

/**
 * What an error of ONNX Runtime means, on the CPU, where it is the graph's own fault: a `pack` failure that
 * names the file. Want of memory is the machine's, and a `runtime` failure, unless a graph asks for more than
 * there could ever be. This is the one place
 * that puts the library's words into a sentence.
 */
export function graphFailure(file: string, error: unknown): FailureError {
  if (error instanceof FailureError) return error;
  const said = error instanceof Error ? error.message : String(error);
  if (bytesAskedFor(said) > totalmem()) {
    const message = `${file} asks for more memory than this machine has: choose a smaller voice pack.`;
    return new FailureError('pack', message, { cause: error });
  }
  if (OUT_OF_MEMORY.test(said)) {
    const message = `${file} needs more memory than this machine has free: close other programs or choose a smaller voice pack.`;
    return new FailureError('runtime', message, { cause: error });
  }
  const meaning = MEANINGS.find(([pattern]) => pattern.test(said))?.[1];
  const what = meaning ?? `does not run (${reasonIn(said)})`;
  const message = `${file} ${what}: the voice pack cannot be used.`;
  return new FailureError('pack', message, { cause: error });
}

/** At once, as far as it can be told. A length that overflows is beyond any memory. */
function bytesAskedFor(said: string): number {
  const [, bytes] = /requested buffer of size (\d+)/.exec(said) ?? [];
  if (bytes !== undefined) return Number(bytes);
  return /overflow|Array buffer allocation failed|Invalid (typed )?array (buffer )?length/i.test(
    said,
  )
    ? Number.POSITIVE_INFINITY
    : 0;
}

/** Longer reasons say no more to a reader. */
const MOST_REASON = 120;

/**
 * What ONNX Runtime says without its codes, its source files, its C++ and its further lines: an operator, where one
 * failed, and why.
 */
export function reasonIn(said: string): string {
  // A message may hold another one, which says more.
  const innermost = said.split(/\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : /).at(-1) ?? said;
  const [, operator] = innermost.match(/ while running (\w+) node\./) ?? [];
  const [line] = innermost
    .replace(/^.* while running \w+ node\.(?: Name:'[^']*')?(?: Status Message:)?\s*/, '')
    .replace(/^\w+: (?=Exception during initialization: |\S*\.(?:cc|h|cpp):\d)/, '')
    .replace(/Exception during initialization:\s*/g, '')
    .replace(/\S*\.(cc|h|cpp):\d+\s+/g, '')
    .split('\n');
  // The C++ of a condition, behind which its makers say in words what it means.
  const words = line.replace(/^.* was false\.\s*/, '').trim();
  const inWords = words.includes('::') ? '' : words.replace(/[.:]+$/, '');
  const reason = [operator, inWords].filter(Boolean).join(': ') || 'ONNX Runtime says no more';
  return reason.length <= MOST_REASON ? reason : `${reason.slice(0, MOST_REASON - 1).trimEnd()}…`;
}
