import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dictionary } from '@zxcvbn-ts/language-common'
import fc from 'fast-check'
import { anyText } from '../../../../test/support/hostile-text.ts'
import { processorTime } from '../../../../test/support/processor-time.ts'
import { SEEDED } from '../../../../test/support/random.ts'
import { checkPassword, type PasswordRules } from './password-rules.ts'

const RULES: PasswordRules = { min: 8, max: 256, pattern: null }
const NOBODY = { backend: 'blog', login: null }

const rulesBroken = async (password: string, rules = RULES, context: { backend: string; login: string | null } = NOBODY) =>
  (await checkPassword(password, rules, context)).map((problem) => problem.rule)

test('every common password of eight characters or more is refused, in any case', async () => {
  const common = dictionary['passwords-common'].filter((word) => word.length >= 8)
  assert.ok(common.length >= 3000, `only ${common.length}`)
  for (const word of common) {
    assert.deepEqual(await rulesBroken(word), ['common'], word)
    assert.deepEqual(await rulesBroken(word.toUpperCase()), ['common'], word)
  }
})

test('the message says what to do', async () => {
  const [problem] = await checkPassword('Password1', RULES, NOBODY)
  assert.match(problem?.message ?? '', /choose several unrelated words/)
})

test('passphrases are accepted, with spaces, in any script, and up to the limit', async () => {
  const words = ['otter', 'granite', 'Überfluss', 'ぽたぽた', 'ложка', '🦉', 'lantern', 'quill', 'seven', 'mosaic']
  let count = 0
  for (const a of words) {
    for (const b of words) {
      if (a === b) continue
      count += 1
      assert.deepEqual(await rulesBroken(`${a} ${b} ${words[count % words.length]} tram`), [])
    }
  }
  assert.ok(count >= 90)
  assert.deepEqual(await rulesBroken('é'.repeat(256)), [])
  assert.deepEqual(await rulesBroken('🦉'.repeat(256)), [])
})

test('the design name, the login and its first part are refused only when they are the whole password', async () => {
  const context = { backend: 'Gardening', login: 'Ada.Lovelace@example.org' }
  for (const password of ['gardening', 'GARDENING', 'ada.lovelace', 'ADA.lovelace@Example.org']) {
    assert.deepEqual(await rulesBroken(password, RULES, context), ['common'], password)
  }
  assert.deepEqual(await rulesBroken('gardening ada.lovelace', RULES, context), [])
})

test('length counts code points of the normal form: an emoji counts as one, and é counts as one in both encodings', async () => {
  assert.deepEqual(await rulesBroken('🦉'.repeat(7)), ['minLength'])
  assert.deepEqual(await rulesBroken('e\u0301'.repeat(7)), ['minLength'])
  assert.deepEqual(await rulesBroken('e\u0301'.repeat(8)), [])
  assert.deepEqual(await rulesBroken('x1'.repeat(129)), ['maxLength'])
})

test('ten megabytes are refused at once', async () => {
  const huge = 'x'.repeat(10_000_000)
  const took = processorTime()
  assert.deepEqual(await rulesBroken(huge), ['maxLength'])
  assert.ok(took() < 50)
})

test('a lone surrogate and an empty password are refused', async () => {
  assert.deepEqual(await rulesBroken('long enough \ud800'), ['format'])
  assert.deepEqual(await rulesBroken('', { ...RULES, min: 0 }), ['minLength'])
})

test('for a pattern of common conditions, the message names the missing characters', async () => {
  const rules = { ...RULES, pattern: '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)' }
  const message = async (password: string) => (await checkPassword(password, rules, NOBODY)).find((p) => p.rule === 'pattern')?.message
  assert.equal(await message('otter lantern'), 'must contain an upper-case letter and a digit')
  assert.equal(await message('OTTER LANTERN'), 'must contain a lower-case letter and a digit')
  assert.equal(await message('1234 - 5678 !'), 'must contain a lower-case letter and an upper-case letter')
  assert.equal(await message('Otter 4 lantern'), undefined)
})

test('for any other pattern, the message quotes the pattern', async () => {
  const [problem] = await checkPassword('otter lantern', { ...RULES, pattern: '^[a-z]+$' }, NOBODY)
  assert.deepEqual(problem, { rule: 'pattern', message: 'must match ^[a-z]+$' })
})

test('no message repeats the password', async () => {
  await fc.assert(
    fc.asyncProperty(anyText({ minLength: 4, maxLength: 40 }), async (password) => {
      const problems = await checkPassword(password, { min: 50, max: 60, pattern: '^(?=.*\\d)(?=.*[A-Z])q$' }, NOBODY)
      assert.ok(problems.length > 0)
      // Four characters or fewer may stand in a sentence by chance.
      if (password.length > 6) for (const problem of problems) assert.equal(problem.message.includes(password), false)
    }),
    { numRuns: 300, ...SEEDED },
  )
})
