import assert from 'node:assert/strict'
import test from 'node:test'
import { Failure } from '../../base/failure.ts'
import { boundaryOf, openFormFile } from './form-file.ts'

/** The text as chunks of so many bytes. */
async function* chunked(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Reads a form; a refusal is its sentence. */
async function read(text: string, { size = 7, boundary = 'b' } = {}) {
  try {
    const { name, declared, bytes } = await openFormFile(chunked(text, size), boundary)
    const parts: Buffer[] = []
    for await (const part of bytes) parts.push(part)
    return { name, declared, content: Buffer.concat(parts).toString('latin1') }
  } catch (error) {
    if (error instanceof Failure) return `${error.code}: ${error.message}`
    throw error
  }
}

const PART = 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain; charset=utf-8'
const form = (content: string, { part = PART, end = '\r\n--b--\r\n' } = {}): string => `--b\r\n${part}\r\n\r\n${content}${end}`

test('a form gives its file, however its bytes are cut', async () => {
  const contents = ['', 'x', '\r\n', '\r\n--', 'a\r\n--c\r\n--bb', '--b--', '\r\n-\r\n--\r\n--', 'line\r\n'.repeat(50)]
  for (const content of contents.filter((text) => !text.includes('\r\n--b')))
    for (const size of [1, 2, 3, 5, 64, 10_000])
      assert.deepEqual(await read(form(content), { size }), { name: 'a.txt', declared: 'text/plain', content }, `${size} ${content}`)
  assert.deepEqual(await read(form('x', { end: '\r\n--b--' })), { name: 'a.txt', declared: 'text/plain', content: 'x' })
})

test('the name of a file is what the header says, and no path by itself', async () => {
  const named = async (parameters: string) => {
    const file = await read(form('x', { part: `content-disposition: form-data; name=f; ${parameters}` }))
    return typeof file === 'string' ? file : file.name
  }
  assert.equal(await named('filename="a \\"b\\".txt"'), 'a "b".txt')
  assert.equal(await named(`filename="n${Buffer.from('aïve').toString('latin1')}.txt"`), 'naïve.txt')
  assert.equal(await named('filename=plain.txt'), 'plain.txt')
  assert.equal(await named(`filename="x"; filename*=UTF-8''%E2%82%AC.txt`), '€.txt')
  assert.match(String(await named('filename="a\u0000b"')), /^malformed_form: .*broken/)
})

const HOSTILE: readonly (readonly [string, string, RegExp])[] = [
  ['without its end', form('x', { end: '' }), /ends within the file/],
  ['cut in its last boundary', form('x', { end: '\r\n--b' }), /followed by other bytes/],
  ['cut in its header', `--b\r\n${PART}`, /header of a part has no end/],
  ['that is empty', '', /does not begin with its boundary/],
  ['with something before its first boundary', `preamble\r\n${form('x')}`, /does not begin with its boundary/],
  ['with something after its end', `${form('x')}more`, /something follows its end/],
  ['with a megabyte after its end', `${form('x')}${'y'.repeat(1_000_000)}`, /something follows its end/],
  ['with two files', form('x', { end: `\r\n${form('y')}` }), /more than one part/],
  ['with a field', form('x', { part: 'Content-Disposition: form-data; name="title"' }), /a field and no file/],
  ['without parts', '--b--\r\n', /does not begin with its boundary/],
  ['with a part that has no header', '--b\r\n\r\nx\r\n--b--\r\n', /header of a part/],
  ['with a huge header', form('x', { part: `${PART}\r\nx: ${'y'.repeat(9_000)}` }), /more than 8192 bytes/],
  ['with a header without end', `--b\r\n${'x: y\r\n'.repeat(100_000)}`, /more than 8192 bytes/],
  [
    'with many header fields',
    form('x', { part: [PART, ...Array.from({ length: 30 }, (_, i) => `x-${i}: y`)].join('\r\n') }),
    /more than 20 fields/,
  ],
  ['with a repeated header field', form('x', { part: `${PART}\r\nContent-Type: text/html` }), /header of a part is broken/],
  ['with a folded header', form('x', { part: `${PART}\r\n folded` }), /header of a part is broken/],
  ['with a bare line feed in a header', form('x', { part: PART.replace('\r\n', '\n') }), /header of a part is broken/],
  ['with a part of another kind', form('x', { part: 'Content-Disposition: attachment; filename="a"' }), /is not form-data/],
  ['with a nested form', form('x', { part: `${PART.split('\r\n')[0]}\r\nContent-Type: multipart/mixed; boundary=c` }), /parts of its own/],
  ['with an encoded part', form('eA==', { part: `${PART}\r\nContent-Transfer-Encoding: base64` }), /^encoded_upload/],
  ['whose boundary goes on', form('x', { end: '\r\n--bb--\r\n' }), /followed by other bytes/],
]

for (const [what, text, refusal] of HOSTILE)
  test(`a form ${what} is refused`, async () => {
    for (const size of [1, 7, 100_000])
      assert.match(String(await read(text, { size: text.length > 10_000 ? Math.max(size, 7) : size })), refusal)
  })

test('random bytes in place of a form are refused, and never an error of another kind', async () => {
  let state = Number(process.env.SEED ?? 1)
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
  const pieces = ['--b', '\r\n', '--', 'x', PART, '\r\n\r\n', '\r\n--b', ': ', '\u0000']
  for (let i = 0; i < 2_000; i++) {
    const text = `--b\r\n${Array.from({ length: next(12) }, () => pieces[next(pieces.length)] ?? '').join('')}`
    const outcome = await read(text, { size: 1 + next(20) })
    if (typeof outcome === 'string') assert.match(outcome, /^(?:malformed_form|encoded_upload): /)
    else assert.equal(outcome.name, 'a.txt')
  }
})

test('the boundary is that of the media type, and a form without one is refused', () => {
  assert.equal(boundaryOf('multipart/form-data; boundary=abc'), 'abc')
  assert.equal(boundaryOf('Multipart/Form-Data; charset=utf-8; Boundary="a b"'), 'a b')
  assert.equal(boundaryOf('multipart/form-data;boundary=----WebKitFormBoundaryX1'), '----WebKitFormBoundaryX1')
  for (const other of [undefined, 'image/png', 'multipart/mixed; boundary=x', 'multipart/form-dataX; boundary=x'])
    assert.equal(boundaryOf(other), null)
  for (const without of [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
    'multipart/form-data; boundary="a "',
    'multipart/form-data; boundary="a\r\nb"',
  ])
    assert.throws(
      () => boundaryOf(without),
      (error) => error instanceof Failure && error.code === 'malformed_form',
    )
})
