/** docs/reference/import.md: each example of a source gives the design that follows it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importedText } from '../../src/commands/importing/imported-text.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { blockOf, referencePage } from '../documents/reference-page.ts'
import { imported } from './imported.ts'

const page = referencePage('import.md')

test('the SQL on the page gives the design on the page, and the text', async () => {
  const { draft, yaml, questions } = await imported('school.sql', blockOf(page, 'sql school.sql'))
  assert.equal(yaml.replace('name: sample', 'name: school'), blockOf(page, 'yaml design'))
  const objects = { total: draft.carried.length + draft.left.length, carried: draft.carried.length, left: draft.left.length }
  const text = importedText({ source: 'school.sql', design: 'design.yaml', draft, objects, questions }, PLAIN)
  for (const line of blockOf(page, 'text').split('\n')) assert.ok(text.includes(line.replace(/, …\)$|^…$/, '')), `${line}\n\n${text}`)
})

test('the SQL of MySQL on the page gives the entity on the page', async () => {
  const { yaml } = await imported('chat.sql', blockOf(page, 'sql chat.sql'))
  assert.equal(yaml.split('\n').slice(3).join('\n'), blockOf(page, 'yaml chat'))
})

test('the document on the page gives the entities and the workflow on the page', async () => {
  const document = /~~~markdown visits\.md\n([\s\S]*?)~~~/.exec(page)?.[1] ?? ''
  const { yaml } = await imported('visits.md', document)
  assert.equal(yaml.split('\n').slice(3).join('\n'), blockOf(page, 'yaml visits'))
})

test('the requirements of the document on the page are those on the page', async () => {
  const { yaml } = await imported('booking.md', /~~~markdown booking\.md\n([\s\S]*?)~~~/.exec(page)?.[1] ?? '')
  assert.equal(yaml.slice(yaml.indexOf('requirements:')), blockOf(page, 'yaml booking'))
})
