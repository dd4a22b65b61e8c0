/** Courses with seats, where `allow` and the `where` of inputs count the seats or read the course. */

/** The design, as `modelFrom` takes it. */
export const COURSES = {
  name: 'courses',
  entities: {
    Person: { fields: { name: { type: 'text', max: 20 } }, access: { read: 'true' } },
    Course: {
      fields: { places: { type: 'integer', default: 1 }, open: { type: 'boolean', default: true } },
      access: { read: 'true' },
      actions: {
        join: {
          as: 'system',
          allow: 'size(seats) < places',
          input: { person: { ref: 'Person' } },
          steps: [{ create: 'Seat', set: { course: 'row', person: 'input.person' } }],
        },
        close: { as: 'system', allow: 'true', steps: [{ require: 'size(row.seats) == 0' }, { update: 'row', set: { open: 'false' } }] },
      },
    },
    Seat: {
      fields: { course: { type: 'ref', entity: 'Course', inverse: 'seats' }, person: { type: 'ref', entity: 'Person', inverse: 'seats' } },
      access: { read: 'true' },
    },
  },
  actions: {
    joinFree: {
      as: 'system',
      allow: 'true',
      input: { course: { ref: 'Course', where: 'size(seats) < places' }, person: { ref: 'Person' } },
      steps: [{ create: 'Seat', set: { course: 'input.course', person: 'input.person' } }],
    },
    joinOpen: {
      as: 'system',
      allow: 'true',
      input: { course: { ref: 'Course', where: 'open' }, person: { ref: 'Person' } },
      steps: [{ create: 'Seat', set: { course: 'input.course', person: 'input.person' } }],
    },
    joinAllowed: {
      as: 'system',
      allow: 'input.course.open',
      input: { course: { ref: 'Course' }, person: { ref: 'Person' } },
      steps: [{ create: 'Seat', set: { course: 'input.course', person: 'input.person' } }],
    },
  },
}
