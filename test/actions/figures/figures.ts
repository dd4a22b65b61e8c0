/** What the examples promise when many callers act at once, each counted in a database that two backends share. */

import type { Answered, Ends } from '../../support/backend.ts'
import { RUN_SEED, randomFrom } from '../../support/random.ts'
import { type Instances, openInstances } from './instances.ts'

/** What a run has counted, and what the same counts must be. */
export interface Figures {
  readonly name: string
  readonly counted: Readonly<Record<string, number>>
  readonly promised: Readonly<Record<string, number>>
  /** Further counts that depend on chance. */
  readonly details: Readonly<Record<string, number>>
}

/** The size of a run. */
export interface Size {
  readonly accounts: number
  readonly callers: number
  readonly transfers: number
  readonly buyers: number
  readonly items: number
  readonly students: number
  readonly places: number
  readonly courses: number
  readonly movers: number
}

/** The size that the examples promise. */
export const FULL: Size = {
  accounts: 50,
  callers: 32,
  transfers: 10_000,
  buyers: 200,
  items: 100,
  students: 100,
  places: 30,
  courses: 50,
  movers: 50,
}

/** Random transfers between accounts, in all directions at once. */
export async function bankFigures(ends: Ends, { accounts, callers, transfers }: Size): Promise<Figures> {
  const bank = await openInstances(ends, 'bank.yaml')
  const owners = await bank.people('customers', accounts, { name: "'owner ' || i", email: "'owner' || i || '@example.org'" })
  const byOwner = new Map(owners.map((owner) => [owner.id, owner]))
  await bank.sql(
    `insert into accounts (iban, owner_id, balance, id, created_at, updated_at, version)
     select 'DE' || lpad((row_number() over (order by id))::text, 20, '0'), id, 100, gen_random_uuid(), now(), now(), 1 from customers`,
  )
  const all = (await bank.sql('select iban, owner_id from accounts')).map((row) => ({
    iban: row.iban,
    owner: byOwner.get(String(row.owner_id)),
  }))
  const answers = new Map<string, number>()
  const random = randomFrom(RUN_SEED)
  let left = transfers
  const caller = async (instance: number): Promise<void> => {
    while (left-- > 0) {
      const [from, to] = [random.pick(all), random.pick(all)]
      const body = { from: from.iban, to: to.iban, amount: ((random.below(4_000) + 1) / 100).toFixed(2) }
      note(answers, await bank.act(instance, from.owner, 'actions/transfer', body))
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, i) => caller(i)))
  const entries = '(select coalesce(sum(amount), 0) from entries e where e.account_id = a.id)'
  const [books] = await bank.sql(
    `select (sum(balance) - 100 * count(*))::float as lost, count(*) filter (where balance < 0)::int as negative,
       count(*) filter (where balance <> 100 + ${entries})::int as unbooked, (select count(*) from transfers)::int as made from accounts a`,
  )
  const done = answers.get('200') ?? 0
  const refused = (answers.get('409 insufficient_funds') ?? 0) + (answers.get('422 same_account') ?? 0)
  return {
    name: 'bank',
    counted: {
      'transfers asked for': done + refused,
      'other answers, such as a deadlock': transfers - done - refused,
      'money made or lost': Number(books?.lost),
      'negative balances': Number(books?.negative),
      'balances that are not the sum of their entries': Number(books?.unbooked),
      'transfers that were answered and are not there': done - Number(books?.made),
    },
    promised: {
      'transfers asked for': transfers,
      'other answers, such as a deadlock': 0,
      'money made or lost': 0,
      'negative balances': 0,
      'balances that are not the sum of their entries': 0,
      'transfers that were answered and are not there': 0,
    },
    details: Object.fromEntries(answers),
  }
}

/** More buyers than items, all at once. */
export async function shopFigures(ends: Ends, { buyers, items }: Size): Promise<Figures> {
  const shop = await openInstances(ends, 'shop.yaml')
  const people = await shop.people('users', buyers, { email: "'buyer' || i || '@example.org'", role: "'customer'" })
  await shop.rows('products', 1, { name: "'tea'", price: '2.5', stock: String(items) })
  await shop.sql(
    `with filled as (insert into carts (owner_id, id, created_at, updated_at, version)
       select id, gen_random_uuid(), now(), now(), 1 from users returning id)
     insert into cart_items (cart_id, product_id, quantity, id, created_at, updated_at, version)
       select f.id, p.id, 1, gen_random_uuid(), now(), now(), 1 from filled f, products p`,
  )
  const answers = new Map<string, number>()
  await Promise.all(people.map(async (person, i) => note(answers, await shop.act(i, person, 'actions/checkout'))))
  const [left] = await shop.sql(
    `select (select count(*) from orders)::int as orders, (select count(distinct number) from orders)::int as numbers,
       (select count(*) from order_lines)::int as lines, (select stock from products)::int as stock,
       (select count(*) from cart_items)::int as kept`,
  )
  return {
    name: 'shop',
    counted: {
      orders: Number(left?.orders),
      'numbers of orders': Number(left?.numbers),
      'lines of orders': Number(left?.lines),
      'items in stock': Number(left?.stock),
      'carts with their items': Number(left?.kept),
      'answers out_of_stock': answers.get('409 out_of_stock') ?? 0,
    },
    promised: {
      orders: items,
      'numbers of orders': items,
      'lines of orders': items,
      'items in stock': 0,
      'carts with their items': buyers - items,
      'answers out_of_stock': buyers - items,
    },
    details: Object.fromEntries(answers),
  }
}

