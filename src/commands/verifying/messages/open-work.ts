/** Sets up what cases about messages need: a database with rows, receivers, and a backend that runs reactions and jobs. */

import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { createDatabase } from '../../../embed/throwaway/databases.ts'
import { testServer } from '../../../embed/throwaway/server.ts'
import { entityNamed, type Model } from '../../../model/model.ts'
import { withClient } from '../../../postgres/connect.ts'
import { openExecutor } from '../../../postgres/executor/execute.ts'
import { quoted } from '../../../postgres/schema/ddl.ts'
import { createIdentity } from '../../../services/identity/create-identity.ts'
import { readKeys } from '../../../services/identity/tokens/keys.ts'
import type { ServedWork } from '../../../verify/cases/message-case.ts'
import type { AllRows } from '../../../verify/expected/reference.ts'
import { insertRows } from '../../../verify/run/rows.ts'
import type { WorkStage } from '../../../verify/run/work-stage.ts'
import type { Environment } from '../../terminal/environment.ts'
import { openHttpClient } from '../backend/http-client.ts'
import { sampleVariables } from '../backend/sample-variables.ts'
import { PUBLIC_URL, serveEnvironment } from '../backend/serve-environment.ts'
import { type ServeProcess, startServe } from '../backend/serve-process.ts'
import type { ServedDesign } from '../backend/served-design.ts'
import { closedOnSignal } from '../parts/close-on-signal.ts'
import { createOrdinaryRole } from '../roles/ordinary-role.ts'
import { openCanaries } from './canaries.ts'
import { openMailReceiver } from './mail-receiver.ts'
import { openPostReceiver } from './post-receiver.ts'

/** A stage, and how to end it. */
export interface OpenWork {
  readonly stage: WorkStage
  readonly close: () => Promise<void>
}

/** What to set up. */
export interface WorkOptions extends ServedDesign {
  readonly rows: AllRows
}

const STATEMENT_TIMEOUT_MS = 10_000

