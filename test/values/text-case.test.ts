/** Non-ASCII letters whose upper or lower case is an ASCII letter never equal that letter, and texts are compared unchanged. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePattern } from '../../src/base/pattern/parse-pattern.ts'
import { readEmail, readUrl, readUuid } from '../../src/base/text-values.ts'
import { encodeText } from '../../src/compile/values/encode.ts'
import { VALUES } from '../../src/design/authoring/values.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { scalar } from '../support/field-types.ts'

/** Every code point beyond ASCII whose upper or lower case holds a character of ASCII. */
const FOLDING = Array.from({ length: 0x110000 - 0x80 }, (_, i) => i + 0x80)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((letter) => /[\0-\x7f]/.test(letter.toLowerCase()) || /[\0-\x7f]/.test(letter.toUpperCase()))

test('there are such letters: the Kelvin sign, the long s, the dotless i and others', () => {
  for (const letter of ['\u212a', '\u017f', '\u0131', '\u0130', 'ß', 'ﬁ']) assert.ok(FOLDING.includes(letter), letter)
})

test('no reader of a text treats such a letter as ASCII', () => {
  const uuid = '0191f3c0-7a2b-7c3d-8e4f-0123456789ab'
  for (const letter of FOLDING) {
    const address = [`a${letter}b@example.com`, `ann@${letter}ey.com`, `${letter}@b.c`]
    for (const text of address) {
      assert.equal(readEmail(text), undefined, text)
      assert.equal(VALUES.email.read(text), undefined, text)
      assert.equal(encodeText(scalar('email'), text).ok, false, text)
    }
    assert.equal(readUrl(`http${letter}://a.b`), undefined)
    assert.equal(readUrl(`https://a.b/${letter}`), undefined)
    for (let at = 0; at < 8; at++) assert.equal(readUuid(`${uuid.slice(0, at)}${letter}${uuid.slice(at + 1)}`), undefined)
    assert.equal(readUuid(`${uuid.slice(0, -1)}${letter}`), undefined)
    assert.notEqual(parsePattern(`\\${letter}`).problem, null, letter)
  }
})

const DESIGN = {
  name: 'people',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password', min: 8 },
        nick: { type: 'text', max: 40, unique: true, optional: true },
      },
      access: { read: 'true', create: 'true', update: 'id == auth.id' },
    },
  },
}

test('an address with such a letter is refused at registration, does not sign in to the similar account, and finds no row', async (t) => {
  const { ask } = await testBackend(t, modelFrom(DESIGN))
  const password = 'several unrelated words'
  assert.equal((await ask('POST', '/api/users', { body: { email: 'MIKE@example.com', password } })).status, 201)
  assert.equal((await ask('POST', '/api/auth/login', { body: { email: 'Mike@EXAMPLE.com', password } })).status, 200)
  for (const letter of FOLDING) {
    const email = `mi${letter}e@example.com`
    const registered = await ask('POST', '/api/users', { body: { email, password } })
    assert.deepEqual([registered.status, registered.json.code], [400, 'validation_failed'], email)
    assert.equal((await ask('GET', `/api/users?filter[email]=${encodeURIComponent(email)}`)).status, 400, email)
  }
  for (const email of ['mi\u212ae@example.com', 'M\u0130KE@example.com', 'm\u0131ke@example.com'])
    assert.equal((await ask('POST', '/api/auth/login', { body: { email, password } })).status, 401, email)
})

test('lowerAscii and upperAscii change only ASCII letters, in PostgreSQL and in JavaScript', async (t) => {
  const { sql } = await testBackend(t, modelFrom(DESIGN))
  const [row] = await sql('select lower($1 collate "C") = $1 as lower, upper($1 collate "C") = $1 as upper', [FOLDING.join('')])
  assert.deepEqual(row, { lower: true, upper: true })
})

test('texts are compared unchanged: é as one or as two code points is two values, in unique fields and in filters', async (t) => {
  const { ask, sql } = await testBackend(t, modelFrom(DESIGN))
  const composed = 'caf\u00e9'
  const decomposed = 'cafe\u0301'
  const insert = "insert into users (email, password, nick) values ($1, 'x', $2)"
  await sql(insert, ['a@example.com', composed])
  await sql(insert, ['b@example.com', decomposed])
  for (const nick of [composed, decomposed]) {
    const filters = [`filter[nick]=${encodeURIComponent(nick)}`, `filter=${encodeURIComponent(`nick == "${nick}"`)}`]
    for (const filter of filters) {
      const { json } = await ask('GET', `/api/users?${filter}`)
      assert.deepEqual(
        json.data.map((row: { nick: string }) => row.nick),
        [nick],
      )
    }
  }
})
