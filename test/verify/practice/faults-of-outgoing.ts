/** Faults of what a backend sends: mails (F201) and requests to addresses of callers (F202). They are asked in a process of their own. */

import { NOTICES, type SeededFault } from './fault.ts'

const SCRIPT = '<script>alert(1)</script>'

export const FAULTS_OF_OUTGOING: readonly SeededFault[] = [
  {
    id: 'F201c',
    what: 'the subject of a mail is not escaped in its HTML',
    design: NOTICES,
    patches: [
      { file: 'services/mail/render/mail-html.ts', find: '<title>${escapeHtml(title)}</title>', replace: '<title>${title}</title>' },
    ],
    async acts({ run }) {
      const said = await run(`const { mailHtml } = await src('services/mail/render/mail-html.ts')
        console.log(mailHtml([], { title: '${SCRIPT}', language: 'en' }).includes('<title><script>'))`)
      return said === 'true' ? 'the mail has the script' : null
    },
  },
  {
    id: 'F202a',
    what: 'IPv4 addresses that are mapped into IPv6 count as public',
    design: NOTICES,
    patches: [
      {
        file: 'services/outgoing/networks.ts',
        find: "public6.check(address, 'ipv6')",
        replace: "(public6.check(address, 'ipv6') || address.startsWith('::ffff:'))",
      },
    ],
    async acts({ run }) {
      const said = await run(`const { isPublicAddress } = await src('services/outgoing/networks.ts')
        console.log(isPublicAddress('::ffff:127.0.0.1'))`)
      return said === 'true' ? '::ffff:127.0.0.1 is public' : null
    },
  },
  {
    id: 'F202b',
    what: 'redirects of receivers are followed',
    design: NOTICES,
    patches: [
      {
        file: 'services/outgoing/post-body.ts',
        find: '    const parts: Buffer[] = []\n    const end = (): void => {',
        replace: `    if (response.headers.location !== undefined)
      requestHttp(new URL(response.headers.location, url), { method: 'POST', headers: options.headers }).on('error', () => {}).end(body)
    const parts: Buffer[] = []
    const end = (): void => {`,
      },
    ],
    async acts({ run }) {
      const said = await run(`import { createServer } from 'node:http'
        const { postBody } = await src('services/outgoing/post-body.ts')
        const { reachOf } = await src('services/outgoing/reach.ts')
        const { readNetworks } = await src('services/outgoing/networks.ts')
        const listening = (handler, host) => new Promise((resolve) => {
          const server = createServer(handler).listen(0, host, () => resolve(server))
        })
        let reached = 0
        const inner = await listening((_, response) => { reached++; response.end() }, '127.0.0.1')
        const receiver = await listening((_, response) => response.writeHead(307, { location: 'http://127.0.0.1:' + inner.address().port }).end(), '127.0.0.9')
        const reach = reachOf(readNetworks('127.0.0.9'), { mode: 'production', chosenBy: 'operator' })
        const address = 'http://127.0.0.9:' + receiver.address().port
        await postBody({ address, reach, body: '{}', headers: {}, timeoutMs: 5_000, signal: new AbortController().signal })
        await new Promise((resolve) => setTimeout(resolve, 500))
        console.log(reached)
        process.exit()`)
      return said === '1' ? 'the inner server was reached' : null
    },
  },
  {
    id: 'F202c',
    what: 'the addresses of a name are checked, and then the name is connected to',
    design: NOTICES,
    patches: [
      {
        file: 'services/outgoing/reach.ts',
        find: 'return { url, lookup: lookupIn(addresses) }',
        replace:
          'return { url, lookup: (name, options, done) => void lookup(name, { ...options, all: true }).then((found) => done(null, found), done) }',
      },
    ],
    async acts({ run }) {
      const said = await run(`const { checkTarget, reachOf } = await src('services/outgoing/reach.ts')
        const { readNetworks } = await src('services/outgoing/networks.ts')
        const reach = { ...reachOf(readNetworks('127.0.0.9'), { mode: 'production', chosenBy: 'operator' }), resolve: async () => [{ address: '127.0.0.9', family: 4 }] }
        const { lookup } = await checkTarget('http://' + (await import('node:os')).hostname(), reach, new AbortController().signal)
        lookup((await import('node:os')).hostname(), { all: true }, (error, found) => console.log(error === null && found.length === 1 && found[0].address === '127.0.0.9'))`)
      return said === 'false' ? 'another address is connected to than was checked' : null
    },
  },
]
