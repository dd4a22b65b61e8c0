import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPlaces, type Taking } from './places.ts'

const message = (endpoint: string, owner: string | null = null, host = '') => ({ endpoint, owner, host })
const many = (count: number, make: (n: number) => ReturnType<typeof message>) => Array.from({ length: count }, (_, n) => make(n))

const QUICK: Taking = { answered: true, durationMs: 10 }
const SLOW: Taking = { answered: true, durationMs: 2_000 }
const SILENT: Taking = { answered: false, durationMs: 15_000 }

/** Places at a time that does not go on. */
const opened = () => openPlaces(Math.random, () => 0)

/** Places whose receivers have taken an attempt already. */
function placesWith(takings: Readonly<Record<string, Taking>>, places = opened()) {
  for (const [endpoint, taking] of Object.entries(takings)) {
    places.take(message(endpoint))
    places.leave(message(endpoint), taking)
  }
  return places
}

test('a receiver gets eight places, a slow one four, and a silent one one', () => {
  const places = placesWith({ quick: QUICK, slow: SLOW, silent: { ...SILENT, durationMs: 5 } })
  const chosen = (endpoint: string) => places.choose(many(20, () => message(endpoint))).length
  assert.deepEqual(['new', 'quick', 'slow', 'silent'].map(chosen), [8, 8, 4, 1])
  places.take(message('silent'))
  assert.deepEqual([places.full(), chosen('silent')], [['silent'], 0])
  places.leave(message('silent'), QUICK)
  assert.deepEqual([places.full(), chosen('silent'), places.free()], [[], 8, 64])
})

test('an owner of many subscriptions gets eight places, and a host 16', () => {
  const places = opened()
  assert.equal(places.choose(many(100, (n) => message(`e${n}`, 'ann', `h${n}`))).length, 8)
  assert.equal(places.choose(many(100, (n) => message(`e${n}`, `u${n}`, 'slow.example'))).length, 16)
  for (const each of many(8, (n) => message(`e${n}`, 'ann', `h${n}`))) places.take(each)
  assert.equal(places.choose([message('other', 'ann', 'h'), message('bobs', 'bob', 'h')]).length, 1)
})

test('receivers that are slow, and those that are not known, leave half of the places to quick ones', () => {
  const names = (kind: string) => many(100, (n) => message(`${kind}${n}`))
  const known = [...names('slow').map(({ endpoint }) => [endpoint, SLOW]), ...names('quick').map(({ endpoint }) => [endpoint, QUICK])]
  const places = placesWith(Object.fromEntries(known))
  const counts = (kinds: readonly string[]) => {
    const chosen = places.choose(kinds.flatMap(names))
    return kinds.map((kind) => chosen.filter(({ endpoint }) => endpoint.startsWith(kind)).length)
  }
  assert.deepEqual(counts(['slow']), [16])
  assert.deepEqual(counts(['new']), [32])
  assert.deepEqual(counts(['quick']), [64])
  const [slow = 0, unknown = 0, quick = 0] = counts(['slow', 'new', 'quick'])
  assert.ok(slow <= 16 && slow + unknown <= 32 && quick >= 32 && slow + unknown + quick === 64, `${[slow, unknown, quick]}`)
  for (const each of places.choose([...names('slow'), ...names('new')])) places.take(each)
  assert.equal(counts(['quick'])[0], 32)
})

test('each receiver gets its first place before another one gets its second', () => {
  const chosen = opened().choose([...many(30, () => message('many')), ...many(25, (n) => message(`one${n}`))])
  const ofMany = chosen.filter(({ endpoint }) => endpoint === 'many').length
  assert.deepEqual([chosen.length - ofMany, ofMany], [25, 7])
})

test('places that are left under another pace than they were taken are free again', () => {
  const places = opened()
  for (let round = 0; round < 50; round++) {
    for (let n = 0; n < 3; n++) places.take(message('e', 'ann', 'h'))
    for (const taking of [SILENT, null, QUICK]) places.leave(message('e', 'ann', 'h'), taking)
  }
  assert.deepEqual([places.free(), places.full()], [64, []])
  assert.equal(places.choose(many(100, (n) => message(`n${n}`))).length, 32)
})

test('an attempt is slow from a second on', () => {
  const placesAfter = (durationMs: number) => placesWith({ e: { answered: true, durationMs } }).choose(many(9, () => message('e'))).length
  assert.deepEqual([placesAfter(999), placesAfter(1_000)], [8, 4])
})

test('quick answers do not make up for slow ones: a receiver that alternates stays slow, until it has been quick for some minutes', () => {
  let now = 0
  const places = openPlaces(Math.random, () => now)
  const placesOf = () => places.choose(many(9, () => message('e'))).length
  placesWith({ e: SILENT }, places)
  assert.equal(placesOf(), 1)
  for (let n = 0; n < 100; n++) placesWith({ e: QUICK }, places)
  assert.equal(placesOf(), 4)
  now += 230_000
  assert.equal(placesOf(), 4)
  now += 10_000
  assert.equal(placesOf(), 8)
  for (let n = 0; n < 100; n++) placesWith({ e: SILENT }, places)
  placesWith({ e: QUICK }, places)
  now += 359_000
  assert.equal(placesOf(), 4)
  now += 2_000
  assert.equal(placesOf(), 8)
})
