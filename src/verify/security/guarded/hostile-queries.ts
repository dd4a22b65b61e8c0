/** F100 for addresses and queries: expressions that fail, parts that are no percent-encoding, and more than the limits allow. */

import { LIMITS } from '../../../base/limits.ts'
import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import { schemaNamesOf } from '../../requests/graphql-words.ts'
import { readerOf, type SecurityProbe } from '../probes.ts'
import { refusing, sending } from '../sending.ts'

const put = encodeURIComponent
const MOST_INTEGER = 2 ** 53 - 1

/** Conditions of CEL that have a mistake, another type, or no result. @param text a field of texts */
function expressions(text: string): readonly string[] {
  const numbers = [
    ...[
      'version / 0 == 1',
      'version % 0 == 1',
      'version / 0.0 > 1.0',
      '-version == 9223372036854775808',
      '0x10 == version',
      '1u == version',
    ],
    ...[`version * ${MOST_INTEGER} * ${MOST_INTEGER} > 0`, 'version - 9223372036854775807 - 9223372036854775807 < 0', '1e400 > 1.0'],
    ...[
      'double(version) * 1e308 * 1e308 > 1.0',
      'int("x") == 1',
      'int(1e300) == 1',
      'int(-1e300) < 0',
      'string(version) == "1"',
      '-(-(-version)) == 1',
    ],
  ]
  const times = [
    ...['createdAt + duration("P9999999D") > now()', 'createdAt - duration("P9999999D") < now()', 'createdAt > timestamp("x")'],
    ...['createdAt > timestamp("9999-12-31T23:59:59Z")', 'timestamp("0001-01-01T00:00:00Z") - createdAt > duration("PT1S")'],
    ...['duration("P1M") > duration("P")', 'createdAt.getFullYear() == 1', 'createdAt > "2024-02-30"', 'createdAt == 1'],
  ]
  const texts = [
    ...[
      'contains("")',
      'startsWith("%")',
      'endsWith("\\\\")',
      'matches("(")',
      'matches("(a+)+$")',
      'substring(-1) == ""',
      'substring(5, 2) == ""',
    ],
    ...['charAt(99999999999) == ""', 'split("") == []', 'replace("", "a") == ""', 'trim().lowerAscii().upperAscii() == ""'],
  ].map((call) => `${text}.${call}`)
  const forms = [
    ...[
      `${text}[0] == "a"`,
      `${text} + ${text} == "x"`,
      `size(${text}) > 99999999999999999999`,
      `${text} < 1`,
      `${text} == null`,
      'null == null',
    ],
    ...[
      'null',
      'true',
      '1',
      '"x"',
      '',
      ' ',
      '!version',
      'version ? true : false',
      'version in []',
      'version in [1, "x"]',
      '[1, 2][5] == 1',
      '{"a": 1}.b == 1',
    ],
    ...[
      `${'('.repeat(300)}true${')'.repeat(300)}`,
      `${'!'.repeat(300)}true`,
      `true${' && true'.repeat(300)}`,
      `${'('.repeat(300)}`,
      'version == 1 // x',
    ],
    ...[
      '/* x */ true',
      'version == 1;',
      'version = 1',
      `${text} == 'x`,
      `${text} == "\\x"`,
      `${text} == "\\u0000"`,
      `${text} == "\\ud800"`,
      `${text} == "\u0000"`,
    ],
    ...[
      `${text} == r"x"`,
      `${text} == b"x"`,
      'auth.id == id',
      'nothing.x == 1',
      'id.id.id == "x"',
      'id == id',
      '__proto__ == 1',
      'constructor == 1',
    ],
    ...[
      'has(x.y)',
      'can("read", this)',
      'x.exists(y, y)',
      '[1].all(x, x / 0 == 1)',
      'random(24) == "x"',
      'uuid() == id',
      'size() > 1',
      'size(1, 2) > 1',
    ],
    `version in [${Array.from({ length: LIMITS.filterItems + 1 }, (_, i) => i).join(', ')}]`,
  ]
  return [...numbers, ...times, ...texts, ...forms]
}

