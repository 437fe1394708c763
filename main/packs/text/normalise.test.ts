import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { Manifest } from '../manifest';
import { defaultPack } from '../testing/default-pack';
import { type Dictionary, loadDictionary } from './dictionary';
import { normalise } from './normalise';

const { text: rules } = Manifest.parse(defaultPack);
let dictionary: Dictionary;
beforeAll(async () => {
  dictionary = await loadDictionary(rules.dictionary);
});
const read = (text: string) => normalise(text, rules, (word) => dictionary(word) !== null);
const spoken = (text: string) =>
  read(text)
    .units.map((unit) => unit.text)
    .join('');

describe('what people type, and how it is read', () => {
  const cases: Record<string, [written: string, read: string][]> = {
    cardinals: [
      ['I have 3 cats.', 'I have three cats.'],
      ['0', 'zero.'],
      ['It has 105 pages.', 'It has one hundred five pages.'],
      [
        '1,234,567 people',
        'one million two hundred thirty four thousand five hundred sixty seven people.',
      ],
      ['Agent 007', 'Agent zero zero seven.'],
      [
        '8005551234567890123',
        'eight zero zero five five five one two three four five six seven eight nine zero one two three.',
      ],
      ['a list of 1, 2, 3', 'a list of one, two, three.'],
    ],
    'decimals, signs and scales': [
      ['Pi is 3.14159.', 'Pi is three point one four one five nine.'],
      ['It grew by .5 points', 'It grew by zero point five points.'],
      ['It was -5 outside', 'It was minus five outside.'],
      ['It was −5.5 outside', 'It was minus five point five outside.'],
      ['50%', 'fifty percent.'],
      ['99.9 % sure', 'ninety nine point nine percent sure.'],
      ['10k steps', 'ten thousand steps.'],
      ['7 ± 2', 'seven plus or minus two.'],
      ['2 + 2 = 4', 'two plus two equals four.'],
      ['5 - 3 = 2', 'five minus three equals two.'],
      ['3 x 4', 'three by four.'],
      ['6 × 7', 'six times seven.'],
    ],
    'ranges, ratios and fractions': [
      ['pages 10–20', 'pages ten to twenty.'],
      ['5-10 km', 'five to ten kilometers.'],
      ['1914–1918', 'nineteen fourteen to nineteen eighteen.'],
      ['They won 3-2.', 'They won three to two.'],
      ['a ratio of 16:9', 'a ratio of sixteen to nine.'],
      ['1/2 cup', 'one half cup.'],
      ['2 3/4 inches', 'two and three quarters inches.'],
      ['1½ hours', 'one and a half hours.'],
      ['2/3 of it', 'two thirds of it.'],
      ['open 24/7', 'open twenty four seven.'],
    ],
    ordinals: [
      ['the 1st and the 22nd', 'the first and the twenty second.'],
      ['the 21st century', 'the twenty first century.'],
      ['11th', 'eleventh.'],
    ],
    years: [
      ['in 1984', 'in nineteen eighty four.'],
      ['in 2007', 'in two thousand seven.'],
      ['in 1905', 'in nineteen oh five.'],
      ['in 2024', 'in twenty twenty four.'],
      ['the 1900s', 'the nineteen hundreds.'],
      ["the 1990s and the '80s", 'the nineteen nineties and the eighties.'],
      ['in the 2000s', 'in the two thousands.'],
    ],
    dates: [
      ['3 May 2024', 'the third of May, twenty twenty four.'],
      ['on the 3rd of May', 'on the third of May.'],
      ['May 3rd', 'May third.'],
      ['July 4, 1776', 'July fourth, seventeen seventy six.'],
      ['2024-05-03', 'May third, twenty twenty four.'],
      ['5/3/2024', 'May third, twenty twenty four.'],
      ['25/12/2023', 'December twenty fifth, twenty twenty three.'],
      ['25.12.2023', 'December twenty fifth, twenty twenty three.'],
      ['Mon. or Thurs.', 'Monday or Thursday.'],
      ['Jan. 5', 'January fifth.'],
      ['since Dec. 2001', 'since December two thousand one.'],
    ],
    times: [
      ['at 3:45 pm', 'at three forty five P M.'],
      ['at 14:00', 'at fourteen hundred.'],
      ['at 9:05', 'at nine oh five.'],
      ['at 7:00', "at seven o'clock."],
      ['at 5 p.m. sharp', 'at five P M sharp.'],
      ['9am-5pm', 'nine ay M to five P M.'],
      ['9:00–17:30', "nine o'clock to seventeen thirty."],
      ['from 9am to 5pm', 'from nine ay M to five P M.'],
      ['It closes at 5 p.m. The bar does not.', 'It closes at five P M. The bar does not.'],
      ['at 12:30:15', 'at twelve thirty and fifteen seconds.'],
    ],
    money: [
      ['$3.50', 'three dollars and fifty cents.'],
      ['£1,200', 'one thousand two hundred pounds.'],
      ['€5m', 'five million euros.'],
      ['$1', 'one dollar.'],
      ['$0.99', 'ninety nine cents.'],
      ['£2.01', 'two pounds and one penny.'],
      ['$2.5 million', 'two point five million dollars.'],
      ['20 €', 'twenty euros.'],
      ['a 50p coin', 'a fifty pence coin.'],
      ['$5–$10', 'five dollars to ten dollars.'],
      ['-$40', 'minus forty dollars.'],
    ],
    units: [
      ['5 km', 'five kilometers.'],
      ['1 km', 'one kilometer.'],
      ['20 °C', 'twenty degrees Celsius.'],
      ['-3°F', 'minus three degrees Fahrenheit.'],
      ['10 kg', 'ten kilograms.'],
      ['60 mph', 'sixty miles per hour.'],
      ['44.1 kHz', 'forty four point one kilo hertz.'],
      ['6 ft', 'six feet.'],
      ['80 km/h', 'eighty kilometers per hour.'],
      ['30 m²', 'thirty square meters.'],
      ['2 tbsp. of sugar', 'two tablespoons of sugar.'],
      ['5 Golden rings', 'five Golden rings.'],
    ],
    abbreviations: [
      ['Dr. Smith and Mrs. Jones', 'Doctor Smith and Missus Jones.'],
      ['Mr Bean lives on Elm St.', 'Mister Bean lives on Elm street.'],
      ['Dr.Smith', 'Doctor Smith.'],
      ['St. Paul', 'Saint Paul.'],
      ['apples, pears, etc. are fruit', 'apples, pears, et cetera are fruit.'],
      ['fruit, e.g. apples', 'fruit, for example apples.'],
      ['the last, i.e. third', 'the last, that is third.'],
      ['cats vs. dogs', 'cats versus dogs.'],
      ['No. 5', 'number five.'],
      ['No. I will not.', 'No. I will not.'],
      ['see p. 12 and Fig. 3', 'see page twelve and figure three.'],
      ['She ate a fig. Then she left.', 'She ate a fig. Then she left.'],
      ['Acme Inc. The best.', 'Acme incorporated. The best.'],
      ['J. R. R. Tolkien', 'J R R Tolkien.'],
      ['He is in the U.S. now', 'He is in the U S now.'],
    ],
    'telephone numbers': [
      ['Call 555-1234', 'Call five five five, one two three four.'],
      ['(555) 123-4567', 'five five five, one two three, four five six seven.'],
      ['+44 20 7946 0958', 'plus four four, two zero, seven nine four six, zero nine five eight.'],
    ],
    'initials and acronyms': [
      ['The DVLA and NASA', 'The D V L ay and NASA.'],
      ['The UK and the US', 'The U K and the U S.'],
      ['I said NO!', 'I said NO!'],
      ['two FAQs', "two F ay Q's."],
      ["the BBC's DVDs", "the BBC's DVDs."],
      ['STOP THAT RIGHT NOW, IT HURTS', 'STOP THAT RIGHT NOW, IT HURTS.'],
      ['an MP3 file', 'an M P three file.'],
      ['an A-list', 'an ay-list.'],
      ['an A+, an A/B test', 'an ay plus, an ay slash B test.'],
      ['COVID-19', 'COVID-nineteen.'],
      ['an F-16', 'an F-sixteen.'],
      ['Plan A, then plan B', 'Plan ay, then plan B.'],
    ],
    'Roman numerals': [
      ['Henry VIII', 'Henry the eighth.'],
      ['Chapter IV', 'Chapter four.'],
      ['World War II', 'World War two.'],
      ['So did I.', 'So did I.'],
    ],
    symbols: [
      ['salt & pepper', 'salt and pepper.'],
      ['#1 fan', 'number one fan.'],
      ['#winning', 'hashtag winning.'],
      ['red/green', 'red slash green.'],
      ['me@example.com', 'me at example dot com.'],
      ['www.example.org/faq', 'W W W dot example dot org slash faq.'],
      ['version 1.2.3', 'version one point two point three.'],
      ['C++', 'C plus plus.'],
    ],
    'punctuation and white space': [
      ['“Hello,” she said.', 'Hello, she said.'],
      ["'Hello,' she said.", 'Hello, she said.'],
      ["It’s the dogs' bowl — 'tis!", "It's the dogs' bowl, 'tis!"],
      ["rock 'n' roll", "rock 'n roll."],
      ['Wait... what?!', 'Wait. what?'],
      ['one -- two - three', 'one, two, three.'],
      ['a well-known  fact', 'a well-known fact.'],
      ['a 3-year-old', 'a three-year-old.'],
      ['hello ,world', 'hello, world.'],
      ['One line\nand its end', 'One line and its end.'],
      ['One line\nAnother line', 'One line. Another line.'],
      ['One.\n\n\nTwo', 'One.\nTwo.'],
      ['List:\n- milk\n- eggs', 'List: milk, eggs.'],
      ['a\r\nb', 'a b.'],
      ['(aside) [note]', 'aside note.'],
    ],
    'other scripts and forms': [
      ['café naïve Zoë', 'cafe naive Zoe.'],
      ['cafe\u0301', 'cafe.'],
      ['ﬁne Ｗｉｄｅ', 'fine Wide.'],
      ['Straße', 'Strasse.'],
      ['Łódź', 'Lodz.'],
      ['soft\u00adhyphen', 'softhyphen.'],
    ],
  };
  for (const [kind, pairs] of Object.entries(cases)) {
    describe(kind, () => {
      test.each(pairs)('%s', (written, expected) => {
        expect(spoken(written)).toBe(expected);
        expect(read(written).unspeakable).toEqual([]);
      });
    });
  }
});

