/**
 * A function that remembers its last answer: what is told of thousands of lines is asked for several
 * times a change, by several parts of the page.
 */
export function remembering<A extends readonly unknown[], R>(
  compute: (...given: A) => R,
): (...given: A) => R {
  let last: { given: A; answer: R } | null = null;
  return (...given) => {
    if (!last?.given.every((each, i) => each === given[i])) {
      last = { given, answer: compute(...given) };
    }
    return last.answer;
  };
}
