import { amount, cardinal, digits, fraction, ordinal, pair, plural, year } from './numbers';

/** Where a match stands in the whole text. */
export type Place = {
  before: string;
  after: string;
  /** Whether the dictionary has a lower-case word. */
  knows: (word: string) => boolean;
};

/** One kind of written form and how it is read. Null passes the match on to the next rule. */
export type Rule = {
  name: string;
  /** Sticky: tried where a word, a number or a symbol begins. */
  pattern: RegExp;
  say: (match: string[], place: Place) => string | null;
};

/** A case-insensitive rule carries the flag "i"; every pattern repeats within bounds only. */
const rule = (name: string, source: string, say: Rule['say'], flags = ''): Rule => ({
  name,
  pattern: new RegExp(source, `y${flags}`),
  say,
});

const INTEGER = String.raw`(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)`;
const AMOUNT = String.raw`(?:${INTEGER}(?:\.\d+)?|\.\d+)`;
/** Nothing more of a number follows. */
const DONE = String.raw`(?![\d]|[.,:/-]\d)`;

const MONTHS =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const MONTH = String.raw`(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?`;
const monthNamed = (text: string) =>
  MONTHS.find((month) => month.toLowerCase().startsWith(text.slice(0, 3).toLowerCase()));

const WEEKDAYS: Record<string, string> = {
  Mon: 'Monday',
  Tue: 'Tuesday',
  Wed: 'Wednesday',
  Thu: 'Thursday',
  Fri: 'Friday',
};

function date(month: string | undefined, day: string, yearText?: string): string | null {
  if (month === undefined || Number(day) < 1 || Number(day) > 31) return null;
  return `${month} ${ordinal(day)}${yearText === undefined ? '' : `, ${year(yearText)}`}`;
}

/** The letters of the English alphabet by name; "a" alone would be read as the article. */
const spell = (letters: string): string =>
  [...letters.toUpperCase()].map((letter) => (letter === 'A' ? 'ay' : letter)).join(' ');

const STARTERS =
  "The|A|An|He|She|It|It's|I|I'm|We|You|They|This|That|These|Those|There|But|And|So|Then|In|On|At|When|What|Why|How|Where|Who|If|My|Our|His|Her|Its|Their|Now|Yes|No|Please";
const SENTENCE_END = new RegExp(`^["')\\]]*(?:\\s*(?:$|\\n)|\\s+(?:${STARTERS})\\b)`);

/** The full stop of an abbreviation also ends the sentence when a new one plainly follows. */
const stop = (written: string, { after }: Place) =>
  written.endsWith('.') && SENTENCE_END.test(after) ? '.' : '';

const CURRENCIES: Record<string, { one: string; many: string; cents: [string, string] }> = {
  $: { one: 'dollar', many: 'dollars', cents: ['cent', 'cents'] },
  '€': { one: 'euro', many: 'euros', cents: ['cent', 'cents'] },
  '£': { one: 'pound', many: 'pounds', cents: ['penny', 'pence'] },
  '¥': { one: 'yen', many: 'yen', cents: ['sen', 'sen'] },
};
const CURRENCY = '[$€£¥]';
const SCALES: Record<string, string> = {
  k: 'thousand',
  m: 'million',
  mn: 'million',
  b: 'billion',
  bn: 'billion',
  tn: 'trillion',
};

function money(sign: string, value: string, scale: string | undefined): string {
  const { one, many, cents } = CURRENCIES[sign];
  if (scale !== undefined) {
    return `${amount(value)} ${SCALES[scale.toLowerCase()] ?? scale.toLowerCase()} ${many}`;
  }
  const [, whole, fractional] = /^([\d,]*)\.(\d\d)$/.exec(value) ?? [];
  if (fractional === undefined) return `${amount(value)} ${value === '1' ? one : many}`;
  const small = `${cardinal(String(Number(fractional)))} ${cents[fractional === '01' ? 0 : 1]}`;
  if (whole === '' || whole === '0') return small;
  const large = `${cardinal(whole)} ${whole === '1' ? one : many}`;
  return fractional === '00' ? large : `${large} and ${small}`;
}

