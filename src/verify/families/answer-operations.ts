/** The cases about operations that belong to no entity: transactions, signing in, health and documents. */

import { restBase } from '../../model/address/served.ts'
import { askOnce, type ProbeCase } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { requestAnswered } from '../cases/usual-request.ts'
import { httpRequestOf } from '../expected/abstract-request.ts'
import { probeOf, refusals } from './answer-refusals.ts'

/** All probes about operations without an entity. */
export function otherOperations(asking: PlannedWorld): readonly ProbeCase[] {
  return [...serviceProbes(asking), ...transactionProbes(asking), ...signInRefusals(asking)]
}

/** A transaction that reads, and one whose only change is of a row that has changed meanwhile. */
function transactionProbes(asking: PlannedWorld): readonly ProbeCase[] {
  const { model } = asking.reference
  const id = 'answers/runTransaction'
  const url = `${restBase(model)}/transaction`
  const lists = model.entities.flatMap((entity) => requestAnswered(asking, { entity, verb: 'list', statuses: [200] }) ?? [])
  const changes = model.entities.flatMap((entity) => requestAnswered(asking, { entity, verb: 'update', statuses: [200] }) ?? [])
  const [read] = lists
  const [change] = changes
  if (read === undefined) return []
  const sent = { method: 'POST', url, body: { operations: [{ method: 'GET', path: httpRequestOf(model, read.request).url }] } }
  const stale = change === undefined ? null : httpRequestOf(model, change.request)
  return [
    ...refusals(asking, { id, user: read.user, sent }),
    ...(change === undefined || stale === null
      ? []
      : [
          probeOf(`${id}/412`, {
            claim: id,
            user: change.user,
            goals: ['412'],
            ask: (tools) => {
              const operation = { method: stale.method, path: stale.url, body: stale.body, ifMatch: '"999999"' }
              const request = { method: 'POST', url, body: { operations: [operation] }, token: tools.tokenOf(change.user) }
              return askOnce(tools, request, { statuses: [412], code: 'stale_version', why: 'the version is stale' })
            },
          }),
        ]),
  ]
}

/** Malformed requests to sign in. */
function signInRefusals(asking: PlannedWorld): readonly ProbeCase[] {
  const { identity } = asking.reference.model
  const [account] = asking.world.accounts
  if (identity === null || account === undefined) return []
  const at = `${restBase(asking.reference.model)}/auth`
  const post = (name: string, path: string, body: unknown, without: readonly number[]): readonly ProbeCase[] =>
    refusals(asking, { id: `answers/${name}`, user: null, sent: { method: 'POST', url: `${at}/${path}`, body }, without })
  return [
    ...post('register', 'register', { [identity.login]: 'x', [identity.password]: 'y' }, []),
    ...post('login', 'login', { [identity.login]: 'x', [identity.password]: 'y' }, [401]),
    ...post('refreshSession', 'refresh', { refreshToken: 'x' }, [401]),
    ...post('logout', 'logout', { refreshToken: 'x' }, []),
    ...refusals(asking, { id: 'answers/getMe', user: account, sent: { method: 'GET', url: `${at}/me` } }),
    ...refusals(asking, { id: 'answers/getOpenApi', user: account, sent: { method: 'GET', url: '/openapi.json' }, without: [400, 406] }),
  ]
}

/** The operations of every backend that only read. */
function serviceProbes({ reference: { model } }: PlannedWorld): readonly ProbeCase[] {
  const get = (name: string, url: string, media: string): readonly ProbeCase[] => {
    const claim = `answers/${name}`
    const ok: ProbeCase['ask'] = (tools) =>
      askOnce(
        tools,
        { method: 'GET', url, token: null },
        {
          statuses: [200],
          why: 'every backend answers it',
          check: ({ headers }) => (String(headers['content-type']).startsWith(media) ? null : `content type ${headers['content-type']}`),
        },
      )
    const other: ProbeCase['ask'] = (tools) =>
      askOnce(
        tools,
        { method: 'GET', url, headers: { accept: 'image/png' }, token: null },
        { statuses: [406], code: 'not_acceptable', why: 'the answer has no such media type' },
      )
    return [
      probeOf(`${claim}/200`, { claim, user: null, goals: ['200'], ask: ok }),
      probeOf(`${claim}/406`, { claim, user: null, goals: ['406'], ask: other }),
    ]
  }
  return [
    ...get('getLiveness', '/health/live', 'application/json'),
    ...get('getReadiness', '/health/ready', 'application/json'),
    ...get('getOpenApi', '/openapi.json', 'application/json'),
    ...(model.identity === null ? [] : get('getKeys', '/.well-known/jwks.json', 'application/jwk-set+json')),
  ]
}
