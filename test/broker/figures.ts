/** `npm run figures:broker`: see outage.ts. Exit code 1 when a message is missing or double. */

import { outage } from './outage.ts'

const { OUTAGE_SECONDS = '60', PER_SECOND = '100' } = process.env
const ends: (() => unknown)[] = []
const t = { after: (end: () => unknown) => void ends.push(end) }

try {
  const options = { perSecond: Number(PER_SECOND), beforeMs: 20_000, stoppedMs: Number(OUTAGE_SECONDS) * 1_000, afterMs: 20_000 }
  const result = await outage(t as Parameters<typeof outage>[0], options)
  console.log(JSON.stringify(result, null, 2))
  const { created, messages, ids, missing, dead } = result
  process.exitCode = missing === 0 && messages === created && ids === created && dead === 0 ? 0 : 1
} finally {
  for (const end of ends.toReversed()) await end()
}
