/** Requirements of a design in its hand-over: what meets them, what was seen, and what is open, refused and assumed. */

import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import { blockOf, referencePage } from '../documents/reference-page.ts'
import { workplace } from './in-process.ts'

test('the hand-over says of each requirement what meets it and what was seen, and what is open, refused and assumed', async (t) => {
  const place = await workplace(t)
  rmSync(join(place.folder, 'project/design.ts'))
  const design = blockOf(referencePage('requirements.md'), 'yaml design')
  writeFileSync(join(place.folder, 'project/design.yaml'), design)
  await place.report()
  await place.deliver()
  const out = join(place.folder, 'delivery')
  const handover = place.handover()
  const ajv = new Ajv2020({ strict: false })
  ;(formatsPlugin as unknown as (to: Ajv2020) => void)(ajv)
  assert.ok(ajv.validate(JSON.parse(readFileSync(join(out, 'handover.schema.json'), 'utf8')), handover), ajv.errorsText())

  const { requirements, assumptions, openQuestions, deviations, status } = handover
  assert.equal(status, 'partial')
  assert.equal(requirements.length, 13)
  const [first] = requirements
  assert.deepEqual(first, {
    ...{ id: 'R1', text: 'A patient registers alone.', source: 'architecture.md:8', status: 'met', by: ['Account.access.create'] },
    // The report of this test has no claim about it.
    ...{ result: 'not-tested', cases: [0, 0] },
  })
  assert.deepEqual(
    openQuestions.map(({ id, taken }) => [id, taken]),
    [
      ['R7', 'the desk'],
      ['R12', 'nothing meets it'],
    ],
  )
  assert.deepEqual(
    assumptions.filter(({ id }) => id.startsWith('R')).map(({ id, by }) => [id, by]),
    [
      ['R5', 'design'],
      ['R7', 'default'],
    ],
  )
  assert.deepEqual(
    deviations.map(({ id, done, offer }) => [id, done, offer]),
    [
      ['R9', 'refused: only hashes of passwords are stored', 'a link to set a new password'],
      ['R11', 'outside: a backend does not back up its server', ''],
    ],
  )
  assert.match(readFileSync(join(out, 'index.html'), 'utf8'), /<h2 id="requirements">What was asked for<\/h2>/)
})
