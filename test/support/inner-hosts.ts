/** Hosts that no request of a backend may reach, and listeners that notice when one does. */

import { type AddressInfo, createServer, type Server } from 'node:net'
import type { Ends } from './backend.ts'

/** Loopback, private, link-local, shared, reserved and embedded addresses, in every spelling that a URL may have. */
export const INNER_HOSTS = [
  '127.0.0.1',
  '127.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0x7f.0.0.1',
  '0',
  '0.0.0.0',
  '127。0。0。1',
  'localhost',
  'LOCALHOST.',
  'hooks.localhost',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[fc00::1]',
  '[ff02::1]',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '168.63.129.16',
  '224.0.0.1',
  '255.255.255.255',
  '192.0.0.192',
] as const

/** More spellings: octal and hexadecimal parts, escapes, full width digits, mapped addresses of clouds. */
export const MORE_INNER_HOSTS = [
  '017700000001',
  '0x7F.1',
  '127.0.1',
  '%31%32%37.0.0.1',
  '１２７.0.0.1',
  '①②⑦.0.0.1',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '169.254.43518',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::]',
  '[::ffff:0:7f00:1]',
  '[fec0::1]',
  '[100::1]',
  '[2001:db8::1]',
  '198.18.0.1',
  '192.0.2.1',
] as const

/** Names that lead inside, with what a resolver would answer: metadata of clouds, a cluster, and a name with a public address as well. */
export const INNER_NAMES: Readonly<Record<string, readonly string[]>> = {
  'metadata.google.internal': ['169.254.169.254'],
  'instance-data.ec2.internal': ['fd00:ec2::254'],
  'kubernetes.default.svc.cluster.local': ['10.96.0.1'],
  '127.0.0.1.nip.io': ['127.0.0.1'],
  'two.example.com': ['8.8.8.8', '127.0.0.1'],
  'mapped.example.com': ['::ffff:127.0.0.1'],
  'none.example.com': [],
}

/** Listeners of this machine at one port, at all addresses of IPv4 and the loopback of IPv6, and the connections that they have got. */
export async function canaries(t: Ends): Promise<{ readonly port: number; readonly connections: () => number }> {
  let connections = 0
  const listening = (host: string, port: number): Promise<Server> => {
    const server = createServer((socket) => {
      connections++
      socket.destroy()
    })
    t.after(() => server.close())
    return new Promise((resolve, reject) => server.once('error', reject).listen(port, host, () => resolve(server)))
  }
  const { port } = (await listening('0.0.0.0', 0)).address() as AddressInfo
  await listening('::1', port)
  return { port, connections: () => connections }
}
