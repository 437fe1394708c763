import { bestKnown } from './best-known';
import { percent } from './tables';
import type { TargetPasses } from './target-passes';

/**
 * What a pass of the target takes at a place and how much it starts, and on a GPU how near that comes to the best known
 * on such a card. Throws a `RangeError` for a place that was not measured.
 */
export function passSentence(
  passes: TargetPasses,
  place: string,
  cards: readonly string[],
): string {
  const here = passes.places.find((one) => one.place === place);
  if (!here) throw new RangeError(`Passes at ${place} were not measured.`);
  const { ms, operators, programs, captured, onGpu } = here;
  const times = passes.lengths.map(
    (length, i) => `${ms[i].toFixed(2)} ms for ${positions(length)}`,
  );
  const started = programs === null ? '' : `, ${programs} programs on the GPU`;
  const whole = captured ? ', captured and started as one' : '';
  const sentences = [
    `A pass of the target behind ${passes.position} positions takes ${inWords(times)}; one position is ` +
      `${operators} operators of ONNX Runtime${started}${whole}.`,
  ];
  const best = onGpu ? bestKnown(cards, passes) : null;
  if (best) {
    const known = passes.lengths.flatMap((length, i) => {
      const least = best.ms[length];
      if (least === undefined) return [];
      return [{ figure: least.toFixed(2), speed: percent(least / ms[i]), length }];
    });
    sentences.push(
      `${best.by} a decoder of ${best.layers} layers × ${best.width} takes ` +
        `${inWords(known.map(({ figure, length }) => `${figure} ms for ${positions(length)}`))} on such ` +
        `a GPU, the best known: the passes here have ${inWords(known.map(({ speed }) => speed))} of that speed.`,
    );
  }
  return sentences.join(' ');
}

const positions = (count: number) => (count === 1 ? 'one position' : `${count} positions`);

function inWords(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join();
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}
