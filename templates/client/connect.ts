// The client of a design, made from what the generated part says about its addresses.

import type { CallOptions, ChangeOptions, Page, Rows, WriteOptions } from './calls.ts'
import { type Asked, asQuery, type Parameter, queryText } from './query.ts'
import { baseOf, begin, type ClientOptions, openSend, type Send, tokensOf } from './send.ts'
import type { TokenStore } from './tokens.ts'

/** An action, and where a request has its inputs. */
export interface ActionFacts {
  readonly method: string
  readonly path: string
  /** The name in braces that finds the row of an action of a row. */
  readonly row?: string
  /** The places of inputs that are no members of the body (of a GET: no parameters) by their own name: where, name, member around it. */
  readonly inputs?: Readonly<Record<string, readonly string[]>>
  readonly answer: 'json' | 'text' | 'none'
  readonly repeat: 'safe' | 'key' | 'never'
  /** The body is a form. */
  readonly form?: true
  /** Members of the body that are always sent. */
  readonly needs?: readonly string[]
}

/** What there is at the addresses of a design. */
export interface DesignFacts {
  /** Where the rows are: `/api`; empty without built-in addresses. */
  readonly base: string
  /** The word before a token in `Authorization`; null without an identity. */
  readonly scheme: string | null
  readonly collections: Readonly<Record<string, CollectionFacts>>
  readonly actions: Readonly<Record<string, ActionFacts>>
}

interface CollectionFacts {
  readonly path: string
  readonly files?: Readonly<Record<string, string>>
  readonly actions?: Readonly<Record<string, ActionFacts>>
}

/** Makes the client of a design. @throws TypeError if `url` is no address of a backend. */
export function connect<Api>(url: string, { base, scheme, collections, actions }: DesignFacts, options: ClientOptions = {}): Api {
  const refreshPath = scheme === null || base === '' ? null : `${base}/auth/refresh`
  const { send, store } = openSend({ url, options, scheme: scheme ?? 'Bearer', refreshPath })
  const of = <F, T>(facts: Readonly<Record<string, F>> = {}, make: (one: F) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(facts).map(([name, one]) => [name, make(one)]))
  return {
    ...of(collections, ({ path, files, actions: ofRows }) => ({
      ...rowsAt(send, `${base}/${path}`),
      ...of(files, (field) => filesAt(send, { rows: `${base}/${path}`, field, origin: url })),
      ...of(ofRows, (facts) => rowAction(send, facts)),
    })),
    actions: of(actions, (facts) => (input?: object, given?: CallOptions) => begin(act(send, facts, { input, given }))),
    auth: authAt(send, store, `${base}/auth`),
  } as Api
}

/** An id as a segment of a path. `..` would lead to another address. */
function segment(id: unknown): string {
  const text = String(id)
  if ((typeof id !== 'string' && typeof id !== 'number') || /^\.{0,2}$/.test(text)) throw new TypeError(`${text} is no id of a row`)
  return encodeURIComponent(text)
}

type Options = Asked & ChangeOptions
const READ = { method: 'GET', answer: 'json', repeat: 'safe', signedIn: true } as const
const WRITE = { answer: 'json', repeat: 'key', signedIn: true } as const

function rowsAt(send: Send, path: string): object {
  const at = (id: unknown, asked: Asked = {}): string => `${path}/${segment(id)}${queryText({ ...pick(asked) })}`
  const page = async (asked: Options): Promise<Page<unknown>> => {
    const answer = await send({ ...READ, path: `${path}${queryText(asked)}` }, asked)
    const { data, page: ends } = answer as { data: unknown[]; page: { next: string | null; count?: number } }
    return { data, next: ends.next, count: ends.count ?? null }
  }
  return {
    list: (asked: Options = {}) => rowsOf(asked, page),
    first: (asked: Options = {}) => begin(page({ ...asked, size: 1 }).then(({ data }) => data[0] ?? null)),
    get: (id: unknown, asked?: Options) => begin(later(() => send({ ...READ, path: at(id, asked) }, asked))),
    create: (body: unknown, asked: Options = {}) =>
      begin(later(() => send({ ...WRITE, method: 'POST', path: `${path}${queryText(pick(asked))}`, body }, asked))),
    createMany: (body: unknown, asked: Options = {}) =>
      begin(later(() => send({ ...WRITE, method: 'POST', path: `${path}/bulk${queryText(pick(asked))}`, body }, asked))),
    update: (id: unknown, body: unknown, asked?: Options) =>
      begin(later(() => send({ ...WRITE, method: 'PATCH', path: at(id, asked), body }, asked))),
    replace: (id: unknown, body: unknown, asked?: Options) =>
      begin(later(() => send({ ...WRITE, method: 'PUT', path: at(id, asked), body }, asked))),
    delete: (id: unknown, asked?: Options) =>
      begin(later(() => send({ ...WRITE, method: 'DELETE', path: `${path}/${segment(id)}`, answer: 'none' }, asked))),
  }
}

