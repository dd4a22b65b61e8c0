/** docs/reference/requirements.md: its designs have no errors, `plan` says what the page says, and the page has every key. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plannedRequirements, requirementLines } from '../../src/commands/planning/planned-requirements.ts'
import { saidText, saysOf } from '../../src/commands/planning/says/says.ts'
import { REQUIREMENTS } from '../../src/design/language/language-goals.ts'
import { testExamples } from '../documents/design-examples.ts'
import { blockOf, missingWords, modelOfPage, referencePage } from '../documents/reference-page.ts'

const page = referencePage('requirements.md')

testExamples(page, { 'yaml design': (code) => code, 'ts design': (code) => code })

test('the design on the page has no finding but what it leaves open, and plan says what the page says', async (t) => {
  const { model, findings } = await modelOfPage(t, page)
  assert.deepEqual(findings, [])
  const lines = requirementLines(plannedRequirements(model), (title) => title)
  for (const line of blockOf(page, 'text plan').trimEnd().split('\n'))
    assert.ok(lines.map((one) => one.trimEnd()).includes(line), `${line}\n${lines.join('\n')}`)
  const said = saysOf(model).map(saidText)
  for (const line of blockOf(page, 'text says').trimEnd().split('\n')) assert.ok(said.includes(line), said.join('\n'))
})

test('the page names every key of a requirement', () => {
  const { keys } = REQUIREMENTS.of
  assert.deepEqual(missingWords(page, [...Object.keys(keys), ...Object.keys(keys.question.form.keys)]), [])
})
