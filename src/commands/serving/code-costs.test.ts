/** What runs of code cost, as it is logged. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRunningCode, seeCode } from '../../server/run/running-code.ts'
import { countCode } from './code-costs.ts'

test('the end of a run is logged once, with its statements and the one that was sent most often', () => {
  const logged: object[] = []
  const refuse = () => assert.fail('it is no warning')
  const log = { info: (fields: object) => void logged.push(fields), warn: refuse, error: refuse }
  const { running, onStatement } = countCode(openRunningCode(), log)
  onStatement('a', 'select before')
  const end = running.begin('hook Post.beforeCreate')
  assert.deepEqual(seeCode(running.memory).names, ['hook Post.beforeCreate'])
  for (const text of ['select one', 'select two', 'select two']) onStatement('a', text)
  end()
  end()
  onStatement('a', 'select after')
  assert.deepEqual(seeCode(running.memory).names, [])
  const [first, ...more] = logged as readonly { readonly ms: number }[]
  assert.deepEqual(more, [])
  assert.ok(first !== undefined && first.ms >= 0)
  assert.deepEqual({ ...first, ms: 0 }, { code: 'hook Post.beforeCreate', ms: 0, statements: 3, most: { times: 2, text: 'select two' } })
})
