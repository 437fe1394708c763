/** What the fastest known way of running a decoder took for a pass, on one GPU. */
export type BestKnown = {
  /** What of a card's name tells that it is that GPU. */
  card: RegExp;
  by: string;
  layers: number;
  width: number;
  /** Milliseconds a pass, by its positions. */
  ms: Readonly<Record<number, number>>;
};

/** The suite does not measure it. */
const BY = 'PyTorch 2.11, compiled and in a CUDA graph,';

const KNOWN: BestKnown[] = [
  { card: /\bH200\b/, by: BY, layers: 28, width: 384, ms: { 1: 1.07, 5: 1.63 } },
  { card: /\bH200\b/, by: BY, layers: 24, width: 1024, ms: { 1: 1.41, 5: 1.93 } },
];

/** What is known for a decoder of that shape on a machine with these cards, or null. */
export function bestKnown(
  cards: readonly string[],
  shape: { layers: number; width: number },
): BestKnown | null {
  const fits = ({ card, layers, width }: BestKnown) =>
    cards.some((name) => card.test(name)) && layers === shape.layers && width === shape.width;
  return KNOWN.find(fits) ?? null;
}