describe('characters that cannot be spoken', () => {
  const struck = (text: string) => read(text).unspeakable.map(([a, b]) => text.slice(a, b));

  test.each([
    ['Hi 😀!', ['😀']],
    ['👩‍👩‍👧 family', ['👩‍👩‍👧']],
    ['thumb 👍🏽 up', ['👍🏽']],
    ['flag 🇬🇧.', ['🇬🇧']],
    ['say 你好 now', ['你好']],
    ['Привет, мир', ['Привет', 'мир']],
    ['Привет́', ['Привет́']],
    ['na\u0308ive \u0301', ['\u0301']],
    ['x * y', ['*']],
    ['half \ud83d pair', ['\ud83d']],
    ['10⁵', ['⁵']],
  ])('%s', (text, expected) => {
    expect(struck(text)).toEqual(expected);
  });

  it('leaves the words around them', () => {
    expect(spoken('Hi 😀 there, Иван Smith')).toBe('Hi there, Smith.');
  });
});

it('maps every word back to where it was written', () => {
  const text = 'Café: $3.50 for Dr. Łem 😀 today';
  const places = read(text)
    .units.filter((unit) => unit.kind === 'word')
    .map((unit) => [unit.text, text.slice(unit.start, unit.end)]);
  expect(places).toEqual([
    ['Cafe', 'Café'],
    ...['three', 'dollars', 'and', 'fifty', 'cents'].map((word) => [word, '$3.50']),
    ['for', 'for'],
    ['Doctor', 'Dr.'],
    ['Lem', 'Łem'],
    ['today', 'today'],
  ]);
});

