/** Requirements of OWASP ASVS 5.0 that concern a backend, in words of our own, with the cases that show each. */

import type { Model } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { namesAddresses } from './classes.ts'

/** Cases, by claim and goal. */
export interface ShownBy {
  readonly claim: RegExp
  /** All goals unless given. */
  readonly goal?: RegExp
}

/** A requirement. */
export interface AsvsRequirement {
  /** `1.2.4`, of version 5.0.0. */
  readonly id: string
  readonly level: 1 | 2 | 3
  readonly what: string
  /** Empty for what no case shows. */
  readonly shownBy: readonly ShownBy[]
  /** Why a design has nothing that it is about; null if it has. */
  readonly without: (model: Model) => string | null
  /** Why a design does not meet it, whatever the backend does; null if it may. */
  readonly breaks: (model: Model) => string | null
}

type Condition = (model: Model) => string | null

const never: Condition = () => null
const needs =
  (holds: (model: Model) => boolean, why: string): Condition =>
  (model) =>
    holds(model) ? null : why

const accounts = needs(({ identity }) => identity !== null, 'the design has no accounts')
const cookies = needs(({ identity }) => (identity?.token.cookie ?? null) !== null, 'the design has no cookies')
const graphql = needs(({ served }) => served.graphql, 'the design serves no GraphQL')
const files = needs(({ entities }) => entities.some(({ fields }) => fields.some(({ type }) => type.kind === 'file')), 'no field is a file')
const addresses = needs(namesAddresses, 'no field is an address, and nothing is sent to addresses of callers')
const services = needs(({ httpServices, webhooks }) => httpServices.length + webhooks.length > 0, 'the backend calls no other system')
const mails = needs(({ mail }) => mail !== null, 'the design sends no mail')
const workflows = needs((model) => model.workflows.length > 0, 'the design has no workflow')
const checks = needs(
  ({ entities }) => entities.some((one) => one.checks.length + one.relationChecks.length > 0),
  'the design has no checks',
)
const fieldRules = needs(
  ({ entities }) =>
    entities.some(({ fields }) => fields.some(({ system, type, read }) => system === null && type.kind !== 'password' && !isAlways(read))),
  'no field has a rule of its own',
)

/** Why the design asks for certain characters in passwords. */
const composition: Condition = ({ entities, identity }) => {
  const type = entities.find(({ name }) => name === identity?.entity)?.fields.find(({ name }) => name === identity?.password)?.type
  return type !== undefined && 'pattern' in type && type.pattern !== null && type.pattern !== undefined
    ? 'the design gives passwords a pattern'
    : null
}

const takenLogin: Condition = ({ identity }) =>
  identity?.takenLogin === 'conflict' ? 'registering says that a login is taken: `takenLogin: conflict`' : null

type Row = readonly [
  id: string,
  level: 1 | 2 | 3,
  what: string,
  shownBy: readonly (readonly [RegExp, RegExp?])[],
  without?: Condition,
  breaks?: Condition,
]

const F = (of: string): RegExp => new RegExp(`^security/${of}(?:/|$)`)
const TOKENS = /^identity\/tokens$/
const SIGN_IN = /^identity\/sign-in$/
const SESSIONS = /^identity\/sessions$/
const HEADERS = /^security\/headers$/