/** Ends of addresses that are no percent-encoding, no UTF-8, or brackets in no order. */
const ENDS = [
  ...[
    '/%',
    '/%zz',
    '/%C3%28',
    '/%E0%A4%A',
    '/%00',
    '/%2f',
    '/%5c',
    ';a=b',
    '//',
    '/',
    '/%FF/%FE',
    '/ '.trim(),
    '/*',
    '/:id',
    '/{id}',
    '/null',
  ],
  ...[
    '?%',
    '?%zz=1',
    '?filter[%]=1',
    '?filter[id',
    '?filter]id[=1',
    '?filter[]=1',
    '?filter[id][][]=1',
    '?filter[id][eq][x]=1',
    '?filter[id][in][eq]=1',
  ],
  ...[
    '?filter[id][__proto__]=1',
    '?filter[__proto__][eq]=1',
    '?filter[constructor]=1',
    '?fields[]=id',
    '?fields[__proto__]=id',
    '?fields[id]=id',
  ],
  ...[
    '?page[after]=%',
    '?page[__proto__]=1',
    '?page=1',
    '?&&&',
    '?=',
    '?=1',
    '?a=%C3%28',
    '?filter[id][eq]=%FF',
    '?fields=,',
    '?fields=id,,id',
    '?include=,',
  ],
  ...[
    '?include=.',
    '?include=a..b',
    '?include=id',
    '?sort=,',
    '?sort=-',
    '?sort=--id',
    '?sort=-,id',
    '?sort=id.id',
    '?search=%FF',
    '?count=',
    '?filter=%FF',
    '?filter=%',
  ],
]

/** Bodies that are no text in UTF-8. */
const BYTES = [
  Buffer.from([0xff]),
  Buffer.from('{"a":"\xff"}', 'latin1'),
  Buffer.from('{"a":"\xed\xa0\x80"}', 'latin1'),
  Buffer.from('{"a":"\xc0\x80"}', 'latin1'),
  Buffer.from('{"a":"\xf8\x88\x80\x80\x80"}', 'latin1'),
  Buffer.from('{}', 'utf16le'),
  Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"a":1}')]),
  Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
  Buffer.alloc(64),
]

/** The probes of an entity. They do not depend on it, so one entity is enough. */
export function hostileQueries(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference } = asking
  const at = `${restBase(reference.model)}/${entity.path}`
  const user = readerOf(asking, entity)
  const get = (url: string): SentOverHttp => ({ method: 'GET', url })
  const text = entity.fields.find(({ type, system }) => system === null && type.kind === 'scalar' && type.scalar === 'text')?.name ?? 'id'
  // With all ids, an index serves the list with any other filter.
  const ids = (reference.rows().get(entity.name) ?? []).map(({ id }) => String(id))
  const served = `${at}?filter[id][in]=${put(ids.slice(0, 20).join())}`
  const { many } = schemaNamesOf({ reference }, entity)
  const query = `query ($where: String) { ${many}(where: $where) { nodes { id } } }`
  return [
    sending({ goal: 'expressions', user, requests: expressions(text).map((one) => get(`${served}&filter=${put(one)}`)) }),
    ...(hasApi(reference.model, 'graphql')
      ? [
          sending({
            goal: 'expressions-graphql',
            user,
            requests: expressions(text).map((where) => ({
              method: 'POST',
              url: '/graphql',
              body: { query, variables: { where: `id == "${ids[0]}" && (${where})` } },
            })),
          }),
        ]
      : []),
    sending({ goal: 'addresses', user, requests: ENDS.map((end) => get(`${at}${end}`)) }),
    sending({
      goal: 'bytes',
      user,
      requests: ['', '/bulk'].flatMap((end) =>
        BYTES.map((body) => ({ method: 'POST', url: `${at}${end}`, headers: { 'content-type': 'application/json' }, body })),
      ),
    }),
    refusing({ goal: 'limits', user, why: 'the documents name a limit', requests: beyondLimits(at).map(get) }),
  ]
}

/** More than each limit of queries allows. */
function beyondLimits(at: string): readonly string[] {
  const id = '01900000-0000-7000-8000-00000000dead'
  const times = (n: number, text: (i: number) => string, between: string): string =>
    Array.from({ length: n }, (_, i) => text(i)).join(between)
  return [
    ...[0, -1, LIMITS.pageSizeMax + 1, 1_000_000_000, 1.5, '1e1', '', 'x', 'NaN'].map((size) => `${at}?page[size]=${size}`),
    ...['yes', '1', 'TRUE', ''].map((count) => `${at}?count=${count}`),
    `${at}?filter=${put(times(LIMITS.filterConditions + 1, () => `id == "${id}"`, ' || '))}`,
    `${at}?filter[id][in]=${times(LIMITS.filterItems + 1, (i) => String(i), ',')}`,
    `${at}?sort=${times(LIMITS.sortKeys + 1, () => 'id', ',')}`,
    `${at}?page[after]=${'A'.repeat(LIMITS.cursor + 1)}`,
    `${at}?${times(LIMITS.parameters + 1, (i) => `p${i}=1`, '&')}`,
    `${at}?include=${times(LIMITS.includes + 1, (i) => `a${i}`, ',')}`,
    ...['fields=id', 'page[size]=1', 'sort=id', 'count=true', 'filter[id][eq]=1'].map((one) => `${at}?${one}&${one}`),
  ]
}
