/** The cases of the family `security`: injections, fields that a body may not set, errors that show too much, hidden addresses. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import { namedKeys } from '../doors/named-keys.ts'
import { refusedPages } from '../doors/refused-pages.ts'
import { shownDocuments } from '../doors/shown-documents.ts'
import { signInTexts } from '../doors/sign-in-texts.ts'
import { filesProbes, parametersProbe } from '../everywhere/media-types.ts'
import { relatedFilters } from '../everywhere/related-filters.ts'
import { TEXTS } from '../everywhere/text-filters.ts'
import { hasPassword, textsEverywhere } from '../everywhere/texts-everywhere.ts'
import { actionCallers } from '../guarded/action-callers.ts'
import { actionInputs } from '../guarded/action-inputs.ts'
import { codeProblems } from '../guarded/code-problems.ts'
import { fileNames } from '../guarded/file-names.ts'
import { fileTypes } from '../guarded/file-types.ts'
import { signedRequests } from '../guarded/signed-requests.ts'
import { tokenAddresses } from '../guarded/token-addresses.ts'
import { INJECTIONS, lateness } from '../injections.ts'
import { leakIn } from '../leaks.ts'
import { requestLimits } from '../limits/limits.ts'
import { pages } from '../pages.ts'
import { askGuarded, BROWSER, databaseNames, familyOf, isRefusal, readerOf, type SecurityProbe } from '../probes.ts'
import { anonymousChanges } from './anonymous-changes.ts'
import { foreignOrigins } from './foreign-origins.ts'
import { goneRows } from './gone-rows.ts'
import { hiddenAddresses } from './hidden-addresses.ts'
import { hiddenRows } from './hidden-rows.ts'
import { hostileInput } from './hostile-input.ts'
import { injectedBodies } from './injected-bodies.ts'
import { massAssignment } from './mass-assignment.ts'
import { namedAddresses } from './named-addresses.ts'
import { provokedErrors } from './provoked-errors.ts'
import { recognisedCallers } from './recognised-callers.ts'
import { refusedCallers } from './refused-callers.ts'
import { refusedCreations } from './refused-creations.ts'
import { secretsInLogs } from './secrets-in-logs.ts'
import { withoutSignIn } from './without-sign-in.ts'

const SCRIPT = '<script>alert(1)</script>'

/** The claims of security. For a design without REST only those about signed requests. @param password the password of all accounts. */
export function securityCases(asking: PlannedWorld, password: string): readonly PlannedFamily[] {
  const { model } = asking.reference
  // These have addresses of their own.
  const signed = signedRequests(asking)
  if (model.served.rest === null) return signed
  const names = databaseNames(model)
  const isCreated = (entity: Entity): boolean => requestAnswered(asking, { entity, verb: 'create', statuses: [201] }) !== null
  const texted = model.entities.find((entity) => !hasPassword(entity) && textsEverywhere(asking, entity, true).length > 0)
  const related = relatedFilters(asking)
  const formed = model.entities.find((entity) => isCreated(entity) && model.identity?.entity !== entity.name) ?? model.entities[0]
  return [
    ...model.entities.flatMap((entity) => [
      injections(asking, entity, {
        names,
        texts: entity === texted ? 'filtered' : 'stored',
        more: [...related.flatMap((one) => (one.entity === entity ? [one.probe] : [])), ...signInTexts(asking, entity, password)],
      }),
      scripts(asking, entity, [
        parametersProbe(asking, entity, entity === formed),
        ...filesProbes(asking, entity),
        ...fileTypes(asking, entity),
        ...fileNames(asking, entity),
      ]),
      massAssignment(asking, entity),
      provokedErrors(asking, entity, names),
      hostileInput(asking, entity, { forms: entity === formed }),
      goneRows(asking, entity, password),
      refusedCreations(asking, entity),
      hiddenRows(asking, entity),
      recognisedCallers(asking, entity),
      refusedCallers(asking, entity),
      withoutSignIn(asking, entity),
      anonymousChanges(asking, entity),
      namedAddresses(asking, entity),
    ]),
    actionCallers(asking),
    tokenAddresses(asking),
    namedKeys(asking),
    ...actionInputs(asking, names),
    codeProblems(asking, names),
    hiddenAddresses(asking),
    shownDocuments(asking),
    pages(asking, refusedPages(asking)),
    requestLimits(asking),
    foreignOrigins(asking),
    secretsInLogs(asking, password),
    ...signed,
  ].filter(({ probes }) => probes.length > 0)
}

/**
 * Names and values in requests that only read. Each has a twin with a harmless text.
 *
 * @param names of constraints and indexes
 * @param texts whether rows with many texts are made, and asked for with each operator of filters; `none` only reads
 * @param more probes of the claim
 */