/** All students enrol in each course at once; then half of them leave and come back at once. */
export async function schoolFigures(ends: Ends, { students, places, courses }: Size): Promise<Figures> {
  const school = await openInstances(ends, 'school.yaml')
  const person = { name: "'student ' || i", email: "'student' || i || '@example.org'", role: "'student'" }
  const people = await school.people('persons', students, person)
  const answers = new Map<string, number>()
  const counts = { wrong: 0, free: 0, overfull: 0, looks: 0 }
  for (const course of await school.rows('courses', courses, { title: "'course ' || i", capacity: String(places) })) {
    await Promise.all(people.map(async (one, i) => note(answers, await school.act(i, one, `courses/${course}/enrol`))))
    const { active, waiting } = await placesOf(school, course)
    if (active !== places || waiting !== students - places) counts.wrong++
    let busy = true
    const watch = async (): Promise<void> => {
      while (busy) {
        const seen = await placesOf(school, course)
        counts.looks++
        if (seen.active > places) counts.overfull++
        if (seen.active < places && seen.waiting > 0) counts.free++
      }
    }
    const watching = watch()
    const rows = await school.sql('select id, student_id from enrolments where course_id = $1', [course])
    const leaving = people.filter((_, i) => i % 2 === 0)
    await Promise.all(
      leaving.map(async (one, i) => {
        const enrolment = rows.find((row) => row.student_id === one.id)
        note(answers, await school.act(i, one, `enrolments/${enrolment?.id}/leave`))
        note(answers, await school.act(i + 1, one, `courses/${course}/enrol`))
      }),
    )
    busy = false
    await watching
    const after = await placesOf(school, course)
    if (after.active !== places || after.waiting !== students - places) counts.wrong++
  }
  const enrolled = courses * students + courses * Math.ceil(students / 2)
  const left = courses * Math.ceil(students / 2)
  return {
    name: 'school',
    counted: {
      enrolments: answers.get('200') ?? 0,
      departures: answers.get('204') ?? 0,
      'courses without exactly their places taken': counts.wrong,
      'times a place was free while somebody waited': counts.free,
      'times more places were taken than there are': counts.overfull,
    },
    promised: {
      enrolments: enrolled,
      departures: left,
      'courses without exactly their places taken': 0,
      'times a place was free while somebody waited': 0,
      'times more places were taken than there are': 0,
    },
    details: { ...Object.fromEntries(answers), looks: counts.looks },
  }
}

/** The places of a course as one statement sees them. */
async function placesOf({ sql }: Instances, course: string): Promise<{ readonly active: number; readonly waiting: number }> {
  const [row] = await sql(
    `select count(*) filter (where state = 'active')::int as active, count(*) filter (where state = 'waiting')::int as waiting
     from enrolments where course_id = $1`,
    [course],
  )
  return { active: Number(row?.active), waiting: Number(row?.waiting) }
}

/** Many callers who take the same transition of one row at once: one that is illegal, then one that is legal. */
export async function workflowFigures(ends: Ends, { movers }: Size): Promise<Figures> {
  const desk = await openInstances(ends, 'helpdesk.yaml')
  const [agent, ann] = await desk.people('users', 2, {
    name: "'user ' || i",
    email: "'user' || i || '@example.org'",
    role: "case i when 1 then 'agent' else 'customer' end",
  })
  const [place] = await desk.rows('desks', 1, { name: "'sales'", answers_within: "interval '1 day'" })
  const { json: ticket } = await desk.act(0, ann, 'tickets', { desk: place, subject: 'no light' })
  const moved = async (transition: string): Promise<ReadonlyMap<string, number>> => {
    const answers = new Map<string, number>()
    await Promise.all(
      Array.from({ length: movers }, async (_, i) => note(answers, await desk.act(i, agent, `tickets/${ticket.id}/${transition}`))),
    )
    return answers
  }
  const illegal = await moved('solve')
  await desk.act(0, agent, `tickets/${ticket.id}/reply`, { text: 'hello' })
  const legal = await moved('solve')
  const [row] = await desk.sql('select version::int as version from tickets')
  return {
    name: 'workflow',
    counted: {
      'illegal transitions that took effect': illegal.get('200') ?? 0,
      'illegal transitions that were refused': illegal.get('409 illegal_transition') ?? 0,
      'legal transitions that took effect': legal.get('200') ?? 0,
      'legal transitions that came too late': legal.get('409 illegal_transition') ?? 0,
      'changes of the ticket': Number(row?.version) - ticket.version,
    },
    promised: {
      'illegal transitions that took effect': 0,
      'illegal transitions that were refused': movers,
      'legal transitions that took effect': 1,
      'legal transitions that came too late': movers - 1,
      'changes of the ticket': 3,
    },
    details: {},
  }
}

function note(answers: Map<string, number>, { status, json }: Answered): void {
  const answer = status < 300 ? String(status) : `${status} ${json?.code}`
  answers.set(answer, (answers.get(answer) ?? 0) + 1)
}

/** All runs, by name. */
export const RUNS = { bank: bankFigures, shop: shopFigures, school: schoolFigures, workflow: workflowFigures } as const
