// Texts as somebody writes them who wants to see what happens: control characters, injections, half characters, length.
import fc from 'fast-check'

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    ...[
      '\u001b[2J\u001b]0;title\u0007',
      '\u0000',
      '\r\n',
      '\u202eexe',
      '\ud800',
      '$(touch made)',
      '`touch made`',
      '; touch made',
    ],
    ...[
      '../../../etc/passwd',
      '/dev/null',
      '/',
      '.',
      '..',
      '~',
      'file:///etc/passwd',
      '\\\\host\\share',
      'con',
      '-',
      '--',
      '--=',
      '%00',
    ],
    ...[
      '{{7*7}}',
      "' OR 1=1 --",
      '<script>',
      '__proto__',
      'constructor',
      'toString',
      'NaN',
      '1e999',
      '𝒳',
      'é',
      'ß',
    ],
    'a'.repeat(5000),
  ),
)