export function injections(
  asking: PlannedWorld,
  entity: Entity,
  {
    names,
    texts = 'none',
    more = [],
  }: {
    readonly names: readonly string[]
    readonly texts?: 'none' | 'stored' | 'filtered'
    readonly more?: readonly SecurityProbe[]
  },
): PlannedFamily {
  const { model } = asking.reference
  const at = `${restBase(model)}/${entity.path}`
  const user = readerOf(asking, entity)
  const text = entity.fields.find(({ type, system }) => system === null && type.kind === 'scalar' && type.scalar === 'text')?.name ?? 'id'
  const put = encodeURIComponent
  // With all ids, an index serves the list with any other filter.
  const ids = (asking.reference.rows().get(entity.name) ?? []).map(({ id }) => String(id))
  const served = `${at}?filter[id][in]=${put(ids.join())}`
  const places: Readonly<Record<string, (value: string) => string>> = {
    path: (value) => `${at}/${put(value)}`,
    'filter-value': (value) => `${served}&filter[${text}][eq]=${put(value)}`,
    'filter-contains': (value) => `${served}&filter[${text}][contains]=${put(value)}`,
    'filter-name': (value) => `${at}?filter[${put(value)}][eq]=1`,
    'filter-expression': (value) => `${served}&filter=${put(`${text} == ${JSON.stringify(value)}`)}`,
    sort: (value) => `${at}?sort=${put(value)}`,
    cursor: (value) => `${at}?page[after]=${put(value)}`,
    fields: (value) => `${at}?fields=${put(value)}`,
    include: (value) => `${at}?include=${put(value)}`,
    search: (value) => `${at}?search=${put(value)}`,
  }
  const probes = Object.entries(places).map(
    ([goal, url]): SecurityProbe => ({
      goal,
      user,
      async ask(tools) {
        const token = tools.tokenOf(user)
        let twin = await tools.send({ method: 'GET', url: url('harmless'), token })
        let last = { sent: { method: 'GET', url: url('harmless') } as SentOverHttp, answer: twin }
        const why = 'the text means nothing more than any other text'
        for (const value of INJECTIONS) {
          // A search for `$1` finds what a search for `1` does.
          if (goal === 'search') twin = await tools.send({ method: 'GET', url: url(wordsOf(value)), token })
          const sent = { method: 'GET', url: url(value) }
          const began = performance.now()
          const answer = await tools.send({ ...sent, token })
          const ms = performance.now() - began
          last = { sent, answer }
          const wrong =
            Math.trunc(answer.status / 100) !== Math.trunc(twin.status / 100) && !(isRefusal(answer.status) && twin.status < 300)
              ? `status ${answer.status}, and ${twin.status} for a harmless text`
              : ((await lateness(ms, () => tools.send({ ...sent, token }))) ??
                moreRows(twin.json, answer.json) ??
                leakIn(answer, names, value))
          if (wrong !== null) return { wrong, statuses: [twin.status], why, ...last }
        }
        return { wrong: null, statuses: [twin.status], why, ...last }
      },
    }),
  )
  return familyOf(
    {
      of: 'F200',
      entity: entity.name,
      claim: `No text in a request for ${entity.name} becomes a part of a statement (OWASP API8).`,
      text: `${INJECTIONS.length} texts at each place of names and values, also in bodies, variables and logins; a harmless twin has the same class of answer, and texts are stored as they are; ${TEXTS.length} texts of quotes, escapes and comment signs in each text of a row, and each operator of filters about them, also behind a reference and over a relation`,
    },
    [
      ...probes,
      ...injectedBodies(asking, entity),
      ...(texts === 'none' ? [] : textsEverywhere(asking, entity, texts === 'filtered')),
      ...more,
    ],
  )
}

/** The words of a text, without what stands between them. */
function wordsOf(text: string): string {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? []
  return words.length === 0 ? 'harmless' : words.join(' ')
}

/** A filter that finds more than the harmless one finds nothing of. */
function moreRows(twin: unknown, found: unknown): string | null {
  const rows = (json: unknown): number =>
    Array.isArray((json as { data?: unknown } | undefined)?.data) ? (json as { data: unknown[] }).data.length : 0
  return rows(twin) === 0 && rows(found) > 0 ? `${rows(found)} rows, and none for a harmless text` : null
}

/** A script in each parameter and header: the answer is JSON that no browser takes for a page. @param more probes of the claim */
export function scripts(asking: PlannedWorld, entity: Entity, more: readonly SecurityProbe[] = []): PlannedFamily {
  const at = `${restBase(asking.reference.model)}/${entity.path}`
  const user = readerOf(asking, entity)
  const requests: Readonly<Record<string, SentOverHttp>> = {
    path: { method: 'GET', url: `${at}/${encodeURIComponent(SCRIPT)}` },
    parameter: { method: 'GET', url: `${at}?${encodeURIComponent(SCRIPT)}=1` },
    'filter-name': { method: 'GET', url: `${at}?filter[${encodeURIComponent(SCRIPT)}][eq]=1` },
    sort: { method: 'GET', url: `${at}?sort=${encodeURIComponent(SCRIPT)}` },
    header: { method: 'GET', url: at, headers: { 'if-none-match': `"${SCRIPT}"`, 'user-agent': SCRIPT, referer: SCRIPT } },
    body: { method: 'POST', url: at, body: JSON.stringify({ [SCRIPT]: SCRIPT }) },
  }
  const accepting = Object.entries(requests).map(([goal, sent]): readonly [string, SentOverHttp] => [
    `${goal}-html`,
    { ...sent, headers: { ...sent.headers, ...BROWSER } },
  ])
  const probes = [...Object.entries(requests), ...accepting].map(
    ([goal, sent]): SecurityProbe => ({
      goal,
      user,
      ask: (tools) =>
        askGuarded(
          tools,
          { ...sent, token: tools.tokenOf(user) },
          {
            statuses: (status) => status < 500,
            why: 'answers are JSON, and no browser may take them for a page',
            check: ({ headers, text }) => {
              const type = String(headers['content-type'] ?? '')
              if (text !== '' && type.includes('html')) return `the answer is HTML${text.includes(SCRIPT) ? ' with the script' : ''}`
              return text === '' || headers['x-content-type-options'] === 'nosniff'
                ? null
                : 'the answer has no X-Content-Type-Options: nosniff'
            },
          },
        ),
    }),
  )
  return familyOf(
    {
      of: 'F201',
      entity: entity.name,
      claim: `No text of a request for ${entity.name} comes back as a part of a page (OWASP API8).`,
      text: 'a script in each place of a request, also as a browser that asks for a page; parameters by which other servers choose a form; files that a browser would run, and files whose first bytes are of another type than their sender says',
    },
    [...probes, ...more],
  )
}