/** Abbreviated units: one, and several where that is not one with an s. */
const UNITS: Record<string, string | [one: string, many: string]> = {
  km: 'kilometer',
  m: 'meter',
  cm: 'centimeter',
  mm: 'millimeter',
  mi: 'mile',
  ft: ['foot', 'feet'],
  yd: 'yard',
  lb: 'pound',
  lbs: 'pound',
  oz: 'ounce',
  tsp: 'teaspoon',
  tbsp: 'tablespoon',
  kg: 'kilogram',
  g: 'gram',
  mg: 'milligram',
  l: 'liter',
  L: 'liter',
  ml: ['milli liter', 'milli liters'],
  mL: ['milli liter', 'milli liters'],
  'km/h': ['kilometer per hour', 'kilometers per hour'],
  kph: ['kilometer per hour', 'kilometers per hour'],
  mph: ['mile per hour', 'miles per hour'],
  'm/s': ['meter per second', 'meters per second'],
  'km²': 'square kilometer',
  'm²': 'square meter',
  'm³': 'cubic meter',
  ms: 'millisecond',
  sec: 'second',
  secs: 'second',
  min: 'minute',
  mins: 'minute',
  h: 'hour',
  hr: 'hour',
  hrs: 'hour',
  Hz: ['hertz', 'hertz'],
  kHz: ['kilo hertz', 'kilo hertz'],
  MHz: ['megahertz', 'megahertz'],
  GHz: ['gig a hertz', 'gig a hertz'],
  dB: 'decibel',
  kB: 'kilobyte',
  KB: 'kilobyte',
  MB: 'megabyte',
  GB: 'gigabyte',
  TB: 'terabyte',
  W: 'watt',
  kW: 'kilowatt',
  V: 'volt',
  px: 'pixel',
  '%': ['percent', 'percent'],
  '°': 'degree',
  '°C': ['degree Celsius', 'degrees Celsius'],
  '°F': ['degree Fahrenheit', 'degrees Fahrenheit'],
};
const UNIT = Object.keys(UNITS)
  .sort((a, b) => b.length - a.length)
  .join('|');

function quantity(value: string, unit: string): string {
  const words = UNITS[unit];
  const [one, many] = typeof words === 'string' ? [words, `${words}s`] : words;
  return `${amount(value)} ${value === '1' ? one : many}`;
}

/** Written before a name. Those of the second list are words without their full stop. */
const TITLES: Record<string, string> = {
  Mr: 'Mister',
  Mrs: 'Missus',
  Ms: 'Ms',
  Dr: 'Doctor',
  St: 'Saint',
  Prof: 'Professor',
};
const DOTTED_TITLES: Record<string, string> = {
  Rev: 'Reverend',
  Hon: 'Honorable',
  Gen: 'General',
  Col: 'Colonel',
  Capt: 'Captain',
  Lt: 'Lieutenant',
  Sgt: 'Sergeant',
  Sen: 'Senator',
  Rep: 'Representative',
  Gov: 'Governor',
  Pres: 'President',
  Mt: 'Mount',
  Ft: 'Fort',
};

const ABBREVIATIONS: Record<string, string> = {
  'e.g.': 'for example',
  'i.e.': 'that is',
  'etc.': 'et cetera',
  'vs.': 'versus',
  'cf.': 'compare',
  'ph.d.': 'P H D',
  'approx.': 'approximately',
  'dept.': 'department',
  'tel.': 'telephone',
  'st.': 'street',
  'dr.': 'drive',
  'ave.': 'avenue',
  'rd.': 'road',
  'blvd.': 'boulevard',
  'jr.': 'junior',
  'sr.': 'senior',
  'inc.': 'incorporated',
  'ltd.': 'limited',
  'corp.': 'corporation',
  'co.': 'company',
};

/** Abbreviations only where a number follows: a fig. is a fruit. */
const NUMBERED: Record<string, string> = {
  no: 'number',
  nos: 'numbers',
  p: 'page',
  pp: 'pages',
  fig: 'figure',
  vol: 'volume',
  ch: 'chapter',
  ext: 'extension',
  est: 'established',
};

/** Two capitals that are words said loudly; any other two are initials (UK, AI, IT). */
const LOUD = new Set(
  'AH AN AS AT BE BY DO GO HA HE HI IF IN IS ME MY NO OF OH OK ON OR SO TO UP WE'.split(' '),
);

const SYMBOLS: Record<string, string> = {
  '&': 'and',
  '@': 'at',
  '#': 'hash',
  '+': 'plus',
  '=': 'equals',
  '/': 'slash',
  '%': 'percent',
  '<': 'less than',
  '>': 'greater than',
  $: 'dollars',
  '€': 'euros',
  '£': 'pounds',
  '¥': 'yen',
  '¢': 'cents',
  '°': 'degrees',
  '×': 'times',
  '÷': 'divided by',
  '±': 'plus or minus',
  '²': 'squared',
  '³': 'cubed',
  '©': 'copyright',
};

