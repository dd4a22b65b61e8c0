/** What `plan` says about erasures: findings, and what happens to the rows of each entity. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { erasureLines, plannedErasures } from '../../src/commands/planning/planned-privacy.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { blockOf, modelOfPage, referencePage } from '../documents/reference-page.ts'

/** The codes and messages about a design with these entities. */
function findings(fields: object, order: object, erase?: string): readonly string[] {
  const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }
  const design = {
    name: 'shop',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', takenLogin: 'conflict' },
        fields: { email: { type: 'email', unique: true, erased: '{id}@example.invalid' }, password: { type: 'password' }, ...fields },
        ...(erase === undefined ? {} : { erase }),
        access: { ...access, create: 'true', read: 'id == auth.id', update: 'id == auth.id' },
      },
      Order: { fields: { text: { type: 'text' }, ...order }, access },
    },
  }
  const { diagnostics } = resolveDesign(design, NO_SOURCE)
  return diagnostics.filter(({ code }) => /PLN-D73\d/.test(code)).map(({ code, message }) => `${code} ${message}`)
}

const buyer = { type: 'ref', entity: 'User' }

test('what an erasure could not do is a finding', () => {
  assert.deepEqual(findings({ name: { type: 'text', private: true } }, {}, 'empty'), [
    'PLN-D730 an erasure empties User, and "name" is required',
  ])
  assert.deepEqual(findings({ name: { type: 'text', private: true, erased: '' } }, {}, 'empty'), [])
  assert.deepEqual(findings({ name: { type: 'text', erased: '' } }, {}), [
    'PLN-D731 "name" is not private, so an erasure leaves it as it is',
  ])
  assert.match(findings({ name: { type: 'text', max: 3, private: true, erased: 'gone' } }, {}).join(), /^PLN-D731 /)
  assert.match(
    findings({ name: { type: 'text', unique: true, private: true, erased: 'gone' } }, {}).join(),
    /^PLN-D731 the values of "name" are unique/,
  )
  assert.deepEqual(findings({}, { buyer: { ...buyer, erase: 'unlink' } }), ['PLN-D732 "buyer" is required, so it cannot be unlinked'])
  assert.match(findings({}, { buyer: { ...buyer, erase: 'keep' } }).join(), /^PLN-D732 the User that "buyer" leads to is deleted/)
  assert.deepEqual(findings({}, { buyer: { ...buyer, erase: 'keep' } }, 'empty'), [])
  assert.match(
    findings({}, { buyer }, 'delete').join(),
    /^PLN-D733 a User cannot be erased as long as a Order refers to the User by "buyer"/,
  )
  assert.deepEqual(findings({}, { buyer }), [])
})

test('plan lists what the page shows', async (t) => {
  const page = referencePage('privacy.md')
  const { model } = await modelOfPage(t, page)
  const lines = erasureLines(plannedErasures(model), (title) => title)
  assert.equal(`${lines.join('\n')}\n`, blockOf(page, 'text plan'))
})
