import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPlaces, type Pace, paceOf } from './places.ts'

const message = (endpoint: string, owner: string | null = null, host = '') => ({ endpoint, owner, host })
const many = (count: number, make: (n: number) => ReturnType<typeof message>) => Array.from({ length: count }, (_, n) => make(n))

/** Places in which these receivers have a pace already. */
function placesWith(paces: Readonly<Record<string, Exclude<Pace, 'new'>>>) {
  const places = openPlaces(Math.random)
  for (const [endpoint, pace] of Object.entries(paces)) {
    places.take(message(endpoint))
    places.leave(message(endpoint), pace)
  }
  return places
}

test('a receiver gets eight places, a slow one four, and a silent one one', () => {
  const places = placesWith({ quick: 'quick', slow: 'slow', silent: 'silent' })
  const chosen = (endpoint: string) => places.choose(many(20, () => message(endpoint))).length
  assert.deepEqual(['new', 'quick', 'slow', 'silent'].map(chosen), [8, 8, 4, 1])
  places.take(message('silent'))
  assert.deepEqual([places.full(), chosen('silent')], [['silent'], 0])
  places.leave(message('silent'), 'quick')
  assert.deepEqual([places.full(), chosen('silent'), places.free()], [[], 8, 64])
})

test('an owner of many subscriptions gets eight places, and a host 16', () => {
  const places = openPlaces(Math.random)
  assert.equal(places.choose(many(100, (n) => message(`e${n}`, 'ann', `h${n}`))).length, 8)
  assert.equal(places.choose(many(100, (n) => message(`e${n}`, `u${n}`, 'slow.example'))).length, 16)
  for (const each of many(8, (n) => message(`e${n}`, 'ann', `h${n}`))) places.take(each)
  assert.equal(places.choose([message('other', 'ann', 'h'), message('bobs', 'bob', 'h')]).length, 1)
})

test('receivers that are slow, and those that are not known, leave half of the places to quick ones', () => {
  const names = (kind: string) => many(100, (n) => message(`${kind}${n}`))
  const known = [...names('slow').map(({ endpoint }) => [endpoint, 'slow']), ...names('quick').map(({ endpoint }) => [endpoint, 'quick'])]
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
  const chosen = openPlaces(Math.random).choose([...many(30, () => message('many')), ...many(25, (n) => message(`one${n}`))])
  const ofMany = chosen.filter(({ endpoint }) => endpoint === 'many').length
  assert.deepEqual([chosen.length - ofMany, ofMany], [25, 7])
})

test('places that are left under another pace than they were taken are free again', () => {
  const places = openPlaces(Math.random)
  for (let round = 0; round < 50; round++) {
    for (let n = 0; n < 3; n++) places.take(message('e', 'ann', 'h'))
    for (const pace of ['slow', null, 'quick'] as const) places.leave(message('e', 'ann', 'h'), pace)
  }
  assert.deepEqual([places.free(), places.full()], [64, []])
  assert.equal(places.choose(many(100, (n) => message(`n${n}`))).length, 32)
})

test('an answer is slow from a second on', () => {
  const pace = (answered: boolean, durationMs: number) => paceOf({ answered, durationMs })
  assert.deepEqual([pace(true, 999), pace(true, 1_000), pace(false, 5)], ['quick', 'slow', 'silent'])
})
