/** The seeded faults fit the code, and one of them is found in a served backend. `npm run test:verify-practice` tries all. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SECURITY_CLASSES } from '../../../src/verify/security/classes.ts'
import { ROOT } from '../../support/command-line.ts'
import { FAULTS } from './faults.ts'
import { patched } from './patched.ts'
import { counts, findings } from './try-fault.ts'

test('each fault changes code that is there once, and has a class', () => {
  assert.equal(new Set(FAULTS.map(({ id }) => id)).size, FAULTS.length)
  for (const { id, patches } of FAULTS) {
    assert.ok(id.slice(0, 4) in SECURITY_CLASSES, id)
    assert.ok(patches.length > 0)
    for (const [file, own] of Map.groupBy(patches, (patch) => patch.file)) {
      const text = readFileSync(join(ROOT, 'src', file), 'utf8')
      assert.notEqual(patched(text, own), text, id)
    }
  }
})

test('a patch whose text is not there, or is there twice, is refused', () => {
  assert.throws(() => patched('a b a', [{ file: 'x.ts', find: 'a', replace: 'c' }]), /x\.ts has 2 times/)
  assert.throws(() => patched('a b a', [{ file: 'x.ts', find: 'c', replace: 'c' }]), /x\.ts has 0 times/)
})

test('it is found in a served backend that deletes are judged by the rule of reads', async () => {
  const fault = FAULTS.find(({ id }) => id === 'F206a') ?? assert.fail('F206a')
  const found = await findings(fault, 'access/Post.delete')
  assert.ok(
    found?.some((one) => counts(fault, one)),
    JSON.stringify(found?.slice(0, 3)),
  )
})