it('says nothing that the dictionary does not have', () => {
  const written = [
    '0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 30 40 50 60 70 80 90',
    '100 1,000 1,000,000 1,000,000,000 1,000,000,000,000 1st 2nd 3rd 5th 8th 9th 12th 20th 30th',
    ...Array.from({ length: 12 }, (_, month) => `2001-${month + 1}-10`),
    ...'km m cm mm mi ft yd lb oz tsp tbsp sec kg g mg L ml km/h mph m/s km² m² m³ ms min h Hz kHz MHz GHz dB'
      .split(' ')
      .flatMap((unit) => [`1 ${unit}`, `2 ${unit}`]),
    ...'kB MB GB TB W kW V px % ° °C °F'.split(' ').flatMap((unit) => [`1 ${unit}`, `2 ${unit}`]),
    '$1 $2.01 £1.01 £2.50 €1 €2 ¥5 5¢ 20s 30s 40s 50s 60s 70s 80s 90s 1/2 1/3 3/4 4/5 5/6 6/7 7/8',
    ...'Mr Mrs Ms Dr St Prof Rev Hon Gen Col Capt Lt Sgt Sen Rep Gov Pres Mt Ft'
      .split(' ')
      .map((title) => `${title}. Bo`),
    'e.g. i.e. etc. vs. cf. approx. dept. Elm st. Elm dr.',
    'ave. rd. blvd. jr. sr. inc. ltd. corp. co. ph.d. no. 1 nos. 1 p. 1 pp. 1 fig. 1 vol. 1 ch. 1',
    'ext. 1 est. 1 & @ # + = / % < > $ € £ ¥ ¢ ° × ÷ ± x² x³ © #a ~1 w/ w/o 5-6 a@b-c_d.co.uk',
    ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter) => `the ${letter}Q`),
  ].join(' ; ');
  const unknown = read(written)
    .units.filter((unit) => unit.kind === 'word' && dictionary(unit.text.toLowerCase()) === null)
    .map((unit) => unit.text);
  expect(unknown).toEqual([]);
});

describe('any text at all', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          ...["I'm", 'Dr.', '$3.50', '5-10', ' ', '\n', '\n\n', '-', '—', "'", '😀', 'é', '\u0301'],
          ...[
            '1/2',
            '3:45 pm',
            'BBC',
            'e.g.',
            '...',
            '“',
            'U.S.',
            '2024-05-03',
            'x',
            '&',
            '½',
            'й',
          ],
        ),
        { maxLength: 40 },
      )
      .map((parts) => parts.join('')),
  );

  it('yields tidy units and ranges inside the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { units, unspeakable } = read(text);
        let last = -1;
        for (const [start, end] of unspeakable) {
          expect(start).toBeGreaterThan(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(text.length);
        for (const { start, end, kind, text: said } of units) {
          expect(0 <= start && start <= end && end <= text.length).toBe(true);
          if (kind === 'word') expect(said).toMatch(/^[A-Za-z'-]+$/);
        }
        const whole = units.map((unit) => unit.text).join('');
        expect(whole).toMatch(/^$|^[A-Za-z']/);
        expect(whole).toMatch(/^$|[.?!]$/);
        expect(whole).not.toMatch(/ {2}| [,.;:?!\n]|\n | $/);
      }),
      { numRuns: 1000 },
    );
  });
});