/** Sets a stage up. @throws EnvironmentError for a server that cannot be used, or a backend that does not start. */
export async function openWork(options: WorkOptions): Promise<OpenWork> {
  const { model } = options
  const opened = closedOnSignal()
  const { close } = opened
  const keep = <T extends { readonly close: () => Promise<unknown> | unknown }>(one: T): T => {
    opened.push(one.close)
    return one
  }
  try {
    const server = await testServer({ databaseUrl: options.databaseUrl, folder: options.folder })
    const database = await createDatabase(server, model)
    opened.push(() => database.drop())
    const role = await createOrdinaryRole(database.url, server.administratorUrl())
    if (role !== null) opened.push(role.drop)
    await fill(database.url, model, options.rows)
    const files = await mkdtemp(join(tmpdir(), 'plinth-verify-'))
    opened.push(() => rm(files, { recursive: true, force: true }))
    const pem = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
    const receiver = keep(await openPostReceiver())
    const mailbox = keep(await openMailReceiver())
    const canaries = keep(await openCanaries())
    const variables = sampleVariables(model, receiver.origin)
    const guards = await mkdtemp(join(tmpdir(), 'plinth-verify-'))
    opened.push(() => rm(guards, { recursive: true, force: true }))
    const env = {
      ...serveEnvironment(options.env, { databaseUrl: role?.url ?? database.url, pem, files, variables }),
      ...guarded(options.env, guards),
    }
    const backend = openBackend(options, {
      // These networks are for receivers of the design alone, so a subscription reaches no listener in them.
      usual: { ...env, WORK: 'on', SMTP_URL: mailbox.url, OUTGOING_NETWORKS: `127.0.0.1,${canaries.host}` },
      crash: { ...env, WORK: 'off' },
      localhost: {
        ...env,
        ...byName(model, variables, { from: receiver.origin, to: `http://localhost:${canaries.localPort}` }),
        WORK: 'on',
        OUTGOING_NETWORKS: '::1',
      },
    })
    opened.push(backend.close)
    const executor = keep(openExecutor({ url: database.url, connections: 1, statementTimeoutMs: STATEMENT_TIMEOUT_MS }))
    const keys = readKeys('AUTH_KEYS', pem)
    const identity = { model, run: executor.run, keys, issuer: PUBLIC_URL, audience: PUBLIC_URL, now: Date.now, observe: () => {} }
    const sessions = model.identity === null ? null : createIdentity(identity)
    const stage: WorkStage = {
      ask: backend.ask,
      serve: backend.serve,
      crash: backend.crash,
      databaseUrl: database.url,
      tokenFor: async (account) => (await sessions?.startSession(account))?.token ?? '',
      mails: mailbox.mails,
      posts: receiver.posts,
      answerPosts: receiver.answerPosts,
      canaries,
      isGuarded: () => existsSync(join(guards, String(backend.listeningPid()))),
      receiver(name) {
        const webhook = model.webhooks.find((one) => one.name === name)
        const secret = webhook?.kind === 'fixed' ? variables[webhook.secret] : undefined
        if (webhook?.kind !== 'fixed' || webhook.url.kind !== 'variable' || secret === undefined) return null
        return { path: `/webhooks/${name}`, key: Buffer.from(secret.replace('whsec_', ''), 'base64') }
      },
    }
    return { stage, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Loads the guard of sockets first in the backend. @param folder where the processes with a guard have a file */
function guarded(env: Environment, folder: string): Environment {
  const guard = new URL(`./only-loopback${extname(import.meta.filename)}`, import.meta.url).href
  return { NODE_OPTIONS: `${env.NODE_OPTIONS ?? ''} --import ${guard}`.trim(), PLINTH_VERIFY_GUARD: folder }
}

/** Inserts the rows, as if they had always been there. Their subscriptions are not active, so nothing goes to their addresses. */
async function fill(databaseUrl: string, model: Model, rows: AllRows): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await insertRows(client, model, rows)
    for (const webhook of model.webhooks) {
      if (webhook.kind !== 'subscribed') continue
      const entity = entityNamed(model, webhook.entity)
      const column = entity.fields.find(({ name }) => name === webhook.fields.active)?.column ?? webhook.fields.active
      await client.query(`update public.${quoted(entity.table)} set ${quoted(column)} = false`)
    }
    await client.query("do $$ begin if to_regclass('plinth.events') is not null then truncate plinth.events; end if; end $$")
  })
}

/** The addresses of webhooks at a name of this machine. Services may have private addresses, so theirs stay. */
function byName({ webhooks }: Model, variables: Environment, { from, to }: { readonly from: string; readonly to: string }): Environment {
  const named = webhooks.flatMap((one) => (one.kind === 'fixed' && one.url.kind === 'variable' ? [one.url.variable] : []))
  return Object.fromEntries(named.map((name) => [name, variables[name]?.replace(from, to)]))
}

interface Backend extends Pick<WorkStage, 'ask' | 'serve' | 'crash'> {
  readonly close: () => Promise<void>
  /** The id of the process that listens; 0 for none. */
  readonly listeningPid: () => number
}

/** One serving process at a time. */
function openBackend(options: WorkOptions, environments: Readonly<Record<ServedWork, Environment>>): Backend {
  const { program, design, cwd, model } = options
  let present: { readonly as: ServedWork; readonly process: ServeProcess; readonly client: ReturnType<typeof openHttpClient> } | null = null
  const start = async (as: ServedWork): Promise<void> => {
    const process = await startServe({ program, design, cwd, env: environments[as] })
    present = { as, process, client: openHttpClient(process.url, model.identity?.token.scheme ?? 'Bearer') }
  }
  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    const one = present
    present = null
    one?.client.close()
    await one?.process[how]()
  }
  return {
    async ask(asked) {
      if (present === null) throw new Error('no backend is served')
      return present.client.ask(asked)
    },
    async serve(as) {
      if (present?.as === as) return
      await Promise.all([end('stop'), start(as)])
    },
    async crash() {
      await end('kill')
      await start('usual')
    },
    close: () => end('kill'),
    listeningPid: () => present?.process.listeningPid ?? 0,
  }
}
