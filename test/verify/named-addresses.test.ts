/** F202: a backend that connects to an address which a caller names is found, and a correct one is not. */

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { allCasesOf } from '../../src/verify/families/all-cases.ts'
import { runCases } from '../../src/verify/run/run-cases.ts'
import type { Stage } from '../../src/verify/run/stage.ts'
import { stageFor } from './in-process.ts'
import { load } from './loaded.ts'

/** Connects to the address, as a backend does that looks at what it leads to. */
function visit(address: string): Promise<void> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(address)
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''))
    for (const end of ['close', 'error'] as const) socket.once(end, () => resolve())
  })
}

/** Addresses in rows. Those in tokens have faults of their own. */
const isOfAddresses = ({ claim }: { readonly claim: string }): boolean =>
  claim.startsWith('security/F202/') && claim !== 'security/F202/tokens'

test('a backend that looks at the addresses of its callers is found, and one that only stores them is not', async (t) => {
  const { design, model } = await load('test/verify/designs/notices.yaml')
  const plan = allCasesOf(design, model, 'x')
  const probes = plan.probes.filter(isOfAddresses)
  assert.ok(probes.length > 0)
  const correct = await stageFor(t, model)
  const wrongOf = async (stage: Stage): Promise<readonly (string | null)[]> =>
    (await runCases(stage, { design, model, plan, cases: [], probes })).map(({ wrong }) => wrong)
  assert.deepEqual(await wrongOf(correct), Array(probes.length).fill(null))
  const curious: Stage = {
    ...correct,
    async ask(asked) {
      const address = /"(http:\/\/127\.0\.0\.1:\d+\/x)"/.exec(JSON.stringify(asked.body ?? ''))?.[1]
      if (address !== undefined) await visit(address)
      return correct.ask(asked)
    },
  }
  for (const wrong of await wrongOf(curious)) assert.match(wrong ?? '', /^1 connections to this machine/)
})

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'))

test('a backend that visits what it has stored is found at each spelling, also where values are unique', async (t) => {
  const { design, model } = await load('test/verify/designs/links.yaml')
  const plan = allCasesOf(design, model, 'x')
  const probes = plan.probes.filter(isOfAddresses)
  const correct = await stageFor(t, model)
  const visiting = (host: string): Stage => ({
    ...correct,
    async ask(asked) {
      const answer = await correct.ask(asked)
      const address = /"(http:[^"]*)"/.exec(JSON.stringify(asked.body ?? ''))?.[1]
      if (answer.status < 300 && address?.includes(`//${host}:`) === true) await visit(address)
      return answer
    },
  })
  for (const host of ['localhost', ...(hasIpv6 ? ['[::1]', '[::]'] : [])]) {
    const results = await runCases(visiting(host), { design, model, plan, cases: [], probes })
    assert.deepEqual(
      results.map(({ wrong }) => wrong),
      [`1 connections to this machine`, `1 connections to this machine`],
      host,
    )
  }
})
