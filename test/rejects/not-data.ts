// @ts-nocheck
import { backend, date, text } from 'plinth'

class Title {
  type = 'text'
}
const circle = { name: 'circle' }
circle.self = circle

export default backend({
  name: 'x',
  description: Symbol('x'),
  rules: { now: new Date(0) },
  entities: {
    Post: { fields: { title: new Title(), day: date({ default: new Date(0) }), body: text({ max: 10n }), score: { type: 'number', max: Number.NaN } } },
    Map: new Map(),
    Getter: {
      get fields() {
        throw new Error('not today')
      },
    },
  },
})
