/** Mails of designs in YAML, without code: what is sent, to whom, and what values of callers cannot do. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { testBackend } from '../support/backend.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { headerOf, partOf, readMime, startSmtp } from '../support/smtp.ts'
import { mailTo } from './mail-world.ts'

/** A backend of a YAML text that sends its mails to a server of the test. */
async function world(t: TestContext, yaml: string) {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), yaml)
  const read = await readDesign(folder)
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.ok(model !== null, diagnostics.map(formatDiagnostic).join('\n'))
  const bound = await bindCode(model, read.source)
  assert.ok(bound.model !== null)
  const smtp = await startSmtp(t)
  return { smtp, findings: diagnostics, ...(await testBackend(t, bound.model, { mail: mailTo(bound.model, smtp.url) })) }
}

function yaml(design: string, mails: string): string {
  const folder = join(import.meta.dirname, '..')
  return readFileSync(join(folder, 'actions/designs', design), 'utf8') + readFileSync(join(folder, 'mail/designs', mails), 'utf8')
}

test('an invitation mails its link, which works once', async (t) => {
  const { smtp, ask, sql, tokenFor } = await world(t, yaml('saas.yaml', 'saas-mails.yaml'))
  const account = async (name: string): Promise<string> => {
    const [row] = await sql(
      `insert into users (id, created_at, updated_at, version, name, email, password, verified)
        values (gen_random_uuid(), now(), now(), 1, $1, $2, 'x', true) returning id`,
      [name, `${name}@example.com`],
    )
    return tokenFor(String(row?.id))
  }
  const [ann, bob] = [await account('ann'), await account('bob')]
  const org = (await ask('POST', '/api/actions/createOrg', { token: ann, body: { name: 'Tea & <b>Co</b>' } })).json
  const invited = await ask('POST', `/api/orgs/${org.id}/invite`, { token: ann, body: { email: 'bob@example.com', role: 'member' } })
  assert.equal(invited.status, 200)
  const [mail] = await smtp.received(1)
  const mime = readMime(mail?.raw ?? '')
  assert.deepEqual([mail?.to, headerOf(mime, 'subject')], [['bob@example.com'], 'You are invited to Tea & <b>Co</b>'])
  assert.ok(partOf(mime, 'text/html')?.includes('Join Tea &amp; &lt;b&gt;Co&lt;/b&gt; as member.'))
  const link = /https:\/\/app\.example\.com\/join\?token=(\S+)/.exec(partOf(mime, 'text/plain') ?? '')
  assert.ok(partOf(mime, 'text/html')?.includes(`href="${link?.[0]}"`))
  const [stored] = await sql('select token from invitations')
  assert.notEqual(stored?.token, link?.[1])
  const accept = (token: string) => ask('POST', '/api/actions/acceptInvitation', { token, body: { invitation: link?.[1] } })
  assert.equal((await accept(ann)).status, 403)
  const accepted = await accept(bob)
  assert.deepEqual([accepted.status, accepted.json.name], [200, 'Tea & <b>Co</b>'])
  assert.equal((await accept(bob)).status, 400)
  assert.equal(smtp.mails.length, 1)
})

test('an address that is invited again gets a new link, and the link before works no more', async (t) => {
  const { smtp, ask, sql, tokenFor } = await world(t, yaml('saas.yaml', 'saas-mails.yaml'))
  const [ann, bob] = await Promise.all(
    ['ann', 'bob'].map(async (name) => {
      const [row] = await sql(
        `insert into users (id, created_at, updated_at, version, name, email, password, verified)
          values (gen_random_uuid(), now(), now(), 1, $1, $2, 'x', true) returning id`,
        [name, `${name}@example.com`],
      )
      return tokenFor(String(row?.id))
    }),
  )
  const org = (await ask('POST', '/api/actions/createOrg', { token: ann, body: { name: 'Tea' } })).json
  const links: (string | undefined)[] = []
  for (const role of ['member', 'owner']) {
    const invited = await ask('POST', `/api/orgs/${org.id}/invite`, { token: ann, body: { email: 'bob@example.com', role } })
    assert.equal(invited.status, 200)
    const mail = (await smtp.received(links.length + 1)).at(-1)
    const text = partOf(readMime(mail?.raw ?? ''), 'text/plain') ?? ''
    assert.ok(text.includes(`as ${role}`), text)
    links.push(/token=(\S+)/.exec(text)?.[1])
  }
  const accept = (invitation: string | undefined) => ask('POST', '/api/actions/acceptInvitation', { token: bob, body: { invitation } })
  assert.deepEqual([(await accept(links[0])).status, (await accept(links[1])).status], [400, 200])
})

test('a reply to a ticket mails its requester, and an answer the one who handles it', async (t) => {
  const { smtp, ask, sql, tokenFor, findings } = await world(t, yaml('helpdesk.yaml', 'helpdesk-mails.yaml'))
  assert.deepEqual(
    findings.filter(({ code }) => code.startsWith('PLN-D64')),
    [],
  )
  const account = async (name: string, role: string): Promise<string> => {
    const values = [name, `${name}@example.com`, role]
    const [row] = await sql(
      `insert into users (id, created_at, updated_at, version, name, email, password, role)
        values (gen_random_uuid(), now(), now(), 1, $1, $2, 'x', $3) returning id`,
      values,
    )
    return tokenFor(String(row?.id))
  }
  const [agent, customer] = [await account('agent', 'agent'), await account('cleo', 'customer')]
  const desk = (await ask('POST', '/api/desks', { token: agent, body: { name: 'Help' } })).json
  const ticket = (await ask('POST', '/api/tickets', { token: customer, body: { desk: desk.id, subject: 'Broken\u2028lamp' } })).json
  const step = (name: string, token: string, text: string) => ask('POST', `/api/tickets/${ticket.id}/${name}`, { token, body: { text } })
  assert.equal((await step('reply', agent, 'Did you\r\nturn it on?')).status, 200)
  await smtp.received(1)
  assert.equal((await step('respond', customer, 'Yes, it is {{7*7}}.')).status, 200)
  const mails = (await smtp.received(2)).map(({ to, raw }) => {
    const mime = readMime(raw)
    return [to, headerOf(mime, 'subject'), partOf(mime, 'text/plain')?.trim().replaceAll('\r\n', '\n')]
  })
  assert.deepEqual(mails, [
    [['cleo@example.com'], 'Re: Broken lamp (#1)', 'Did you\nturn it on?'],
    [['agent@example.com'], 'Answer on #1', 'Yes, it is {{7*7}}.'],
  ])
})
