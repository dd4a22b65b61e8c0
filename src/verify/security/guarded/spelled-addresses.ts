/** F210: addresses that are only spelt like those of the backend. */

import { restBase } from '../../../model/address/served.ts'
import type { Model } from '../../../model/model.ts'
import type { SecurityProbe } from '../probes.ts'

const upper = (path: string): string => path.replace(/[^/]+$/, (last) => last.toUpperCase())

/** Other spellings of a path: routers that are not exact answer at some of them. */
const SPELLINGS: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `/${path}`,
  (path) => path.replace(/\/([^/]*)$/, '//$1'),
  upper,
  (path) => path.toUpperCase(),
  (path) => `${path}.json`,
  (path) => `${path}.html`,
  (path) => `${path};x=1`,
  (path) => `${path}%2f`,
  (path) => `${path}%20`,
  (path) => `${path}%00`,
  (path) => `${path}.`,
  (path) => `${path}~`,
  (path) => `${path}.bak`,
  (path) => `/v1${path}`,
]

/** The probe: lists, documents and health checks at their addresses alone. */
export function spelledAddresses(model: Model): SecurityProbe {
  const base = restBase(model)
  const paths = [
    ...model.entities.slice(0, 2).map(({ path }) => `${base}/${path}`),
    ...(model.identity === null ? [] : [`${base}/auth/me`]),
    ...(model.served.graphql ? ['/graphql'] : []),
    ...['/openapi.json', '/health/live', '/health/ready'],
  ]
  const spelled = [...new Set(paths.flatMap((path) => SPELLINGS.map((spell) => spell(path))))].filter((path) => !paths.includes(path))
  return {
    goal: 'spellings',
    user: null,
    async ask({ send }) {
      const outcome = { statuses: [404], why: 'an address has one spelling' }
      let sent = { method: 'GET', url: '/' }
      let answer = await send({ ...sent, token: null })
      for (const url of spelled) {
        sent = { method: 'GET', url }
        answer = await send({ ...sent, token: null })
        if (answer.status !== 404 && answer.status !== 400) return { ...outcome, wrong: `status ${answer.status} at ${url}`, sent, answer }
      }
      return { ...outcome, wrong: null, sent, answer }
    },
  }
}