function pick({ fields, include }: Asked): Asked {
  return { ...(fields === undefined ? {} : { fields }), ...(include === undefined ? {} : { include }) }
}

/** What a call throws before it is sent rejects its promise, as everything else does. */
async function later<T>(run: () => Promise<T>): Promise<T> {
  return run()
}

function rowsOf(asked: Options, page: (asked: Options) => Promise<Page<unknown>>): Rows<unknown> {
  const first = later(() => page(asked))
  async function* pages(): AsyncGenerator<Page<unknown>> {
    let one = await first
    yield one
    while (one.next !== null) {
      one = await page({ ...asked, count: false, after: one.next })
      yield one
    }
  }
  async function* rows(): AsyncGenerator<unknown> {
    for await (const { data } of pages()) yield* data
  }
  const take = async (most: number): Promise<unknown[]> => {
    const taken: unknown[] = []
    if (most < 1) return taken
    for await (const row of rows()) if (taken.push(row) >= most) break
    return taken
  }
  return Object.assign(begin(first), { pages, take, [Symbol.asyncIterator]: rows })
}

interface FilePlace {
  readonly rows: string
  readonly field: string
  readonly origin: string
}

function filesAt(send: Send, { rows, field, origin }: FilePlace): object {
  const at = (id: unknown): string => `${rows}/${segment(id)}/${field}`
  const nameOf = (file: Blob, name?: string): string => name ?? ('name' in file && typeof file.name === 'string' ? file.name : 'file')
  const bytesOf = (file: Blob) => ({ bytes: file, headers: { 'Content-Type': file.type === '' ? 'application/octet-stream' : file.type } })
  type FileOptions = ChangeOptions & { readonly name?: string; readonly size?: string; readonly seconds?: number }
  return {
    upload: (id: unknown, file: Blob, { name, ...given }: FileOptions = {}) =>
      begin(
        later(() => {
          const path = `${at(id)}${asQuery([['name', nameOf(file, name)]])}`
          return send({ ...WRITE, method: 'PUT', path, ...bytesOf(file), repeat: 'never' }, { timeoutMs: 0, ...given })
        }),
      ),
    stage: (file: Blob, { name, ...given }: FileOptions = {}) =>
      begin(
        later(async () => {
          const body = { name: nameOf(file, name), size: file.size }
          const opened = await send({ ...WRITE, method: 'POST', path: `${rows}/${field}/uploads`, body, repeat: 'never' }, given)
          const { ticket } = opened as { ticket: string }
          const path = `${rows}/${field}/uploads/${segment(ticket)}`
          await send(
            { method: 'PUT', path, ...bytesOf(file), answer: 'none', repeat: 'never', signedIn: false },
            { timeoutMs: 0, ...given },
          )
          return ticket
        }),
      ),
    download: (id: unknown, { size, ...given }: FileOptions = {}) =>
      begin(
        later(() => {
          const path = `${at(id)}${asQuery(size === undefined ? [] : [['size', size]])}`
          return send({ ...READ, path, answer: 'blob' }, { timeoutMs: 0, ...given })
        }),
      ),
    link: (id: unknown, { seconds, ...given }: FileOptions = {}) =>
      begin(
        later(async () => {
          const body = seconds === undefined ? {} : { expiresIn: seconds }
          const link = await send({ ...WRITE, method: 'POST', path: `${at(id)}/link`, body, repeat: 'never' }, given)
          const { url, expiresAt } = link as { url: string; expiresAt: string }
          return { url: url.startsWith('/') ? `${baseOf(origin)}${url}` : url, expiresAt }
        }),
      ),
    remove: (id: unknown, given?: FileOptions) =>
      begin(later(() => send({ ...WRITE, method: 'DELETE', path: at(id), answer: 'none', repeat: 'never' }, given))),
  }
}

