/** F210: addresses below those of rows and lists that no document names. */

import { compile } from '../../compile/compile.ts'
import { restBase } from '../../model/address/served.ts'
import type { Entity, Model } from '../../model/model.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { requestAnswered } from '../cases/usual-request.ts'
import type { SecurityProbe } from './probes.ts'

/** Words that other systems have below the address of a row. */
const USUAL_WORDS = [
  ...['role', 'roles', 'permissions', 'admin', 'owner', 'password', 'token', 'tokens', 'sessions', 'login', 'impersonate'],
  ...['status', 'state', 'publish', 'approve', 'activate', 'disable', 'verify', 'transfer', 'restore', 'purge'],
  ...['history', 'versions', 'raw', 'debug', 'export', 'import', 'copy', 'all', 'count', 'search'],
]
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** The words, and the names of the entity, below a row and below the list, each with all methods. */
export function subAddresses(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference, world } = asking
  const { model } = reference
  const named = documentedPaths(model)
  const list = `${restBase(model)}/${entity.path}`
  const shown = requestAnswered(asking, { entity, verb: 'get', statuses: [200] }, ({ user }) => user !== null)
  const user = shown?.user ?? world.accounts[0] ?? null
  const id = shown?.request.kind === 'get' ? shown.request.id : String((reference.rows().get(entity.name) ?? [])[0]?.id ?? 'x')
  const words = [...new Set([...USUAL_WORDS, ...entity.fields.map(({ name }) => name), ...entity.relations.map(({ name }) => name)])]
  const requests = words.flatMap((word) =>
    [
      ...METHODS.map((method) => ({ method, url: `${list}/${id}/${word}`, word })),
      // Below the list, a word is the id of a row.
      { method: 'POST', url: `${list}/${word}`, word } as const,
    ].filter(({ url }) => !named.some((path) => path.test(url))),
  )
  const [first] = requests
  if (first === undefined) return []
  return [
    {
      goal: `${entity.name}/below`,
      goals: [...new Set(requests.map(({ word }) => `${entity.name}/below-${word}`))],
      user,
      async ask({ send, tokenOf }) {
        const outcome = { statuses: [404, 405], why: 'no document names this address' }
        const token = tokenOf(user)
        let last = await send({ ...first, token })
        for (const { word, ...sent } of requests) {
          const body = sent.method === 'GET' || sent.method === 'DELETE' ? {} : { body: { [word]: 'admin', role: 'admin', value: true } }
          last = await send({ ...sent, ...body, token })
          if (!outcome.statuses.includes(last.status)) return { ...outcome, wrong: `status ${last.status}`, sent, answer: last }
        }
        return { ...outcome, wrong: null, sent: first, answer: last }
      },
    },
  ]
}

/** The document of a model is the same for all of its entities. */
const documented = new WeakMap<Model, readonly RegExp[]>()

/** The addresses that the whole OpenAPI document names, with any text in their parameters. */
export function documentedPaths(model: Model): readonly RegExp[] {
  const known = documented.get(model) ?? pathsInDocument(model)
  documented.set(model, known)
  return known
}

/** The addresses that the whole OpenAPI document names, rows apart: the id of a row may be any text. */
function pathsInDocument(model: Model): readonly RegExp[] {
  const { paths } = JSON.parse(compile(model).openapi('all')) as { readonly paths: Readonly<Record<string, { readonly post?: unknown }>> }
  return Object.entries(paths).flatMap(([path, { post }]) => {
    const isRow =
      post === undefined && path.startsWith(`${restBase(model)}/`) && /^[^/]+\/\{[^{}]+\}$/.test(path.slice(restBase(model).length + 1))
    return isRow ? [] : [new RegExp(`^${path.replaceAll(/[.+*?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^{}]+\}/g, '[^/]+')}$`)]
  })
}
