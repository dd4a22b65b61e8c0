/** No password, token or key of a run is in what the backend has logged. */

import { randomUUID } from 'node:crypto'
import { restBase } from '../../../model/address/served.ts'
import { entityNamed } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { KnownSecret, ProbeRequest, ProbeTools, WrittenLog } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { familyOf } from '../probes.ts'
import { hasLogged, secretInLog } from '../search-log.ts'

/** A password that is wrong for every account. */
const WRONG_PASSWORD = 'Logged-Nowhere-Passphrase-5'
const LONGEST_WAIT_MS = 3_000
const PAUSE_MS = 50

/** The claim about the log. @param password the password of all accounts. */
export function secretsInLogs(asking: PlannedWorld, password: string): PlannedFamily {
  const kinds = ['passwords', 'access tokens', 'refresh tokens', 'keys and settings']
  return familyOf(
    {
      of: 'logs',
      entity: null,
      claim: 'The log has no password, token or key (ASVS 16.2.5).',
      text: 'signing in with right and wrong passwords, tokens in headers, cookies and addresses, refused bodies with passwords, links to files and tickets for uploads; then all that the processes have written since they started is searched',
      oracle: 'the secrets that this run has used',
    },
    [
      {
        goal: 'searched',
        goals: kinds,
        user: asking.world.accounts[0] ?? null,
        last: true,
        async ask(tools) {
          const used = await useSecrets(asking, tools, password)
          const sent = { method: 'GET', url: `/nothing/${randomUUID()}` }
          const answer = await tools.send({ ...sent, token: null })
          const why = 'a log is read by more people than may act as its callers'
          const log = await writtenLog(tools, [sent.url, String(answer.json?.traceId ?? sent.url)])
          const wrong = log === null ? null : secretInLog(log, [...used, ...tools.secrets()])
          return { wrong, statuses: [404], why: log === null ? 'this backend has no log that can be read' : why, sent, answer }
        },
      },
    ],
  )
}

/** Requests that have secrets at each place where a client may put one. */
async function useSecrets({ reference, world }: PlannedWorld, tools: ProbeTools, password: string): Promise<readonly KnownSecret[]> {
  const { identity } = reference.model
  const [account] = world.accounts
  const secrets: KnownSecret[] = [
    { kind: 'a password', text: password },
    { kind: 'a password', text: WRONG_PASSWORD },
  ]
  if (identity === null || account === undefined || reference.model.served.rest === null) return secrets
  const entity = entityNamed(reference.model, identity.entity)
  const base = restBase(reference.model)
  const login = reference.find(entity.name, account)?.[identity.login]
  const signIn = (own: string): ProbeRequest => ({
    method: 'POST',
    url: `${base}/auth/login`,
    body: { [identity.login]: login, [identity.password]: own },
    token: null,
  })
  const { json } = await tools.send(signIn(password))
  const { token = '', refreshToken = '' } = (json ?? {}) as { readonly token?: string; readonly refreshToken?: string }
  if (refreshToken !== '') secrets.push({ kind: 'a refresh token', text: refreshToken })
  const requests: readonly ProbeRequest[] = [
    signIn(WRONG_PASSWORD),
    { method: 'POST', url: `${base}/${entity.path}`, body: { [identity.login]: 7, [identity.password]: WRONG_PASSWORD }, token },
    { method: 'POST', url: `${base}/auth/register`, body: `{"${identity.password}":"${WRONG_PASSWORD}"`, token: null },
    { method: 'GET', url: `${base}/auth/me`, token },
    { method: 'GET', url: `${base}/auth/me`, token: `${token}x` },
    { method: 'GET', url: `${base}/auth/me`, headers: { cookie: `token=${token}` }, token: null },
    { method: 'GET', url: `${base}/${entity.path}?access_token=${token}`, token: null },
    { method: 'GET', url: `${base}/${entity.path}?filter[${identity.password}][eq]=${WRONG_PASSWORD}`, token },
    { method: 'POST', url: `${base}/auth/refresh`, body: { refreshToken: `${refreshToken}x` }, token: null },
    { method: 'POST', url: `${base}/auth/logout`, body: { refreshToken }, token },
  ]
  for (const request of requests) await tools.send(request)
  return secrets
}

/** The log, when the last request is in it or has had time to be. @param last texts of which an entry about this request has one. */
async function writtenLog({ log }: ProbeTools, last: readonly string[]): Promise<WrittenLog | null> {
  const until = performance.now() + LONGEST_WAIT_MS
  for (;;) {
    const written = log()
    if (written === null || last.some((text) => hasLogged(written, text)) || performance.now() > until) return written
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
