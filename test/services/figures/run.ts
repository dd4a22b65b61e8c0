/**
 * Figures of an upstream that fails and that attacks: `npm run figures:upstream`, in about two minutes. Fails when one of them is not what
 * docs/reference/services.md promises.
 */

import { breakerFigures, readFigures, repeatedShare, unsafeFigures } from './upstream-figures.ts'
import { startUpstreamWorld } from './upstream-world.ts'

const world = await startUpstreamWorld('10s')
const misses: string[] = []
const expect = (isGood: boolean, what: string): void => {
  if (!isGood) misses.push(what)
}
try {
  const share = await repeatedShare(world, 800)
  console.log(`repeated: ${(share * 100).toFixed(1)} % of 800 calls`)
  expect(share > 0.05 && share <= 0.1, 'more than a tenth of the calls is repeated, or none')
  const breaker = await breakerFigures(world, 25_000)
  console.log(JSON.stringify({ breaker }))
  expect(breaker.opensMs > 0 && breaker.opensMs <= 10_000, 'the breaker opens late')
  expect(breaker.halfOpen >= 1 && breaker.probes <= breaker.halfOpen, 'the breaker lets more than one call try again')
  expect(breaker.closesMs <= 30_000, 'the breaker closes late')
  for (const figure of await unsafeFigures(world)) {
    console.log(JSON.stringify(figure))
    expect(figure.ms <= 10_000 && figure.sent <= 12_000_000 && (figure.status === 502 || figure.status === 504), figure.mode)
  }
  const reads = await readFigures(world, { rounds: 6, roundMs: 4_000 })
  console.log(JSON.stringify({ ...reads, ratio: reads.failsMs / reads.worksMs }))
  expect(reads.failsMs < 1.5 * reads.worksMs, 'the rest of the API is slower while the upstream fails')
} finally {
  await world.close()
}
for (const miss of misses) console.error(`MISSED: ${miss}`)
if (misses.length > 0) process.exitCode = 1
