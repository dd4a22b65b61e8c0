/** Dead letters in the hands of operators, and `plinth events`. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { lettersOf, listLetters, retryLetters } from '../../src/services/events/letters.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { PLINTH, run, temporaryFolder } from '../support/command-line.ts'
import { PATIENCE } from '../support/patience.ts'
import { until } from './events-world.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const DESIGN = {
  name: 'letters',
  on: { 'Note.created': [{ call: 'check', as: 'system', input: { title: 'row.title' } }] },
  actions: {
    check: {
      input: { title: { type: 'text' } },
      steps: [
        { find: 'Word', where: 'text == input.title', as: 'word' },
        { update: 'word', set: { uses: 'uses + 1' } },
      ],
    },
  },
  entities: {
    Note: { fields: { title: { type: 'text' } }, access: OPEN },
    Word: { fields: { text: { type: 'text', unique: true }, uses: { type: 'integer', default: 0 } }, access: OPEN },
  },
}

test('a dead letter is shown and tried again, and old events are replayed', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN))
  const executor = openExecutor({ url: world.databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
  t.after(() => executor.close())
  await world.ask('POST', '/api/notes', { body: { title: 'new' } })
  const [letter] = await until('the letter', async () => {
    const found = await listLetters(executor.run, { reaction: 'Note call check', only: 'dead' })
    return found.length > 0 ? found : null
  })
  assert.ok(letter !== undefined)
  assert.deepEqual([letter.name, letter.state, letter.attempt], ['Note.created', 'dead', 1])
  assert.match(String(letter.error), /^not_found/)
  const [same] = await lettersOf(executor.run, letter.event)
  assert.equal(JSON.parse(same?.content ?? '').title, 'new')
  await world.ask('POST', '/api/words', { body: { text: 'new' } })
  assert.equal(await retryLetters(executor.run, { events: [letter.event], reaction: null }), 1)
  const uses = async (): Promise<unknown> => (await world.sql('select uses::int as uses from words'))[0]?.uses
  await until('the use', async () => ((await uses()) === 1 ? true : null))
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.json'), JSON.stringify(DESIGN))
  const plinth = async (...words: readonly string[]) => {
    const { code, stdout } = await run(t, [...PLINTH, 'events', ...words, '--json'], {
      cwd: folder,
      env: { DATABASE_URL: world.databaseUrl },
    })
    return { code, said: JSON.parse(stdout) }
  }
  const replayed = await plinth('replay', '--reaction', 'Note call check', '--since', '2020-01-01')
  assert.deepEqual([replayed.code, replayed.said.events], [0, 1])
  await until('the second use', async () => ((await uses()) === 2 ? true : null))
  const none = await plinth()
  assert.deepEqual([none.code, none.said.counts, none.said.letters], [0, [], []])
  const wrong = await plinth('retry', '1')
  assert.equal(wrong.code, 1)
})

test('events of a reaction that the design has no more are listed in one line each, and discarded', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN), { work: 'elsewhere' })
  const insert = `insert into plinth.event_waiting (reaction, event, entity, happening, row_id, version, at, after, attempt, run_at, dead, error)
    values ($1, $2, 'Note', 'created', 'x', 1, now(), '{}', 1, $3::timestamptz, $4, $5)`
  await world.sql(insert, ['Note call gone', 1, '2100-01-01', false, 'one\n  two\u001b[2J'])
  await world.sql(insert, ['Note call gone', 2, 'infinity', false, null])
  await world.sql(insert, ['Note call gone', 3, '2000-01-01', true, 'dead'])
  await world.sql(insert, ['Note call check', 4, '2100-01-01', false, 'not now'])
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.json'), JSON.stringify(DESIGN))
  const plinth = (...words: readonly string[]) =>
    run(t, [...PLINTH, 'events', ...words], { cwd: folder, env: { DATABASE_URL: world.databaseUrl } })
  const { stdout } = await plinth('list', '--reaction', 'Note call gone')
  assert.match(stdout, /^1 +Note\.created +x +Note call gone +waiting +1 failed +next 2100-\S+ +one two \[2J$/m)
  assert.match(stdout, /^2 +Note\.created +x +Note call gone +behind /m)
  const replay = await plinth('replay', '--reaction', 'Note call gone', '--since', '2020-01-01')
  assert.deepEqual([replay.code, /has no reaction "Note call gone"/.test(replay.stderr)], [2, true])
  const unknown = await plinth('discard', '--reaction', 'Note call never')
  assert.equal(unknown.code, 2)
  const discarded = await plinth('discard', '--reaction', 'Note call gone')
  assert.deepEqual([discarded.code, discarded.stdout.trim()], [0, '3 events are deleted'])
  const own = await plinth('discard', '--reaction', 'Note call check')
  assert.deepEqual([own.code, /deleted only by its number/.test(own.stderr + own.stdout)], [1, true])
  assert.deepEqual(await world.sql('select event::int from plinth.event_waiting'), [{ event: 4 }])
  const named = await plinth('discard', '4')
  assert.deepEqual([named.code, named.stdout.trim()], [0, '1 event is deleted'])
  assert.deepEqual(await world.sql('select event::int from plinth.event_waiting'), [])
})

test('events that wait are tried again at once, but not those behind others and those whose attempt runs', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN), { work: 'elsewhere' })
  const insert = `insert into plinth.event_waiting (reaction, event, entity, happening, row_id, version, at, after, attempt, run_at, error)
    values ('Note call check', $1, 'Note', 'created', $2, 1, now(), '{}', 5, $3::timestamptz, $4)`
  await world.sql(insert, [1, 'x', '2100-01-01', 'not now'])
  await world.sql(insert, [2, 'x', 'infinity', null])
  await world.sql(insert, [3, 'y', '2100-01-01', 'the attempt is still running'])
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.json'), JSON.stringify(DESIGN))
  const plinth = (...words: readonly string[]) =>
    run(t, [...PLINTH, 'events', ...words], { cwd: folder, env: { DATABASE_URL: world.databaseUrl } })
  const running = await plinth('retry', '3')
  assert.deepEqual([running.code, /those whose attempt runs, are not tried/.test(running.stdout + running.stderr)], [1, true])
  const all = await plinth('retry', '--all')
  assert.deepEqual([all.code, all.stdout.trim()], [0, '1 event is tried again'])
  const states =
    "select event::int, attempt, run_at <= now() as due, run_at = 'infinity' as behind from plinth.event_waiting order by event"
  assert.deepEqual(await world.sql(states), [
    { event: 1, attempt: 0, due: true, behind: false },
    { event: 2, attempt: 5, due: false, behind: true },
    { event: 3, attempt: 5, due: false, behind: false },
  ])
})
