import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { getIntrospectionQuery } from 'graphql'
import blog from '../../examples/blog/design.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { processorTime } from '../support/processor-time.ts'
import { AMPLIFIED, nested } from './amplified.ts'

const send = ({ ask }: TestBackend, body: unknown, token?: string): Promise<Answered> =>
  ask('POST', '/graphql', { headers: { accept: 'application/graphql-response+json' }, body, ...(token === undefined ? {} : { token }) })

test('documents that ask for too much are refused at once, without SQL', async (t) => {
  const backend = await testBackend(t, modelFrom(blog))
  // The schema of a kind of caller is made at the first request.
  await send(backend, { query: '{ __typename }' })
  for (const [name, body] of Object.entries(AMPLIFIED)) {
    const spent = processorTime()
    const answer = await send(backend, body)
    const took = spent()
    assert.equal(answer.status, 400, `${name}: ${answer.text.slice(0, 300)}`)
    assert.match(answer.json.errors[0].extensions.code, /^(query_too_large|invalid_document|malformed_request)$/)
    // The promise is 100 ms; on a machine that runs other tests the same work takes more processor time.
    assert.ok(took < 400, `${name} took ${took} ms`)
  }
  assert.deepEqual(backend.statements, [])
})

test('an answer that would be too large is refused, to one caller and to several at a time', async (t) => {
  const backend = await testBackend(t, modelFrom(blog), { connections: 1 })
  // A statement of more than 50 ms runs one call at a time. With six callers, the last would wait longer than the two seconds of the queue.
  const rows = await backend.sql(
    "insert into users (id, name, email, password, role) select gen_random_uuid(), 'ann', n || '@example.com', 'x', 'user' from generate_series(1, 3) n returning id",
  )
  const callers = await Promise.all(rows.map(({ id }) => backend.tokenFor(String(id))))
  await backend.sql(
    "insert into posts (id, title, body, published, author_id) select gen_random_uuid(), 'long', repeat('ü', 50000), true, u.id from (select id from users limit 1) u, generate_series(1, 100)",
  )
  const ask = (aliases: readonly string[], token?: string) =>
    send(
      backend,
      { query: `{ users { nodes { posts(first: 100) { nodes { ${aliases.map((one) => `${one}: body`).join(' ')} } } } } }` },
      token,
    )
  assert.ok((await ask(['a'])).text.length > 5_000_000)
  // Each caller sees only own drafts, so the calls differ.
  const together = await Promise.all(callers.map((token) => ask(['a', 'b'], token)))
  for (const { status, json } of [await ask(['a', 'b']), ...together]) {
    assert.deepEqual([status, json.errors[0].extensions.code, json.data], [400, 'query_too_large', undefined])
    assert.match(json.errors[0].message, /ask for fewer rows, fields or relations/)
  }
})

test('documents of usual size are answered, including introspection', async (t) => {
  const backend = await testBackend(t, modelFrom(blog))
  const introspection = await send(backend, { query: getIntrospectionQuery({ oneOf: true, specifiedByUrl: true }) })
  assert.equal(introspection.status, 200, introspection.text.slice(0, 300))
  assert.ok(introspection.json.data.__schema.types.length > 20)
  const deep =
    '{ users(first: 10) { edges { cursor node { id posts(first: 10) { nodes { id author { id posts(first: 10) { nodes { id title } } } } } } } } }'
  assert.equal((await send(backend, { query: deep })).status, 200)
})

test('anonymous callers in production get no limits and no suggested names', async (t) => {
  const live = await production(t)
  const large = await send(live, { query: `{ ${Array.from({ length: 16 }, (_, i) => `a${i}: __typename`).join(' ')} }` })
  assert.equal(large.json.errors[0].message, 'the document asks for too much')
  const deep = await send(live, { query: `{ posts { nodes { ${nested(8)} } } }` })
  assert.equal(deep.json.errors[0].message, 'the document asks for too much')
  const near = await send(live, { query: '{ user { id } postss { nodes { idd } } users(firstt: 1) { nodes { id } } }' })
  assert.ok(near.json.errors.length >= 3)
  assert.doesNotMatch(near.text, /did you mean/i)
  const variable = await send(live, {
    query: 'query ($f: UserFilter) { users(filter: $f) { nodes { id } } }',
    variables: { f: { nam: {} } },
  })
  assert.equal(variable.json.errors[0].extensions.code, 'validation_failed')
  assert.doesNotMatch(variable.text, /did you mean/i)
  const local = await testBackend(t, modelFrom(blog))
  assert.match((await send(local, { query: '{ userss { nodes { id } } }' })).text, /did you mean/i)
  assert.match((await send(local, { query: `{ posts { nodes { ${nested(8)} } } }` })).text, /at most 9/)
  assert.deepEqual(live.statements, [])
})

const production = (t: TestContext) => testBackend(t, modelFrom(blog), { mode: 'production' })

test('three levels at default sizes are answered, with every page full', async (t) => {
  const backend = await testBackend(t, modelFrom(SCHOOL))
  await backend.sql('insert into students (id, name) select gen_random_uuid(), n::text from generate_series(1, 25) n')
  await backend.sql(
    'insert into courses (id, title, student_id) select gen_random_uuid(), n::text, s.id from students s, generate_series(1, 25) n',
  )
  await backend.sql(
    'insert into enrolments (id, grade, course_id) select gen_random_uuid(), n, c.id from courses c, generate_series(1, 25) n',
  )
  const query =
    '{ students { nodes { id name courses { nodes { id title enrolments { nodes { id grade } pageInfo { hasNextPage } } } pageInfo { hasNextPage } } } } }'
  const { status, json } = await send(backend, { query })
  assert.equal(status, 200)
  const [student] = json.data.students.nodes
  assert.deepEqual(
    [student.courses.nodes.length, student.courses.pageInfo.hasNextPage, student.courses.nodes[0].enrolments.nodes.length],
    [20, true, 20],
  )
  const included = await backend.ask('GET', '/api/students?include=courses.enrolments&page[size]=10')
  assert.equal(included.status, 200, included.text.slice(0, 300))
  // As deep as REST includes: relations of relations of relations, with a page of each.
  await backend.sql('insert into notes (id, body, enrolment_id) select gen_random_uuid(), e.grade::text, e.id from enrolments e limit 3')
  const deepest =
    '{ students(first: 2) { nodes { courses(first: 2) { nodes { enrolments(first: 2) { nodes { notes { nodes { body } } } } } } } } }'
  const deep = await send(backend, { query: deepest })
  assert.deepEqual([deep.status, deep.json.errors], [200, undefined])
  assert.equal((await backend.ask('GET', '/api/students?include=courses.enrolments.notes&page[size]=2')).status, 200)
  const [first] = included.json.data
  assert.deepEqual([first.courses.length, 'courses@next' in first, first.courses[0].enrolments.length], [25, false, 25])
})

const SCHOOL = {
  name: 'school',
  entities: {
    Student: { fields: { name: { type: 'text' } }, access: { read: 'true' } },
    Course: {
      fields: { title: { type: 'text' }, student: { type: 'ref', entity: 'Student', inverse: 'courses', onDelete: 'cascade' } },
      access: { read: 'true' },
    },
    Enrolment: {
      fields: { grade: { type: 'integer' }, course: { type: 'ref', entity: 'Course', inverse: 'enrolments', onDelete: 'cascade' } },
      access: { read: 'true' },
    },
    Note: {
      fields: { body: { type: 'text' }, enrolment: { type: 'ref', entity: 'Enrolment', inverse: 'notes', onDelete: 'cascade' } },
      access: { read: 'true' },
    },
  },
}