const ADDRESS_SYMBOLS: Record<string, string> = {
  ...SYMBOLS,
  '.': 'dot',
  '-': 'dash',
  _: 'underscore',
  ':': 'colon',
  '~': 'tilde',
  '?': 'question mark',
};

const address = (text: string): string =>
  (text.replace(/^https?:\/\//i, '').match(/[A-Za-z]+|\d+|[^A-Za-z\d]/g) ?? [])
    .map((part) => {
      if (/^\d/.test(part)) return digits(part);
      if (/^www$/i.test(part)) return spell(part);
      return ADDRESS_SYMBOLS[part] ?? part;
    })
    .join(' ');

const FRACTIONS: Record<string, [string, string]> = {
  '½': ['1', '2'],
  '⅓': ['1', '3'],
  '⅔': ['2', '3'],
  '¼': ['1', '4'],
  '¾': ['3', '4'],
  '⅕': ['1', '5'],
  '⅛': ['1', '8'],
};
const SAID_FRACTIONS: Record<string, string> = {
  '24/7': 'twenty four seven',
  '9/11': 'nine eleven',
  '50/50': 'fifty fifty',
};

/** Words before a numeral that counts ("Chapter IV"); after other names it ranks ("Henry VIII"). */
const COUNTED =
  /\b(?:Act|Appendix|Article|Book|Bowl|Chapter|Grade|Level|Mark|Part|Phase|Scene|Section|Stage|Title|Type|Vol\.|Volume|War|[A-Z]{2,}) $/;
const ROMAN: Record<string, number> = { I: 1, V: 5, X: 10, L: 50, C: 100 };
const roman = (numeral: string): string =>
  String(
    [...numeral].reduce((sum, digit, i) => {
      const next = ROMAN[numeral[i + 1]] ?? 0;
      return sum + (ROMAN[digit] < next ? -ROMAN[digit] : ROMAN[digit]);
    }, 0),
  );

function clock(hour: string, minutes: string, half: string | undefined): string {
  const hours = cardinal(String(Number(hour)));
  if (half !== undefined) {
    return `${minutes === '00' ? hours : `${hours} ${pair(minutes)}`} ${spell(`${half}m`)}`;
  }
  if (minutes !== '00') return `${hours} ${pair(minutes)}`;
  if (Number(hour) === 0) return 'midnight';
  return Number(hour) > 12 ? `${hours} hundred` : `${hours} o'clock`;
}

/**
 * Written forms in the order they are tried: the first that matches wins, so the particular stand
 * before the general. Numbers and dates are read the American way, as the dictionary is.
 */
export const RULES: readonly Rule[] = [
  rule(
    'address',
    String.raw`[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}|(?:https?://|www\.)[\w./~%?=&#:+@-]{1,200}(?<=[\w/])|(?:[a-z\d-]{1,63}\.){1,4}(?:com|org|net|edu|gov|io|dev|co\.uk)\b(?:/[\w./-]{0,200}(?<=[\w/]))?`,
    ([all]) => address(all),
    'i',
  ),

  // Dates and times.
  rule('ISO date', String.raw`(\d{4})-(\d\d?)-(\d\d?)${DONE}`, ([, y, m, d]) =>
    date(MONTHS[Number(m) - 1], d, y),
  ),
  rule(
    'numeric date',
    String.raw`(\d\d?)([/.])(\d\d?)\2((?:19|20)\d\d)${DONE}`,
    ([, first, separator, second, y]) =>
      // 5/3 is American, month first, unless that is no date; 5.3. is European.
      Number(first) > 12 || separator === '.'
        ? date(MONTHS[Number(second) - 1], first, y)
        : date(MONTHS[Number(first) - 1], second, y),
  ),
  rule(
    'day and month',
    String.raw`(\d\d?)(?:st|nd|rd|th)?(?: of)? (${MONTH})(?:,? (\d{4})${DONE})?`,
    ([all, day, month, y], place) => {
      if (Number(day) < 1 || Number(day) > 31) return null;
      const the = /\bthe $/i.test(place.before) ? '' : 'the ';
      const said = `${the}${ordinal(day)} of ${monthNamed(month)}`;
      return y === undefined ? said + stop(all, place) : `${said}, ${year(y)}`;
    },
  ),
  rule(
    'month and day',
    String.raw`(${MONTH}) (\d\d?)(?:st|nd|rd|th)?${DONE}(?:,? (\d{4})${DONE})?`,
    ([, month, day, y]) => date(monthNamed(month), day, y),
  ),
  rule(
    'month',
    String.raw`(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.`,
    ([all], place) => `${monthNamed(all)}${stop(all, place)}`,
  ),
  rule(
    'weekday',
    String.raw`(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri)\b\.?`,
    ([all], place) => `${WEEKDAYS[all.slice(0, 3)]}${stop(all, place)}`,
  ),
  rule(
    'time',
    String.raw`([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?!\d)(?:\s?([ap])(?:m\b|\.m\b\.?))?`,
    ([all, hour, minutes, seconds, half], place) =>
      clock(hour, minutes, half) +
      (seconds === undefined ? '' : ` and ${cardinal(String(Number(seconds)))} seconds`) +
      stop(all, place),
    'i',
  ),
  rule(
    'hour',
    String.raw`(1[0-2]|[1-9])\s?([ap])(?:m\b|\.m\b\.?)`,
    ([all, hour, half], place) => clock(hour, '00', half) + stop(all, place),
    'i',
  ),

  // Numbers with a form of their own.
  rule(
    'telephone',
    String.raw`(?:\+\d{1,3}[ -]?)?(?:\(\d{2,5}\)[ -]?|\d{3}[ -])(?:\d{3}-\d{4})${DONE}|\d{3}-\d{4}${DONE}|(?:\+\d{1,3}|0\d{2,4})(?: \d{2,4}){2,4}${DONE}`,
    ([all]) =>
      (all.startsWith('+') ? 'plus ' : '') + (all.match(/\d+/g) ?? []).map(digits).join(', '),
  ),
  rule('said fraction', `(?:24/7|9/11|50/50)${DONE}`, ([all]) => SAID_FRACTIONS[all]),
  rule(
    'fraction',
    String.raw`(?:(\d{1,3}) )?(\d{1,3})[/⁄](\d{1,3})${DONE}`,
    ([, whole, n, d]) =>
      (whole === undefined ? '' : `${cardinal(whole)} and `) +
      (fraction(n, d) ?? `${cardinal(n)} over ${cardinal(d)}`),
  ),
  rule('fraction sign', String.raw`(\d{1,9})? ?([½⅓⅔¼¾⅕⅛])`, ([, whole, sign]) => {
    const part = fraction(...FRACTIONS[sign]);
    return whole === undefined
      ? part
      : `${cardinal(whole)} and ${part?.replace(/^one half$/, 'a half')}`;
  }),
  rule('version', String.raw`\d+(?:\.\d+){2,}`, ([all]) =>
    all.split('.').map(cardinal).join(' point '),
  ),
  rule('decade', String.raw`'?((?:1[1-9]|20)?)(\d0)s\b`, ([, century, tens]) => {
    if (century === '20' && tens === '00') return 'two thousands';
    if (tens === '00') return century === '' ? null : `${cardinal(century)} hundreds`;
    return `${century === '' ? '' : `${cardinal(century)} `}${plural(cardinal(tens))}`;
  }),
  rule('ordinal', String.raw`(${INTEGER})(?:st|nd|rd|th)\b`, ([, n]) => ordinal(n)),

  // Amounts.
  rule(
    'money',
    String.raw`(${CURRENCY})\s?(${AMOUNT})(?:\s?(k|mn?|bn?|tn|thousand|million|billion|trillion)\b)?`,
    ([, sign, value, scale]) => money(sign, value, scale),
    'i',
  ),
  rule('money after', `(${AMOUNT}) ?(${CURRENCY})`, ([, value, sign]) =>
    money(sign, value, undefined),
  ),
  rule('cents', String.raw`(\d{1,2})(¢|p\b)`, ([, n, sign]) => {
    const [one, many] = sign === 'p' ? ['penny', 'pence'] : ['cent', 'cents'];
    return `${cardinal(n)} ${n === '1' ? one : many}`;
  }),
  rule('difference', `(${AMOUNT}) - (?=${AMOUNT} ?=)`, ([, from]) => `${amount(from)} minus`),
  rule(
    'range of years',
    String.raw`(1[1-9]\d\d|20\d\d) ?- ?(?=(?:\d\d|\d{4})${DONE})`,
    ([, from]) => `${year(from)} to`,
  ),
  rule(
    'range',
    String.raw`(${AMOUNT}) ?(?:${UNIT})? ?- ?(?=${CURRENCY}?\d)`,
    ([, from]) => `${amount(from)} to`,
  ),
  rule('until', `- ?(?=${CURRENCY}?\\d)`, (_, { before }) =>
    /(?:[ap]\.?m\.?|:\d\d|[$€£¥][\d,.]+[a-z]*) ?$/i.test(before) ? 'to' : null,
  ),
  rule('ratio', String.raw`(\d+):(?=\d)`, ([, n]) => `${cardinal(n)} to`),
  rule(
    'quantity',
    String.raw`(${AMOUNT})(?: ?(${UNIT}))(?![A-Za-z\d²³])(?:\.(?= [a-z]))?`,
    ([, value, unit]) => quantity(value, unit),
  ),
  rule(
    'thousands',
    String.raw`(${AMOUNT})(k|bn|M)\b`,
    ([, value, scale]) => `${amount(value)} ${SCALES[scale.toLowerCase()]}`,
  ),
  rule('year', String.raw`(?:1[1-9]|20)\d\d(?!\d|[.,]\d)`, ([all], { before }) =>
    /[\d.,]$/.test(before) ? null : year(all),
  ),
  rule('minus', String.raw`-(?=${CURRENCY}|\.?\d)`, (_, { before }) =>
    /[\w.)]$/.test(before) ? null : 'minus',
  ),
  rule('number', AMOUNT, ([all]) => amount(all)),

  // Abbreviations.
  rule('number sign', String.raw`#(?=\d)`, () => 'number'),
  rule(
    'numbered',
    `(${Object.keys(NUMBERED).join('|')})\\. ?(?=\\d)`,
    ([, written]) => NUMBERED[written.toLowerCase()],
    'i',
  ),
  rule(
    'title',
    `(${Object.keys(TITLES).join('|')})(?:\\.| )(?= *[A-Z])|(${Object.keys(DOTTED_TITLES).join('|')})\\.(?= *[A-Z])`,
    ([all, title, dotted], place) =>
      stop(all, place) === '.' ? null : (TITLES[title] ?? DOTTED_TITLES[dotted]),
  ),
  rule(
    'abbreviation',
    Object.keys(ABBREVIATIONS)
      .map((written) => written.replaceAll('.', '\\.'))
      .join('|'),
    ([all], place) => ABBREVIATIONS[all.toLowerCase()] + stop(all, place),
    'i',
  ),
  rule('versus', `vs?(?= )`, ([all], { before }) =>
    all === 'vs' || /[A-Z]\w* $/.test(before) ? 'versus' : null,
  ),
  rule(
    'dotted letters',
    String.raw`(?:[A-Za-z]\.){1,8}[A-Za-z]\b\.?`,
    ([all], place) => `${spell(all.replaceAll('.', ''))}${stop(all, place)}`,
  ),
  rule('initial', String.raw`[A-HJ-Z]\.(?= ?[A-Z])`, ([all], place) =>
    stop(all, place) === '.' ? null : spell(all[0]),
  ),
  rule('dot', String.raw`\.(?=[a-z])`, (_, { before }) =>
    /[A-Za-z\d]$/.test(before) ? 'dot' : null,
  ),
  rule('Roman numeral', String.raw`[IVX]+\b(?!['-])`, ([all], { before }) => {
    if (COUNTED.test(before)) return cardinal(roman(all));
    return all.length > 1 && /\b[A-Z][a-z]+ $/.test(before) ? `the ${ordinal(roman(all))}` : null;
  }),
  rule('initials', `([A-Z]{2,})('?s)?(?![A-Za-z'])`, ([all, letters, ending], place) => {
    const around = place.before + place.after;
    if (!/[a-z]/.test(around) && /[A-Z]{2}/.test(around)) return null; // A text all in capitals.
    const word = letters.toLowerCase();
    const isWord =
      letters.length === 2
        ? LOUD.has(letters)
        : place.knows(all.toLowerCase()) ||
          place.knows(word) ||
          (letters.length > 4 && /[aeiouy]/.test(word));
    return isWord || letters.length > 8 ? null : spell(letters) + (ending ? "'s" : '');
  }),
  rule('letter A', 'A(?=[.,;:?!+/-]|$)', (_, { before, after }) =>
    /[a-z] $/.test(before) || /^[+/-]/.test(after) ? 'ay' : null,
  ),

  // Symbols.
  rule('hashtag', '#(?=[A-Za-z])', () => 'hashtag'),
  rule('about', String.raw`~(?= ?\d)`, () => 'about'),
  rule('by', String.raw`[x*](?= ?\d)`, ([all], { before }) =>
    /\d ?$/.test(before) ? (all === 'x' ? 'by' : 'times') : null,
  ),
  rule('with', String.raw`w/(o\b)?`, ([, out]) => (out ? 'without' : 'with')),
  rule('symbol', '[&@#+=/%<>$€£¥¢°×÷±²³©]', ([all]) => SYMBOLS[all]),
];
