/** Work that makes a request cost more: JSON is read again and again, as servers do anyway. */

import { timesOf } from '../../../../src/verify/performance/load/processor-time.ts'

const TEXT = JSON.stringify({
  id: '01900000-0000-7000-8000-000000000004',
  title: 'A note',
  body: 'work '.repeat(40),
  place: 7,
  tags: [1, 2],
})

/** Does a piece of work some times. A number of times is the same work on a busy machine; a time would not be. */
export function work(times: number): void {
  for (let i = 0; i < times; i++) JSON.parse(TEXT)
}

/** Milliseconds of processor time of one piece of work, in this process and at this moment. @throws Error where they cannot be seen. */
export function workMs(): number {
  const used = (): number => timesOf([process.pid])?.get(process.pid) ?? Number.NaN
  work(PIECES)
  const before = used()
  work(PIECES)
  const ms = ((used() - before) * 1_000) / PIECES
  if (!(ms > 0)) throw new Error('processor time cannot be seen here')
  return ms
}

const PIECES = 100_000