const ROWS: readonly Row[] = [
  ['1.2.1', 1, 'values are encoded for the place of an answer where they stand', [[F('F201')]]],
  ['1.2.3', 1, 'texts in JSON stay texts', [[F('F200'), /^body-/]]],
  ['1.2.4', 1, 'values reach the database as parameters', [[F('F200')]]],
  ['1.2.5', 1, 'no text reaches a shell', []],
  ['1.3.6', 2, 'addresses that callers name lead to no inner system', [[F('F202')]], addresses],
  ['1.3.11', 2, 'no text of a caller changes the structure of a mail', [], mails],
  ['1.3.12', 3, 'no regular expression takes very long', []],
  [
    '1.4.2',
    2,
    'numbers are within their limits',
    [
      [/^values\//, /^(?:above|below|min|max|digits)/],
      [F('F100'), /^(?:filters|ids|create\/types|update\/types)$/],
    ],
  ],
  ['1.5.1', 1, 'no external entity of XML is read', [[F('F209'), /^body-xml$/]]],
  [
    '1.5.2',
    2,
    'bodies become data and nothing else',
    [
      [F('F203'), /^(?:__proto__|constructor)\//],
      [F('F100'), /\/json$/],
    ],
  ],
  ['2.2.1', 1, 'input has the type, the limits and the form that the design says', [[/^values\//]]],
  ['2.2.2', 1, 'the server checks input itself', [[/^values\//]]],
  [
    '2.2.3',
    2,
    'values that belong together fit together',
    [
      [F('F104'), /^check\//],
      [/^relations\//, /^broken-/],
    ],
    checks,
  ],
  ['2.3.1', 1, 'steps of a process happen in their order', [[/^actions\//, /^from-/]], workflows],
  [
    '2.3.3',
    2,
    'what belongs together is written as a whole or not at all',
    [[F('F104'), /\/(?:second-of-three|transaction|graphql-many|nested)/]],
  ],
  ['2.3.4', 2, 'what there is once is not given twice', [[/^races\//]]],
  ['2.4.1', 2, 'automated use has limits', []],
  ['3.2.1', 1, 'browsers show no answer as something else', [[HEADERS, /^nosniff\//], [F('F201')]]],
  ['3.3.1', 1, 'cookies are only sent over TLS', [[HEADERS, /^cookies\//]], cookies],
  ['3.3.2', 2, 'cookies are not sent by pages of other sites', [[HEADERS, /^cookies\//]], cookies],
  ['3.3.3', 2, 'names of cookies bind them to their host', [[HEADERS, /^cookies\//]], cookies],
  ['3.3.4', 2, 'scripts cannot read the cookie of a session', [[HEADERS, /^cookies\//]], cookies],
  ['3.4.1', 1, 'browsers are told to use TLS', []],
  ['3.4.2', 1, 'only named origins may read answers', [[/^security\/origins$/], [HEADERS, /^origins\//]]],
  ['3.4.3', 2, 'a policy says what a page may load', []],
  ['3.4.4', 2, 'browsers do not guess media types', [[HEADERS, /^nosniff\//]]],
  ['3.4.5', 2, 'addresses are not told to other sites', [[HEADERS, /^referrer\//]]],
  ['3.4.6', 2, 'no other page shows an answer in a frame', [[HEADERS, /^framing\//]]],
  ['3.5.1', 1, 'pages of other sites can send nothing in the name of a caller', [], cookies],
  ['3.5.3', 1, 'only methods that are meant for it change something', [[F('F210'), /\/(?:override|collection|row)-/]]],
  ['4.1.1', 1, 'each body has its media type', [[HEADERS, /^media-type\//]]],
  ['4.1.3', 2, 'callers cannot set the headers of a proxy', [[F('F207'), /\/refused$/]], accounts],
  ['4.1.4', 3, 'other methods than the documented ones are refused', [[F('F210'), /\/(?:collection|row)-/]]],
  ['4.2.1', 2, 'the ends of messages are read in one way', []],
  ['4.3.1', 2, 'documents of GraphQL have limits', [], graphql],
  ['4.3.2', 2, 'the schema of GraphQL is shown to whom it is meant for', [], graphql],
  ['5.2.1', 1, 'files have a largest size', [], files],
  ['5.2.2', 1, 'files have the type that they say', [], files],
  ['5.3.2', 1, 'no name of a caller becomes a path', [], files],
  ['5.4.1', 2, 'names of downloads are safe', [], files],
  ['6.2.1', 1, 'passwords have a least length', [[/^values\/.*password/i, /^below-min$/]], accounts],
  ['6.2.2', 1, 'a password can be changed', [[SESSIONS, /^password-changed$/]], accounts],
  ['6.2.3', 1, 'a new password needs the present one', [], accounts],
  ['6.2.4', 1, 'passwords that are often guessed are refused', [], accounts],
  ['6.2.5', 1, 'passwords may have any characters', [], accounts, composition],
  ['6.2.8', 2, 'passwords are compared as they are', [[SIGN_IN, /^password-(?:cut|longer|other-case)$/]], accounts],
  ['6.3.1', 1, 'guessing of passwords is stopped', [[SIGN_IN, /^locked$/]], accounts],
  ['6.3.2', 2, 'there is a second factor', [], accounts],
  ['6.3.8', 3, 'nothing tells which accounts there are', [[SIGN_IN, /^(?:alike|time-alike|unknown-account)$/]], accounts, takenLogin],
  ['7.2.1', 1, 'the server checks tokens itself', [[TOKENS]], accounts],
  ['7.2.2', 1, 'tokens are made for each session', [[SESSIONS, /^rotated$/]], accounts],
  ['7.2.4', 1, 'signing in begins a new session', [[SIGN_IN, /^right$/]], accounts],
  ['7.3.1', 2, 'sessions that are not used end', [], accounts],
  ['7.3.2', 2, 'every session ends at some time', [], accounts],
  ['7.4.1', 1, 'logging out ends a session everywhere', [[SESSIONS, /^logged-out/]], accounts],
  ['7.4.2', 1, 'the sessions of an account end with it', [], accounts],
  ['7.4.3', 2, 'a new password ends other sessions', [[SESSIONS, /^password-changed$/]], accounts],
  ['8.2.1', 1, 'operations are open to whom they are meant for', [[/^(?:access|actions)\//], [F('F206')], [F('F208')]]],
  ['8.2.2', 1, 'rows are open to whom they are meant for', [[/^access\//], [F('F204')]]],
  ['8.2.3', 2, 'fields are open to whom they are meant for', [[/^access\/[^/]+\.[^.]+\.(?:read|write)$/]], fieldRules],
  ['8.3.1', 1, 'the server decides who may do what', [[/^access\//]]],
  ['8.3.2', 3, 'changed rights count at once', []],
  ['9.1.1', 1, 'tokens that were changed are refused', [[TOKENS, /^(?:signature-|other-key|other-subject|parts-|part-)/]], accounts],
  ['9.1.2', 1, 'only one algorithm signs tokens', [[TOKENS, /^alg-/]], accounts],
  ['9.1.3', 1, 'no token brings its own key', [[TOKENS, /^(?:jwk-|jku-|kid-|other-kid)/]], accounts],
  ['9.2.1', 1, 'tokens count within their time', [[TOKENS, /^(?:expired|exp-|not-yet-valid|issued-later)/]], accounts],
  ['9.2.2', 2, 'tokens of another kind do not count', [[TOKENS, /^typ-/]], accounts],
  ['9.2.3', 2, 'tokens for another service do not count', [[TOKENS, /^(?:other-audience|audience-)/]], accounts],
  ['13.2.4', 2, 'the backend reaches only systems that it is meant to', [], services],
  ['13.4.1', 1, 'no copy of the source can be fetched', [[F('F210'), /^path\/\.(?:git|svn|hg)/]]],
  [
    '13.4.2',
    2,
    'nothing for debugging is left',
    [
      [F('F210'), /^path\/(?:debug|_debug|__debug__|trace|console)/],
      [F('F209'), /^debug-asked$/],
    ],
  ],
  ['13.4.3', 2, 'no folder is listed', [[F('F210'), /^path\/(?:src|dist|node_modules|backup|logs)/]]],
  ['13.4.4', 2, 'the method TRACE is refused', [[F('F210'), /TRACE$/]]],
  [
    '13.4.5',
    2,
    'what watches the backend is not open',
    [[F('F210'), /^path\/(?:metrics|stats|status|actuator|monitor|manage|jmx|env|config)/]],
  ],
  ['13.4.6', 3, 'no answer names software and its version', [[HEADERS, /^software\//]]],
  ['13.4.7', 3, 'no file of the project is served', [[F('F210'), /^path\/(?:\.env|package|tsconfig|design|Dockerfile|docker)/]]],
  ['14.2.1', 1, 'no address holds a token', [[F('F207'), /\/refused$/]], accounts],
  ['14.3.2', 2, 'browsers keep no answer to one caller', [[HEADERS, /^caching\//]]],
  ['15.1.2', 2, 'there is a list of all components', [[/^supply\/components$/]]],
  ['15.2.1', 1, 'no component has a known weakness', [[/^supply\/advisories$/]]],
  ['15.2.3', 2, 'nothing of the development is served', [[F('F210'), /^path\/(?:dev|test|graphiql|playground|voyager|altair|swagger)/]]],
  ['15.3.1', 1, 'answers have only fields that the caller may read', [[/^access\/.*\.read$/], [/^answers\//]]],
  ['15.3.2', 2, 'redirects of other systems are not followed', [], services],
  ['15.3.3', 2, 'bodies set only fields that are meant for it', [[F('F203')]]],
  ['15.3.5', 2, 'values have their type, and are not converted', [[/^values\//, /^type-/]]],
  [
    '15.3.6',
    2,
    'no body reaches the prototypes of objects',
    [
      [F('F203'), /^(?:__proto__|constructor)\//],
      [F('F209'), /^body-prototype$/],
    ],
  ],
  ['15.3.7', 2, 'a parameter that is sent twice is refused', [[F('F209'), /^parameter-twice$/]]],
  ['15.4.2', 3, 'a condition and what depends on it are one step', [[/^races\//]]],
  ['16.2.5', 2, 'the log has no secret', [[/^security\/logs$/]]],
  ['16.3.1', 2, 'signing in is logged', [], accounts],
  ['16.4.1', 2, 'no text of a caller makes a line of the log', []],
  ['16.5.1', 2, 'errors show nothing of the inside', [[F('F209')]]],
  ['16.5.2', 2, 'the backend stays safe when another system fails', []],
  ['16.5.3', 2, 'a refused write leaves nothing', [[F('F104')]]],
  ['16.5.4', 3, 'no request ends in an error that nobody handles', [[F('F100')]]],
]

/** All requirements, in their order. */
export const ASVS: readonly AsvsRequirement[] = ROWS.map(([id, level, what, shownBy, without = never, breaks = never]) => ({
  ...{ id, level, what, without, breaks },
  shownBy: shownBy.map(([claim, goal]) => (goal === undefined ? { claim } : { claim, goal })),
}))
