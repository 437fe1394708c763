import { FailureError } from '../../contract/failure';
import { CACHE_ROWS, cacheNames } from './caches';
import type { CodecPack, DecoderGraph } from './messages';
import type { InferenceSession, ValueMetadata } from './onnxruntime';

type Values = readonly ValueMetadata[];
type Session = Pick<InferenceSession, 'inputMetadata' | 'outputMetadata'>;

/** An input or output that the manifest promises: its name, and the types that it may have. */
type Promised = [name: string, types: readonly string[]];

const NUMBERS = ['float32', 'float16'];

/**
 * Checks that a decoder takes and gives what its manifest promises, under these names and in these types.
 * Throws a `pack` failure that names the file.
 */
export function checkDecoder(session: Session, graph: DecoderGraph): void {
  const { names, file } = graph;
  const caches = cacheNames(graph);
  const inputs: Promised[] = [
    [names.inputIds, ['int64']],
    [names.seqlensK, ['int32']],
    [names.totalSequenceLength, ['int32']],
    ...(names.features ? [[names.features, ['float32']] as Promised] : []),
    ...caches.map(({ past }): Promised => [past, NUMBERS]),
  ];
  const givesRows = session.outputMetadata.some(({ name }) => name === CACHE_ROWS);
  const outputs: Promised[] = [
    [names.logits, ['float32']],
    ...(names.hidden ? [[names.hidden, ['float32']] as Promised] : []),
    ...(givesRows ? [] : caches.map(({ present }): Promised => [present, NUMBERS])),
  ];
  checkInputs(session.inputMetadata, inputs, file);
  checkValues('output', session.outputMetadata, outputs, file);
}

/** Checks the same of a codec's decoder. Throws a `pack` failure that names the file. */
export function checkCodec(session: Session, codec: CodecPack['codecDecoder']): void {
  const inputs: Promised[] = [
    [codec.tokens, ['int64']],
    ...(codec.voice ? [[codec.voice, ['int64']] as Promised] : []),
  ];
  checkInputs(session.inputMetadata, inputs, codec.file);
  checkValues('output', session.outputMetadata, [[codec.audio, ['float32']]], codec.file);
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
    const type = value.isTensor ? value.type : 'no tensor';
    if (types.includes(type)) continue;
    throw refuse(file, `has an ${side} "${name}" of type ${type}, not ${types.join(' or ')}`);
  }
}

const refuse = (file: string, what: string) =>
  new FailureError('pack', `${file} ${what}: the voice pack cannot be used.`);
