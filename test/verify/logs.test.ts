/** The log of a served backend has no secret of a run, and one that has some is found. */

import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { openStage } from '../../src/commands/verifying/open-stage.ts'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../../src/services/identity/passwords/passwords.ts'
import { allCasesOf } from '../../src/verify/families/all-cases.ts'
import { SAMPLE_PASSWORD } from '../../src/verify/families/identity/signing-in.ts'
import { runCases } from '../../src/verify/run/run-cases.ts'
import type { Stage } from '../../src/verify/run/stage.ts'
import { PLINTH, ROOT } from '../support/command-line.ts'
import { load } from './loaded.ts'

const DESIGN = 'test/verify/designs/library.yaml'

test('passwords, tokens and keys of a run are not in the log of the served process, and are found where they are', async (t) => {
  const { design, model } = await load(DESIGN)
  // At its usual cost, so that signing in does not hash it again.
  const plan = allCasesOf(design, model, await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(SAMPLE_PASSWORD))
  const probes = plan.probes.filter(({ claim }) => claim === 'security/logs')
  const path = join(ROOT, DESIGN)
  const place = { design: path, folder: dirname(path), databaseUrl: null, env: process.env, cwd: ROOT }
  const { stage, close } = await openStage({ model, ...place, program: PLINTH, instances: 1 })
  t.after(close)
  const wrongIn = async (of: Stage): Promise<string | null> => {
    const [result] = await runCases(of, { design, model, plan, cases: [], probes })
    return result === undefined ? assert.fail('nothing was asked') : result.wrong
  }
  assert.equal(await wrongIn(stage), null)
  const written = stage.log?.() ?? assert.fail('no log is kept')
  assert.match([...written.parts()].join(''), /login/)
  assert.equal(written.lost, 0)
  const secret = stage.secrets?.[0]?.text ?? assert.fail('no secret is known')
  const saying = (text: string): Stage => ({ ...stage, log: () => ({ lost: 0, parts: () => [...written.parts(), text] }) })
  assert.equal(
    await wrongIn(saying(JSON.stringify({ msg: 'started', key: secret }))),
    'the log has the signing key in key of the entry "started"',
  )
  const token = await stage.tokenFor(plan.world.accounts[0] ?? '')
  assert.equal(await wrongIn(saying(`GET /api/books?token=${token}`)), 'the log has a token in a line that is no entry in JSON')
})
