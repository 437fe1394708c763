import { FailureError } from '../../contract/failure';
import { cacheNames } from './caches';
import { JOINED } from './joined-output';
import type { CodecPack, DecoderGraph } from './messages';
import type { Session, ValueInfo } from './runtime/session';

type Values = readonly ValueInfo[];
type Signature = Pick<Session, 'inputs' | 'outputs'>;

/** An input or output that the manifest promises: its name, and the types that it may have. */
type Promised = [name: string, types: readonly string[]];

const NUMBERS = ['float32', 'float16'];

/**
 * Checks that a decoder takes and gives what its manifest promises, under these names and in these types.
 * Throws a `pack` failure that names the file.
 */
export function checkDecoder(session: Signature, graph: DecoderGraph): void {
  const { names, file } = graph;
  const caches = cacheNames(graph);
  const inputs: Promised[] = [
    [names.inputIds, ['int64']],
    [names.seqlensK, ['int32']],
    [names.totalSequenceLength, ['int32']],
    ...(names.features ? [[names.features, ['float32']] as Promised] : []),
    ...caches.map(({ past }): Promised => [past, NUMBERS]),
  ];
  const joined = session.outputs.some(({ name }) => name === JOINED);
  const outputs: Promised[] = [
    ...(joined ? [] : [[names.logits, ['float32']] as Promised]),
    ...(names.hidden && !joined ? [[names.hidden, ['float32']] as Promised] : []),
    ...caches.map(({ present }): Promised => [present, NUMBERS]),
  ];
  checkInputs(session.inputs, inputs, file);
  checkValues('output', session.outputs, outputs, file);
}

/** Checks the same of a codec's decoder. Throws a `pack` failure that names the file. */
export function checkCodec(session: Signature, codec: CodecPack['codecDecoder']): void {
  const inputs: Promised[] = [
    [codec.tokens, ['int64']],
    ...(codec.voice ? [[codec.voice, ['int64']] as Promised] : []),
  ];
  checkInputs(session.inputs, inputs, codec.file);
  checkValues('output', session.outputs, [[codec.audio, ['float32']]], codec.file);
}

function checkInputs(given: Values, promised: Promised[], file: string): void {
  checkValues('input', given, promised, file);
  const other = given.find(({ name }) => !promised.some(([wanted]) => wanted === name));
  if (other) throw refuse(file, `takes an input "${other.name}", which the manifest does not name`);
}

function checkValues(
  side: 'input' | 'output',
  given: Values,
  promised: Promised[],
  file: string,
): void {
  for (const [name, types] of promised) {
    const value = given.find((one) => one.name === name);
    if (!value) throw refuse(file, `has no ${side} "${name}", which the manifest names`);
    if (types.includes(value.type)) continue;
    throw refuse(file, `has an ${side} "${name}" of type ${value.type}, not ${types.join(' or ')}`);
  }
}

const refuse = (file: string, what: string) =>
  new FailureError('pack', `${file} ${what}: the voice pack cannot be used.`);
