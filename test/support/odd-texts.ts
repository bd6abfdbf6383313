import fc from 'fast-check';

const PIECES = [
  '"',
  "'",
  '`',
  '\\',
  '\\u0022',
  '$',
  '{a}',
  '#{a}',
  '%s',
  '//',
  '/*',
  '*/',
  '#',
  '"""',
  '\n',
  '\r',
  '\r\n',
  '\t',
  '\0',
  '\x1b[2J',
  '\x7f',
  '\x85',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\u202e',
  '\ufeff',
  '\ud83d',
  '\ude00',
  '\u{e0001}',
  '0',
  'u',
  'N{DASH}',
  ' ',
  '日本',
  '😀',
  `p'+func()string{println('PWNED');return''}()+'.m3u8`,
  '");process.exit(9);//',
];

/** Texts that a client may send as a name, with what has a meaning in code. */
export const oddText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 8 })
  .map((pieces) => pieces.join(''));
