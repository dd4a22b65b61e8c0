import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANONYMOUS } from '../../../model/caller.ts'
import { callerKey, networkOf } from './caller-key.ts'

const NETWORKS: readonly (readonly [string, string])[] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
]

for (const [address, network] of NETWORKS)
  test(`callers at ${address} share the limits of ${network}`, () => assert.equal(networkOf(address), network))

test('the limits of a signed-in caller count by account, not by address', () => {
  const caller = { claims: new Map([['id', 'u1']]), session: null }
  assert.equal(callerKey(caller, '192.0.2.7'), 'account u1')
  assert.equal(callerKey(ANONYMOUS, '192.0.2.7'), 'address 192.0.2.7')
})
