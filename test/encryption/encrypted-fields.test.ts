/** Encrypted fields: what callers get, what the database has, and what is refused. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testBackend } from '../support/backend.ts'
import { findings } from '../support/resolved.ts'
import { PATIENTS, patientsDesign } from './patients.ts'

const NUMBER = 'A-1234567'
const BODY = { name: 'shown', diagnosis: 'migraine "with aura" \\ é \u0001', insurance: NUMBER, secret: 'hidden word' }

describe('encrypted fields', () => {
  test('callers get clear text, and the database has none', async (t) => {
    const { ask, sql, statements } = await testBackend(t, PATIENTS)
    const created = await ask('POST', '/api/patients', { body: BODY })
    assert.equal(created.status, 201, created.text)
    const { id } = created.json
    const note = { patient: id, note: 'came at ten' }
    assert.equal((await ask('POST', '/api/visits', { body: note })).json.note, note.note)
    const read = await ask('GET', `/api/patients/${id}?include=visits`)
    for (const [name, value] of Object.entries(BODY)) {
      assert.equal(created.json[name], value)
      assert.equal(read.json[name], value)
    }
    assert.equal(read.json.visits[0].note, note.note)
    assert.equal((await ask('GET', '/api/visits?include=patient')).json.data[0].patient.insurance, NUMBER)
    const query = '{ patients(first: 5) { nodes { diagnosis visits { nodes { note } } } } }'
    const asked = await ask('POST', '/graphql', { body: { query } })
    assert.deepEqual(asked.json.data.patients.nodes, [{ diagnosis: BODY.diagnosis, visits: { nodes: [{ note: note.note }] } }])
    const changed = await ask('PATCH', `/api/patients/${id}`, { body: { name: 'other', diagnosis: null, secret: 'second' } })
    assert.deepEqual([changed.json.diagnosis, changed.json.secret, changed.json.insurance], [null, null, NUMBER])
    const [row] = await sql('select insurance, secret from patients')
    for (const value of Object.values(row ?? {})) assert.match(String(value), /^pln1\.test\.[\w-]*\.r\.[\w-]+$/)
    assert.ok(!statements.some(({ text }) => text.includes('second')))
  })

  test('rows are found by equal values where the design says so', async (t) => {
    const { ask } = await testBackend(t, PATIENTS)
    for (const insurance of [NUMBER, 'B-1', 'C,2']) await ask('POST', '/api/patients', { body: { ...BODY, insurance } })
    const found = async (query: string): Promise<readonly string[]> =>
      (await ask('GET', `/api/patients?${query}`)).json.data.map((row: { insurance: string }) => row.insurance)
    assert.deepEqual(await found(`filter[insurance]=${NUMBER}`), [NUMBER])
    assert.deepEqual(await found('filter[insurance][eq]=C,2'), ['C,2'])
    assert.deepEqual(await found('filter[insurance]=a-1234567'), [])
    assert.deepEqual((await found(`filter[insurance][in]=${NUMBER},B-1,none`)).toSorted(), [NUMBER, 'B-1'])
    const query = '{ patients(first: 5, filter: { insurance: { eq: "B-1" } }) { nodes { insurance } } }'
    assert.deepEqual((await ask('POST', '/graphql', { body: { query } })).json.data?.patients.nodes, [{ insurance: 'B-1' }])
    for (const wrong of ['filter[insurance][contains]=A', 'filter[insurance][ne]=A', 'filter[diagnosis]=A', 'sort=insurance'])
      assert.equal((await ask('GET', `/api/patients?${wrong}`)).status, 400, wrong)
    assert.equal((await ask('GET', `/api/patients?where=${encodeURIComponent('insurance == "A"')}`)).status, 400)
  })

  test('a value that was moved to another row, or changed, is refused with a code', async (t) => {
    const { ask, sql } = await testBackend(t, PATIENTS)
    const [one, two] = [await ask('POST', '/api/patients', { body: BODY }), await ask('POST', '/api/patients', { body: BODY })]
    await sql('update patients set diagnosis = (select diagnosis from patients where id = $1) where id = $2', [one.json.id, two.json.id])
    const moved = await ask('GET', `/api/patients/${two.json.id}`)
    assert.deepEqual([moved.status, moved.json.code], [500, 'value_unreadable'])
    assert.ok(!moved.text.includes('pln1'))
    assert.equal((await ask('GET', `/api/patients/${one.json.id}`)).status, 200)
  })

  test('no value of a row can imitate an encrypted one', async (t) => {
    const { ask, sql } = await testBackend(t, PATIENTS)
    const { json } = await ask('POST', '/api/patients', { body: BODY })
    const [row] = await sql('select insurance from patients')
    const name = `\u0002Patient.insurance\u0002${json.id}\u0002"${row?.insurance}"\u0003`.slice(0, 300)
    const imitated = await ask('PATCH', `/api/patients/${json.id}`, { body: { name: name.slice(0, 100) } })
    assert.equal(imitated.json.name, name.slice(0, 100))
  })

  test('what the database would need the values for is a finding', () => {
    const wrong = (patient: Record<string, unknown>, options: Record<string, unknown> = {}): string => {
      const design = patientsDesign() as { entities: { Patient: { fields: object } } }
      const entity = { ...design.entities.Patient, fields: { ...design.entities.Patient.fields, ...patient }, ...options }
      return findings({ ...design, entities: { ...design.entities, Patient: entity } }).join('\n')
    }
    assert.match(wrong({}, { indexes: [['insurance']] }), /PLN-D735/)
    assert.match(wrong({}, { search: { fields: ['diagnosis'] } }), /PLN-D735/)
    assert.match(wrong({ diagnosis: { type: 'text', encrypted: true, unique: true } }), /PLN-D735/)
    assert.match(wrong({ diagnosis: { type: 'text', encrypted: true, default: 'none' } }), /PLN-D735/)
    assert.match(wrong({}, { checks: { known: { rule: 'insurance != ""', message: 'must be known' } } }), /PLN-D313/)
    assert.match(wrong({ twice: { type: 'computed', expression: 'insurance + insurance' } }), /PLN-D313/)
    assert.match(wrong({ age: { type: 'integer', encrypted: true } }), /encrypted/)
  })
})
