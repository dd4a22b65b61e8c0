import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPublicAddress, readNetworks } from './networks.ts'

test('only addresses that everybody can reach are public', () => {
  const open = ['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0', '2606:4700::1111', '2a00:1450::1']
  const closed = [
    '9',
    '',
    'localhost',
    '10.0.0.0',
    '172.31.255.255',
    '100.127.255.255',
    '198.19.0.1',
    '240.0.0.1',
    '::',
    '::1',
    '::8.8.8.8',
  ]
  const embedded = [
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::',
    '2001::1',
    '2001:db8::1',
    '3fff::1',
    '2606:4700::1%eth0',
    '5f00::1',
  ]
  assert.deepEqual(open.filter(isPublicAddress), open)
  assert.deepEqual([...closed, ...embedded].filter(isPublicAddress), [])
})

test('a list of networks', () => {
  const networks = readNetworks(' 10.1.0.0/16, 192.168.0.7 ,fd00::/8,')
  const inside = ['10.1.2.3', '192.168.0.7', 'fd12::1']
  assert.deepEqual(
    [...inside, '10.2.0.1', '192.168.0.8', 'fe80::1', '::ffff:10.1.2.3', 'x'].filter((each) => networks?.has(each)),
    inside,
  )
  for (const wrong of ['10.0.0.0/33', 'fd00::/129', '10.0.0.0/8/8', 'localhost', '10.0.0', 'fe80::1%eth0', '10.0.0.0/a'])
    assert.equal(readNetworks(wrong), null, wrong)
  assert.equal(readNetworks('')?.has('10.0.0.1'), false)
})
