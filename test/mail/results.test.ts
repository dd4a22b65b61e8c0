/** The results of steps in the reactions to an action: rows as they were then, lists in their order, and what a skipped step lacks. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { plannedReactions } from '../../src/commands/planning/planned-reactions.ts'
import { insertPeople, insertRows } from '../actions/action-world.ts'
import { readWithCode } from '../code/code-world.ts'
import { until } from '../events/events-world.ts'
import { testBackend } from '../support/backend.ts'
import { headerOf, partOf, readMime, startSmtp } from '../support/smtp.ts'
import { mailTo } from './mail-world.ts'

test('reactions name the rows, lists and values of the steps, also of a called action', async (t) => {
  const smtp = await startSmtp(t)
  const model = await readWithCode(join(import.meta.dirname, 'designs/results.yaml'))
  const world = await testBackend(t, model, { mail: mailTo(model, smtp.url) })
  assert.deepEqual(
    plannedReactions(model)
      .map(({ does, when }) => [does, when])
      .slice(0, 2),
    [
      ['email placed to order.buyer.email', null],
      ['email shared to friend.email', 'friend != null'],
    ],
  )
  const [ann, bob] = await insertPeople(world, 'users', [
    { name: 'Ann', email: 'ann@example.com' },
    { name: 'Bob', email: 'bob@example.com' },
  ])
  const names = ['Tea', 'Cup', 'Pot']
  await insertRows(
    world,
    'products',
    names.map((name, i) => ({ name, price: `${i + 1}.50` })),
  )
  const cart = async (): Promise<string> => {
    const [id] = await insertRows(world, 'carts', [{ owner_id: ann?.id, names }])
    return String(id)
  }
  const notes = async (): Promise<readonly unknown[]> => (await world.sql('select text from notes order by text')).map(({ text }) => text)
  const call = (id: string, action: string, body: object) => world.ask('POST', `/api/carts/${id}/${action}`, { token: bob?.token, body })

  const plain = await call(await cart(), 'checkout', { friend: 'Bob' })
  assert.equal(plain.status, 200, plain.text)
  const sent = (await smtp.received(2)).map(({ to, raw }) => {
    const mime = readMime(raw)
    return [to[0], headerOf(mime, 'subject'), partOf(mime, 'text/plain')?.replaceAll('\r\n', '\n').trim()]
  })
  const table = 'Product  Price\n-------  -----\nPot      3.50\nCup      2.50\n\nLine\n----\nPot\nCup'
  assert.deepEqual(sent.sort(), [
    ['ann@example.com', 'Order of Ann over 6.00', `${table}\n\nno note`],
    ['bob@example.com', 'For Bob', 'of Ann'],
  ])
  await until('the notes', async () => ((await notes()).length === 2 ? true : null))
  assert.deepEqual(await notes(), ['no note, 2', 'tea is known'])

  const twice = await call(await cart(), 'twice', {})
  assert.equal(twice.status, 200, twice.text)
  const mails = (await smtp.received(4)).slice(2).map(({ raw }) => partOf(readMime(raw), 'text/plain')?.replaceAll('\r\n', '\n').trim())
  assert.deepEqual(mails.sort(), [`${table}\n\na gift`, 'a gift of 3'])
  await until('the notes', async () => ((await notes()).length === 5 ? true : null))
  assert.deepEqual(await notes(), ['a gift', 'a gift', 'no note, 2', 'tea is known', 'tea is known'])
  assert.equal(smtp.mails.length, 4)
})
