/** The receivers of webhooks: their addresses and secrets. */

import { isIP } from 'node:net'
import { EnvironmentError } from '../../base/environment-error.ts'
import { type Signed, signingKeysName } from '../../model/address/signed.ts'
import type { Model } from '../../model/model.ts'
import { sendsWebhooks } from '../../model/reaction.ts'
import type { FixedWebhook } from '../../model/webhooks/webhook.ts'
import { type Networks, NO_NETWORKS, networksProblem, readNetworks } from '../outgoing/networks.ts'
import { ForbiddenTarget, NETWORKS_SETTING, type Reach, reachOf, readTarget } from '../outgoing/reach.ts'
import { readSecrets, SECRETS_PROBLEM } from './signature.ts'

/** What the environment says about requests to other systems. */
export interface OutgoingSettings {
  /** `OUTGOING_NETWORKS`; null for none. */
  readonly networks: string | null
  /** The variables that the design names, with their values. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** Where a message goes. */
export interface Receiver {
  readonly address: string
  /** The keys of its signatures. */
  readonly secrets: readonly Buffer[]
  readonly timeoutMs: number
  readonly reach: Reach
}

/** What the webhooks of a design need to send. */
export interface Receivers {
  /** The receivers of the design, by name; a text says why one cannot get anything. */
  readonly fixed: ReadonlyMap<string, Receiver | string>
  /** Where messages to subscriptions may go. */
  readonly reach: Reach
  /** The secrets of systems that sign requests to this one, by `signingKeysName`. */
  readonly signing: ReadonlyMap<string, readonly Buffer[]>
}

/**
 * Reads the settings of the webhooks to which the design sends anything.
 *
 * @throws EnvironmentError when a setting is wrong or, in production, missing. It never contains a value.
 */
export function receiversOf(
  model: Model,
  { networks, variables }: OutgoingSettings,
  { mode }: { readonly mode: 'development' | 'production' },
): Receivers {
  const reached = networks === null ? NO_NETWORKS : readNetworks(networks)
  if (reached === null) throw new EnvironmentError(`${NETWORKS_SETTING} ${networksProblem(networks ?? '')}`, 'correct it, or leave it out')
  // The networks are for systems of the operator: in production, no user reaches them.
  const reach = reachOf(mode === 'development' ? reached : NO_NETWORKS, { mode, chosenBy: 'user' })
  const signers = signersOf(model, variables)
  const fixed = sendsWebhooks(model) ? model.webhooks.filter((webhook) => webhook.kind === 'fixed') : []
  const read = fixed.map((webhook) => readReceiver(webhook, { reached, variables, mode }))
  const problems = [...read.flatMap((one) => one.problems), ...signers.flatMap(problemsOf)].flatMap(({ text, isMissing }) =>
    mode === 'production' || !isMissing ? [text] : [],
  )
  if (problems.length > 0) throw new EnvironmentError([...new Set(problems)].join('\n'), 'set the variables that the design names')
  const signing = new Map(signers.flatMap(({ name, keys }) => (keys === null ? [] : [[name, keys] as const])))
  return { fixed: new Map(read.map(({ name, receiver, problems }) => [name, receiver ?? problems[0]?.text ?? ''])), reach, signing }
}

interface Signer {
  /** As `signingKeysName` gives it. */
  readonly name: string
  readonly keys: readonly Buffer[] | null
  readonly problem: string | null
  readonly isMissing: boolean
}

/** Characters of a secret of another system: a shorter one could be guessed. */
const LEAST_CHARACTERS = 16

/** The secrets of the systems that sign requests, each once. */
function signersOf({ actions }: Model, variables: OutgoingSettings['variables']): readonly Signer[] {
  const all = actions.flatMap(({ address: { signed } }) => (signed === null ? [] : [signed]))
  return [...new Map(all.map((signed) => [signingKeysName(signed), signed])).values()].map((signed) => readSigner(signed, variables))
}

/** The keys of an HMAC are texts of the sender. */
function readSigner(signed: Signed, variables: OutgoingSettings['variables']): Signer {
  const { secret, scheme } = signed
  const name = signingKeysName(signed)
  const given = (variables[secret] ?? '').trim()
  if (given === '') return { name, keys: null, problem: `${secret} is not set`, isMissing: true }
  const texts = given.split(/\s+/)
  const plain = texts.every((text) => text.length >= LEAST_CHARACTERS) ? texts.map((text) => Buffer.from(text)) : null
  const keys = scheme.kind === 'standard' ? readSecrets(given) : plain
  const rule = scheme.kind === 'standard' ? SECRETS_PROBLEM : `is not a secret of at least ${LEAST_CHARACTERS} characters`
  return { name, keys, problem: keys === null ? `${secret} ${rule}` : null, isMissing: false }
}

interface Reading {
  readonly reached: Networks
  readonly variables: OutgoingSettings['variables']
  readonly mode: 'development' | 'production'
}

interface ReadReceiver {
  readonly name: string
  readonly receiver: Receiver | null
  readonly problems: readonly VariableProblem[]
}

/** What is wrong with a variable. */
interface VariableProblem {
  readonly text: string
  /** Whether it is not set. */
  readonly isMissing: boolean
}

function problemsOf({ problem, isMissing }: Signer): readonly VariableProblem[] {
  return problem === null ? [] : [{ text: problem, isMissing }]
}

function readReceiver({ name, url, secret, timeoutMs }: FixedWebhook, { reached, variables, mode }: Reading): ReadReceiver {
  const address = url.kind === 'address' ? url.address : (variables[url.variable] ?? '')
  const said = url.kind === 'address' ? `the URL of the webhook ${name}` : url.variable
  const given = variables[secret] ?? ''
  const secrets = given === '' ? null : readSecrets(given)
  const problems = [...addressProblems({ said, address, url, reached, mode }), ...secretProblems({ secret, given, secrets })]
  if (problems.length > 0 || secrets === null) return { name, receiver: null, problems }
  const receiver = { address, secrets, timeoutMs, reach: reachOf(reached, { mode, chosenBy: 'operator' }) }
  return { name, receiver, problems: [] }
}

interface ReadAddress extends Pick<Reading, 'reached' | 'mode'> {
  /** How the problem names it. */
  readonly said: string
  readonly address: string
  readonly url: FixedWebhook['url']
}

function addressProblems({ said, address, url, reached, mode }: ReadAddress): readonly VariableProblem[] {
  if (address === '' && url.kind === 'variable') return [{ text: `${url.variable} is not set`, isMissing: true }]
  const wrong = addressProblem(address) ?? (mode === 'production' ? tlsProblem(address, reached) : null)
  return wrong === null ? [] : [{ text: `${said}: ${wrong}`, isMissing: false }]
}

interface ReadSecret {
  readonly secret: string
  readonly given: string
  readonly secrets: readonly Buffer[] | null
}

function secretProblems({ secret, given, secrets }: ReadSecret): readonly VariableProblem[] {
  if (given === '') return [{ text: `${secret} is not set`, isMissing: true }]
  return secrets === null ? [{ text: `${secret} ${SECRETS_PROBLEM}`, isMissing: false }] : []
}

/** Whether an address could never be reached in production. A name may be one of a network that is reached without TLS. */
function tlsProblem(address: string, reached: Networks): string | null {
  const { protocol, hostname } = new URL(address)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  if (protocol !== 'http:' || (isIP(host) === 0 ? reached.some : reached.has(host))) return null
  return `the address begins with http:, and is in no network of ${NETWORKS_SETTING}; use https:`
}

function addressProblem(address: string): string | null {
  try {
    readTarget(address)
    return null
  } catch (error) {
    if (error instanceof ForbiddenTarget) return error.message
    throw error
  }
}