function rowAction(send: Send, facts: ActionFacts): object {
  return (id: unknown, input?: object, given?: ChangeOptions) => begin(act(send, facts, { id, input, given }))
}

interface Acted {
  readonly id?: unknown
  readonly input?: object | undefined
  readonly given?: ChangeOptions | undefined
}

async function act(send: Send, facts: ActionFacts, { id, input = {}, given }: Acted): Promise<unknown> {
  const { method, answer, repeat, row, inputs = {}, needs } = facts
  const query: Parameter[] = []
  const headers: Record<string, string> = {}
  const body: Record<string, Record<string, unknown>> = { '': {}, ...Object.fromEntries((needs ?? []).map((name) => [name, {}])) }
  let hasBody = needs !== undefined
  let path = row === undefined ? facts.path : facts.path.replace(`{${row}}`, () => segment(id))
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue
    const [place = method === 'GET' ? 'query' : 'body', at = name, around = ''] = inputs[name] ?? []
    if (place === 'path') path = path.replace(`{${at}}`, () => segment(value))
    else if (place === 'header') headers[at] = textOf(value)
    else if (place === 'query' && Array.isArray(value) && around === '') for (const item of value) query.push([at, textOf(item)])
    else if (place === 'query') query.push([at, Array.isArray(value) ? value.map(textOf).join(around) : textOf(value)])
    else {
      hasBody = true
      body[around] ??= {}
      body[around][at] = value
    }
  }
  const { '': own, ...inner } = body
  const whole = { ...own, ...inner }
  const sent = facts.form === true ? { bytes: formOf(whole) } : { body: whole }
  return send({ method, path: `${path}${asQuery(query)}`, ...(hasBody ? sent : {}), headers, answer, repeat, signedIn: true }, given)
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function formOf(body: object): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(body))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [inner, one] of Object.entries(value)) form.append(`${name}[${inner}]`, textOf(one))
    else for (const item of Array.isArray(value) ? value : [value]) form.append(name, textOf(item))
  return form
}

/** How long a token is used of which nobody has said how long it is valid: until the server refuses it. */
const UNKNOWN_SECONDS = 1e9

function authAt(send: Send, store: TokenStore, path: string): object {
  const keep = async (answer: unknown): Promise<unknown> => {
    // A registration that does not tell whether the login is taken answers nothing.
    if (answer === null) return null
    await store.set(tokensOf(answer))
    return (answer as { user: unknown }).user
  }
  const post = { method: 'POST', answer: 'json', signedIn: false } as const
  return {
    register: (body: unknown, given?: WriteOptions) =>
      begin(send({ ...post, path: `${path}/register`, body, repeat: 'key', signedIn: true }, given).then(keep)),
    login: (body: unknown, given?: CallOptions) => begin(send({ ...post, path: `${path}/login`, body, repeat: 'never' }, given).then(keep)),
    logout: (given?: CallOptions) =>
      begin(
        later(async () => {
          const tokens = await store.get()
          await store.set(null)
          const body = tokens === null ? {} : { body: { refreshToken: tokens.refreshToken } }
          await send({ ...post, path: `${path}/logout`, ...body, answer: 'none', repeat: 'safe' }, given)
        }),
      ),
    me: (given?: CallOptions) => begin(send({ ...READ, path: `${path}/me` }, given)),
    isSignedIn: async () => (await store.get()) !== null,
    useTokens: async (given: { token: string; refreshToken?: string; expiresIn?: number } | null) =>
      store.set(given === null ? null : tokensOf({ refreshToken: '', expiresIn: UNKNOWN_SECONDS, ...given })),
  }
}
